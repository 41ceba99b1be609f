package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.resp.Multi.Queued;
import io.ringgrid.node.resp.Multi.Watched;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Slots;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH. Stateless.
 *
 * <p>If all keys, the watched ones included, are of one slot, and no command is about all keys or the connection, EXEC is
 * one TRANSACT of the core: nobody sees half of it, and no failure leaves half of it behind. Otherwise the watched keys are
 * compared first, and then the commands are executed one after the other as if they had come without MULTI; others'
 * commands may come between.
 */
final class Transactions {
    private static final byte[] NESTED = Replies.ascii("-ERR MULTI calls can not be nested\r\n");
    private static final byte[] WATCH_INSIDE = Replies.ascii("-ERR WATCH inside MULTI is not allowed\r\n");
    private static final byte[] EXEC_WITHOUT = Replies.ascii("-ERR EXEC without MULTI\r\n");
    private static final byte[] DISCARD_WITHOUT = Replies.ascii("-ERR DISCARD without MULTI\r\n");
    private static final byte[] ABORTED =
            Replies.ascii("-EXECABORT Transaction discarded because of previous errors.\r\n");
    private static final byte[] NO_COMMANDS = Replies.ascii("*0\r\n");
    private static final String GROUP = "transactions";
    private static final String WORDS = "noscript loading stale fast allow_busy|transaction";

    static final List<Command> COMMANDS = List.of(
            Command.of("multi", 1, WORDS, GROUP, "1.2.0", "Begin a transaction", Transactions::multi),
            Command.of(
                            "exec",
                            1,
                            "noscript loading stale skip_slowlog|transaction",
                            GROUP,
                            "1.2.0",
                            "Execute a transaction",
                            Transactions::exec)
                    .alone(),
            Command.of("discard", 1, WORDS, GROUP, "2.0.0", "Forget a transaction", Transactions::discard)
                    .alone(),
            Command.of("watch", -2, WORDS, GROUP, "2.2.0", "Execute only if keys do not change", Transactions::watch)
                    .withKeys(1, -1, 1),
            Command.of("unwatch", 1, WORDS, GROUP, "2.2.0", "Forget what is watched", Transactions::unwatch)
                    .alone());

    private Transactions() {}

    private static void multi(RespConnection connection, Arguments arguments) {
        if (connection.multi().isOpen()) {
            connection.answer(NESTED);
        } else {
            connection.multi().open();
            connection.answer(Replies.OK);
        }
    }

    private static void discard(RespConnection connection, Arguments arguments) {
        if (connection.multi().isOpen()) {
            connection.multi().end();
            connection.answer(Replies.OK);
        } else {
            connection.answer(DISCARD_WITHOUT);
        }
    }

    private static void unwatch(RespConnection connection, Arguments arguments) {
        connection.multi().unwatch();
        connection.answer(Replies.OK);
    }

    private static void watch(RespConnection connection, Arguments arguments) {
        if (connection.multi().isOpen()) {
            connection.answer(WATCH_INSIDE);
            return;
        }
        List<byte[]> keys = new ArrayList<>();
        for (int at = 1; at < arguments.count(); at++) {
            keys.add(arguments.copy(at));
        }
        int map = connection.map();
        connection.askKeys(
                new KeysSlot(Kind.GET, 1, keys.size(), Long.MAX_VALUE, (slot, out) -> {
                    for (int i = 0; i < slot.count(); i++) {
                        connection
                                .multi()
                                .watch(new Watched(
                                        map, keys.get(i), slot.result(i).version()));
                    }
                    out.writeBytes(Replies.OK);
                }) {
                    @Override
                    Result kept(Result result) {
                        return result.status() == Status.FOUND
                                ? Result.of(Status.FOUND).withVersion(result.version())
                                : result;
                    }
                });
    }

    private static void exec(RespConnection connection, Arguments arguments) {
        Multi multi = connection.multi();
        if (!multi.isOpen()) {
            connection.answer(EXEC_WITHOUT);
            return;
        }
        boolean failed = multi.hasFailed();
        List<Watched> watched = multi.watched();
        List<Queued> queue = multi.end();
        if (failed) {
            connection.answer(ABORTED);
        } else if (queue.isEmpty() && watched.isEmpty()) {
            connection.answer(NO_COMMANDS);
        } else if (!isOneSlot(queue, watched) || !execute(connection, queue, watched)) {
            executeInOrder(connection, queue, watched);
        }
    }

