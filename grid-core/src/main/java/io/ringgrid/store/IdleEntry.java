package io.ringgrid.store;

/**
 * An entry that ends when nobody has used it for a while. As {@link Entry}; when it was used last is a hint, too, that readers
 * set without ordering: a lost one makes the entry end sooner by as much.
 */
final class IdleEntry extends Entry {
    private final long idle;
    private long usedAt;
    /** Guarded by the writer: where it is in {@link IdleRing}. */
    int ringIndex;

    IdleEntry(
            long hash,
            int map,
            byte[] key,
            byte[] value,
            int flags,
            long expiry,
            long version,
            long idle,
            long usedAt) {
        super(hash, map, key, value, flags, expiry, version);
        this.idle = idle;
        this.usedAt = usedAt;
    }

    @Override
    long idle() {
        return idle;
    }

    @Override
    long usedAt() {
        return usedAt;
    }

    @Override
    void use(long wall) {
        if (usedAt < wall) {
            usedAt = wall;
        }
    }
}
