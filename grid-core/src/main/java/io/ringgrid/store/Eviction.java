package io.ringgrid.store;

/** Which entries of a map go when there is no room for more. */
public enum Eviction {
    /** What the fewest hits are to be expected of for the time that it would be kept, as learned from what happens. */
    DENSITY,
    /** What was used the longest ago of some that are looked at, at the accuracy of a sixty-fourth of a turnover. */
    LRU,
    /** Any, all alike. */
    RANDOM,
    /** None: what is new is refused. */
    NONE
}
