package io.ringgrid.node.engine;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.replica.Outbox;
import io.ringgrid.replica.Replica;
import io.ringgrid.ring.Id;
import io.ringgrid.route.Router;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import java.util.ArrayDeque;

/**
 * One thread's way through the core: takes the core's effects while its locks are held, and does them when they are not.
 * Not thread-safe: each thread has its own.
 *
 * <p>Messages to other members are queued at once, under the partition's lock, so that a stream stays in order. All else
 * waits until the outermost call into the core has returned: then no lock is held, and an answer may ask for more.
 */
final class Turn implements Outbox, Router.Effects {
    private final NodeEngine engine;
    private final ArrayDeque<Runnable> todo = new ArrayDeque<>();
    private int depth;
    /** For the lock-free reads of this thread. */
    final EntryCursor entry = new EntryCursor();

    Turn(NodeEngine engine) {
        this.engine = engine;
    }

    /** A call into the core begins. */
    void begin() {
        depth++;
    }

    /** The call into the core has returned; the outermost one does what is to be done. */
    void end() {
        if (depth == 1) {
            Runnable next = todo.poll();
            while (next != null) {
                try {
                    next.run();
                } catch (Throwable fault) {
                    // Whatever it is: with the depth left as it is now, this thread would never do anything again.
                    engine.fault(fault);
                }
                next = todo.poll();
            }
            depth = 0;
            engine.follow(this);
            if (!todo.isEmpty()) {
                begin();
                end();
            }
        } else {
            depth--;
        }
    }

    /** Does this when the locks are free. */
    void later(Runnable task) {
        todo.add(task);
    }

    @Override
    public void send(Id to, PeerMessage message) {
        if (!engine.sendToPeer(to, message)) {
            todo.add(() -> engine.receiveOwn(to, message, this));
        }
    }

    @Override
    public void answer(long ticket, Result result) {
        if (result.status() == Result.Status.RETRY) {
            engine.refusing(ticket);
        }
        todo.add(() -> engine.answered(ticket, result));
    }

    @Override
    public void confirm(Replica replica, int epoch, boolean write, long ticket, Result result, Result otherwise) {
        todo.add(() -> {
            long nanos = System.nanoTime();
            long wall = System.currentTimeMillis();
            boolean holds = write ? replica.confirmWrite(epoch, nanos, wall) : replica.confirm(epoch, nanos, wall);
            if (write && !holds) {
                replica.unconfirmed(epoch, ticket, result, this);
                return;
            }
            Result told = holds ? result : otherwise;
            if (told.status() == Result.Status.RETRY) {
                engine.refusing(ticket);
            }
            engine.answered(ticket, told);
        });
    }

    @Override
    public void report(Report report) {
        todo.add(() -> engine.log(report));
    }

    @Override
    public void askTime(Id member) {
        engine.askTime(member);
    }

    @Override
    public void send(Id member, long correlation, boolean first, Operation op) {
        engine.sending(member, correlation, op);
        if (!engine.requestOfPeer(member, correlation, first, op)) {
            engine.queueOwn(member, correlation, first, op);
            int partition = op.partition;
            todo.add(() -> engine.executeOwn(partition, this));
        }
    }
}
