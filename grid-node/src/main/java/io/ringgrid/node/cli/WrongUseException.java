package io.ringgrid.node.cli;

/** Somebody called a command wrongly; the message says how, and what to do. */
final class WrongUseException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    WrongUseException(String message) {
        super(message);
    }
}
