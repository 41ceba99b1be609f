package io.ringgrid.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is put, and how it is known again: keys and values made of a number. Stateless.
 *
 * <pre>
 *   key    "key:" and ten decimal digits: 14 bytes
 *   value  0         4             8                     length - 4
 *          | number  | generation  | zeros ...           | ~number  |
 * </pre>
 */
final class Entries {
    static final int KEY_BYTES = 14;
    static final int VALUE_BYTES = 100;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int GENERATION = 4;
    private static final int LEAST_VALUE = 12;
    private static final byte[] PREFIX = "key:".getBytes(ISO_8859_1);

    private Entries() {}

    /** The key of this number, 0 or more, as text; always a new object, as an application would make one. */
    static String text(int number) {
        return new String(octets(number), ISO_8859_1);
    }

    /** The same as bytes. */
    static byte[] octets(int number) {
        byte[] key = new byte[KEY_BYTES];
        System.arraycopy(PREFIX, 0, key, 0, PREFIX.length);
        int rest = number;
        for (int i = KEY_BYTES - 1; i >= PREFIX.length; i--) {
            key[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return key;
    }

    /** A new value for the key of this number. */
    static byte[] value(int number, int length, int generation) {
        if (length < LEAST_VALUE) {
            throw new IllegalArgumentException("a value has " + LEAST_VALUE + " bytes at least, not " + length);
        }
        byte[] value = new byte[length];
        INT.set(value, 0, number);
        INT.set(value, GENERATION, generation);
        INT.set(value, length - Integer.BYTES, ~number);
        return value;
    }

    /**
     * Checks an answer by its length, its first and its last bytes, and returns it.
     *
     * @throws IllegalStateException if it is not a value of this number's key
     */
    static byte[] checked(int number, int length, byte @Nullable [] answer) {
        if (answer == null
                || answer.length != length
                || (int) INT.get(answer, 0) != number
                || (int) INT.get(answer, length - Integer.BYTES) != ~number) {
            throw wrong(number, answer);
        }
        return answer;
    }

    private static IllegalStateException wrong(int number, byte @Nullable [] answer) {
        return new IllegalStateException("a wrong answer for " + text(number) + ": "
                + (answer == null ? "none" : answer.length + " bytes, not its own"));
    }

    /** Which generation a value is of. */
    static int generation(byte[] value) {
        return (int) INT.get(value, GENERATION);
    }
}
