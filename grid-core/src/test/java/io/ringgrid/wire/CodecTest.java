package io.ringgrid.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ringgrid.near.Invalidation;
import io.ringgrid.op.Attempt;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.replica.Mutation;
import io.ringgrid.replica.Row;
import io.ringgrid.replica.StreamMessage;
import io.ringgrid.ring.Id;
import io.ringgrid.sim.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Round trips of everything, and whatever is cut or changed is a MalformedFrameException or another valid message. */
class CodecTest {
    private static final Welcome WELCOME = new Welcome(9, new Id(1, 2), new Id(3, 4), "a", "10.0.0.1", 7800);

    private static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static <T> T one(Random random, T[] of) {
        return of[random.nextInt(of.length)];
    }

    private static Id id(Random random) {
        return random.nextInt(4) == 0 ? Id.NONE : new Id(random.nextLong(), random.nextLong());
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(12); left > 0; left--) {
            text.appendCodePoint(random.nextInt(3) == 0 ? 0x1F600 : 'a' + random.nextInt(0x400));
        }
        return text.toString();
    }

    private static Operation operation(Random random) {
        Operation op = plainOperation(random);
        while (op.kind.isPartOnly()) {
            op = plainOperation(random);
        }
        if (op.kind == Operation.Kind.TRANSACT) {
            op.parts = parts(random, 2);
        }
        if (op.kind == Operation.Kind.GET && random.nextBoolean()) {
            op.keeper = new Operation.Keeper() {};
        }
        if (op.kind.isWrite() && random.nextBoolean()) {
            op.attempt = attempt(random);
        }
        return op;
    }

    private static Attempt attempt(Random random) {
        long number = 1L + random.nextInt(1000);
        long below = 1L + random.nextInt((int) number);
        return new Attempt(random.nextLong() | 1, number, below, random.nextBoolean(), random.nextLong());
    }

    private static List<Operation> parts(Random random, int depth) {
        List<Operation> parts = new ArrayList<>();
        while (random.nextInt(3) > 0) {
            Operation part = plainOperation(random);
            if (part.kind == Operation.Kind.TRANSACT && depth > 1) {
                part.parts = parts(random, depth - 1);
            }
            if (!part.kind.isPartitionWide() && (part.kind != Operation.Kind.TRANSACT || depth > 1)) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static Operation plainOperation(Random random) {
        Operation op = new Operation().reset(one(random, Operation.Kind.values()));
        op.condition = one(random, Operation.Condition.values());
        op.counting = one(random, Operation.Counting.values());
        op.subtract = random.nextBoolean();
        op.wantsOld = random.nextBoolean();
        op.map = random.nextInt(Integer.MAX_VALUE);
        op.partition = random.nextInt(16384);
        op.flags = random.nextInt();
        op.expiry = random.nextLong();
        op.idle = random.nextLong();
        op.version = random.nextLong();
        op.delta = random.nextLong();
        byte[] key = bytes(random, 300);
        byte[] value = bytes(random, 3000);
        int from = random.nextInt(key.length + 1);
        return op.key(key, from, key.length - from).value(value, 0, random.nextInt(value.length + 1));
    }

    private static void assertSame(Operation expected, Operation actual) {
        assertEquals(expected.kind, actual.kind);
        assertEquals(expected.condition, actual.condition);
        assertEquals(expected.counting, actual.counting);
        assertEquals(expected.subtract, actual.subtract);
        assertEquals(expected.wantsOld, actual.wantsOld);
        assertEquals(expected.map, actual.map);
        assertEquals(expected.partition, actual.partition);
        assertEquals(expected.flags, actual.flags);
        assertEquals(expected.expiry, actual.expiry);
        assertEquals(expected.idle, actual.idle);
        assertEquals(expected.version, actual.version);
        assertEquals(expected.delta, actual.delta);
        assertArrayEquals(expected.copyKey(), actual.copyKey());
        assertArrayEquals(expected.copyValue(), actual.copyValue());
        assertEquals(expected.keeper == null, actual.keeper == null);
        assertEquals(expected.attempt, actual.attempt);
        assertEquals(expected.parts.size(), actual.parts.size());
        for (int i = 0; i < expected.parts.size(); i++) {
            assertSame(expected.parts.get(i), actual.parts.get(i));
        }
    }

    @Test
    void aTransactionsResultComesBackAsItWas() {
        Result result = Result.of(List.of(
                Result.MISSING,
                Result.number(Result.Status.DONE, 7),
                Result.of(List.of(Result.DONE, Result.refused(Result.Status.TOO_LARGE, "why")))));
        ByteWriter out = new ByteWriter(10);
        ResultCodec.encode(result, out);
        assertEquals(result, ResultCodec.decode(new ByteReader(out.toByteArray())));
        assertAllPrefixesMalformed(out.toByteArray(), ResultCodec::decode);
    }

    @Test
    void aPartOfATransactionIsNoOperation() {
        for (Operation.Kind kind : List.of(Operation.Kind.CHECK, Operation.Kind.COPY, Operation.Kind.RENAME)) {
            ByteWriter out = new ByteWriter(10);
            OperationCodec.encode(new Operation().reset(kind), out);
            assertThrows(
                    MalformedFrameException.class,
                    () -> OperationCodec.decode(new ByteReader(out.toByteArray()), new Operation()));
        }
    }

    @Test
    void anOperationComesBackAsItWas() {
        Operation cursor = new Operation();
        Seeds.forEach(1, 2000, random -> {
            Operation op = operation(random);
            ByteWriter out = new ByteWriter(random.nextInt(100));
            OperationCodec.encode(op, out);
            ByteReader in = new ByteReader(out.toByteArray());
            OperationCodec.decode(in, cursor);
            in.end();
            assertSame(op, cursor);
        });
    }

    @Test
    void aResultComesBackAsItWas() {
        Seeds.forEach(1, 2000, random -> {
            byte[] value = random.nextBoolean() ? bytes(random, 3000) : null;
            Result result = new Result(
                    one(random, Result.Status.values()),
                    value,
                    random.nextInt(),
                    random.nextLong(),
                    random.nextLong(),
                    random.nextLong(),
                    text(random));
            ByteWriter out = new ByteWriter(random.nextInt(100));
            ResultCodec.encode(result, out);
            ByteReader in = new ByteReader(out.toByteArray());
            Result back = ResultCodec.decode(in);
            in.end();
            assertArrayEquals(value, back.value());
            assertEquals(
                    new Result(
                            back.status(),
                            value,
                            back.flags(),
                            back.expiry(),
                            back.version(),
                            back.number(),
                            back.reason()),
                    result);
        });
    }

    @Test
    void onlyAGetOnItsOwnHasAKeeper() {
        ByteWriter out = new ByteWriter(64);
        Operation op = new Operation().reset(Operation.Kind.PUT);
        op.keeper = Operation.Keeper.REMOTE;
        OperationCodec.encode(op, out);
        ByteReader put = new ByteReader(out.toByteArray());
        assertThrows(MalformedFrameException.class, () -> OperationCodec.decode(put, new Operation()));
        out.clear();
        op.reset(Operation.Kind.GET).keeper = Operation.Keeper.REMOTE;
        Operation transaction = new Operation().reset(Operation.Kind.TRANSACT);
        transaction.parts = List.of(op);
        OperationCodec.encode(transaction, out);
        ByteReader part = new ByteReader(out.toByteArray());
        assertThrows(MalformedFrameException.class, () -> OperationCodec.decode(part, new Operation()));
    }

    @Test
    void onlyAWriteOnItsOwnHasAnAttemptThatCanBe() {
        Attempt sound = new Attempt(7, 2, 1, false, Attempt.UNHEARD);
        Operation get = new Operation().reset(Operation.Kind.GET);
        get.attempt = sound;
        assertMalformed(get);
        Operation part = new Operation().reset(Operation.Kind.PUT);
        part.attempt = sound;
        Operation transaction = new Operation().reset(Operation.Kind.TRANSACT);
        transaction.parts = List.of(part);
        assertMalformed(transaction);
        assertMalformed(part.attempt(new Attempt(0, 2, 1, false, 0)));
        assertMalformed(part.attempt(new Attempt(7, 0, 0, false, 0)));
        assertMalformed(part.attempt(new Attempt(7, 2, 3, false, 0)));
    }

    private static void assertMalformed(Operation op) {
        ByteWriter out = new ByteWriter(64);
        OperationCodec.encode(op, out);
        ByteReader in = new ByteReader(out.toByteArray());
        assertThrows(MalformedFrameException.class, () -> OperationCodec.decode(in, new Operation()));
    }

    @Test
    void whatBecameOfARequestTravelsWithItsMutation() {
        Row row = new Row(5, 9, 8, Result.number(Result.Status.DONE, 3));
        Mutation note = new Mutation(Mutation.Kind.NOTE, 4, 0, 0, new byte[0], new byte[0], 0, 0, 0, List.of(), row);
        Mutation tick = new Mutation(Mutation.Kind.TICK, 5, 0, 0, new byte[0], new byte[0], 0, 77);
        ByteWriter out = new ByteWriter(64);
        PeerCodec.encode(new StreamMessage.Mutations(1, 2, 3, List.of(note, tick)), out);
        StreamMessage.Mutations back = (StreamMessage.Mutations) PeerCodec.decode(new ByteReader(out.toByteArray()));
        assertEquals(row, back.mutations().get(0).row());
        assertNull(back.mutations().get(1).row());
        assertAllPrefixesMalformed(out.toByteArray(), PeerCodec::decode);
    }

    @Test
    void anInvalidationComesBackAsItWas() {
        Seeds.forEach(1, 500, random -> {
            Invalidation what = new Invalidation(
                    one(random, Invalidation.Kind.values()), random.nextInt(), random.nextInt(), random.nextLong());
            ByteWriter out = new ByteWriter(1);
            NearCodec.encode(what, out);
            assertEquals(what, NearCodec.decode(new ByteReader(out.toByteArray())));
            mistreat(random, out.toByteArray(), NearCodec::decode);
        });
        assertAllPrefixesMalformed(new byte[17], NearCodec::decode);
    }

    @Test
    void aHandshakeComesBackAsItWas() {
        Seeds.forEach(1, 500, random -> {
            Hello hello = new Hello(
                    Hello.MAGIC,
                    random.nextInt(256),
                    random.nextInt(256),
                    one(random, Hello.Role.values()),
                    text(random),
                    id(random),
                    id(random),
                    text(random),
                    random.nextInt());
            ByteWriter out = new ByteWriter(1);
            hello.encode(out);
            assertEquals(hello, Hello.decode(new ByteReader(out.toByteArray())));
            Welcome welcome = new Welcome(
                    random.nextInt(256), id(random), id(random), text(random), text(random), random.nextInt());
            out.clear();
            welcome.encode(out);
            assertEquals(welcome, Welcome.decode(new ByteReader(out.toByteArray())));
            Refused refused = new Refused(text(random));
            out.clear();
            refused.encode(out);
            assertEquals(refused, Refused.decode(new ByteReader(out.toByteArray())));
        });
    }

    /** Bytes that are valid, then cut or changed: nothing but a MalformedFrameException may come of it. */
    private static void mistreat(Random random, byte[] valid, Consumer<ByteReader> decode) {
        byte[] bytes = valid.clone();
        for (int left = random.nextInt(4); left > 0 && bytes.length > 0; left--) {
            bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 0xff);
        }
        int length = random.nextBoolean() ? random.nextInt(bytes.length + 1) : bytes.length;
        try {
            decode.accept(new ByteReader(bytes, 0, length));
        } catch (MalformedFrameException expected) {
            assertNotNull(expected.getMessage());
        }
    }

    @Test
    void whatIsCutOrChangedIsMalformedOrAnotherMessage() {
        Operation cursor = new Operation();
        Seeds.forEach(1, 5000, random -> {
            ByteWriter out = new ByteWriter(100);
            OperationCodec.encode(operation(random), out);
            mistreat(random, out.toByteArray(), in -> OperationCodec.decode(in, cursor));
            out.clear();
            ResultCodec.encode(Result.found(bytes(random, 50), 1, 2, 3), out);
            mistreat(random, out.toByteArray(), ResultCodec::decode);
            out.clear();
            Hello.member("c", id(random), id(random), "10.0.0.1", 7800).encode(out);
            mistreat(random, out.toByteArray(), Hello::decode);
            mistreat(random, bytes(random, 100), Hello::decode);
            out.clear();
            WELCOME.encode(out);
            mistreat(random, out.toByteArray(), Welcome::decode);
            mistreat(random, bytes(random, 100), Welcome::decode);
            mistreat(random, bytes(random, 100), Refused::decode);
            mistreat(random, bytes(random, 100), ResultCodec::decode);
            mistreat(random, bytes(random, 100), in -> OperationCodec.decode(in, cursor));
        });
    }

    @Test
    void everyPrefixOfAMessageIsMalformed() {
        ByteWriter out = new ByteWriter(1);
        OperationCodec.encode(operation(new Random(1)), out);
        Operation cursor = new Operation();
        assertAllPrefixesMalformed(out.toByteArray(), in -> OperationCodec.decode(in, cursor));
        out.clear();
        ResultCodec.encode(Result.found(new byte[9], 1, 2, 3), out);
        assertAllPrefixesMalformed(out.toByteArray(), ResultCodec::decode);
        out.clear();
        Hello.client("c").encode(out);
        assertAllPrefixesMalformed(out.toByteArray(), Hello::decode);
    }

    private static void assertAllPrefixesMalformed(byte[] bytes, Consumer<ByteReader> decode) {
        for (int length = 0; length < bytes.length; length++) {
            ByteReader in = new ByteReader(bytes, 0, length);
            assertThrows(MalformedFrameException.class, () -> decode.accept(in), "a prefix of " + length);
        }
    }

    @Test
    void aPartitionThatCannotBeIsMalformed() {
        Operation op = new Operation().reset(Operation.Kind.SIZE);
        op.partition = 16384;
        ByteWriter out = new ByteWriter(1);
        OperationCodec.encode(op, out);
        assertThrows(
                MalformedFrameException.class,
                () -> OperationCodec.decode(new ByteReader(out.toByteArray()), new Operation()));
    }

    @Test
    void whoIsNotWelcomeHearsWhy() {
        Id me = new Id(5, 5);
        assertEquals(
                new Welcome(1, new Id(1, 2), new Id(3, 4), "a", "10.0.0.1", 7800),
                Reply.to(Hello.client(""), "blue", WELCOME));
        assertInstanceOf(Welcome.class, Reply.to(Hello.client("blue"), "blue", WELCOME));
        assertInstanceOf(Welcome.class, Reply.to(Hello.member("blue", new Id(9, 9), me, "h", 1), "blue", WELCOME));
        assertRefused(Hello.client("red"), "this member belongs to the cluster 'blue', not to 'red'");
        assertRefused(Hello.member("", Id.NONE, me, "h", 1), "this member belongs to the cluster 'blue', not to ''");
        assertRefused(Hello.member("blue", Id.NONE, Id.NONE, "h", 1), "a member has to say who it is");
        assertRefused(
                new Hello(Hello.MAGIC, 2, 3, Hello.Role.CLIENT, "", Id.NONE, Id.NONE, "", 0),
                "no common protocol version: this member speaks 1, not 2 to 3");
        assertRefused(
                Hello.decode(new ByteReader(new byte[] {1, 2, 3, 4})),
                "this is a RingGrid member's native door, and that was another protocol");
    }

    private static void assertRefused(Hello hello, String reason) {
        assertEquals(new Refused(reason), Reply.to(hello, "blue", WELCOME));
    }
}
