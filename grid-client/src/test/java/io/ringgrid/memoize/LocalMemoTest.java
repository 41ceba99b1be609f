package io.ringgrid.memoize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LocalMemoTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

    private Memoized<Integer, Integer> squares(int maxEntries) {
        return new LocalMemo<>(
                maxEntries,
                100,
                number -> {
                    calls.incrementAndGet();
                    return number * number;
                },
                now::get);
    }

    @Test
    void remembersUntilItsTimeIsOver() {
        Memoized<Integer, Integer> squares = squares(10);
        assertEquals(49, squares.apply(7));
        now.addAndGet(99);
        assertEquals(49, squares.apply(7));
        assertEquals(1, calls.get());
        now.addAndGet(1);
        assertEquals(49, squares.apply(7));
        assertEquals(2, calls.get());
        assertEquals(new Memoized.Statistics(1, 2), squares.statistics());
    }

    @Test
    void forgetsWhatWasAskedForLeastRecently() {
        Memoized<Integer, Integer> squares = squares(2);
        squares.apply(1);
        squares.apply(2);
        squares.apply(1);
        squares.apply(3);
        squares.apply(1);
        assertEquals(3, calls.get());
        squares.apply(2);
        assertEquals(4, calls.get());
    }

    @Test
    void forgetsWhatItIsToldTo() {
        Memoized<Integer, Integer> squares = squares(10);
        squares.apply(1);
        squares.apply(2);
        squares.invalidate(1);
        squares.apply(1);
        squares.apply(2);
        assertEquals(3, calls.get());
        squares.clear();
        assertEquals(new Memoized.Statistics(0, 0), squares.statistics());
        squares.apply(2);
        assertEquals(4, calls.get());
    }

    @Test
    void failuresPassAndAreNotRemembered() {
        Memoized<String, String> failing = Memoize.local(10, Duration.ofMinutes(1), key -> {
            throw new IllegalStateException("no " + key + " " + calls.incrementAndGet());
        });
        assertEquals(
                "no x 1",
                assertThrows(IllegalStateException.class, () -> failing.apply("x"))
                        .getMessage());
        assertEquals(
                "no x 2",
                assertThrows(IllegalStateException.class, () -> failing.apply("x"))
                        .getMessage());
    }

    private static Function<Integer, Long> fibonacci = number -> 0L;

    @Test
    void mayNeedOtherResultsButNotItself() {
        Memoized<Integer, Long> memo = Memoize.local(1000, Duration.ofMinutes(1), number -> fibonacci.apply(number));
        fibonacci = number ->
                number < 2 ? Long.valueOf(number) : Long.valueOf(memo.apply(number - 1) + memo.apply(number - 2));
        assertEquals(12586269025L, memo.apply(50));
        assertEquals(51, memo.statistics().misses());
        memo.clear();
        fibonacci = memo;
        assertThrows(IllegalStateException.class, () -> memo.apply(3));
    }

    @Test
    void manyThreadsComputeOnce() throws InterruptedException {
        CountDownLatch computing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Memoized<String, String> slow = Memoize.local(10, Duration.ofMinutes(1), key -> {
            calls.incrementAndGet();
            computing.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return key;
        });
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<CompletableFuture<String>> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asked.add(CompletableFuture.supplyAsync(() -> slow.apply("k"), threads));
            }
            computing.await();
            go.countDown();
            asked.forEach(result -> assertEquals("k", result.join()));
            assertEquals(1, calls.get());
            assertEquals(new Memoized.Statistics(7, 1), slow.statistics());
        } finally {
            threads.shutdownNow();
        }
    }
}
