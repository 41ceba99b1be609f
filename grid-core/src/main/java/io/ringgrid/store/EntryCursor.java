package io.ringgrid.store;

import org.jspecify.annotations.Nullable;

/**
 * Where a {@link Store} shows an entry. Reusable; not thread-safe. After {@link Store#tryRead} it has the value's bytes; else key
 * and value are copied when they are asked for, which must be before the store is written to.
 */
public final class EntryCursor {
    private static final byte[] NONE = new byte[0];

    /** The map's small id. */
    public int map;

    /** Bytes of the key. */
    public int keyLength;

    /** Bytes of the value. */
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

    /** Its value, if that was copied. */
    byte @Nullable [] value;
    /** Where the rest is. */
    @Nullable
    Records records;

    long record;
    /** The rest of the record, if it is in pieces. */
    long next;
    /** Where the key begins, with the value behind it. */
    long payload;
    /** In the table of those that end idle. */
    int idlePlace;

    /** An entry that is in no store. */
    public void show(byte[] shownValue, int shownFlags, long shownExpiry, long shownIdle, long shownVersion) {
        value = shownValue;
        valueLength = shownValue.length;
        flags = shownFlags;
        expiry = shownExpiry;
        idle = shownIdle;
        version = shownVersion;
    }

    /** The key as an array of its own. */
    public byte[] copyKey() {
        return copy(0, keyLength);
    }

    /** The value as an array that is the caller's. */
    public byte[] copyValue() {
        byte[] copied = value;
        return copied != null ? copied : copy(keyLength, valueLength);
    }

    /** The same, and no longer kept here, where a large one would stay as long as the cursor. */
    public byte[] takeValue() {
        byte[] taken = copyValue();
        value = null;
        return taken;
    }

    /** Copies a part of a value that was not copied yet. */
    void copyValue(int from, byte[] into, int length) {
        Records where = records;
        if (where != null) {
            where.copyOut(this, keyLength + from, into, length);
        }
    }

    private byte[] copy(int from, int length) {
        Records where = records;
        if (where == null) {
            return NONE;
        }
        byte[] bytes = new byte[length];
        where.copyOut(this, from, bytes, length);
        return bytes;
    }
}
