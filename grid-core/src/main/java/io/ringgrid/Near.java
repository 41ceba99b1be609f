package io.ringgrid;

/**
 * That a map's entries are kept in this JVM as well, as objects: how many, and how coherent. Immutable. Give it when a map
 * is opened:
 *
 * <pre>{@code
 * GridMap<String, User> users = grid.map("users", String.class, User.class, types, Near.bounded().maxEntries(50_000));
 * }</pre>
 *
 * <p>A read of what is kept costs less than a microsecond and asks nobody. All callers get the <em>same object</em>: it must
 * not be modified, arrays included. Maps that are opened alike share what they keep.
 *
 * <p><b>Bounded</b>: what is read was the value at most 1 s before the read began; in practice milliseconds, since members
 * tell of each change at once. What is read through one {@link Grid} never goes backwards, and shows what was written through
 * it. Versions are as fresh as values: a conditional write on one that was read here is judged by the key's owner, as always.
 *
 * @param maxEntries how many entries at the most
 * @param maxBytes how many bytes at the most: of keys and values as members keep them, and about 200 for each entry
 */
public record Near(int maxEntries, long maxBytes) {
    private static final int USUAL_ENTRIES = 10_000;
    private static final long USUAL_BYTES = 64L << 20;

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if there is no room for anything
     */
    public Near {
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a near-cache holds at least one entry, not " + maxEntries + " of " + maxBytes + " bytes");
        }
    }

    /** At most a second old, 10,000 entries, 64 MiB. */
    public static Near bounded() {
        return new Near(USUAL_ENTRIES, USUAL_BYTES);
    }

    /** The same with room for so many entries. */
    public Near maxEntries(int entries) {
        return new Near(entries, maxBytes);
    }

    /** The same with room for so many bytes. */
    public Near maxBytes(long bytes) {
        return new Near(maxEntries, bytes);
    }
}
