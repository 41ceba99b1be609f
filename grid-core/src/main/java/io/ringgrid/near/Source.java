package io.ringgrid.near;

import io.ringgrid.ring.Id;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One connection to a member, and what has come on it. Guarded by its {@link NearCache}, but for {@link #freshUntil}. */
final class Source {
    final Id member;
    final Map<Long, Lot> lots = new HashMap<>();
    /** What is under way, by the requests' correlations. */
    final Map<Long, Reservation> reservations = new LinkedHashMap<>();
    /** When each probe was sent that has not been answered. */
    final Map<Long, Long> probes = new LinkedHashMap<>();
    /** The number of the last invalidation that is known to have been sent. */
    long last;
    /** Something has been asked of it that follows. */
    boolean following;

    long probedAt;

    /** Until when its entries may be shown; any thread asks. */
    volatile long freshUntil;

    Source(Id member, long nanos) {
        this.member = member;
        this.freshUntil = nanos;
    }
}
