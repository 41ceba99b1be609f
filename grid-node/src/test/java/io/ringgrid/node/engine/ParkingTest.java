package io.ringgrid.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slots of parked threads: each hears the answer to what it asked last, and nothing else. */
final class ParkingTest {
    private static final long LONG = 10_000_000_000L;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Parking parking = new Parking(loops);

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Result await(long ticket, long within) {
        return parking.await(ticket, System.nanoTime() + within, within);
    }

    @Test
    void theSlotIsTheSameAndTheTicketAnother() {
        long first = parking.take(7);
        parking.leave(first);
        long second = parking.take(Parking.slotOf(first));
        assertEquals(7, Parking.slotOf(second));
        assertNotEquals(first, second);
        assertTrue(Parking.isParked(second));
        long beside = parking.take(7);
        assertEquals(8, Parking.slotOf(beside));
    }

    @Test
    void whatComesTooLateIsNobodysAnswer() {
        long first = parking.take(0);
        assertEquals(Status.OUTCOME_UNKNOWN, await(first, 1_000_000).status());
        parking.leave(first);
        long second = parking.take(0);
        parking.answer(second, Result.number(Status.DONE, 2));
        parking.answer(first, Result.number(Status.DONE, 1));
        assertEquals(2, await(second, LONG).number());
        parking.leave(second);
        parking.answer(first, Result.number(Status.DONE, 1));
        long third = parking.take(0);
        assertEquals(Status.OUTCOME_UNKNOWN, await(third, 1_000_000).status());
    }

    @Test
    void anInterruptionStaysAndLeavesTheOutcomeUnknown() {
        long ticket = parking.take(0);
        Thread.currentThread().interrupt();
        assertEquals(Status.OUTCOME_UNKNOWN, await(ticket, LONG).status());
        assertTrue(Thread.interrupted());
        Thread.currentThread().interrupt();
        parking.answer(ticket, Result.DONE);
        assertEquals(Status.DONE, await(ticket, LONG).status());
        assertTrue(Thread.interrupted());
    }

    @Test
    void anEventLoopMayNotWait() {
        CompletableFuture<Result> waited = new CompletableFuture<>();
        loops.execute(() -> {
            long ticket = parking.take(0);
            try {
                waited.complete(await(ticket, LONG));
            } catch (IllegalStateException e) {
                waited.completeExceptionally(e);
            }
        });
        ExecutionException failed = assertThrows(ExecutionException.class, waited::get);
        assertTrue(failed.getCause() instanceof IllegalStateException);
    }

    @Test
    void theEndEndsAllWaiting() throws Exception {
        long ticket = parking.take(0);
        Thread closing = new Thread(() -> parking.close("closed"));
        closing.start();
        assertEquals("closed", await(ticket, LONG).reason());
        closing.join();
        assertEquals(0, parking.take(1));
    }

    /** Answers cross each other, some after their thread has given up. */
    @Test
    void eachThreadHearsItsOwnAnswer() throws Exception {
        int threads = 4;
        int calls = 5_000;
        AtomicReferenceArray<Long> asked = new AtomicReferenceArray<>(threads);
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int place = t;
            all.add(CompletableFuture.supplyAsync(
                    () -> {
                        int answered = 0;
                        for (int i = 0; i < calls; i++) {
                            long ticket = parking.take(0);
                            asked.set(place, ticket);
                            Result result = await(ticket, i % 50 == 0 ? 1 : LONG);
                            if (result.status() == Status.DONE) {
                                assertEquals(ticket, result.number());
                                answered++;
                            }
                            parking.leave(ticket);
                        }
                        asked.set(place, 0L);
                        return answered;
                    },
                    task -> new Thread(task).start()));
        }
        CompletableFuture<Void> done = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
        long[] last = new long[threads];
        while (!done.isDone()) {
            for (int t = 0; t < threads; t++) {
                Long ticket = asked.get(t);
                if (ticket != null && ticket != 0 && ticket != last[t]) {
                    last[t] = ticket;
                    parking.answer(ticket, Result.number(Status.DONE, ticket));
                }
            }
        }
        for (CompletableFuture<Integer> each : all) {
            assertTrue(each.get() >= calls - calls / 50, "answered " + each.get());
        }
    }
}
