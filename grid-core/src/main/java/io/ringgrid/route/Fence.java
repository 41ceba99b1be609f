package io.ringgrid.route;

import java.util.BitSet;

/**
 * The receiver's half of {@link Router}'s order: what one connection may still execute. Not thread-safe.
 *
 * <p>Operations are sent one behind the other without waiting for answers. If the first of two on one partition is
 * refused (RETRY) and the second is executed a moment later, they are executed in the wrong order in the end. So, once
 * an operation of a partition was refused on a connection, all later ones of that partition are refused too, up to one
 * that says that it is the <em>first</em>: that nothing of its sender is under way on the partition any more.
 */
public final class Fence {
    private final BitSet refused = new BitSet();

    /** Whether an operation may be executed; if not, it is to be answered RETRY. */
    public boolean admits(int partition, boolean first) {
        if (first) {
            refused.clear(partition);
        }
        return !refused.get(partition);
    }

    /** An operation on this partition was answered RETRY. */
    public void refused(int partition) {
        refused.set(partition);
    }
}
