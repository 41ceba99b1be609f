package io.ringgrid.near;

import java.util.HashSet;
import java.util.Set;

/**
 * What is kept of one map's partition, as one source showed it in one epoch. Guarded by its {@link NearCache}, but for
 * {@link #dropped}.
 */
final class Lot {
    final Source source;
    final int map;
    final int partition;
    final int epoch;
    final Set<NearEntry<?>> entries = new HashSet<>();
    /** No entry expires before this; 0 if none does. */
    long firstExpiry;

    /** Nothing of it is shown any more; any thread asks. */
    volatile boolean dropped;

    Lot(Source source, int map, int partition, int epoch) {
        this.source = source;
        this.map = map;
        this.partition = partition;
        this.epoch = epoch;
    }

    void expires(long expiry) {
        if (expiry != 0 && (firstExpiry == 0 || expiry < firstExpiry)) {
            firstExpiry = expiry;
        }
    }

    static long key(int map, int partition) {
        return (long) map << 32 | partition;
    }
}
