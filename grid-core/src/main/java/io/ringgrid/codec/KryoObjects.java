package io.ringgrid.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers;
import com.esotericsoftware.kryo.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.serializers.ImmutableCollectionsSerializers;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import com.esotericsoftware.kryo.util.Pool;
import io.ringgrid.GridRequestException;
import io.ringgrid.ObjectTypes;
import io.ringgrid.codec.KryoInput.Counted;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * Objects as Kryo's bytes (https://github.com/EsotericSoftware/kryo). Thread-safe: each call borrows an instance.
 *
 * <p>The bytes begin with the object's class id, and entries carry the flags {@value #FLAGS}: the upper 16 bits say that
 * and in which form, the lower ones are zero, because clients of other languages use those for their own marks.
 *
 * <pre>
 *   0 .. 19      Kryo's own: primitive types and String
 *   20 .. 127    the JDK's classes below, in this order for ever: append only
 *   128 + id     the application's
 * </pre>
 *
 * <p>No class name is ever written or read, and no class is loaded by what the bytes say: what is not registered is
 * refused. References are kept, so an object may contain itself.
 */
final class KryoObjects<T> extends Encoding<T> {
    static final int FLAGS = 0x5201_0000;

    private static final int FIRST_OF_JDK = 20;
    private static final int FIRST_OF_APPLICATION = 128;
    private static final int FIRST_BYTES = 256;
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_IDLE = 32;

    private static final List<Class<?>> JDK = List.of(
            byte[].class,
            char[].class,
            short[].class,
            int[].class,
            long[].class,
            float[].class,
            double[].class,
            boolean[].class,
            String[].class,
            Object[].class,
            ArrayList.class,
            HashMap.class,
            LinkedHashMap.class,
            TreeMap.class,
            HashSet.class,
            LinkedHashSet.class,
            TreeSet.class,
            ArrayDeque.class,
            List.of().getClass(),
            List.of(1).getClass(),
            Set.of().getClass(),
            Set.of(1).getClass(),
            Map.of().getClass(),
            Map.of(1, 1).getClass(),
            BigInteger.class,
            BigDecimal.class,
            Date.class,
            Instant.class,
            Duration.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            ZonedDateTime.class,
            Optional.class,
            UUID.class);

    /** Whose bytes begin with a length, as those of arrays do. */
    private static final Set<Class<?>> COUNTED = Set.of(
            HashMap.class,
            LinkedHashMap.class,
            Map.of().getClass(),
            Map.of(1, 1).getClass());

    private final Class<T> type;
    private final ObjectTypes types;
    private final Pool<Kryo> pool;

    KryoObjects(Class<T> type, ObjectTypes types) {
        this.type = type;
        this.types = types;
        this.pool = new Pool<>(true, false, MAX_IDLE) {
            @Override
            protected Kryo create() {
                return kryo(types);
            }
        };
        pool.free(pool.obtain());
    }

    private static Kryo kryo(ObjectTypes types) {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(true);
        kryo.setReferences(true);
        kryo.setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
        ImmutableCollectionsSerializers.addDefaultSerializers(kryo);
        kryo.addDefaultSerializer(UUID.class, new DefaultSerializers.UUIDSerializer());
        kryo.addDefaultSerializer(String[].class, new Counted<>(new DefaultArraySerializers.StringArraySerializer()));
        kryo.addDefaultSerializer(Object[].class, new KryoInput.OfArrays());
        int id = FIRST_OF_JDK;
        for (Class<?> known : JDK) {
            if (kryo.getClassResolver().getRegistration(id) == null
                    && kryo.getClassResolver().getRegistration(known) == null) {
                kryo.register(known, serializer(kryo, known), id);
            }
            id++;
        }
        types.byId().forEach((ofApplication, known) -> kryo.register(known, FIRST_OF_APPLICATION + ofApplication));
        return kryo;
    }

    private static Serializer<?> serializer(Kryo kryo, Class<?> type) {
        Serializer<?> usual = kryo.getDefaultSerializer(type);
        return COUNTED.contains(type)
                        || (type.isArray() && type.getComponentType().isPrimitive())
                ? new Counted<>(usual)
                : usual;
    }

    @Override
    public int flags() {
        return FLAGS;
    }

    @Override
    public byte[] encode(T object) {
        Kryo kryo = pool.obtain();
        try (Output output = new Output(FIRST_BYTES, MAX_BYTES)) {
            kryo.writeClassAndObject(output, object);
            return output.toBytes();
        } catch (IllegalArgumentException | KryoException e) {
            throw new GridRequestException(problem(object, e));
        } finally {
            kryo.reset();
            pool.free(kryo);
        }
    }

    private static String problem(Object object, RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        String unregistered = "Class is not registered: ";
        int at = message.indexOf(unregistered);
        if (at < 0) {
            return "an object of " + object.getClass().getName() + " has no bytes: " + message;
        }
        String name = message.substring(at + unregistered.length()).split("\\s", 2)[0];
        return "class " + name
                + " is not registered, and so is refused: give it an id of its own, which stays for ever, by "
                + "ObjectTypes.with(<id>, " + name + ".class), in every application that reads such entries";
    }

    @Override
    public T decode(byte[] bytes) {
        return decode(bytes, FLAGS);
    }

    @Override
    public T decode(byte[] bytes, int flags) {
        if (flags != FLAGS) {
            throw new GridRequestException("an entry with the flags " + Integer.toUnsignedString(flags)
                    + " is no object that a Java client has stored; read it as byte[]");
        }
        Kryo kryo = pool.obtain();
        try (Input input = new KryoInput(bytes)) {
            return type.cast(kryo.readClassAndObject(input));
        } catch (RuntimeException | StackOverflowError e) {
            // Whatever a serializer or a constructor makes of bytes that are none of its own.
            throw new GridRequestException("these " + bytes.length + " bytes are no " + type.getName()
                    + " with the registered classes " + types.byId() + ": " + e.getMessage());
        } finally {
            kryo.reset();
            pool.free(kryo);
        }
    }
}
