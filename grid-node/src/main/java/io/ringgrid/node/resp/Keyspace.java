package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.glob.Glob;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Commands on all keys of a database: of the whole cluster, and at the door for Redis Cluster's clients of this member's
 * slots. Stateless.
 *
 * <p>A cursor of SCAN is a partition's number and a position in it, which means the same on every member. Partitions are
 * scanned in their order, entries in the order of their hashes; so a cursor survives that partitions move.
 */
final class Keyspace {
    private static final byte[] INVALID_CURSOR = Replies.ascii("-ERR invalid cursor\r\n");
    private static final byte[] NO_SWAP = Replies.ascii("-ERR SWAPDB is not allowed in cluster mode\r\n");
    private static final int USUAL_COUNT = 10;
    private static final int LARGE_PAGE = 4096;
    private static final int MAX_CURSOR_LENGTH = 40;

    static final List<Command> COMMANDS = List.of(
            Command.of("scan", -2, "readonly|keyspace", "generic", "2.8.0", "List keys, some at a time", Keyspace::scan)
                    .alone(),
            Command.of("keys", 2, "readonly|keyspace dangerous", "generic", "1.0.0", "List keys", Keyspace::keys)
                    .alone(),
            Command.of("randomkey", 1, "readonly|keyspace", "generic", "1.0.0", "Any key", Keyspace::randomKey)
                    .alone(),
            Command.of("dbsize", 1, "readonly fast|keyspace", "server", "1.0.0", "Count keys", Keyspace::dbsize)
                    .alone(),
            Command.of("flushdb", -1, "write|keyspace dangerous", "server", "1.0.0", "Remove keys", Keyspace::flushdb)
                    .alone(),
            Command.of(
                            "flushall",
                            -1,
                            "write|keyspace dangerous",
                            "server",
                            "1.0.0",
                            "Remove the keys of all databases",
                            Keyspace::flushall)
                    .alone(),
            Command.of(
                            "select",
                            2,
                            "loading stale fast|connection",
                            "connection",
                            "1.0.0",
                            "Select a database",
                            Keyspace::select)
                    .alone(),
            Command.of(
                    "swapdb",
                    3,
                    "write fast|keyspace dangerous",
                    "server",
                    "4.0.0",
                    "Refused here",
                    (connection, arguments) -> connection.answer(NO_SWAP)));

    private Keyspace() {}

    private static void dbsize(RespConnection connection, Arguments arguments) {
        if (connection.map() >= 0) {
            connection.sweep(Kind.SIZE, List.of(connection.map()), Replies::size);
        } else {
            connection.answer(RespConnection.NO_DATABASE);
        }
    }

    private static void flushdb(RespConnection connection, Arguments arguments) {
        if (!isFlush(arguments)) {
            connection.answer(Replies.SYNTAX_ERROR);
        } else if (connection.map() < 0) {
            connection.answer(RespConnection.NO_DATABASE);
        } else {
            connection.sweep(Kind.CLEAR, List.of(connection.map()), Replies::flushed);
        }
    }

    private static void flushall(RespConnection connection, Arguments arguments) {
        if (isFlush(arguments)) {
            connection.sweep(Kind.CLEAR, Databases.ids(connection.engine().topology()), Replies::flushed);
        } else {
            connection.answer(Replies.SYNTAX_ERROR);
        }
    }

    private static boolean isFlush(Arguments arguments) {
        return arguments.count() == 1
                || (arguments.count() == 2 && (arguments.is(1, "async") || arguments.is(1, "sync")));
    }

    private static void select(RespConnection connection, Arguments arguments) {
        if (!connection.readNumber(1)) {
            connection.answer(Replies.NOT_AN_INTEGER);
        } else if (connection.isCluster() && connection.number() != 0) {
            connection.answer(Replies.ascii("-ERR SELECT is not allowed in cluster mode\r\n"));
        } else if (connection.number() < 0 || connection.number() >= Databases.COUNT) {
            connection.answer(Databases.OUT_OF_RANGE);
        } else {
            connection.select((int) connection.number());
        }
    }

    private static void scan(RespConnection connection, Arguments arguments) {
        Long cursor = cursor(arguments);
        if (cursor == null) {
            connection.answer(INVALID_CURSOR);
            return;
        }
        long count = USUAL_COUNT;
        byte[] pattern = null;
        boolean strings = true;
        for (int at = 2; at < arguments.count(); at += 2) {
            boolean hasValue = at + 1 < arguments.count();
            if (hasValue && arguments.is(at, "count")) {
                if (!connection.readNumber(at + 1)) {
                    connection.answer(Replies.NOT_AN_INTEGER);
                    return;
                }
                count = connection.number();
                if (count < 1) {
                    connection.answer(Replies.SYNTAX_ERROR);
                    return;
                }
            } else if (hasValue && arguments.is(at, "match")) {
                pattern = arguments.copy(at + 1);
            } else if (hasValue && arguments.is(at, "type")) {
                strings = arguments.is(at + 1, "string");
            } else {
                connection.answer(Replies.SYNTAX_ERROR);
                return;
            }
        }
        if (connection.map() < 0) {
            connection.answer(RespConnection.NO_DATABASE);
            return;
        }
        int[] seen = connection.partitions();
        if (seen == null) {
            return;
        }
        int first = (int) (cursor >>> Store.POSITION_BITS);
        int[] partitions = from(seen, first);
        boolean within = partitions.length > 0 && partitions[0] == first;
        long position = within ? cursor & ((1L << Store.POSITION_BITS) - 1) : 0;
        connection.walk(new Scan(connection.engine(), connection.map(), partitions, position, count, pattern, strings));
    }

