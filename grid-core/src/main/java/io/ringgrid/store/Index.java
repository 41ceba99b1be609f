package io.ringgrid.store;

import java.util.Arrays;

/**
 * Where a store's records are: pages by the upper bits of the hash, found through a directory that doubles when a page has to be
 * divided that has a place of its own in it (extendible hashing: R. Fagin, J. Nievergelt, N. Pippenger, H. Strong, 1979). So it
 * grows a page at a time, and pages are in the order of their entries' hashes, the same on every replica.
 *
 * <p>Guarded by the writer; {@link #page} may be asked by any thread, which then looks at the store's {@link Sequence}.
 */
final class Index {
    /** Two pages with no more entries become one. */
    private static final int FEW = 48;

    private static final int MOST_DEPTH = 26;
    private static final int REFERENCE_BYTES = 4;

    private final Space space;
    private final Heap heap;
    private final Memory memory;
    private final Records records;
    private final ExpiryHeap expiring;
    private volatile Page[] directory = {new Page(0)};
    private long bytes;

    Index(Space space, ExpiryHeap expiring) {
        this.space = space;
        this.heap = space.heap;
        this.memory = heap.memory;
        this.records = space.records;
        this.expiring = expiring;
    }

    /** The page of this hash. */
    Page page(long hash) {
        Page[] pages = directory;
        return pages[place(hash, pages.length)];
    }

    private static int place(long hash, int length) {
        // In two steps, since a shift by 64 is none.
        return (int) (hash >>> 1 >>> (Long.SIZE - 1 - Integer.numberOfTrailingZeros(length)));
    }

    /**
     * The position of this key's slot, {@link Page#ABSENT} if it has none; anything, if somebody wrote after {@code stamp}.
     */
    int find(Page page, long hash, int map, byte[] key, int offset, int length, Sequence sequence, long stamp) {
        int lines = page.lines;
        long block = page.block;
        if (lines == 0 || !sequence.isUnchanged(stamp)) {
            return Page.ABSENT;
        }
        int tag = Page.tag(hash);
        int line = Page.firstLine(tag, lines);
        for (int looked = 0; looked < lines; looked++) {
            int end = (line + 1) * Page.LINE;
            for (int p = Math.max(1, line * Page.LINE); p < end; p++) {
                long slot = memory.getLong(block + p * (long) Long.BYTES);
                if (Page.tagOf(slot) == tag && slot != 0) {
                    if (!sequence.isUnchanged(stamp)) {
                        return Page.ABSENT;
                    }
                    if (records.matches(Page.recordOf(slot), map, key, offset, length, sequence, stamp)) {
                        return p;
                    }
                }
            }
            if (!page.isPassed(line)) {
                return Page.ABSENT;
            }
            line = line + 1 == lines ? 0 : line + 1;
        }
        return Page.ABSENT;
    }

    /** The position of the slot of this record, which there must be. */
    int find(Page page, long hash, long record) {
        long slot = Page.slot(Page.tag(hash), record);
        for (int p = 1; p < page.end(); p++) {
            if (page.get(memory, p) == slot) {
                return p;
            }
        }
        throw new IllegalStateException("a record that is not in its page");
    }

    /** Sees to it that the page of this hash has a free place; false if there is no memory for that. */
    boolean makePlace(long hash) {
        for (Page page = page(hash); page.lines == 0 || page.count == page.capacity(); page = page(hash)) {
            if (!grow(hash, page)) {
                return false;
            }
        }
        return true;
    }

    /** Enters a record of this hash that has no slot, where there is a place for it. */
    void insert(long hash, long record, short mark) {
        page(hash).insert(memory, Page.slot(Page.tag(hash), record), mark);
    }

    /** Takes out what is at this position. */
    void remove(long hash, Page page, int position) {
        page.remove(memory, position);
        if (page.count == 0 && page.depth == 0) {
            close(page);
        } else if (page.count <= FEW / 2) {
            join(hash, page);
        }
        if (page.lines > 2 && page.count < page.capacity() - 2 * Page.LINE) {
            rebuild(page, page.lines - 1);
        }
    }

    private boolean grow(long hash, Page page) {
        if (page.lines < Page.MOST_LINES) {
            return rebuild(page, page.lines + 1);
        }
        int ones = ones(page);
        if (page.depth < MOST_DEPTH && ones > 0 && ones < page.count) {
            return divide(hash, page, ones);
        }
        // Dividing would leave all of them together: their hashes collide.
        return rebuild(page, page.lines + page.lines / Page.MOST_LINES);
    }

    /** Lays a page's slots out in so many lines. */
    private boolean rebuild(Page page, int lines) {
        long old = page.block;
        int oldLines = page.lines;
        int end = page.end();
        short[] marks = page.marks;
        if (!page.open(heap, lines)) {
            return false;
        }
        claim(page.block, lines);
        for (int p = 1; p < end; p++) {
            long slot = memory.getLong(old + p * (long) Long.BYTES);
            if (slot != 0) {
                page.insert(memory, slot, marks[p]);
            }
        }
        if (old != 0) {
            free(old, oldLines);
        }
        return true;
    }

