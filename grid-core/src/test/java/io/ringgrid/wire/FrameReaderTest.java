package io.ringgrid.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.sim.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private final List<String> seen = new ArrayList<>();

    private void note(int type, long correlation, byte[] bytes, int offset, int length) {
        byte[] body = Arrays.copyOfRange(bytes, offset, offset + length);
        seen.add(type + "/" + correlation + "/" + HexFormat.of().formatHex(body));
    }

    private static byte[] frame(int type, long correlation, byte[] body) {
        ByteWriter out = new ByteWriter(1);
        int start = Frame.begin(out, type, correlation);
        out.raw(body, 0, body.length);
        Frame.end(out, start);
        return out.toByteArray();
    }

    @Test
    void theBytesOfAFrame() {
        assertEquals(
                "0000000b09000000000000002aabcd",
                HexFormat.of().formatHex(frame(9, 42, new byte[] {(byte) 0xab, (byte) 0xcd})));
    }

    @Test
    void everySplitInTwoShowsTheSame() {
        ByteWriter stream = new ByteWriter(100);
        for (byte[] one :
                List.of(frame(1, 1, new byte[0]), frame(255, -1, new byte[9]), frame(3, 1L << 40, new byte[1]))) {
            stream.raw(one, 0, one.length);
        }
        byte[] bytes = stream.toByteArray();
        List<String> expected = List.of("1/1/", "255/-1/000000000000000000", "3/1099511627776/00");
        for (int cut = 0; cut <= bytes.length; cut++) {
            FrameReader reader = new FrameReader(1000);
            seen.clear();
            reader.feed(bytes, 0, cut, this::note);
            reader.feed(bytes, cut, bytes.length - cut, this::note);
            assertEquals(expected, seen, "cut at " + cut);
        }
    }

    @Test
    void everyChunkingShowsTheSame() {
        Seeds.forEach(1, 300, random -> {
            ByteWriter stream = new ByteWriter(100);
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(20); i >= 0; i--) {
                byte[] body = new byte[random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(50)];
                random.nextBytes(body);
                int type = random.nextInt(256);
                long correlation = random.nextLong();
                byte[] frame = frame(type, correlation, body);
                stream.raw(frame, 0, frame.length);
                expected.add(type + "/" + correlation + "/" + HexFormat.of().formatHex(body));
            }
            seen.clear();
            readInChunks(random, new FrameReader(300_000), stream.toByteArray());
            assertEquals(expected, seen);
        });
    }

    private void readInChunks(Random random, FrameReader reader, byte[] bytes) {
        int most = 1 + random.nextInt(random.nextBoolean() ? 20 : 70_000);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(most));
            reader.feed(bytes, at, length, this::note);
            at += length;
        }
    }

    @Test
    void aDeclaredLengthTakesNoMemory() {
        FrameReader reader = new FrameReader(100 << 20);
        reader.feed(new ByteWriter(4).i32(90 << 20).toByteArray(), 0, 4, this::note);
        int received = 4;
        for (int i = 0; i < 1000; i++) {
            reader.feed(new byte[500], 0, 500, this::note);
            received += 500;
            assertTrue(reader.capacity() <= 2 * received, reader.capacity() + " bytes for " + received + " received");
        }
    }

    @Test
    void aLargeFramesMemoryIsGivenBack() {
        FrameReader reader = new FrameReader(10 << 20);
        byte[] large = frame(1, 1, new byte[5 << 20]);
        reader.feed(large, 0, large.length, (type, correlation, bytes, offset, length) -> {});
        assertEquals(0, reader.capacity());
    }

    @Test
    void aFrameBeyondTheLimitIsMalformed() {
        byte[] most = frame(1, 1, new byte[100 - Frame.HEADER]);
        new FrameReader(100).feed(most, 0, most.length, this::note);
        assertEquals(1, seen.size());
        byte[] more = frame(1, 1, new byte[101 - Frame.HEADER]);
        assertThrows(MalformedFrameException.class, () -> new FrameReader(100).feed(more, 0, 4, this::note));
        FrameReader raised = new FrameReader(100);
        raised.limit(101);
        raised.feed(more, 0, more.length, this::note);
        assertEquals(2, seen.size());
    }

    @Test
    void otherProtocolsAreMalformedAtTheirFourthByte() {
        for (String other :
                List.of("GET / HTTP/1.1\r\n", "get key\r\n", "*1\r\n$4\r\nPING\r\n", "\u0016\u0003\u0001\u0002")) {
            byte[] bytes = other.getBytes(US_ASCII);
            FrameReader reader = new FrameReader(Frame.DEFAULT_LIMIT);
            assertThrows(MalformedFrameException.class, () -> reader.feed(bytes, 0, 4, this::note), other);
        }
    }

    @Test
    void randomBytesAreNeverAnythingButMalformed() {
        Seeds.forEach(1, 2000, random -> {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 4 && random.nextBoolean()) {
                bytes[0] = 0;
                bytes[1] = 0;
                bytes[2] = 0;
            }
            try {
                readInChunks(random, new FrameReader(1000), bytes);
            } catch (MalformedFrameException expected) {
                assertTrue(String.valueOf(expected.getMessage()).startsWith("a frame of "), expected.toString());
            }
        });
    }

    @Test
    void aPausedReaderKeepsWhatComes() {
        FrameReader reader = new FrameReader(1000);
        FrameReader.Sink pausing = (type, correlation, bytes, offset, length) -> {
            note(type, correlation, bytes, offset, length);
            reader.pause();
        };
        byte[] one = frame(1, 1, new byte[1]);
        byte[] two = frame(2, 2, new byte[2]);
        byte[] three = frame(3, 3, new byte[3]);
        reader.feed(
                new ByteWriter(1)
                        .raw(one, 0, one.length)
                        .raw(two, 0, two.length)
                        .toByteArray(),
                0,
                one.length + two.length,
                pausing);
        reader.feed(three, 0, three.length, pausing);
        assertEquals(List.of("1/1/00"), seen);
        reader.resume(pausing);
        assertEquals(List.of("1/1/00", "2/2/0000"), seen);
        reader.resume(pausing);
        assertEquals(List.of("1/1/00", "2/2/0000", "3/3/000000"), seen);
    }

    @Test
    void aStoppedReaderShowsNoMore() {
        FrameReader reader = new FrameReader(1000);
        byte[] two = new byte[2 * Frame.HEADER];
        System.arraycopy(frame(1, 1, new byte[0]), 0, two, 0, Frame.HEADER);
        System.arraycopy(frame(2, 2, new byte[0]), 0, two, Frame.HEADER, Frame.HEADER);
        reader.feed(two, 0, two.length, (type, correlation, bytes, offset, length) -> {
            seen.add(type + "");
            reader.stop();
        });
        assertEquals(List.of("1"), seen);
    }
}
