package io.ringgrid.store;

/**
 * A part of an {@link Index}: the slots of all entries whose hashes begin with the same bits. A slot is a word outside of the
 * heap, and tells an entry's record and enough of its hash that others are rarely looked at:
 *
 * <pre>
 *   upper 16 bits of the hash | lowest 8 bits of the hash | address of the record / 4 (40 bits)
 * </pre>
 *
 * <p>Slots are in lines of eight, in each of which entries begin to look for a place where the lowest bits of their hashes say;
 * who found the line full went on to the next one, and left a mark ({@code overflown}). Position 0 is the block's header. A page
 * grows by a line when it is full, so that most of it is always in use.
 *
 * <p>Guarded by the writer; readers without a lock look at its fields, and then at the store's {@link Sequence}.
 */
final class Page {
    static final int LINE = 8;
    static final int MOST_LINES = 16;
    static final int ABSENT = 0;

    static final int LINE_BYTES = LINE * Long.BYTES;
    private static final int REFERENCE_BITS = Memory.ADDRESS_BITS - Heap.GRANULE_BITS;
    private static final long REFERENCE_MASK = (1L << REFERENCE_BITS) - 1;
    private static final int LOW_BITS = 8;
    private static final int LOW_MASK = (1 << LOW_BITS) - 1;
    /** The upper bits of the hash that a slot has. */
    static final int HIGH_BITS = Long.SIZE - REFERENCE_BITS - LOW_BITS;
    /** Bytes on the Java heap: this object with its reference, and the header of its marks. */
    private static final int OBJECT_BYTES = 72;

    /** How many upper bits of the hash its entries share. */
    int depth;
    /** Where its slots are; 0 = nowhere. */
    long block;

    int lines;
    int count;
    private long overflown;
    /** By position: what {@link HitDensity} knows of each entry's use. Readers write it, without ordering: it is only a hint. */
    short[] marks = new short[0];
    /** No entry of it expires earlier; {@link Long#MAX_VALUE} = none expires. */
    long earliest = Long.MAX_VALUE;
    /** Where it is in {@link ExpiryHeap}; -1 = it is not. */
    int heapIndex = -1;

    Page(int depth) {
        this.depth = depth;
    }

    /** What a slot has of this hash. */
    static int tag(long hash) {
        return ((int) (hash >>> (Long.SIZE - HIGH_BITS)) << LOW_BITS) | ((int) hash & LOW_MASK);
    }

    static int tagOf(long slot) {
        return (int) (slot >>> REFERENCE_BITS);
    }

    static long recordOf(long slot) {
        return (slot & REFERENCE_MASK) << Heap.GRANULE_BITS;
    }

    static long slot(int tag, long record) {
        return ((long) tag << REFERENCE_BITS) | (record >>> Heap.GRANULE_BITS);
    }

    /** The bit of the hash at this depth, as far as the tag has it. */
    static int bit(int tag, int depth) {
        return (tag >>> (LOW_BITS + HIGH_BITS - 1 - depth)) & 1;
    }

    static int firstLine(int tag, int lines) {
        return ((tag & LOW_MASK) * lines) >>> LOW_BITS;
    }

    int capacity() {
        return lines * LINE - 1;
    }

    /** Positions are from 1 to this one less. */
    int end() {
        return lines * LINE;
    }

    long get(Memory memory, int position) {
        return memory.getLong(block + position * (long) Long.BYTES);
    }

    void set(Memory memory, int position, long slot) {
        memory.putLong(block + position * (long) Long.BYTES, slot);
    }

    /** The entry at this position has another record now. */
    void move(Memory memory, int position, long record) {
        set(memory, position, slot(tagOf(get(memory, position)), record));
    }

    boolean isOverflown(int line) {
        return ((overflown >>> line) & 1) != 0;
    }

    static long onHeap(int lines) {
        return OBJECT_BYTES + (long) lines * LINE * Short.BYTES;
    }

    /** Puts a slot at a free position, which there must be. */
    int insert(Memory memory, long slot, short mark) {
        int line = firstLine(tagOf(slot), lines);
        while (true) {
            for (int p = Math.max(1, line * LINE); p < (line + 1) * LINE; p++) {
                if (get(memory, p) == 0) {
                    set(memory, p, slot);
                    marks[p] = mark;
                    count++;
                    return p;
                }
            }
            overflown |= 1L << line;
            line = line + 1 == lines ? 0 : line + 1;
        }
    }

    void remove(Memory memory, int position) {
        set(memory, position, 0);
        if (--count == 0) {
            overflown = 0;
        }
    }

    /** Takes a block of so many lines, all free; false, and nothing changes, if there is none. */
    boolean open(Heap heap, int newLines) {
        long fresh = heap.allocatePage(newLines);
        if (fresh == 0) {
            return false;
        }
        block = fresh;
        lines = newLines;
        overflown = 0;
        count = 0;
        marks = new short[newLines * LINE];
        for (int p = 1; p < end(); p++) {
            set(heap.memory, p, 0);
        }
        return true;
    }

    /** Whether each slot is where a reader looks for it. */
    void audit(Memory memory) {
        int found = 0;
        for (int p = 1; p < end(); p++) {
            long slot = get(memory, p);
            if (slot != 0) {
                found++;
                for (int line = firstLine(tagOf(slot), lines); line != p / LINE; line = (line + 1) % lines) {
                    if (!isOverflown(line)) {
                        throw new IllegalStateException("a slot behind a line that is not overflown");
                    }
                }
            }
        }
        if (found != count) {
            throw new IllegalStateException(found + " slots, and " + count + " counted");
        }
    }
}
