package io.ringgrid.node.resp;

/**
 * Integers as Redis reads them: decimal digits with nothing around them, no leading zero, a minus at most. Not
 * thread-safe: {@link #value} is the last one that was read.
 */
final class Numbers {
    private static final long MIN_TENTH = Long.MIN_VALUE / 10;

    private long value;

    /** The number that was read last. */
    long value() {
        return value;
    }

    /** Reads a signed 64-bit number. */
    boolean read(byte[] bytes, int from, int to) {
        boolean negative = from < to && bytes[from] == '-';
        int at = negative ? from + 1 : from;
        int digits = to - at;
        if (digits < 1 || digits > 19 || (bytes[at] == '0' && (digits > 1 || negative))) {
            return false;
        }
        // Counted downwards, because there is one more number below zero than above.
        long number = 0;
        for (; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9 || number < MIN_TENTH || number * 10 < Long.MIN_VALUE + digit) {
                return false;
            }
            number = number * 10 - digit;
        }
        if (!negative && number == Long.MIN_VALUE) {
            return false;
        }
        value = negative ? number : -number;
        return true;
    }
}
