package io.ringgrid;

/** The request is wrong and had no effect: a key or value too large, or not a number where one is needed. */
public final class GridRequestException extends GridException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong, and how it should be. */
    public GridRequestException(String message) {
        super(message);
    }
}