    /** A refusal as it is said: that of EXEC itself ends the transaction. */
    static byte[] refusal(RespConnection connection, Command command, byte[] refusal) {
        if (!command.name().equals("exec")) {
            return refusal;
        }
        connection.multi().end();
        String words = new String(refusal, StandardCharsets.ISO_8859_1).strip();
        return Replies.error("EXECABORT Transaction discarded because of: " + words.substring(words.indexOf(' ') + 1));
    }

    private static boolean isOneSlot(List<Queued> queue, List<Watched> watched) {
        int slot = -1;
        for (Watched key : watched) {
            int other = Slots.slot(key.key(), 0, key.key().length);
            if (slot >= 0 && slot != other) {
                return false;
            }
            slot = other;
        }
        for (Queued queued : queue) {
            if (queued.command().isAlone() || queued.command().changesConnection()) {
                return false;
            }
            Arguments arguments = queued.arguments();
            for (int key : queued.command().keys(arguments, 0)) {
                int other = Slots.slot(arguments.bytes(), arguments.from(key), arguments.length(key));
                if (slot >= 0 && slot != other) {
                    return false;
                }
                slot = other;
            }
        }
        return true;
    }

    /** Executes all at one moment; false if something in the queue cannot be a part of that, and then nothing is done. */
    private static boolean execute(RespConnection connection, List<Queued> queue, List<Watched> watched) {
        List<Operation> parts = new ArrayList<>();
        for (Watched key : watched) {
            Operation check = new Operation().reset(Kind.CHECK).key(key.key(), 0, key.key().length);
            check.map = key.map();
            check.condition = key.version() == 0 ? Condition.IF_ABSENT : Condition.IF_VERSION;
            check.version = key.version();
            parts.add(check);
        }
        int checks = parts.size();
        Recording recording = connection.record(queue);
        if (recording.isAbandoned()) {
            return false;
        }
        parts.addAll(recording.parts());
        if (parts.isEmpty()) {
            connection.answer(Replies.built(out -> recording.write(List.of(), out)));
            return true;
        }
        int protocol = connection.protocol();
        connection.submitTransaction(parts, (result, out) -> {
            switch (result.status()) {
                case DONE ->
                    recording.write(
                            result.parts().subList(checks, result.parts().size()), out);
                case MISSING, EXISTS -> Replies.nilArray(out, protocol);
                default -> refused(result, out);
            }
        });
        return true;
    }

    /** What Redis refuses when EXEC comes, it refuses with these words. */
    private static void refused(Result result, ByteBuf out) {
        String reason =
                switch (result.status()) {
                    case OUT_OF_MEMORY -> "OOM command not allowed when used memory > 'maxmemory'.";
                    case TOO_LARGE -> "ERR " + result.reason();
                    default -> "";
                };
        if (reason.isEmpty()) {
            Replies.refused(result, out);
        } else {
            out.writeBytes(Replies.error("EXECABORT Transaction discarded because of: " + reason));
        }
    }

    private static void executeInOrder(RespConnection connection, List<Queued> queue, List<Watched> watched) {
        if (watched.isEmpty()) {
            connection.answer(Replies.ascii("*" + queue.size() + "\r\n"));
            connection.replay(queue);
            return;
        }
        int protocol = connection.protocol();
        connection.await(
                new KeysSlot(Kind.GET, 1, watched.size(), Long.MAX_VALUE, (slot, out) -> {
                    boolean changed = false;
                    for (int i = 0; i < slot.count(); i++) {
                        changed |= slot.result(i).version() != watched.get(i).version();
                    }
                    if (changed) {
                        Replies.nilArray(out, protocol);
                    } else {
                        out.writeBytes(("*" + queue.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
                        connection.replay(queue);
                    }
                }),
                slot -> askVersions(connection.engine(), watched, slot));
    }

    private static void askVersions(Engine engine, List<Watched> watched, KeysSlot slot) {
        Operation operation = new Operation();
        for (Watched key : watched) {
            operation.reset(Kind.GET).key(key.key(), 0, key.key().length);
            operation.map = key.map();
            engine.submit(operation, slot.nextPart());
        }
    }
}
