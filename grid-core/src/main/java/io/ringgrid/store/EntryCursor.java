package io.ringgrid.store;

import java.util.Arrays;

/**
 * Where a {@link Store} shows an entry. Reusable; not thread-safe. The bytes that it points at stay as they are until
 * the cursor's next use, whatever is written meanwhile, and must not be changed by the reader.
 */
public final class EntryCursor {
    private static final byte[] NONE = new byte[0];

    /** The map's small id. */
    public int map;

    public byte[] keyBytes = NONE;
    public int keyOffset;
    public int keyLength;

    public byte[] valueBytes = NONE;
    public int valueOffset;
    public int valueLength;

    /** The entry's 32 opaque bits. */
    public int flags;
    /** Absolute, wall-clock milliseconds; 0 = never. */
    public long expiry;
    /** After how many milliseconds without use it ends; 0 = however long. */
    public long idle;
    /** When it was used last, by this member's wall clock; meaningful only with {@link #idle}. */
    public long usedAt;
    /** The number that the entry was stored with: (epoch, seq), in numeric order. */
    public long version;

    /** The key as an array of its own. */
    public byte[] copyKey() {
        return Arrays.copyOfRange(keyBytes, keyOffset, keyOffset + keyLength);
    }

    /** The value as an array of its own. */
    public byte[] copyValue() {
        return Arrays.copyOfRange(valueBytes, valueOffset, valueOffset + valueLength);
    }

    void show(Entry entry) {
        map = entry.map;
        keyBytes = entry.key;
        keyOffset = 0;
        keyLength = entry.key.length;
        valueBytes = entry.value;
        valueOffset = 0;
        valueLength = entry.value.length;
        flags = entry.flags;
        expiry = entry.expiry;
        version = entry.version;
        idle = entry.idle();
        usedAt = entry.usedAt();
    }
}
