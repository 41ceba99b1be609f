package io.ringgrid;

/**
 * What the grid could not do. Unchecked; the subclasses are graded by what to do next:
 *
 * <ul>
 *   <li>{@link GridRequestException}: the request is wrong, and will be wrong again;
 *   <li>{@link GridUnavailableException}: surely not executed; try again later;
 *   <li>{@link OutcomeUnknownException}: it may or may not have been executed; read, or use a version.
 * </ul>
 */
public abstract class GridException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GridException(String message) {
        super(message);
    }
}
