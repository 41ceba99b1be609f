package io.ringgrid.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.client.GridClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The main job on real input: a corpus of text in and out through three doors, then steady writes and increments from
 * Python and Java while one member is killed, comes back, and another one leaves. Nothing acknowledged may be missing,
 * through any door.
 *
 * <p>{@code src/test/python/main_job.py} is the Python side and draws up a ledger of what was acknowledged to it.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class MainJobProcessTest extends ThreeMembersTest {
    private static final Path WORDS = Path.of("/usr/share/dict/american-english");
    private static final int COUNTERS = 50;
    private static final int JAVA_CLIENTS = 4;
    /** Acknowledged before and after each fault. */
    private static final int WRITES_BESIDE_A_FAULT = 2500;

    private static final int WRITES_PER_SECOND = 500;

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        List<String> words = Files.readAllLines(WORDS);
        long start = System.nanoTime();
        python("load", WORDS.toString()).succeed();
        long loaded = System.nanoTime();
        readWords(words);
        System.out.printf(
                "%d words loaded in %.1f s, read through three doors in %.1f s%n",
                words.size(), seconds(start, loaded), seconds(loaded, System.nanoTime()));

        Path ledger = directory.resolve("ledger");
        CounterTally tally = new CounterTally(COUNTERS);
        try (GridClient grid = connect()) {
            GridMap<String, Long> counters = grid.map("default", String.class, Long.class);
            for (int counter = 0; counter < COUNTERS; counter++) {
                counters.put("counter:" + counter, 0L);
            }
        }
        List<JavaIncrementer> incrementers = IntStream.range(0, JAVA_CLIENTS)
                .mapToObj(i -> new JavaIncrementer(connect(), tally, i))
                .toList();
        long begun = System.nanoTime();
        PythonProcess writers = python("write", Integer.toString(COUNTERS), ledger.toString());
        faults(writers);
        writers.endInput();
        writers.succeed();
        double rate = writers.progress() / seconds(begun, System.nanoTime());
        for (JavaIncrementer incrementer : incrementers) {
            incrementer.end();
        }
        System.out.printf("%.0f acknowledged writes a second%n", rate);

        List<String[]> entries = Files.readAllLines(ledger).stream()
                .map(line -> line.split("\t"))
                .toList();
        entries.stream()
                .filter(entry -> entry[0].equals("counted"))
                .forEach(entry -> tally.counted(entry[1], entry[2]));
        entries.stream().filter(entry -> entry[0].equals("unknown")).forEach(entry -> tally.unknown(entry[1]));
        PythonProcess check = python("check", Integer.toString(COUNTERS), ledger.toString());
        check.succeed();
        try (GridClient grid = connect()) {
            checkWrites(grid, entries);
            GridMap<String, Long> map = grid.map("default", String.class, Long.class);
            List<Long> counters = IntStream.range(0, COUNTERS)
                    .mapToObj(counter -> map.get("counter:" + counter))
                    .toList();
            tally.check(counters);
            String seen = counters.stream().map(String::valueOf).collect(Collectors.joining(" "));
            assertEquals(
                    List.of("counters-memcached " + seen, "counters-redis " + seen),
                    check.lines("counters-"),
                    "each door shows the same counters");
        }
        readWords(words);
        System.out.println(tally.summary());
        assertTrue(rate >= WRITES_PER_SECOND, () -> "only " + rate + " writes a second");
    }

    private void faults(PythonProcess writers) throws Exception {
        MemberProcess killed = members.get(1);
        MemberProcess leaver = members.get(2);
        writers.awaitProgress(WRITES_BESIDE_A_FAULT);
        killed.kill();
        writers.awaitProgress(WRITES_BESIDE_A_FAULT);
        MemberProcess.awaitWhole(List.of(members.get(0), leaver));
        writers.awaitProgress(WRITES_BESIDE_A_FAULT);
        killed.start();
        MemberProcess.awaitWhole(members);
        writers.awaitProgress(WRITES_BESIDE_A_FAULT);
        leaver.leave();
        members = List.of(members.get(0), killed);
        writers.awaitProgress(WRITES_BESIDE_A_FAULT);
        MemberProcess.awaitWhole(members);
    }

    private void readWords(List<String> words) throws Exception {
        python("read", WORDS.toString()).succeed();
        try (GridClient grid = connect()) {
            GridMap<String, byte[]> map = grid.map("default");
            words.parallelStream().forEach(word -> assertArrayEquals(textOf(word), map.get(word), word));
        }
    }

    /** The value of a word, as {@code main_job.py} knows it too. */
    private static byte[] textOf(String word) {
        try {
            byte[] key = word.getBytes(UTF_8);
            String digest =
                    HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(key));
            return (word + "\nhas " + key.length + " bytes\nand the digest " + digest + "\n").getBytes(UTF_8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void checkWrites(GridClient grid, List<String[]> entries) {
        GridMap<String, String> map = grid.map("default", String.class, String.class);
        List<String> wrong = new ArrayList<>();
        for (String[] entry : entries) {
            if (entry[0].equals("write")) {
                String value = map.get(entry[1]);
                String shown = value == null ? "-" : value;
                boolean isUnknown = !entry[3].equals("-") && shown.equals(entry[3]);
                if (!shown.equals(entry[2]) && !isUnknown) {
                    wrong.add(entry[1] + " is " + shown + ", acknowledged " + entry[2] + ", unknown " + entry[3]);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private GridClient connect() {
        return GridClient.connect(members.stream()
                .map(member -> MemberProcess.HOST + ":" + member.nativePort)
                .toArray(String[]::new));
    }

    private PythonProcess python(String command, String... arguments) throws IOException {
        String doors = members.stream()
                .map(member -> MemberProcess.HOST + ":" + member.memcachedPort + ":" + member.respPort)
                .collect(Collectors.joining(","));
        List<String> all = new ArrayList<>(List.of(command, doors));
        all.addAll(List.of(arguments));
        return new PythonProcess("main_job.py", all.toArray(String[]::new));
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