    private void close(Page page) {
        if (page.lines > 0) {
            free(page.block, page.lines);
        }
        expiring.set(page, Long.MAX_VALUE);
        page.block = 0;
        page.lines = 0;
        page.count = 0;
    }

    /** How many have a one at the depth where the page would be divided. */
    private int ones(Page page) {
        int ones = 0;
        for (int p = 1; p < page.end(); p++) {
            long slot = page.get(memory, p);
            ones += slot == 0 ? 0 : bit(slot, page.depth);
        }
        return ones;
    }

    /** The bit of the hash at this depth, from the slot if that has it, otherwise from the key. */
    private int bit(long slot, int depth) {
        if (depth < Page.HIGH_BITS) {
            return Page.bit(Page.tagOf(slot), depth);
        }
        return (int) (records.hashOf(Page.recordOf(slot)) >>> (Long.SIZE - 1 - depth)) & 1;
    }

    private void claim(long block, int lines) {
        space.claim(Page.onHeap(lines));
        bytes += Page.onHeap(lines) + heap.sizeOf(block);
    }

    private void free(long block, int lines) {
        space.claim(-Page.onHeap(lines));
        bytes -= Page.onHeap(lines) + heap.sizeOf(block);
        heap.freePage(block);
    }

    private static int linesFor(int count) {
        // With one place to spare.
        return (count + 1 + Page.LINE) / Page.LINE;
    }

    private boolean divide(long hash, Page page, int ones) {
        Page lower = new Page(page.depth + 1);
        Page upper = new Page(page.depth + 1);
        if (!lower.open(heap, linesFor(page.count - ones))) {
            return false;
        }
        if (!upper.open(heap, linesFor(ones))) {
            heap.freePage(lower.block);
            return false;
        }
        for (int p = 1; p < page.end(); p++) {
            long slot = page.get(memory, p);
            if (slot != 0) {
                (bit(slot, page.depth) == 0 ? lower : upper).insert(memory, slot, page.marks[p]);
            }
        }
        long earliest = page.earliest;
        long prefix = prefix(hash, page.depth);
        claim(lower.block, lower.lines);
        claim(upper.block, upper.lines);
        close(page);
        expiring.set(lower, earliest);
        expiring.set(upper, earliest);
        enter(prefix, lower);
        enter(prefix | (1L << (Long.SIZE - lower.depth)), upper);
        return true;
    }

    private static long prefix(long hash, int depth) {
        return depth == 0 ? 0 : hash & (-1L << (Long.SIZE - depth));
    }

    /** From now on the hashes that begin so are in this page. */
    private void enter(long prefix, Page page) {
        Page[] pages = directory;
        if (1 << page.depth > pages.length) {
            Page[] doubled = new Page[2 * pages.length];
            for (int i = 0; i < doubled.length; i++) {
                doubled[i] = pages[i / 2];
            }
            directory(doubled);
            pages = doubled;
        }
        int from = place(prefix, pages.length);
        Arrays.fill(pages, from, from + (pages.length >>> page.depth), page);
    }

    /** Makes one of a page with few entries and the one beside it, if that has few as well. */
    private void join(long hash, Page page) {
        if (page.depth == 0) {
            return;
        }
        long own = prefix(hash, page.depth);
        long other = own ^ (1L << (Long.SIZE - page.depth));
        Page beside = page(other);
        if (beside.depth != page.depth || page.count + beside.count > FEW) {
            return;
        }
        Page joined = new Page(page.depth - 1);
        if (!joined.open(heap, linesFor(page.count + beside.count))) {
            return;
        }
        claim(joined.block, joined.lines);
        take(page, joined);
        take(beside, joined);
        long earliest = Math.min(page.earliest, beside.earliest);
        close(page);
        close(beside);
        expiring.set(joined, earliest);
        enter(own & other, joined);
        if (joined.depth == 0) {
            directory(new Page[] {joined});
        }
    }

    private void take(Page from, Page into) {
        for (int p = 1; p < from.end(); p++) {
            long slot = from.get(memory, p);
            if (slot != 0) {
                into.insert(memory, slot, from.marks[p]);
            }
        }
    }

    /** Gives all pages back; the records are the caller's matter. */
    void clear() {
        Page[] pages = directory;
        Page last = null;
        for (Page page : pages) {
            if (page != last) {
                close(page);
                last = page;
            }
        }
        directory(new Page[] {new Page(0)});
    }

    private void directory(Page[] pages) {
        long change = (long) (pages.length - directory.length) * REFERENCE_BYTES;
        space.claim(change);
        bytes += change;
        directory = pages;
    }

    /** The first hash behind the page of this one; 0 if that is the last. */
    long behind(long hash) {
        int depth = page(hash).depth;
        return depth == 0 ? 0 : prefix(hash, depth) + (1L << (Long.SIZE - depth));
    }

    /** The pages in the order of their hashes; large ones are there several times. */
    Page[] pages() {
        return directory;
    }

    /** Bytes of all pages. */
    long bytes() {
        return bytes;
    }
}
