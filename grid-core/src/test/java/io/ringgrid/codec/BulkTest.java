package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.AsyncGridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.near.NearCache;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many keys at once, whose answers come at once or from other threads in any order. */
class BulkTest {
    private static final int MANY = 20_000;

    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private final class Answering implements Caller {
        private final Function<String, Result> answers;
        private final boolean late;
        private final Random random = new Random(1);

        Answering(boolean late, Function<String, Result> answers) {
            this.late = late;
            this.answers = answers;
        }

        @Override
        public Result call(String map, Operation op, long deadlineNanos) {
            throw new IllegalStateException("nobody waits for one key");
        }

        @Override
        public void submit(String map, Operation op, long deadlineNanos, Consumer<Result> answer) {
            mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            Result result = answers.apply(new String(op.copyKey(), UTF_8));
            boolean now;
            synchronized (random) {
                now = !late || random.nextInt(4) == 0;
            }
            if (now) {
                answer(result, answer);
            } else {
                threads.execute(() -> answer(result, answer));
            }
        }

        private void answer(Result result, Consumer<Result> answer) {
            underWay.decrementAndGet();
            answer.accept(result);
        }

        @Override
        public <T> T await(CompletableFuture<T> future) {
            return future.join();
        }

        @Override
        public void elsewhere(Runnable work) {
            threads.execute(work);
        }

        @Override
        public int partitions() {
            return 4;
        }

        @Override
        public NearCache near() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long wallMillis() {
            return 0;
        }
    }

    private TypedMap<String, String> map(boolean late, Function<String, Result> answers) {
        return new TypedMap<>("m", String.class, String.class, new Answering(late, answers));
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            keys.add("k" + i);
        }
        return keys;
    }

    private void findsAll(boolean late) {
        Map<String, String> expected = new LinkedHashMap<>();
        keys().stream().filter(key -> !key.endsWith("7")).forEach(key -> expected.put(key, key));
        Map<String, String> found = map(
                        late, key -> key.endsWith("7") ? Result.MISSING : Result.found(key.getBytes(UTF_8), 0, 0, 1))
                .getAll(keys());
        assertEquals(new ArrayList<>(expected.entrySet()), new ArrayList<>(found.entrySet()));
        assertTrue(mostUnderWay.get() <= Bulk.WINDOW, () -> mostUnderWay + " under way");
    }

    @Test
    void answersAtOnceDoNotDeepenTheStack() {
        findsAll(false);
        assertEquals(1, mostUnderWay.get());
    }

    @Test
    void lateAnswersComeInTheOrderOfTheKeys() {
        findsAll(true);
        assertTrue(mostUnderWay.get() > 1);
    }

    @Test
    void aFailedPartFailsTheWhole() {
        Result failed = Result.refused(Status.UNAVAILABLE, "because");
        TypedMap<String, String> map = map(true, key -> key.equals("k500") ? failed : Result.MISSING);
        assertThrows(GridUnavailableException.class, () -> map.getAll(keys()));
    }

    private static @Nullable Throwable endOf(CompletionStage<?> stage) {
        return assertThrows(ExecutionException.class, () -> stage.toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .getCause();
    }

    @Test
    void whatCannotBeSubmittedEndsTheStage() {
        IllegalStateException closed = new IllegalStateException("closed");
        for (boolean late : new boolean[] {false, true}) {
            AsyncGridMap<String, String> map = map(late, key -> {
                        if (key.equals("k5000")) {
                            throw closed;
                        }
                        return Result.MISSING;
                    })
                    .async();
            assertSame(closed, endOf(map.get("k5000")));
            assertSame(closed, endOf(map.getAll(keys())));
        }
    }

    @Test
    void whatCannotBeHandedOverEndsTheStage() {
        AsyncGridMap<String, String> map = map(false, key -> Result.MISSING).async();
        threads.shutdownNow();
        assertInstanceOf(RejectedExecutionException.class, endOf(map.get("k")));
        assertInstanceOf(RejectedExecutionException.class, endOf(map.getAll(keys())));
    }

    @Test
    void writesOfWhichSomeTookEffectAreUnknown() {
        Result failed = Result.refused(Status.UNAVAILABLE, "because");
        TypedMap<String, String> map = map(true, key -> key.equals("a") ? failed : Result.DONE);
        String message = assertThrows(
                        OutcomeUnknownException.class, () -> map.putAll(Map.of("a", "1", "b", "2", "c", "3")))
                .getMessage();
        assertEquals("2 of 3 parts took effect; another: PUT in map 'm': because", message);
        assertThrows(GridUnavailableException.class, () -> map.putAll(Map.of("a", "1")));
    }
}
