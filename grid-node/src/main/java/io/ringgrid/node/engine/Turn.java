package io.ringgrid.node.engine;

import io.ringgrid.codec.Glance;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.replica.LocalMember;
import io.ringgrid.replica.Outbox;
import io.ringgrid.replica.Replica;
import io.ringgrid.ring.Id;
import io.ringgrid.route.Router;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.topology.PeerMessage;
import io.ringgrid.topology.Report;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One thread's way through the core: takes the core's effects while its locks are held, and does them when they are not.
 * Not thread-safe: each thread has its own.
 *
 * <p>Messages to other members are queued at once, under the partition's lock, so that a stream stays in order. All else
 * waits until the outermost call into the core has returned: then no lock is held, and an answer may ask for more. The answer
 * to what this thread itself executes is its caller's at once ({@link #execute}).
 */
final class Turn implements Outbox, Router.Effects {
    private static final Result RETRY = Result.of(Result.Status.RETRY);
    private static final Result FAULT =
            Result.refused(Result.Status.OUTCOME_UNKNOWN, "a fault, which is in the member's log");

    private final NodeEngine engine;
    private final ArrayDeque<Runnable> todo = new ArrayDeque<>();
    private int depth;
    /** For the lock-free reads of this thread: what is asked, what the store shows, and what the caller sees of it. */
    final Operation get = new Operation();

    final EntryCursor entry = new EntryCursor();
    final Glance glance = new Glance();
    /** Which slot of {@link Parking} this thread takes. */
    int place = (int) Thread.currentThread().getId();

    /** What this thread itself executes; 0 = nothing. */
    private long own;
    /** Its answer, which is to be confirmed if there is who is to be asked. */
    private @Nullable Result result;

    private @Nullable Replica confirming;
    private int epoch;
    private boolean write;

    Turn(NodeEngine engine) {
        this.engine = engine;
    }

    /** Whether this thread is in the core, or does what came of it. */
    boolean isUnderWay() {
        return depth > 0;
    }

    /**
     * Executes an operation on this thread, which wants to hear what came of it.
     *
     * @param ticket by which it is answered if that is not at once
     * @return the answer; null if it comes later; RETRY if it surely was not executed
     */
    @Nullable
    Result execute(LocalMember local, Operation op, long nanos, long wall, long ticket) {
        begin();
        try {
            own = ticket;
            boolean executed = local.tryRequest(nanos, wall, op, ticket, this);
            own = 0;
            return executed ? told(ticket) : RETRY;
        } catch (RuntimeException fault) {
            engine.fault(fault);
            return FAULT;
        } finally {
            own = 0;
            result = null;
            confirming = null;
            end();
        }
    }

    private @Nullable Result told(long ticket) {
        Result told = result;
        Replica replica = confirming;
        if (told == null || replica == null || confirm(replica, epoch, write)) {
            return told;
        }
        if (write) {
            replica.unconfirmed(epoch, ticket, told, this);
            return null;
        }
        return RETRY;
    }

    /** By clocks that are read now. */
    private static boolean confirm(Replica replica, int epoch, boolean write) {
        long nanos = System.nanoTime();
        long wall = System.currentTimeMillis();
        return write ? replica.confirmWrite(epoch, nanos, wall) : replica.confirm(epoch, nanos, wall);
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
    public void answer(long ticket, Result answer) {
        if (ticket == own) {
            result = answer;
            return;
        }
        if (answer.status() == Result.Status.RETRY) {
            engine.refusing(ticket);
        }
        todo.add(() -> engine.answered(ticket, answer));
    }

    @Override
    public void confirm(Replica replica, int inEpoch, boolean ofWrite, long ticket, Result answer, Result otherwise) {
        if (ticket == own) {
            result = answer;
            confirming = replica;
            epoch = inEpoch;
            write = ofWrite;
            return;
        }
        todo.add(() -> {
            boolean holds = confirm(replica, inEpoch, ofWrite);
            if (ofWrite && !holds) {
                replica.unconfirmed(inEpoch, ticket, answer, this);
                return;
            }
            Result told = holds ? answer : otherwise;
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
