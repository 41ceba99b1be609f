package io.ringgrid.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One entry as it is held. What readers see is immutable; the links belong to the writer, and {@code accessed} is a
 * hint that readers set and the writer clears, without ordering.
 */
class Entry {
    final long hash;
    final int map;
    final byte[] key;
    final byte[] value;
    final int flags;
    final long expiry;
    final long version;

    /** Read since it was last passed over as a victim. Racy on purpose: a lost mark costs recency, nothing else. */
    boolean accessed;
    /** Guarded by the writer: towards the least recently used. */
    @Nullable
    Entry older;
    /** Guarded by the writer: towards the most recently used. */
    @Nullable
    Entry newer;
    /** Guarded by the writer: where it is in the {@link ExpiryHeap}. */
    int heapIndex;

    Entry(long hash, int map, byte[] key, byte[] value, int flags, long expiry, long version) {
        this.hash = hash;
        this.map = map;
        this.key = key;
        this.value = value;
        this.flags = flags;
        this.expiry = expiry;
        this.version = version;
    }

    /** After how many milliseconds without use it ends; 0 = however long. */
    long idle() {
        return 0;
    }

    /** When it was used last; meaningful only with {@link #idle}. */
    long usedAt() {
        return 0;
    }

    /** It is read or written now. */
    void use(long wall) {}

    final long bytes() {
        return (long) key.length + value.length + Store.overhead(idle());
    }

    /** Orders by unsigned hash, then map, then key: the order of the scan. */
    int compareTo(long otherHash, int otherMap, byte[] otherKey, int offset, int length) {
        int byHash = Long.compareUnsigned(hash, otherHash);
        if (byHash != 0) {
            return byHash;
        }
        int byMap = Integer.compare(map, otherMap);
        return byMap != 0 ? byMap : Arrays.compareUnsigned(key, 0, key.length, otherKey, offset, offset + length);
    }

    int compareTo(Entry other) {
        return compareTo(other.hash, other.map, other.key, 0, other.key.length);
    }
}