    /** An unsigned number of 64 bits as C reads it, or null. */
    private static @Nullable Long cursor(Arguments arguments) {
        if (arguments.length(1) > MAX_CURSOR_LENGTH) {
            return null;
        }
        String text = new String(arguments.copy(1), StandardCharsets.ISO_8859_1);
        if (!text.matches("[+-]?\\d+")) {
            return text.isEmpty() ? Long.valueOf(0) : null;
        }
        try {
            return text.startsWith("-")
                    ? Long.valueOf(-Long.parseUnsignedLong(text.substring(1)))
                    : Long.valueOf(Long.parseUnsignedLong(text));
        } catch (NumberFormatException tooLarge) {
            return null;
        }
    }

    /** Those partitions from this one on; a cursor that no scan has given begins behind all of them. */
    private static int[] from(int[] partitions, int first) {
        int at = 0;
        while (at < partitions.length && partitions[at] < first) {
            at++;
        }
        return Arrays.copyOfRange(partitions, at, partitions.length);
    }

    /** A call of SCAN. */
    private static final class Scan extends Walk {
        private final long count;
        private final byte @Nullable [] pattern;
        private final boolean strings;
        private final List<byte[]> found = new ArrayList<>();
        private long seen;

        Scan(
                Engine engine,
                int map,
                int[] partitions,
                long position,
                long count,
                byte @Nullable [] pattern,
                boolean strings) {
            super(engine, map, partitions, position, count);
            this.count = count;
            this.pattern = pattern;
            this.strings = strings;
        }

        @Override
        void see(byte[] key) {
            seen++;
            if (strings && (pattern == null || Glob.matches(pattern, key))) {
                found.add(key);
            }
        }

        @Override
        boolean isEnough() {
            return seen >= count;
        }

        @Override
        void write(ByteBuf out) {
            long cursor = nextPartition() < 0 ? 0 : (long) nextPartition() << Store.POSITION_BITS | nextPosition();
            Replies.head(out, '*', 2);
            Replies.bulk(out, Long.toString(cursor));
            Replies.head(out, '*', found.size());
            found.forEach(key -> Replies.bulk(out, key));
        }
    }

    private static void keys(RespConnection connection, Arguments arguments) {
        byte[] pattern = arguments.copy(1);
        if (connection.map() < 0) {
            connection.answer(RespConnection.NO_DATABASE);
            return;
        }
        int[] partitions = connection.partitions();
        if (partitions != null) {
            connection.walk(new Listing(connection, partitions, Long.MAX_VALUE, key -> Glob.matches(pattern, key)));
        }
    }

    /** Which keys a listing is of. */
    @FunctionalInterface
    interface Filter {
        boolean takes(byte[] key);
    }

    /** All keys of some partitions that pass, up to a number of them. */
    static final class Listing extends Walk {
        private final long most;
        private final long maxBytes;
        private final Filter filter;
        private final List<byte[]> found = new ArrayList<>();
        private long bytes;

        Listing(RespConnection connection, int[] partitions, long most, Filter filter) {
            super(connection.engine(), connection.map(), partitions, 0, LARGE_PAGE);
            this.most = most;
            this.maxBytes = connection.maxReplyBytes();
            this.filter = filter;
        }

        @Override
        void see(byte[] key) {
            if (found.size() < most && bytes <= maxBytes && filter.takes(key)) {
                found.add(key);
                bytes += key.length;
            }
        }

        @Override
        boolean isEnough() {
            return found.size() >= most || bytes > maxBytes;
        }

        @Override
        void write(ByteBuf out) {
            if (bytes > maxBytes) {
                out.writeBytes(Replies.error("ERR the reply would be larger than " + maxBytes + " bytes, use SCAN"));
                return;
            }
            Replies.head(out, '*', found.size());
            found.forEach(key -> Replies.bulk(out, key));
        }
    }

    /** From a place of chance on, once around: keys of small partitions are a little more likely. */
    private static void randomKey(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        if (connection.map() < 0) {
            connection.answer(RespConnection.NO_DATABASE);
            return;
        }
        int[] own = connection.partitions();
        if (own == null) {
            return;
        }
        if (own.length == 0) {
            connection.answer(Replies.built(out -> Replies.nil(out, protocol)));
            return;
        }
        int start = ThreadLocalRandom.current().nextInt(own.length);
        int[] around = new int[own.length + 1];
        for (int i = 0; i < around.length; i++) {
            around[i] = own[(start + i) % own.length];
        }
        long position = ThreadLocalRandom.current().nextLong(1L << Store.POSITION_BITS);
        connection.walk(new Walk(connection.engine(), connection.map(), around, position, 1) {
            private byte @Nullable [] found;

            @Override
            void see(byte[] key) {
                found = found == null ? key : found;
            }

            @Override
            boolean isEnough() {
                return found != null;
            }

            @Override
            void write(ByteBuf out) {
                byte[] key = found;
                if (key == null) {
                    Replies.nil(out, protocol);
                } else {
                    Replies.bulk(out, key);
                }
            }
        });
    }
}
