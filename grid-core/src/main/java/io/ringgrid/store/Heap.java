package io.ringgrid.store;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The blocks that all stores of a member take their memory from, and give it back to. Thread-safe; its lock is taken last, and
 * held for some dozen memory accesses.
 *
 * <h2>How</h2>
 *
 * Free blocks hang in lists by size, a bitmap says which lists have any, and a freed block is joined with its free neighbours:
 * constant time whatever the sizes (M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator for
 * real-time systems", 2004). Sizes go by four bytes, so that nothing is lost to size classes.
 *
 * <p>What no hole is large enough for is stored in pieces: {@link #allocate} then gives the largest there is, and the caller
 * asks on. So all free memory can be used, but for holes below {@value #LEAST_USABLE} bytes ({@link #usableBytes}).
 *
 * <pre>
 *   block in use:   0 size and marks (4) | 4 what it is used for …
 *   free block:     0 size and marks (4) | 4 next of its list (8) | 12 previous (8) … | size - 4 size (4)
 *   marks:          1 in use, 2 the block before this one is free
 * </pre>
 *
 * A chunk begins eight bytes late, since no block has the address 0, and ends with a mark in use, so that the last block has a
 * neighbour.
 */
final class Heap {
    /** All sizes are multiples of it. */
    static final int GRANULE = 1 << Heap.GRANULE_BITS;

    static final int GRANULE_BITS = 2;
    /** What a block takes of itself. */
    static final int BLOCK_HEADER = 4;

    static final int LEAST_BLOCK = 24;
    /** The least hole that counts as free: small pieces would hold little more than their headers. */
    static final int LEAST_USABLE = 64;

    private static final int LEAST_CHUNK = 32 << 10;
    /** A new chunk is as large as all before it divided by this: what is allocated and not yet needed is at most so much. */
    private static final int CHUNK_SHARE = 128;

    private static final int IN_USE = 1;
    private static final int PREVIOUS_FREE = 2;
    private static final int MARKS = GRANULE - 1;
    private static final int NEXT = 4;
    private static final int PREVIOUS = 12;
    private static final int START = 8;
    /** Whoever reads a header while others write there goes beyond it by less. */
    private static final int END = 64;

    /** Below this many granules each size has a list. */
    private static final int EXACT = 64;
    /** From there on, each power of two has so many. */
    private static final int STEPS = 8;

    private static final int EXACT_BITS = 6;
    private static final int STEP_BITS = 3;
    private static final int LISTS = EXACT + (Memory.CHUNK_BITS - GRANULE_BITS - EXACT_BITS + 1) * STEPS;
    private static final long NONE = 0;
    /** At least this part of all memory is kept for pages of an index, which cannot be in pieces. */
    private static final int PAGES_SHARE = 256;

    private static final int MOST_PAGE = Page.MOST_LINES * Page.LINE_BYTES;

    final Memory memory = new Memory();
    private volatile long maxBytes;
    private final long[] heads = new long[LISTS];
    private final long[] filled = new long[(LISTS + Long.SIZE - 1) / Long.SIZE];
    private final AtomicLong chunkBytes = new AtomicLong();
    private final long[] pages = new long[Page.MOST_LINES + 1];
    private long pageBytes;
    /** Lines of the longest page so far, if not all its hashes collide. */
    private int longestPage;

    private final AtomicLong used = new AtomicLong();
    private final AtomicLong stranded = new AtomicLong();

    /**
     * An empty heap.
     *
     * @param maxBytes what its chunks come to at the most
     */
    Heap(long maxBytes) {
        this.maxBytes = maxBytes / Memory.ALIGNMENT * Memory.ALIGNMENT;
    }

    /** What its chunks come to at the most: what it was made with, or less, if the JVM does not grant that. */
    long maxBytes() {
        return maxBytes;
    }

    /** Bytes of the blocks in use. */
    long usedBytes() {
        return used.get();
    }

    /** Bytes of holes that are too small. */
    long strandedBytes() {
        return stranded.get();
    }

    /** Bytes that can still be given out, in whatever pieces. */
    long usableBytes() {
        long left = maxBytes - chunkBytes.get();
        // Those that are still to be allocated, less what chunks take themselves and what is kept for pages.
        long unallocated = Math.max(0, left - (left / LEAST_CHUNK + 1) * (START + END) - left / PAGES_SHARE);
        return chunkBytes.get() - used.get() - stranded.get() + unallocated;
    }

    /** Bytes that were taken from the system; never more than the limit. */
    long chunkBytes() {
        return chunkBytes.get();
    }

    /** How large a block of this one's address is, header included. */
    int sizeOf(long block) {
        return memory.getInt(block) & ~MARKS;
    }

    /** What a block for so many bytes takes, header included. */
    static int rounded(int bytes) {
        return Math.max(LEAST_BLOCK, (bytes + GRANULE - 1) & -GRANULE);
    }

    /** Whether there is one hole for so many bytes. */
    synchronized boolean hasHole(int bytes) {
        return find(rounded(bytes)) != NONE || maxBytes - chunkBytes.get() >= needed(rounded(bytes));
    }

    /**
     * A block of {@code wanted} bytes or a little more, header included; if there is none, the largest of at least
     * {@code least} bytes; if there is none, 0. What is in it is anything.
     */
    synchronized long allocate(int least, int wanted) {
        int size = rounded(wanted);
        long block = find(size);
        if (block == NONE && grow(size)) {
            block = find(size);
        }
        if (block == NONE) {
            block = largest();
            if (block == NONE || sizeOf(block) < rounded(least)) {
                return NONE;
            }
        }
        take(block, size);
        return block;
    }

    /** Gives a block back. */
    synchronized void free(long block) {
        int size = sizeOf(block);
        add(used, -size);
        long start = block;
        long next = block + size;
        if ((memory.getInt(next) & IN_USE) == 0) {
            size += sizeOf(next);
            unlink(next);
        }
        if ((memory.getInt(block) & PREVIOUS_FREE) != 0) {
            int before = memory.getInt(block - Integer.BYTES);
            start = block - before;
            size += before;
            unlink(start);
        }
        link(start, size);
    }

    /** A block for a page of an index, of so many lines; 0 if there is none. */
    synchronized long allocatePage(int lines) {
        longestPage = Math.max(longestPage, Math.min(lines, Page.MOST_LINES));
        for (int l = lines; l < pages.length; l++) {
            if (l == lines || !hasHole(lines * Page.LINE_BYTES)) {
                long page = takePage(l);
                if (page != NONE) {
                    return page;
                }
            }
        }
        return allocate(lines * Page.LINE_BYTES, lines * Page.LINE_BYTES);
    }

    private long takePage(int lines) {
        long page = pages[lines];
        if (page != NONE) {
            pages[lines] = memory.getLong(page + NEXT);
            pageBytes -= sizeOf(page);
        }
        return page;
    }

    /** Gives a page's block back. */
    synchronized void freePage(long block) {
        int size = sizeOf(block);
        if (size > MOST_PAGE || pageBytes + size > Math.max(2 * MOST_PAGE, 2 * chunkBytes.get() / PAGES_SHARE)) {
            free(block);
        } else {
            keepPage(block);
        }
    }

    private void keepPage(long block) {
        int lines = sizeOf(block) / Page.LINE_BYTES;
        memory.putLong(block + NEXT, pages[lines]);
        pages[lines] = block;
        pageBytes += sizeOf(block);
    }

    /** What it takes to let any page grow, or to divide it, before the old one is given back. */
    synchronized long pageReserve() {
        return (longestPage + 2L) * Page.LINE_BYTES;
    }

    /** Whether any page can grow, or be divided. */
    synchronized boolean hasPages() {
        // One of a line more, or two that are little more than half as large.
        int lines = longestPage + 1;
        for (int kept = Math.min(lines, Page.MOST_LINES); kept <= Page.MOST_LINES; kept++) {
            if (pages[kept] != NONE && (lines <= Page.MOST_LINES || memory.getLong(pages[kept] + NEXT) != NONE)) {
                return true;
            }
        }
        return hasHole(lines * Page.LINE_BYTES);
    }

    /** Bytes of the blocks that were given out. */
    synchronized long blockBytes() {
        return used.get() - pageBytes - (long) (START + END) * memory.chunks();
    }

    private static void add(AtomicLong sum, long bytes) {
        sum.lazySet(sum.get() + bytes);
    }

    private static int list(int size) {
        int granules = size / GRANULE;
        if (granules < EXACT) {
            return granules;
        }
        int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(granules);
        int step = (granules >>> (log - STEP_BITS)) & (STEPS - 1);
        return EXACT + (log - EXACT_BITS) * STEPS + step;
    }

    /** A block of at least this size, still in its list; of the lists whose blocks all fit, or the first of its own. */
    private long find(int size) {
        int own = list(size);
        long head = heads[own];
        if (head != NONE && sizeOf(head) >= size) {
            return head;
        }
        int next = nextFilled(own + 1);
        return next < 0 ? NONE : heads[next];
    }

    private int nextFilled(int from) {
        int word = from / Long.SIZE;
        long bits = from >= LISTS ? 0 : filled[word] & (-1L << (from % Long.SIZE));
        while (bits == 0) {
            if (++word >= filled.length) {
                return -1;
            }
            bits = filled[word];
        }
        return word * Long.SIZE + Long.numberOfTrailingZeros(bits);
    }

    private long largest() {
        for (int word = filled.length - 1; word >= 0; word--) {
            if (filled[word] != 0) {
                return heads[word * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(filled[word])];
            }
        }
        return NONE;
    }

    /** Takes a block out of its list; what is too much for {@code wanted} stays free. */
    private void take(long block, int wanted) {
        int size = sizeOf(block);
        unlink(block);
        int rest = size - wanted;
        if (rest >= LEAST_BLOCK) {
            link(block + wanted, rest);
            size = wanted;
        } else {
            long next = block + size;
            memory.putInt(next, memory.getInt(next) & ~PREVIOUS_FREE);
        }
        // Neighbours of a free block are in use.
        memory.putInt(block, size | IN_USE);
        add(used, size);
    }

    private void link(long block, int size) {
        int list = list(size);
        long next = heads[list];
        memory.putInt(block, size);
        memory.putLong(block + NEXT, next);
        memory.putLong(block + PREVIOUS, NONE);
        memory.putInt(block + size - Integer.BYTES, size);
        if (next != NONE) {
            memory.putLong(next + PREVIOUS, block);
        }
        heads[list] = block;
        filled[list / Long.SIZE] |= 1L << (list % Long.SIZE);
        long after = block + size;
        memory.putInt(after, memory.getInt(after) | PREVIOUS_FREE);
        if (size < LEAST_USABLE) {
            add(stranded, size);
        }
    }

    private void unlink(long block) {
        int size = sizeOf(block);
        int list = list(size);
        long next = memory.getLong(block + NEXT);
        long previous = memory.getLong(block + PREVIOUS);
        if (next != NONE) {
            memory.putLong(next + PREVIOUS, previous);
        }
        if (previous != NONE) {
            memory.putLong(previous + NEXT, next);
        } else {
            heads[list] = next;
            if (next == NONE) {
                filled[list / Long.SIZE] &= ~(1L << (list % Long.SIZE));
            }
        }
        if (size < LEAST_USABLE) {
            add(stranded, -size);
        }
    }

    /** Asks the system for one chunk more, if possible with a hole of this size; false if the limit does not allow any. */
    private boolean grow(int size) {
        long left = maxBytes - chunkBytes.get();
        if (left < needed(LEAST_USABLE) || !memory.mayAddChunk()) {
            return false;
        }
        long share = aligned(Math.max(LEAST_CHUNK, chunkBytes.get() / CHUNK_SHARE));
        int bytes = (int) Math.min(Math.min(left, Memory.MOST_CHUNK_BYTES), Math.max(needed(size), share));
        long chunk = memory.addChunk(bytes);
        if (chunk == Memory.REFUSED) {
            // From now on that is the limit: each attempt takes the JVM half a second.
            maxBytes = chunkBytes.get();
            return false;
        }
        add(chunkBytes, bytes);
        add(used, START + END);
        memory.putInt(chunk + bytes - END, END | IN_USE);
        link(chunk + START, bytes - START - END);
        while (pageBytes + MOST_PAGE <= chunkBytes.get() / PAGES_SHARE) {
            long page = find(MOST_PAGE);
            if (page == NONE) {
                break;
            }
            take(page, MOST_PAGE);
            keepPage(page);
        }
        return true;
    }

    /** How large a chunk for a block of this size is. */
    private static long needed(int size) {
        return aligned((long) START + size + END);
    }

    private static long aligned(long bytes) {
        return (bytes + Memory.ALIGNMENT - 1) / Memory.ALIGNMENT * Memory.ALIGNMENT;
    }

    /**
     * Walks through all blocks.
     *
     * @return bytes of those in use
     * @throws IllegalStateException if they do not fit together
     */
    synchronized long audit() {
        long inUse = 0;
        long free = 0;
        for (int c = 0; c < memory.chunks(); c++) {
            long chunk = (long) c << Memory.CHUNK_BITS;
            long end = chunk + memory.chunkBytes(c) - END;
            boolean freeBefore = false;
            long at = chunk + START;
            while (at < end) {
                int header = memory.getInt(at);
                int size = header & ~MARKS;
                boolean taken = (header & IN_USE) != 0;
                require(size >= LEAST_BLOCK && at + size <= end, "a block of " + size + " bytes at " + at);
                require(freeBefore == ((header & PREVIOUS_FREE) != 0), "a wrong mark at " + at);
                require(taken || !freeBefore, "two free blocks in a row at " + at);
                require(taken || memory.getInt(at + size - Integer.BYTES) == size, "another size at the end of " + at);
                inUse += taken ? size : 0;
                free += taken ? 0 : size;
                freeBefore = !taken;
                at += size;
            }
            require(at == end, "a chunk that does not end");
        }
        long counted = used.get() - (long) (START + END) * memory.chunks();
        require(inUse == counted, inUse + " bytes in use, and " + counted + " counted");
        require(free == listed(), free + " bytes free, and other ones listed");
        require(chunkBytes.get() <= maxBytes, chunkBytes.get() + " bytes of at most " + maxBytes);
        return inUse;
    }

    private long listed() {
        long listed = 0;
        long small = 0;
        for (int list = 0; list < LISTS; list++) {
            boolean marked = (filled[list / Long.SIZE] & (1L << (list % Long.SIZE))) != 0;
            require(marked == (heads[list] != NONE), "a wrong bit of list " + list);
            for (long at = heads[list]; at != NONE; at = memory.getLong(at + NEXT)) {
                require(list(sizeOf(at)) == list, "a block in a wrong list");
                listed += sizeOf(at);
                small += sizeOf(at) < LEAST_USABLE ? sizeOf(at) : 0;
            }
        }
        require(small == stranded.get(), small + " bytes stranded, and " + stranded.get() + " counted");
        return listed;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
