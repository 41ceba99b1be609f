package io.ringgrid.store;

/** What a reader without a lock has seen. */
public enum Sight {
    /** The entry. */
    FOUND,
    /** That there is none. */
    ABSENT,
    /** Nothing: somebody was writing all the time. With the lock it will be found out. */
    UNSURE
}
