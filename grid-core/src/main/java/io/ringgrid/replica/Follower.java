package io.ringgrid.replica;

import io.ringgrid.replica.StreamMessage.FillChunk;
import io.ringgrid.ring.Id;
import org.jspecify.annotations.Nullable;

/** What a primary knows of one other copy, in one epoch. Guarded by the {@link Replica} that owns it. */
final class Follower {
    final Id id;
    /** Whether it is being filled, and not yet in sync. */
    boolean filling;

    /** Whether it has spoken in this epoch: it has adopted it, and {@link #acked} is its newest seq. */
    boolean adopted;

    long acked;
    /** The newest seq that was sent to it. */
    long sent;

    long lastSendAt;
    /** How often it was sent the same again without any progress. */
    int repeats;

    /** Since when something has been wanted of it without any progress; only meaningful while {@link #waiting}. */
    long waitingSince;

    boolean waiting;
    /** It refused mutations for lack of room: the next message carries all that it lacks, judged as a whole. */
    boolean refused;

    long lastAskedAt;
    boolean askedBefore;

    /** Its copy is not what it should be. */
    boolean differs;

    long removalAskedAt;
    boolean removalAsked;

    // filling only
    boolean begun;
    /** Whether {@link #base} is fixed: the committed seq from which the stream follows the filling. */
    boolean based;

    long base;
    int chunk = -1;
    long cursor;

    @Nullable
    FillChunk outstanding;

    boolean allTaken;
    /** It refused the outstanding chunk for lack of room. */
    boolean chunkRefused;

    /** The highest seq that any chunk could contain. */
    long highestInChunks;

    Follower(Id id, boolean filling) {
        this.id = id;
        this.filling = filling;
    }

    @Override
    public String toString() {
        return id.brief() + (filling ? " filling" : "") + (adopted ? " adopted" : "") + (begun ? " begun" : "")
                + (allTaken ? " taken" : "") + " acked " + acked + " sent " + sent;
    }

    /** Something is wanted of it from now on, unless it already is. */
    void expect(long nanos) {
        if (!waiting) {
            waiting = true;
            waitingSince = nanos;
        }
    }

    /** It made progress; {@code all} if nothing more is wanted. */
    void progressed(long nanos, boolean all) {
        waitingSince = nanos;
        waiting = !all;
        repeats = 0;
    }
}
