package io.ringgrid.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tells readers without a lock whether somebody wrote while they read: they note a stamp, read, and ask whether it is still the
 * same (a seqlock; for the fences see H. Boehm,
 * "Can seqlocks get along with programming language memory models?", 2012). One writer at a time.
 */
final class Sequence {
    private static final VarHandle STAMP;

    static {
        try {
            STAMP = MethodHandles.lookup().findVarHandle(Sequence.class, "stamp", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // by STAMP
    private long stamp;

    /** A reader begins. */
    long stamp() {
        return (long) STAMP.getAcquire(this);
    }

    /** Whether somebody was writing when this stamp was taken. */
    static boolean isTorn(long stamp) {
        return (stamp & 1) != 0;
    }

    /** Whether what was read since this stamp was taken is what was there then. */
    boolean isUnchanged(long since) {
        VarHandle.acquireFence();
        return (long) STAMP.getOpaque(this) == since;
    }

    /** The writer begins. */
    void begin() {
        STAMP.setOpaque(this, (long) STAMP.get(this) + 1);
        VarHandle.releaseFence();
    }

    /** The writer has ended. */
    void end() {
        STAMP.setRelease(this, (long) STAMP.get(this) + 1);
    }
}
