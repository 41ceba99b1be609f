package io.ringgrid.store;

/** What a store alone would evict. Stateless. */
final class Choice {
    private Choice() {}

    /** Shows the entry that is most useless to keep of some; false if there is none. */
    static boolean victim(Store store, EntryCursor into) {
        Victims victims = new Victims();
        store.sample(victims);
        return victims.size() > 0 && victims.show(0, into);
    }
}
