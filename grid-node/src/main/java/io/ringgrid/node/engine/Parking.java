package io.ringgrid.node.engine;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.codec.Failures;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where threads of the application wait. Thread-safe.
 *
 * <p>Who executes an operation itself takes a slot for it, nearly always the one that it had before: nothing is allocated, and
 * no other thread's memory is touched. If the answer does not come in the same call, it parks there. The ticket says which slot
 * and which of its uses, so that an answer which comes after its thread has given up finds nobody:
 *
 * <pre>
 *   bits 0-47   the slot's use
 *   bits 48-62  the slot
 *   bit 63      1; the engine's other tickets are positive
 * </pre>
 */
final class Parking {
    /** So many threads wait here at the most; others ask the router. */
    private static final int SLOTS = 4096;

    private static final int USE_BITS = 48;
    private static final String INTERRUPTED = "interrupted before the answer";

    private record Answered(long ticket, Result result) {
        static @Nullable Answered newer(@Nullable Answered known, @Nullable Answered next) {
            return known == null || (next != null && next.ticket > known.ticket) ? next : known;
        }
    }

    private static final class Slot {
        final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
        /** The answer to this use, or to one before. */
        final AtomicReference<@Nullable Answered> answered = new AtomicReference<>();
        /** How often it was taken; whoever has it writes it. */
        long uses;
    }

    private final EventLoopGroup loops;
    private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(SLOTS);
    private volatile @Nullable String closed;

    /**
     * Nobody waits.
     *
     * @param loops whose threads may not
     */
    Parking(EventLoopGroup loops) {
        this.loops = loops;
    }

    /** Whether a ticket is one of a slot here. */
    static boolean isParked(long ticket) {
        return ticket < 0;
    }

    static int slotOf(long ticket) {
        return (int) (ticket >>> USE_BITS) & (SLOTS - 1);
    }

    /**
     * Takes a slot for this thread, which has to {@link #leave} it.
     *
     * @param wanted this one, if it is free
     * @return the ticket; 0 if all are taken, or nobody may wait any more
     */
    long take(int wanted) {
        Thread self = Thread.currentThread();
        for (int i = 0; i < SLOTS && closed == null; i++) {
            int at = (wanted + i) & (SLOTS - 1);
            Slot slot = slot(at);
            if (slot.thread.get() == null && slot.thread.compareAndSet(null, self)) {
                return Long.MIN_VALUE | (long) at << USE_BITS | ++slot.uses;
            }
        }
        return 0;
    }

    private Slot slot(int at) {
        Slot slot = slots.get(at);
        if (slot != null) {
            return slot;
        }
        Slot fresh = new Slot();
        Slot first = slots.compareAndExchange(at, null, fresh);
        return first == null ? fresh : first;
    }

    /** What this ticket is for is over. */
    void leave(long ticket) {
        Slot slot = slot(slotOf(ticket));
        if (slot.answered.get() != null) {
            slot.answered.set(null);
        }
        slot.thread.set(null);
    }

    /** The answer to this ticket; nobody hears of it whose thread no longer waits. */
    void answer(long ticket, Result result) {
        Slot slot = slot(slotOf(ticket));
        slot.answered.accumulateAndGet(new Answered(ticket, result), Answered::newer);
        LockSupport.unpark(slot.thread.get());
    }

    /**
     * Waits for the answer to what this thread has executed.
     *
     * @param until when by {@code System.nanoTime()} it gives up
     * @param within for people: how long that is, in nanoseconds
     * @return the answer, or OUTCOME_UNKNOWN
     * @throws IllegalStateException on an event loop, if it would have to wait
     */
    Result await(long ticket, long until, long within) {
        Slot slot = slot(slotOf(ticket));
        boolean asked = false;
        while (true) {
            Answered answered = slot.answered.get();
            if (answered != null && answered.ticket == ticket) {
                return answered.result;
            }
            String over = closed;
            if (over != null) {
                return unknown(over);
            }
            if (!asked) {
                asked = true;
                checkMayWait();
            }
            if (Thread.currentThread().isInterrupted()) {
                return unknown(INTERRUPTED);
            }
            long left = until - System.nanoTime();
            if (left <= 0) {
                return unknown("not acknowledged by all copies within " + within / 1_000_000 + " ms");
            }
            LockSupport.parkNanos(this, left);
        }
    }

    private static Result unknown(String reason) {
        return Result.refused(Status.OUTCOME_UNKNOWN, reason);
    }

    /**
     * Waits for what becomes complete by answers.
     *
     * @throws RuntimeException if it ends so
     * @throws OutcomeUnknownException if this thread is interrupted
     * @throws IllegalStateException on an event loop, if it would have to wait
     */
    <T> T await(CompletableFuture<T> answer) {
        if (!answer.isDone()) {
            checkMayWait();
        }
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException(INTERRUPTED);
        } catch (ExecutionException e) {
            throw Failures.of(e.getCause());
        }
    }

    private void checkMayWait() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                throw new IllegalStateException(
                        "a blocking call on the member's own I/O thread would wait for itself; call from another");
            }
        }
    }

    /** Whoever waits in a slot, or would, hears that nothing comes any more. */
    void close(String reason) {
        closed = reason;
        for (int i = 0; i < SLOTS; i++) {
            Slot slot = slots.get(i);
            if (slot != null) {
                LockSupport.unpark(slot.thread.get());
            }
        }
    }
}
