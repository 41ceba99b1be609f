package io.ringgrid;

/**
 * What a near-cache has done since it was made, and what it holds. Immutable; a snapshot.
 *
 * @param hits reads that it answered
 * @param misses reads that went to the key's owner
 * @param invalidations entries that went because they had changed, or may have
 * @param evictions entries that went because there was no room
 * @param entries that it holds
 * @param bytes that they count for
 */
public record NearFigures(long hits, long misses, long invalidations, long evictions, long entries, long bytes) {
    /** No near-cache. */
    public static final NearFigures NONE = new NearFigures(0, 0, 0, 0, 0, 0);
}
