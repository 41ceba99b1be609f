package io.ringgrid.wire;

/** Bytes that are not what the protocol says: the connection that sent them is closed, and nothing else. */
public final class MalformedFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what did not fit. */
    public MalformedFrameException(String message) {
        super(message);
    }
}
