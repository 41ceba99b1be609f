package io.ringgrid.ring;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A 128-bit identity: of one member process, or of one cluster. Immutable. Fresh for each process start and each
 * re-join, so that nobody can be taken for who he was (PROTOCOL.md 1).
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record Id(long high, long low) implements Comparable<Id> {
    /** Nobody: stands for "none yet" in messages. */
    public static final Id NONE = new Id(0, 0);

    private static final HexFormat HEX = HexFormat.of();

    @Override
    public int compareTo(Id other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    // Written out since it is asked for each message, and costs less so than as a record makes it.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Id id && high == id.high && low == id.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low);
    }

    /** 32 hex digits. */
    @Override
    public String toString() {
        return HEX.toHexDigits(high) + HEX.toHexDigits(low);
    }

    /** The first 8 hex digits, for logs. */
    public String brief() {
        return toString().substring(0, 8);
    }
}
