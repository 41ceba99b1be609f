package io.ringgrid.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringgrid.GridRequestException;
import io.ringgrid.ObjectTypes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * How one type is seen as bytes, through every door alike (DESIGN.md 3): {@code byte[]} raw, a {@code String} its UTF-8
 * bytes, a {@code Long} decimal ASCII, all with flags 0. Entries with other flags, which other doors' clients set, are
 * read as the bytes that they are. Objects of the application are Kryo's bytes, with flags of their own. Thread-safe.
 *
 * @param <T> the type
 */
public abstract class Encoding<T> {
    private static final Encoding<byte[]> BYTES = new Raw();
    private static final Encoding<String> STRING = new Text();
    private static final Encoding<Long> LONG = new Decimal();

    Encoding() {}

    /**
     * The encoding of this type.
     *
     * @throws GridRequestException if there is none
     */
    @SuppressWarnings("unchecked") // the class says which it is
    public static <T> Encoding<T> of(Class<T> type) {
        if (type == byte[].class) {
            return (Encoding<T>) BYTES;
        }
        if (type == String.class) {
            return (Encoding<T>) STRING;
        }
        if (type == Long.class) {
            return (Encoding<T>) LONG;
        }
        throw new GridRequestException("a map's keys and values are byte[], String or Long, not " + type.getName()
                + "; for values of other classes give their ids: map(name, keyType, valueType, types)");
    }

    /**
     * The encoding of this type, which may be of the application's classes.
     *
     * @throws GridRequestException if Kryo is needed and not on the class path
     */
    public static <T> Encoding<T> of(Class<T> type, ObjectTypes types) {
        if (type == byte[].class || type == String.class || type == Long.class) {
            return of(type);
        }
        try {
            return new KryoObjects<>(type, types);
        } catch (NoClassDefFoundError e) {
            throw new GridRequestException("values of " + type.getName()
                    + " need Kryo, which is not on the class path: add com.esotericsoftware:kryo (" + e.getMessage()
                    + ")");
        }
    }

    /** The flags of an entry whose value it has encoded. */
    public int flags() {
        return 0;
    }

    /** What is equal for equal objects: the object itself, unless it is compared by identity. */
    public Object comparable(T object) {
        return object;
    }

    /** The same, for being kept: nobody changes it any more. */
    public Object kept(T object) {
        return object;
    }

    /**
     * The object of an entry with these flags.
     *
     * @throws GridRequestException if it is none of this type
     */
    public T decode(byte[] bytes, int flags) {
        return decode(bytes);
    }

    /**
     * The bytes; not to be changed, as they may be the argument itself.
     *
     * @throws GridRequestException if it has none
     */
    public abstract byte[] encode(T object);

    /**
     * The object; it may be the argument itself.
     *
     * @throws GridRequestException if these bytes are none of this type
     */
    public abstract T decode(byte[] bytes);

    private static final class Raw extends Encoding<byte[]> {
        @Override
        public Object comparable(byte[] object) {
            return ByteBuffer.wrap(object);
        }

        @Override
        public Object kept(byte[] object) {
            return ByteBuffer.wrap(object.clone());
        }

        @Override
        public byte[] encode(byte[] object) {
            return object;
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes;
        }
    }

    private static final class Text extends Encoding<String> {
        private static final char REPLACEMENT = '\uFFFD';

        @Override
        public byte[] encode(String object) {
            for (int i = 0; i < object.length(); i++) {
                char c = object.charAt(i);
                if (Character.isSurrogate(c)) {
                    if (!Character.isHighSurrogate(c)
                            || i + 1 == object.length()
                            || !Character.isLowSurrogate(object.charAt(++i))) {
                        throw new GridRequestException("a text with half a character has no UTF-8 bytes");
                    }
                }
            }
            return object.getBytes(UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            String text = new String(bytes, UTF_8);
            if (text.indexOf(REPLACEMENT) >= 0) {
                try {
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                } catch (CharacterCodingException e) {
                    throw new GridRequestException(
                            "these " + bytes.length + " bytes are not UTF-8; read them as byte[]");
                }
            }
            return text;
        }
    }

    private static final class Decimal extends Encoding<Long> {
        private static final int LONGEST = 20;

        @Override
        public byte[] encode(Long object) {
            return Long.toString(object).getBytes(UTF_8);
        }

        @Override
        public Long decode(byte[] bytes) {
            String text = bytes.length <= LONGEST ? new String(bytes, UTF_8) : "";
            try {
                return Long.valueOf(text);
            } catch (NumberFormatException e) {
                throw new GridRequestException("these " + bytes.length + " bytes are not a decimal 64-bit number");
            }
        }
    }
}
