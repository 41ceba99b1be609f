package io.ringgrid.node.engine;

import java.util.List;

/**
 * What a member has done since its start. Immutable.
 *
 * @param hits reads executed here that found an entry
 * @param misses reads executed here that found none
 * @param puts writes executed here that set, changed or counted up an entry
 * @param removals executed here that removed an entry
 * @param failures operations that ended in no result: unavailable, out of memory, or of unknown outcome
 * @param mutationsSent to copies, repeated ones included
 * @param mutationsReceived for copies here
 * @param acksReceived from copies
 * @param pendingBytes of mutations that some copy may still lack
 * @param differences copies that were found to differ from this member's, as primary
 * @param repeated requests that were asked again here, and answered as they were the first time
 * @param maps each map's part
 * @param fillings partitions of which this member, as primary, fills another member's copy now
 */
public record Work(
        long hits,
        long misses,
        long puts,
        long removals,
        long failures,
        long mutationsSent,
        long mutationsReceived,
        long acksReceived,
        long pendingBytes,
        long differences,
        long repeated,
        List<OfMap> maps,
        int fillings) {
    /** Copies. */
    public Work {
        maps = List.copyOf(maps);
    }

    /**
     * What a member has of one map, and did with it. Immutable.
     *
     * @param name of the map
     * @param entries that the member is primary of, expired ones included
     * @param bytes that those take with their headers, without the index
     * @param hits reads executed here that found an entry
     * @param misses reads executed here that found none
     * @param evictions since the start
     * @param expirations entries that ended by time or for want of use, since the start
     * @param evictedAfterSeconds how long the entry that was evicted last had not been used
     */
    public record OfMap(
            String name,
            long entries,
            long bytes,
            long hits,
            long misses,
            long evictions,
            long expirations,
            long evictedAfterSeconds) {}
}
