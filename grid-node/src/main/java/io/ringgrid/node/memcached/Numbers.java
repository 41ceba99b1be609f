package io.ringgrid.node.memcached;

/**
 * Numbers as memcached reads them, which is as C's {@code strtol} does: white space and a sign may lead, and what follows
 * white space is not looked at. Not thread-safe: {@link #value} is the last one that was read.
 */
final class Numbers {
    private long value;

    /** The number that was read last. */
    long value() {
        return value;
    }

    /** Reads a signed 64-bit number. */
    boolean readSigned(byte[] bytes, int from, int to) {
        return read(bytes, from, to, true);
    }

    /** Reads an unsigned 64-bit number; a negative one wraps, and is refused if that makes it larger than 2^63. */
    boolean readUnsigned(byte[] bytes, int from, int to) {
        return read(bytes, from, to, false);
    }

    private boolean read(byte[] bytes, int from, int to, boolean signed) {
        int at = from;
        while (at < to && isSpace(bytes[at])) {
            at++;
        }
        boolean negative = at < to && bytes[at] == '-';
        if (at < to && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        int digits = at;
        long magnitude = 0;
        boolean tooLarge = false;
        for (; at < to && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            int digit = bytes[at] - '0';
            // 1844674407370955161 is 2^64 / 10
            tooLarge |= Long.compareUnsigned(magnitude, 1844674407370955161L) > 0
                    || (magnitude == 1844674407370955161L && digit > 5);
            magnitude = magnitude * 10 + digit;
        }
        if (at == digits || tooLarge || (at < to && !isSpace(bytes[at]))) {
            return false;
        }
        value = negative ? -magnitude : magnitude;
        return signed ? magnitude >= 0 || (negative && magnitude == Long.MIN_VALUE) : !(negative && value < 0);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
