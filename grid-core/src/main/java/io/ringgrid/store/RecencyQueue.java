package io.ringgrid.store;

import org.jspecify.annotations.Nullable;

/**
 * Which entry was used least recently, nearly: a queue in the order of writing, in which an entry that was read gets a
 * second chance at the end before it is named (CLOCK: F. J. Corbató, "A paging experiment with the Multics system",
 * 1968). Reads only set a flag, so they need no lock. Guarded by the writer.
 */
final class RecencyQueue {
    private @Nullable Entry oldest;
    private @Nullable Entry newest;

    void add(Entry entry) {
        entry.older = newest;
        entry.newer = null;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.newer = entry;
        }
        newest = entry;
    }

    void remove(Entry entry) {
        Entry older = entry.older;
        Entry newer = entry.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        entry.older = null;
        entry.newer = null;
    }

    void clear() {
        oldest = null;
        newest = null;
    }

    /**
     * The entry that should go first, or null if there is none. Each call passes an entry once at most, though readers
     * may keep marking: O(1) amortized over the reads that set the marks.
     */
    @Nullable
    Entry victim() {
        Entry last = newest;
        Entry candidate = oldest;
        while (candidate != null && candidate.accessed) {
            candidate.accessed = false;
            remove(candidate);
            add(candidate);
            if (candidate == last) {
                return oldest;
            }
            candidate = oldest;
        }
        return candidate;
    }
}
