package io.ringgrid.node.transport;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The place of one answer in its connection's order of arrival. It is completed once, by any thread; everything that was
 * written before {@link #complete} is visible to {@link #encode}, which runs on the connection's event loop when all
 * earlier answers are out.
 */
public abstract class Slot {
    private @Nullable Answers answers;
    private int bytes;
    private volatile boolean complete;
    private boolean mute;

    /** Writes the answer, as the peer is to read it. */
    protected abstract void encode(ByteBuf out);

    /**
     * Says that the answer is there.
     *
     * @param bytes about how much memory it holds until it is written
     */
    protected final void complete(int bytes) {
        Answers owner = answers;
        if (owner == null || complete) {
            throw new IllegalStateException(owner == null ? "a slot is opened before its answer" : "answered twice");
        }
        this.bytes = bytes;
        complete = true;
        owner.completed(bytes);
    }

    /**
     * Makes the connection look again whether it can go on, although this answer is not complete. Any thread may call
     * this.
     */
    protected final void nudge() {
        Answers owner = answers;
        if (owner != null) {
            owner.nudge();
        }
    }

    /** The peer does not want to hear this answer: it is {@link #encode}d, and nothing of it is sent. */
    public final void mute() {
        mute = true;
    }

    boolean isMute() {
        return mute;
    }

    void openIn(Answers owner) {
        answers = owner;
    }

    boolean isComplete() {
        return complete;
    }

    int bytes() {
        return bytes;
    }
}
