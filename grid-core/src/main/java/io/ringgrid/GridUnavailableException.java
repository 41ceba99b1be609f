package io.ringgrid;

/** Surely not executed: no quorum, no primary, no room, or closed. Trying again later is safe. */
public final class GridUnavailableException extends GridException {
    private static final long serialVersionUID = 1L;

    /** Says who or what is missing. */
    public GridUnavailableException(String message) {
        super(message);
    }
}
