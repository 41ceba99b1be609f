package io.ringgrid.replica;

/**
 * Hears what changes at the primaries of this member. Called with the partition's lock held: it only notes or enqueues, and
 * takes no partition's lock.
 */
public interface Changes {
    /** Nobody wants to know. */
    Changes UNHEARD = new Changes() {
        @Override
        public void changed(int partition, Mutation mutation) {}

        @Override
        public void unserved(int partition) {}
    };

    /** A serving primary has applied this; nobody has been answered yet. */
    void changed(int partition, Mutation mutation);

    /** This member no longer serves the partition, or not in this epoch; nobody can know yet. */
    void unserved(int partition);
}
