package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridRequestException;
import io.ringgrid.ObjectTypes;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KryoObjectsTest {
    private static final ObjectTypes TYPES = ObjectTypes.NONE
            .with(1, Person.class)
            .with(2, Place.class)
            .with(300, Color.class)
            .with(1_000_000, Node.class);

    record Place(String name, double[] at) {}

    enum Color {
        RED,
        GREEN
    }

    static final class Person {
        private final String name;
        private final List<Place> places = new ArrayList<>();
        private final Map<Color, Integer> likes = new HashMap<>();

        Person(String name) {
            this.name = name;
        }
    }

    static final class Node {
        @Nullable
        Node next;
    }

    static final class Stranger {}

    private static final Encoding<Object> ANY = Encoding.of(Object.class, TYPES);

    private static final List<Object> USUAL = List.of(
            "text",
            1,
            2L,
            2.5,
            true,
            new ArrayList<>(List.of(1, "two")),
            List.of(),
            List.of(1),
            List.of(1, 2, 3),
            Set.of(),
            Set.of(1),
            Map.of(),
            Map.of("a", 1),
            Map.of("a", 1, "b", 2),
            new HashMap<>(Map.of("a", List.of())),
            new LinkedHashMap<>(Map.of("a", 1)),
            new TreeMap<>(Map.of("a", 1)),
            new HashSet<>(Set.of(1, 2)),
            BigInteger.TEN.pow(50),
            new BigDecimal("1.50"),
            Instant.ofEpochSecond(5, 7),
            Duration.ofNanos(77),
            LocalDate.of(2026, 2, 3),
            LocalTime.of(1, 2),
            LocalDateTime.of(2026, 2, 3, 4, 5),
            LocalDateTime.of(2026, 2, 3, 4, 5).atZone(ZoneId.of("UTC")),
            Optional.of("x"),
            new UUID(1, 2));

    private static Object throughBytes(Object object) {
        return ANY.decode(ANY.encode(object), KryoObjects.FLAGS);
    }

    @Test
    void objectsComeBack() {
        Person ada = new Person("Ada");
        ada.places.add(new Place("London", new double[] {51.5, -0.1}));
        ada.likes.put(Color.GREEN, 7);
        Encoding<Person> people = Encoding.of(Person.class, TYPES);
        Person back = people.decode(people.encode(ada), people.flags());
        assertEquals("Ada", back.name);
        assertEquals("London", back.places.get(0).name());
        assertArrayEquals(new double[] {51.5, -0.1}, back.places.get(0).at());
        assertEquals(Map.of(Color.GREEN, 7), back.likes);
        Node ring = new Node();
        ring.next = ring;
        Node same = (Node) throughBytes(ring);
        assertSame(same, same.next);
    }

    @Test
    void theUsualClassesNeedNoId() {
        for (Object object : USUAL) {
            assertEquals(object, throughBytes(object), object.getClass().getName());
        }
        assertArrayEquals(new int[] {1, 2}, (int[]) throughBytes(new int[] {1, 2}));
        assertArrayEquals(new String[] {"a"}, (String[]) throughBytes(new String[] {"a"}));
        assertArrayEquals(new Object[] {1, "a"}, (Object[]) throughBytes(new Object[] {1, "a"}));
        ArrayDeque<?> deque = (ArrayDeque<?>) throughBytes(new ArrayDeque<>(List.of(1)));
        assertEquals(1, deque.peek());
    }

    @Test
    void whatIsInCollectionsMayHaveAnyId() {
        for (Object object : List.of(
                List.of(Color.RED),
                List.of(Color.RED, Color.GREEN, Color.RED),
                Set.of(Color.RED),
                Map.of(Color.RED, Color.GREEN),
                new ArrayList<>(List.of(Color.RED)),
                new HashMap<>(Map.of(Color.RED, Color.GREEN)),
                new HashSet<>(Set.of(Color.RED)),
                Optional.of(Color.RED),
                new ArrayList<>(Collections.nCopies(70_000, null)),
                new ArrayList<>(Collections.nCopies(70_000, "same")),
                Collections.nCopies(300, new Place("x", new double[0])).stream()
                        .map(Place::name)
                        .toList())) {
            assertEquals(object, throughBytes(object), object.getClass().getName());
        }
        assertArrayEquals(new Object[] {Color.RED, null}, (Object[]) throughBytes(new Object[] {Color.RED, null}));
        Person ada = new Person("Ada");
        ada.places.addAll(List.of(new Place("London", new double[1]), new Place("Paris", new double[2])));
        ada.likes.put(Color.RED, 1_000_000);
        assertEquals(2, ((Person) throughBytes(ada)).places.size());
    }

    @Test
    void whatIsNotRegisteredIsRefusedByName() {
        String problem = message(() -> ANY.encode(new Stranger()));
        assertTrue(problem.startsWith("class " + Stranger.class.getName() + " is not registered"), problem);
        assertTrue(problem.contains("ObjectTypes.with(<id>, "), problem);
        assertTrue(message(() -> ANY.encode(List.of(new Stranger()))).contains(Stranger.class.getName()));
        byte[] place = ANY.encode(new Place("x", new double[0]));
        Encoding<Object> fewer = Encoding.of(Object.class, ObjectTypes.NONE);
        assertTrue(message(() -> fewer.decode(place, KryoObjects.FLAGS)).contains("130"));
    }

    private static String message(Runnable refused) {
        return String.valueOf(
                assertThrows(GridRequestException.class, refused::run).getMessage());
    }

    @Test
    void idsAreTheBytesAndNeverOfTheOrder() {
        Encoding<Object> other = Encoding.of(
                Object.class,
                ObjectTypes.NONE
                        .with(1_000_000, Node.class)
                        .with(300, Color.class)
                        .with(2, Place.class)
                        .with(1, Person.class));
        byte[] bytes = ANY.encode(Color.GREEN);
        assertEquals(Color.GREEN, other.decode(bytes, KryoObjects.FLAGS));
        assertArrayEquals(bytes, other.encode(Color.GREEN));
        assertThrows(GridRequestException.class, () -> TYPES.with(1, Stranger.class));
        assertThrows(GridRequestException.class, () -> TYPES.with(9, Person.class));
        assertThrows(GridRequestException.class, () -> TYPES.with(0, Stranger.class));
    }

    @Test
    void otherBytesAreNoObject() {
        Encoding<Person> people = Encoding.of(Person.class, TYPES);
        assertTrue(message(() -> people.decode("text".getBytes(UTF_8), 0)).contains("flags 0"));
        byte[] place = ANY.encode(new Place("x", new double[0]));
        assertThrows(GridRequestException.class, () -> people.decode(place, KryoObjects.FLAGS));
        assertEquals(0x5201_0000, people.flags());
        Random random = new Random(7);
        byte[] valid = people.encode(new Person("Ada"));
        for (int round = 0; round < 2000; round++) {
            boolean whole = random.nextBoolean();
            byte[] noise = Arrays.copyOf(valid, whole ? valid.length : random.nextInt(valid.length));
            if (noise.length > 0) {
                noise[random.nextInt(noise.length)] = (byte) random.nextInt(128);
            }
            try {
                Person unused = people.decode(noise, KryoObjects.FLAGS);
            } catch (GridRequestException expected) {
                assertTrue(String.valueOf(expected.getMessage()).contains("bytes are no"));
            }
        }
    }

    /** Wherever a length may stand, one of 300 million is put: no array or table is made for what is not there. */
    @Test
    void bytesThatLieOfTheirLengthTakeNoMemory() {
        byte[] huge = {(byte) 0x83, (byte) 0x86, (byte) 0x87, (byte) 0x8f, 1};
        byte[] hugeText = {(byte) 0xc3, (byte) 0x86, (byte) 0x87, (byte) 0x8f, 1};
        List<Object> samples = new ArrayList<>(USUAL);
        samples.addAll(List.of(
                new byte[9],
                new char[9],
                new short[9],
                new int[9],
                new long[9],
                new float[9],
                new double[9],
                new boolean[9],
                new String[] {"a", "b"},
                new Object[] {1, new Object[] {2}},
                new ArrayDeque<>(List.of(1)),
                "\u00e9\u4e2d".repeat(9),
                new Place("x", new double[9])));
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (Object sample : samples) {
            byte[] valid = ANY.encode(sample);
            for (byte[] length : List.of(huge, hugeText)) {
                for (int at = 0; at < valid.length; at++) {
                    byte[] lies = new byte[valid.length + length.length];
                    System.arraycopy(valid, 0, lies, 0, at);
                    System.arraycopy(length, 0, lies, at, length.length);
                    System.arraycopy(valid, at, lies, at + length.length, valid.length - at);
                    long before = thread.getCurrentThreadAllocatedBytes();
                    try {
                        Object unused = ANY.decode(lies, KryoObjects.FLAGS);
                    } catch (GridRequestException expected) {
                        assertTrue(String.valueOf(expected.getMessage()).contains("bytes are no"));
                    }
                    long taken = thread.getCurrentThreadAllocatedBytes() - before;
                    assertTrue(taken < 4 << 20, sample.getClass() + " at " + at + ": " + taken + " bytes");
                }
            }
        }
    }

    /** Each says that it has as many elements as there are bytes: all together would be their square. */
    @Test
    void nestedBytesThatLieTakeNoMemory() {
        byte[] valid = ANY.encode(new Object[] {new Object[] {1}});
        byte[] nested = new byte[1 << 16];
        // After the class and "not seen before", an array has its length; then its first element is again one.
        for (int at = 0; at + 5 <= nested.length; at += 5) {
            nested[at] = valid[0];
            nested[at + 1] = valid[1];
            nested[at + 2] = (byte) 0xff;
            nested[at + 3] = (byte) 0xff;
            nested[at + 4] = 1;
        }
        assertTrue(message(() -> ANY.decode(nested, KryoObjects.FLAGS)).contains("no more than"));
        byte[] deep = new byte[1 << 20];
        for (int at = 0; at + 3 <= deep.length; at += 3) {
            deep[at] = valid[0];
            deep[at + 1] = valid[1];
            deep[at + 2] = 2;
        }
        assertTrue(message(() -> ANY.decode(deep, KryoObjects.FLAGS)).contains("bytes are no"));
    }

    @Test
    void withoutKryoTheErrorSaysWhatToAdd() throws Exception {
        URL core = Encoding.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader alone = new URLClassLoader(new URL[] {core}, ClassLoader.getPlatformClassLoader())) {
            Class<?> types = alone.loadClass(ObjectTypes.class.getName());
            Object none = types.getField("NONE").get(null);
            Method of = alone.loadClass(Encoding.class.getName()).getMethod("of", Class.class, types);
            assertEquals("Text", of.invoke(null, String.class, none).getClass().getSimpleName());
            String problem = String.valueOf(
                    assertThrows(InvocationTargetException.class, () -> of.invoke(null, Object.class, none))
                            .getCause());
            assertTrue(problem.startsWith(GridRequestException.class.getName()), problem);
            assertTrue(problem.contains("add com.esotericsoftware:kryo"), problem);
        }
    }

    @Test
    void plainTypesStayPlain() {
        assertEquals(0, Encoding.of(String.class, TYPES).flags());
        assertEquals("x", Encoding.of(String.class, TYPES).decode(new byte[] {'x'}, 123));
    }
}
