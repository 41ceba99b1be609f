package io.ringgrid.ring;

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

    @Override
    public int compareTo(Id other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low);
    }

    /** 32 hex digits. */
    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }

    /** The first 8 hex digits, for logs. */
    public String brief() {
        return toString().substring(0, 8);
    }
}
