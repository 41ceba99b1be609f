package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;

/** Commands on several keys: asked one by one in order, many at a time, and answered as one. Stateless. */
final class Keys {
    private Keys() {}

    static void mget(RespConnection connection, Arguments arguments) {
        int protocol = connection.protocol();
        connection.askKeys(new KeysSlot(Kind.GET, 1, arguments.count() - 1, connection.maxReplyBytes(), (slot, out) -> {
            Replies.head(out, '*', slot.count());
            for (int i = 0; i < slot.count(); i++) {
                connection.statistics().countRead(slot.result(i));
                Replies.value(slot.result(i), out, protocol);
            }
        }));
    }

    static void mset(RespConnection connection, Arguments arguments) {
        if (arguments.count() % 2 == 0) {
            connection.answer(RespConnection.wrongArity("mset"));
            return;
        }
        connection.askKeys(new KeysSlot(
                Kind.PUT,
                2,
                arguments.count() / 2,
                connection.maxReplyBytes(),
                (slot, out) -> out.writeBytes(Replies.OK)));
    }

    static void del(RespConnection connection, Arguments arguments) {
        connection.askKeys(new KeysSlot(
                Kind.REMOVE,
                1,
                arguments.count() - 1,
                connection.maxReplyBytes(),
                (slot, out) -> count(slot, Status.DONE, out)));
    }

    static void exists(RespConnection connection, Arguments arguments) {
        connection.askKeys(
                new KeysSlot(Kind.GET, 1, arguments.count() - 1, Long.MAX_VALUE, (slot, out) -> {
                    connection.statistics().countReads(slot);
                    count(slot, Status.FOUND, out);
                }) {
                    @Override
                    Result kept(Result result) {
                        return result.status() == Status.FOUND ? Result.of(Status.FOUND) : result;
                    }
                });
    }

    private static void count(KeysSlot slot, Status counted, ByteBuf out) {
        int count = 0;
        for (int i = 0; i < slot.count(); i++) {
            if (slot.result(i).status() == counted) {
                count++;
            }
        }
        Replies.number(out, count);
    }
}
