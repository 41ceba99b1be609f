package io.ringgrid.replica;

import io.ringgrid.store.EntryCursor;
import java.nio.charset.StandardCharsets;

/** Decimal ASCII numbers, as counters are kept, the same through every door (DESIGN.md 3). Stateless. */
final class Decimal {
    private static final int MAX_DIGITS = 20;
    /** Leading zeros beyond this are nobody's counter. */
    private static final int MAX_UNSIGNED_LENGTH = 64;

    private Decimal() {}

    /** Whether the value is a signed 64-bit number in its one canonical form (no plus, no leading zero, no space). */
    static boolean isSigned(EntryCursor entry) {
        if (entry.valueLength == 0 || entry.valueLength > MAX_DIGITS) {
            return false;
        }
        try {
            long value = signed(entry);
            return Long.toString(value).equals(text(entry));
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    /** The value as a signed number. */
    static long signed(EntryCursor entry) {
        return Long.parseLong(text(entry));
    }

    /** Whether the value is an unsigned 64-bit number: digits only, leading zeros allowed. */
    static boolean isUnsigned(EntryCursor entry) {
        if (entry.valueLength == 0 || entry.valueLength > MAX_UNSIGNED_LENGTH) {
            return false;
        }
        for (byte digit : entry.copyValue()) {
            if (digit < '0' || digit > '9') {
                return false;
            }
        }
        try {
            unsigned(entry);
            return true;
        } catch (NumberFormatException tooLarge) {
            return false;
        }
    }

    /** The value as the bits of an unsigned number. */
    static long unsigned(EntryCursor entry) {
        return Long.parseUnsignedLong(text(entry));
    }

    private static String text(EntryCursor entry) {
        return new String(entry.copyValue(), StandardCharsets.ISO_8859_1);
    }

    static byte[] ofSigned(long value) {
        return Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] ofUnsigned(long bits) {
        return Long.toUnsignedString(bits).getBytes(StandardCharsets.ISO_8859_1);
    }
}
