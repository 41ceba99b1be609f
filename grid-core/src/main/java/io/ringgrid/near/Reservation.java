package io.ringgrid.near;

/**
 * The right to keep the answer to one request that is under way. Guarded by its {@link NearCache}.
 *
 * <p>It is made when the request is sent, and belongs to that connection. Whatever is heard in between that concerns its
 * key ends it: the answer may be older than what was heard.
 */
final class Reservation {
    final NearMap.Wish<?> wish;
    final int map;
    final int partition;
    final long hash;
    final long sentAt;
    boolean dead;

    Reservation(NearMap.Wish<?> wish, int map, int partition, long hash, long sentAt) {
        this.wish = wish;
        this.map = map;
        this.partition = partition;
        this.hash = hash;
        this.sentAt = sentAt;
    }
}
