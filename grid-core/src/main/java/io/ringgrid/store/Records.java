package io.ringgrid.store;

import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Entries as bytes in a {@link Heap}. Stateless but for it; what it writes is guarded by the writing store's lock.
 *
 * <pre>
 *   0   size and marks of the block (4, {@link Heap})
 *   4   shape (1): which of the fields in brackets there are, and how wide the next three
 *   5   version (8)
 *   13  map (1 or 4)
 *       length of the key (1 or 4)
 *       length of the value (1, 2 or 4)
 *       [expiry (6)] [flags (4)] [place in {@link IdleTable} (4)] [next piece (6)]
 *       key, value
 * </pre>
 *
 * A record of more than {@value #WHOLE} bytes, or for which no hole is large enough, goes on in further pieces:
 *
 * <pre>
 *   0   size and marks of the block (4)
 *   4   next piece (6), 0 = none
 *   10  what follows
 * </pre>
 *
 * <p>Readers without a lock pass the stamp with which they began: before they trust a length or an address they look whether it
 * is still the same ({@link Sequence}).
 */
final class Records {
    /** Up to here a record is in one piece if possible. */
    private static final int WHOLE = 16 << 10;

    private static final int MOST_SHORT_MAP = 0xff;

    private static final int EXPIRING = 1;
    private static final int FLAGGED = 2;
    private static final int IDLING = 4;
    private static final int PIECES = 8;
    private static final int WIDE_MAP = 16;
    private static final int WIDE_KEY = 32;
    private static final int VALUE_2 = 64;
    private static final int VALUE_4 = 128;

    private static final int SHAPE = Heap.BLOCK_HEADER;
    private static final int VERSION = SHAPE + 1;
    private static final int MAP = VERSION + Long.BYTES;
    private static final int KEY_LENGTH = MAP + 1;
    private static final int EXPIRY_BYTES = 6;
    private static final int LINK_BYTES = 6;
    private static final int PIECE_HEADER = Heap.BLOCK_HEADER + LINK_BYTES;
    /** A piece has at least as much. */
    private static final int LEAST_PIECE = Heap.LEAST_USABLE;

    private static final int MOST_HEADER = MAP + 4 + 4 + 4 + EXPIRY_BYTES + 4 + 4 + LINK_BYTES;

    private final Heap heap;
    private final Memory memory;

    Records(Heap heap) {
        this.heap = heap;
        this.memory = heap.memory;
    }

    /** The most that a record may take, in one piece or many. */
    static long mostBytes(int keyLength, int valueLength) {
        long bytes = MOST_HEADER - LINK_BYTES + (long) keyLength + valueLength;
        long pieces = bytes / (LEAST_PIECE - PIECE_HEADER) * PIECE_HEADER;
        return bytes + (bytes <= 2 * LEAST_PIECE ? Heap.GRANULE : pieces);
    }

    private static int shape(int map, int keyLength, int valueLength, int flags, long expiry, int idlePlace) {
        int shape = expiry != 0 ? EXPIRING : 0;
        shape |= flags != 0 ? FLAGGED : 0;
        shape |= idlePlace >= 0 ? IDLING : 0;
        shape |= map < 0 || map > MOST_SHORT_MAP ? WIDE_MAP : 0;
        shape |= keyLength > 0xff ? WIDE_KEY : 0;
        return shape | (valueLength > 0xffff ? VALUE_4 : valueLength > 0xff ? VALUE_2 : 0);
    }

    private static int keyLengthAt(int shape) {
        return (shape & WIDE_MAP) == 0 ? KEY_LENGTH : KEY_LENGTH + 3;
    }

    private static int valueLengthAt(int shape) {
        return keyLengthAt(shape) + ((shape & WIDE_KEY) == 0 ? 1 : 4);
    }

    private static int expiryAt(int shape) {
        int width = (shape & VALUE_4) != 0 ? 4 : (shape & VALUE_2) != 0 ? 2 : 1;
        return valueLengthAt(shape) + width;
    }

    private static int flagsAt(int shape) {
        return expiryAt(shape) + ((shape & EXPIRING) == 0 ? 0 : EXPIRY_BYTES);
    }

    private static int idleAt(int shape) {
        return flagsAt(shape) + ((shape & FLAGGED) == 0 ? 0 : 4);
    }

    private static int linkAt(int shape) {
        return idleAt(shape) + ((shape & IDLING) == 0 ? 0 : 4);
    }

    private static int payloadAt(int shape) {
        return linkAt(shape) + ((shape & PIECES) == 0 ? 0 : LINK_BYTES);
    }

    private int shapeOf(long record) {
        return memory.getByte(record + SHAPE) & 0xff;
    }

    private int mapOf(long record, int shape) {
        return (shape & WIDE_MAP) == 0 ? memory.getByte(record + MAP) & 0xff : memory.getInt(record + MAP);
    }

    private int keyLengthOf(long record, int shape) {
        long at = record + keyLengthAt(shape);
        return (shape & WIDE_KEY) == 0 ? memory.getByte(at) & 0xff : memory.getInt(at);
    }

    private int valueLengthOf(long record, int shape) {
        long at = record + valueLengthAt(shape);
        if ((shape & VALUE_4) != 0) {
            return memory.getInt(at);
        }
        return (shape & VALUE_2) != 0 ? memory.getShort(at) & 0xffff : memory.getByte(at) & 0xff;
    }

    /** When the entry expires; {@link Long#MAX_VALUE} = never. */
    long expiryOf(long record) {
        int shape = shapeOf(record);
        return (shape & EXPIRING) == 0 ? Long.MAX_VALUE : get48(record + expiryAt(shape));
    }

    int mapOf(long record) {
        return mapOf(record, shapeOf(record));
    }

    /** The hash of its map and key; with the store's lock. */
    long hashOf(long record) {
        EntryCursor shown = new EntryCursor();
        show(record, shown);
        byte[] key = shown.copyKey();
        return Store.hash(shown.map, key, 0, key.length);
    }

    /** Where it is in the table of those that end idle; -1 = it is not. */
    int idlePlaceOf(long record) {
        int shape = shapeOf(record);
        return (shape & IDLING) == 0 ? -1 : memory.getInt(record + idleAt(shape));
    }

    void moveIdle(long record, int place) {
        memory.putInt(record + idleAt(shapeOf(record)), place);
    }

    private long get48(long at) {
        return (memory.getInt(at) & 0xffffffffL) | ((memory.getShort(at + 4) & 0xffffL) << 32);
    }

    private void put48(long at, long value) {
        memory.putInt(at, (int) value);
        memory.putShort(at + 4, (int) (value >>> 32));
    }

    /** Whether the record is of this key; false, too, if it was written to meanwhile. */
    boolean matches(long record, int map, byte[] key, int offset, int length, Sequence sequence, long stamp) {
        int shape = shapeOf(record);
        if (mapOf(record, shape) != map || keyLengthOf(record, shape) != length || !sequence.isUnchanged(stamp)) {
            return false;
        }
        long payload = record + payloadAt(shape);
        if ((shape & PIECES) == 0) {
            return memory.matches(payload, key, offset, length);
        }
        byte[] there = new byte[length];
        long next = get48(record + linkAt(shape));
        return copyOut(record, payload, next, 0, there, length, sequence, stamp)
                && Arrays.equals(there, 0, length, key, offset, offset + length);
    }

    /** Shows what the record says of itself, without key and value. */
    void show(long record, EntryCursor into) {
        int shape = shapeOf(record);
        into.records = this;
        into.record = record;
        into.value = null;
        into.map = mapOf(record, shape);
        into.keyLength = keyLengthOf(record, shape);
        into.valueLength = valueLengthOf(record, shape);
        into.version = memory.getLong(record + VERSION);
        into.expiry = (shape & EXPIRING) == 0 ? 0 : get48(record + expiryAt(shape));
        into.flags = (shape & FLAGGED) == 0 ? 0 : memory.getInt(record + flagsAt(shape));
        into.idlePlace = (shape & IDLING) == 0 ? -1 : memory.getInt(record + idleAt(shape));
        into.next = (shape & PIECES) == 0 ? 0 : get48(record + linkAt(shape));
        into.payload = record + payloadAt(shape);
    }

    /** Copies the value of what is shown; false if it was written to meanwhile. */
    boolean copyValue(EntryCursor shown, Sequence sequence, long stamp) {
        if (!sequence.isUnchanged(stamp)) {
            return false;
        }
        byte[] value = new byte[shown.valueLength];
        shown.value = value;
        return copyOut(shown.record, shown.payload, shown.next, shown.keyLength, value, value.length, sequence, stamp);
    }

    /** Copies a part of key and value; only with the store's lock. */
    void copyOut(EntryCursor shown, int from, byte[] into, int length) {
        copyOut(shown.record, shown.payload, shown.next, from, into, length, ALONE, ALONE.stamp());
    }

    private static final Sequence ALONE = new Sequence();

    private boolean copyOut(
            long record,
            long payload,
            long firstNext,
            int from,
            byte[] into,
            int length,
            Sequence sequence,
            long stamp) {
        if (firstNext == 0) {
            memory.copyOut(payload + from, into, 0, length);
            return true;
        }
        long piece = record;
        long at = payload;
        long next = firstNext;
        int skip = from;
        int done = 0;
        while (done < length) {
            int here = (int) (piece + heap.sizeOf(piece) - at);
            if (!sequence.isUnchanged(stamp)) {
                return false;
            }
            int copied = Math.min(here - skip, length - done);
            if (copied > 0) {
                memory.copyOut(at + skip, into, done, copied);
                done += copied;
            }
            skip = Math.max(0, skip - here);
            if (done < length) {
                if (!sequence.isUnchanged(stamp)) {
                    return false;
                }
                piece = next;
                next = get48(piece + Heap.BLOCK_HEADER);
                at = piece + PIECE_HEADER;
            }
        }
        return true;
    }

    /** Bytes of the blocks of a record. */
    long bytesOf(long record) {
        return bytesOf(record, 0);
    }

    /** Of those that can be used for anything when they are free. */
    long usableBytesOf(long record) {
        return bytesOf(record, Heap.LEAST_USABLE);
    }

    private long bytesOf(long record, int least) {
        int shape = shapeOf(record);
        long next = (shape & PIECES) == 0 ? 0 : get48(record + linkAt(shape));
        long bytes = atLeast(heap.sizeOf(record), least);
        for (long piece = next; piece != 0; piece = get48(piece + Heap.BLOCK_HEADER)) {
            bytes += atLeast(heap.sizeOf(piece), least);
        }
        return bytes;
    }

    private static int atLeast(int bytes, int least) {
        return bytes < least ? 0 : bytes;
    }

    void free(long record) {
        int shape = shapeOf(record);
        long piece = (shape & PIECES) == 0 ? 0 : get48(record + linkAt(shape));
        heap.free(record);
        freePieces(piece);
    }

    private void freePieces(long first) {
        long piece = first;
        while (piece != 0) {
            long next = get48(piece + Heap.BLOCK_HEADER);
            heap.free(piece);
            piece = next;
        }
    }

    /** Whether an entry like this takes a block of just this record's size. */
    boolean fits(long record, int map, int keyLength, int valueLength, int flags, long expiry, int idlePlace) {
        if ((shapeOf(record) & PIECES) != 0) {
            return false;
        }
        long bytes = payloadAt(shape(map, keyLength, valueLength, flags, expiry, idlePlace))
                + (long) keyLength
                + valueLength;
        return bytes <= WHOLE && Heap.rounded((int) bytes) == heap.sizeOf(record);
    }

    /** Writes an entry into a block that {@link #fits}. */
    void overwrite(
            long record, int map, byte[] key, byte[] value, int flags, long expiry, long version, int idlePlace) {
        int shape = shape(map, key.length, value.length, flags, expiry, idlePlace);
        long payload = writeHeader(record, shape, map, key.length, value.length, flags, expiry, version, idlePlace, 0);
        memory.copyIn(payload, key, 0, key.length);
        memory.copyIn(payload + key.length, value, 0, value.length);
    }

    /** Writes an entry into memory of its own; 0 if there is not enough. */
    long write(int map, byte[] key, byte[] value, int flags, long expiry, long version, int idlePlace) {
        int shape = shape(map, key.length, value.length, flags, expiry, idlePlace);
        long payloadBytes = (long) key.length + value.length;
        long bytes = payloadAt(shape) + payloadBytes;
        int wanted = (int) Math.min(bytes, WHOLE);
        long record = heap.allocate(Math.min(wanted, LEAST_PIECE), wanted);
        if (record == 0) {
            return 0;
        }
        long next = 0;
        if (heap.sizeOf(record) < bytes) {
            shape |= PIECES;
            int first = heap.sizeOf(record) - payloadAt(shape);
            next = writePieces(first, key, value);
            if (next == 0) {
                heap.free(record);
                return 0;
            }
        }
        // Others may still read what was here before.
        VarHandle.releaseFence();
        long payload =
                writeHeader(record, shape, map, key.length, value.length, flags, expiry, version, idlePlace, next);
        copyPayload(payload, 0, (int) Math.min(payloadBytes, record + heap.sizeOf(record) - payload), key, value);
        return record;
    }

    /** All of key and value from here on; 0 if there is not enough memory. */
    private long writePieces(int from, byte[] key, byte[] value) {
        int end = key.length + value.length;
        long first = 0;
        long last = 0;
        int at = from;
        while (at < end) {
            int wanted = Math.min(end - at + PIECE_HEADER, WHOLE);
            long piece = heap.allocate(Math.min(wanted, LEAST_PIECE), wanted);
            if (piece == 0) {
                freePieces(first);
                return 0;
            }
            int length = Math.min(end - at, heap.sizeOf(piece) - PIECE_HEADER);
            put48(piece + Heap.BLOCK_HEADER, 0);
            copyPayload(piece + PIECE_HEADER, at, length, key, value);
            if (first == 0) {
                first = piece;
            } else {
                put48(last + Heap.BLOCK_HEADER, piece);
            }
            last = piece;
            at += length;
        }
        return first;
    }

    private void copyPayload(long to, int from, int length, byte[] key, byte[] value) {
        int ofKey = Math.max(0, Math.min(length, key.length - from));
        if (ofKey > 0) {
            memory.copyIn(to, key, from, ofKey);
        }
        if (length > ofKey) {
            memory.copyIn(to + ofKey, value, from + ofKey - key.length, length - ofKey);
        }
    }

    private long writeHeader(
            long record,
            int shape,
            int map,
            int keyLength,
            int valueLength,
            int flags,
            long expiry,
            long version,
            int idlePlace,
            long next) {
        memory.putByte(record + SHAPE, shape);
        memory.putLong(record + VERSION, version);
        if ((shape & WIDE_MAP) == 0) {
            memory.putByte(record + MAP, map);
        } else {
            memory.putInt(record + MAP, map);
        }
        if ((shape & WIDE_KEY) == 0) {
            memory.putByte(record + keyLengthAt(shape), keyLength);
        } else {
            memory.putInt(record + keyLengthAt(shape), keyLength);
        }
        long at = record + valueLengthAt(shape);
        if ((shape & VALUE_4) != 0) {
            memory.putInt(at, valueLength);
        } else if ((shape & VALUE_2) != 0) {
            memory.putShort(at, valueLength);
        } else {
            memory.putByte(at, valueLength);
        }
        if ((shape & EXPIRING) != 0) {
            put48(record + expiryAt(shape), expiry);
        }
        if ((shape & FLAGGED) != 0) {
            memory.putInt(record + flagsAt(shape), flags);
        }
        if ((shape & IDLING) != 0) {
            memory.putInt(record + idleAt(shape), idlePlace);
        }
        if ((shape & PIECES) != 0) {
            put48(record + linkAt(shape), next);
        }
        return record + payloadAt(shape);
    }
}
