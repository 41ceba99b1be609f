package io.ringgrid;

/** A write that may or may not have taken effect, now or later: its member died, or was silent beyond the deadline. */
public final class OutcomeUnknownException extends GridException {
    private static final long serialVersionUID = 1L;

    /** Says what left it open. */
    public OutcomeUnknownException(String message) {
        super(message);
    }
}
