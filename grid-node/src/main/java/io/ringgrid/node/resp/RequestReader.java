package io.ringgrid.node.resp;

import io.ringgrid.node.transport.Connection;
import io.ringgrid.node.transport.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests from a connection's input. Confined to its event loop.
 *
 * <p>A request stays in the input until it is complete; its arguments are ranges of it. Of a request that is larger than
 * the limits nothing is kept: it is read past, and answered with an error.
 */
abstract class RequestReader extends Connection {
    /** Redis' limit of a line that is typed, and of the line of a length. */
    private static final int MAX_LINE_BYTES = 64 << 10;
    /** Redis' limit of one argument: longer ones are an error of protocol, whatever our own limit is. */
    private static final long MAX_BULK_BYTES = 512 << 20;

    /** Redis' limits of who has not said the password yet. */
    private static final int MAX_LOGIN_ARGUMENTS = 10;

    private static final int MAX_LOGIN_BYTES = 16 << 10;

    private enum State {
        /** Before a request. */
        BETWEEN,
        /** Within a request of counted arguments. */
        ARGUMENTS,
        /** Within an argument of which nothing is kept. */
        SKIPPING,
        /** The request is complete, and stays until it is ended. */
        COMPLETE
    }

    /** The arguments of the request that is read; they lie in the input. */
    final Arguments received = new Arguments();

    private final Numbers lengths = new Numbers();
    private final InlineRequest inline = new InlineRequest();
    private State state = State.BETWEEN;
    /** How many bytes of the present request are understood; what follows begins at {@code start + parsed}. */
    private int parsed;

    private boolean typed;
    private long argumentsLeft;
    /** Length of the argument whose bytes come next, or -1 if its line comes next. */
    private long bulkLength = -1;

    private long toSkip;
    private byte @Nullable [] tooLarge;

    RequestReader(Limits limits) {
        super(limits);
    }

    /** A request is not taken because it is too large. */
    abstract void refuse(byte[] error);

    /** Whether the secret was said, or none is asked for. */
    abstract boolean isAuthorized();

    /** Whether a request is complete. */
    final boolean hasRequest() {
        return state == State.COMPLETE;
    }

    /** Reads on; false if more bytes are needed, or the connection ends. */
    final boolean readMore() {
        return switch (state) {
            case BETWEEN -> readFirst();
            case ARGUMENTS -> readArgument();
            case SKIPPING -> skip();
            case COMPLETE -> throw new IllegalStateException("a request is complete and was not ended");
        };
    }

    /** To be called before the arguments are looked at: the input may have moved since. */
    final void placeRequest() {
        if (!typed) {
            received.rebase(input, start);
        }
    }

    /** The complete request is done with. */
    final void endRequest() {
        start += parsed;
        parsed = 0;
        received.clear();
        state = State.BETWEEN;
    }

    /** Where this byte is next, or -1. Like Redis' search it ends at a NUL byte. */
    private int find(char wanted, int from) {
        for (int at = from; at < end && input[at] != 0; at++) {
            if (input[at] == wanted) {
                return at;
            }
        }
        return -1;
    }

    private boolean readFirst() {
        return start < end && (input[start] == '*' ? readCount() : readInline());
    }

    private boolean readInline() {
        int lineFeed = find('\n', start);
        int length = (lineFeed < 0 ? end : lineFeed) - start;
        if (length > MAX_LINE_BYTES) {
            return protocolError("too big inline request");
        }
        if (lineFeed < 0) {
            return false;
        }
        int lineEnd = length > 0 && input[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
        if (!inline.split(input, start, lineEnd, received)) {
            return protocolError("unbalanced quotes in request");
        }
        parsed = length + 1;
        typed = true;
        state = State.COMPLETE;
        return true;
    }

    /**
     * Reads the number on the line that begins with a type's sign.
     *
     * @return whether its line is complete; {@link #parsed} is then behind it, and {@link Numbers#value} is the number,
     *     or -1 beyond 0 and the maximum
     */
    private boolean readLength(String what, String tooLong, long max, boolean mayBeNegative) {
        int line = start + parsed;
        int carriageReturn = find('\r', line);
        int length = (carriageReturn < 0 ? end : carriageReturn) - line;
        if (length > MAX_LINE_BYTES) {
            return protocolError(tooLong);
        }
        if (carriageReturn < 0 || end - carriageReturn < 2) {
            return false;
        }
        boolean isNumber = lengths.read(input, line + 1, carriageReturn);
        if (!isNumber || lengths.value() > max || (lengths.value() < 0 && !mayBeNegative)) {
            return protocolError(what);
        }
        parsed += length + 2;
        return true;
    }

    private boolean readCount() {
        parsed = 0;
        if (!readLength("invalid multibulk length", "too big mbulk count string", Integer.MAX_VALUE, true)) {
            return false;
        }
        if (lengths.value() > MAX_LOGIN_ARGUMENTS && !isAuthorized()) {
            return protocolError("unauthenticated multibulk length");
        }
        argumentsLeft = Math.max(0, lengths.value());
        received.clear();
        bulkLength = -1;
        if (argumentsLeft == 0) {
            endRequest();
        } else {
            state = State.ARGUMENTS;
        }
        return true;
    }

    private boolean readArgument() {
        if (bulkLength < 0) {
            int line = start + parsed;
            if (line == end) {
                return false;
            }
            if (input[line] != '$') {
                return protocolError("expected '$', got '" + (char) (input[line] & 0xff) + "'");
            }
            if (!readLength("invalid bulk length", "too big bulk count string", MAX_BULK_BYTES, false)) {
                return false;
            }
            if (lengths.value() > MAX_LOGIN_BYTES && !isAuthorized()) {
                return protocolError("unauthenticated bulk length");
            }
            bulkLength = lengths.value();
            limit();
            if (tooLarge != null) {
                toSkip = bulkLength + 2;
                state = State.SKIPPING;
                start += parsed;
                parsed = 0;
                return true;
            }
        }
        if (end - start - parsed < bulkLength + 2) {
            return false;
        }
        received.add(parsed, parsed + (int) bulkLength);
        parsed += (int) bulkLength + 2;
        return endArgument();
    }

    /** From the argument on that goes beyond a limit, nothing of the request is kept. */
    private void limit() {
        if (bulkLength > limits.maxValueBytes()) {
            tooLarge = Replies.TOO_LARGE;
        } else if (parsed + bulkLength > (long) limits.maxRequestBytes() + limits.maxValueBytes() && tooLarge == null) {
            tooLarge = Replies.error("ERR a request has at most "
                    + ((long) limits.maxRequestBytes() + limits.maxValueBytes()) + " bytes");
        }
    }

    private boolean skip() {
        int skipped = (int) Math.min(toSkip, end - start);
        start += skipped;
        toSkip -= skipped;
        if (toSkip > 0) {
            return false;
        }
        state = State.ARGUMENTS;
        return endArgument();
    }

    private boolean endArgument() {
        bulkLength = -1;
        argumentsLeft--;
        byte[] error = tooLarge;
        if (argumentsLeft > 0) {
            return true;
        }
        if (error == null) {
            typed = false;
            state = State.COMPLETE;
        } else {
            tooLarge = null;
            refuse(error);
            endRequest();
        }
        return true;
    }

    private boolean protocolError(String what) {
        say(Replies.error("ERR Protocol error: " + what));
        endAfterAnswers();
        return false;
    }
}
