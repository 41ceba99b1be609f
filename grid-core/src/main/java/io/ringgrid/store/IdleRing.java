package io.ringgrid.store;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The entries that end when nobody uses them, in no order: a hand goes round and looks at a few at a time, since a queue in the
 * order of use would cost each read a write that all threads share. Guarded by the writer.
 */
final class IdleRing {
    private final ArrayList<IdleEntry> entries = new ArrayList<>();
    private int hand;

    void add(IdleEntry entry) {
        entry.ringIndex = entries.size();
        entries.add(entry);
    }

    void remove(IdleEntry entry) {
        IdleEntry last = entries.remove(entries.size() - 1);
        if (last != entry) {
            entries.set(entry.ringIndex, last);
            last.ringIndex = entry.ringIndex;
        }
    }

    void clear() {
        entries.clear();
    }

    /** The next one, so many at the most looked at, that was not used for as long as it may be; or null. */
    @Nullable
    IdleEntry idle(long wall, long from, int most) {
        for (int left = Math.min(most, entries.size()); left > 0; left--) {
            hand = hand + 1 < entries.size() ? hand + 1 : 0;
            IdleEntry entry = entries.get(hand);
            if (Store.isIdle(entry.idle(), entry.usedAt(), wall, from)) {
                return entry;
            }
        }
        return null;
    }
}
