package io.ringgrid.store;

import org.jspecify.annotations.Nullable;

/**
 * Those of some entries that are most useless to keep ({@link HitDensity}), of one store or of several, the most useless first:
 * each {@link Store#sample} looks at some more, at {@value #LOOKED_AT} in all. Not thread-safe: made for one choice.
 *
 * <p>They are looked at without a lock. Whether one is still where it was shows when its partition's lock is held: {@link #show}.
 */
public final class Victims {
    /** A choice is one of so many entries at the most, and costs a look at each. */
    public static final int LOOKED_AT = 64;

    private static final int MOST = 16;

    private final @Nullable Store[] stores = new Store[MOST];
    private final @Nullable Page[] pages = new Page[MOST];
    private final int[] positions = new int[MOST];
    private final long[] slots = new long[MOST];
    private final float[] uselessness = new float[MOST];
    private final int[] tags = new int[MOST];
    private int tag;
    private int size;
    private int lookedAt;
    private final @Nullable Account of;
    /** Those compete whose worth is told by this one: of all maps, the one that was met first. */
    private @Nullable HitDensity judge;

    /** Of all maps, but for those that keep what they have. Between maps of other policies it goes by how much there is of each. */
    public Victims() {
        of = null;
    }

    /** Of one map. */
    public Victims(Account map) {
        of = map;
    }

    /** Whether entries of this map compete. */
    boolean wants(Account map) {
        if (of != null) {
            return of == map;
        }
        if (map.isKept()) {
            return false;
        }
        if (judge == null) {
            judge = map.policy();
        }
        return judge == map.policy();
    }

    /** Whoever is met from now on gets this tag. */
    public void tag(int newTag) {
        tag = newTag;
    }

    /** How many entries may still be looked at. */
    public int left() {
        return LOOKED_AT - lookedAt;
    }

    /** How many victims there are. */
    public int size() {
        return size;
    }

    /** The tag under which this one was met. */
    public int tagOf(int rank) {
        return tags[rank];
    }

    /** An entry was looked at. */
    void looked() {
        lookedAt++;
    }

    /** It competes. */
    void meet(Store store, Page page, int position, long slot, float useless) {
        if (size == MOST && useless <= uselessness[MOST - 1]) {
            return;
        }
        int at = size < MOST ? size++ : MOST - 1;
        while (at > 0 && uselessness[at - 1] < useless) {
            move(at - 1, at);
            at--;
        }
        stores[at] = store;
        pages[at] = page;
        positions[at] = position;
        slots[at] = slot;
        uselessness[at] = useless;
        tags[at] = tag;
    }

    private void move(int from, int to) {
        stores[to] = stores[from];
        pages[to] = pages[from];
        positions[to] = positions[from];
        slots[to] = slots[from];
        uselessness[to] = uselessness[from];
        tags[to] = tags[from];
    }

    /**
     * Shows a victim, under its store's lock; false if it is gone. If it is the next that this store removes, it was evicted.
     *
     * @param rank from 0 to {@link #size} - 1
     */
    public boolean show(int rank, EntryCursor into) {
        Store store = stores[rank];
        Page page = pages[rank];
        return store != null && page != null && store.name(page, positions[rank], slots[rank], into);
    }
}
