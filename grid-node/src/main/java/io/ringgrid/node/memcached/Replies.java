package io.ringgrid.node.memcached;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Result;
import java.nio.charset.StandardCharsets;

/** memcached's words for what became of an operation. Stateless. */
final class Replies {
    static final byte[] END = ascii("END\r\n");
    static final byte[] ERROR = ascii("ERROR\r\n");
    static final byte[] BAD_FORMAT = ascii("CLIENT_ERROR bad command line format\r\n");
    static final byte[] BAD_DELETE = ascii("CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n");
    static final byte[] BAD_CHUNK = ascii("CLIENT_ERROR bad data chunk\r\n");
    static final byte[] BAD_DELTA = ascii("CLIENT_ERROR invalid numeric delta argument\r\n");
    static final byte[] BAD_EXPTIME = ascii("CLIENT_ERROR invalid exptime argument\r\n");
    static final byte[] TOO_LARGE = ascii("SERVER_ERROR object too large for cache\r\n");
    private static final byte[] NO_MEMORY = ascii("SERVER_ERROR out of memory storing object\r\n");
    private static final byte[] NOT_A_NUMBER =
            ascii("CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
    static final byte[] STORED = ascii("STORED\r\n");
    private static final byte[] NOT_STORED = ascii("NOT_STORED\r\n");
    private static final byte[] EXISTS = ascii("EXISTS\r\n");
    private static final byte[] NOT_FOUND = ascii("NOT_FOUND\r\n");
    private static final byte[] DELETED = ascii("DELETED\r\n");
    private static final byte[] TOUCHED = ascii("TOUCHED\r\n");
    static final byte[] OK = ascii("OK\r\n");
    static final byte[] RESET = ascii("RESET\r\n");
    static final byte[] UNAUTHENTICATED = ascii("CLIENT_ERROR unauthenticated\r\n");
    static final byte[] BAD_TOKEN = ascii("CLIENT_ERROR bad authentication token format\r\n");
    static final byte[] BAD_TERMINATION = ascii("CLIENT_ERROR bad command line termination\r\n");
    static final byte[] WRONG_SECRET = ascii("CLIENT_ERROR authentication failure\r\n");

    /** How a verb answers, with and without {@code noreply}. */
    record Reply(ResultSlot.Encoder aloud, ResultSlot.Encoder silent) {}

    private Replies() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the reply from this index on is ERROR, CLIENT_ERROR or SERVER_ERROR: no other begins with such letters. */
    static boolean isError(ByteBuf out, int from) {
        if (out.writerIndex() - from < 2) {
            return false;
        }
        byte second = out.getByte(from + 1);
        return switch (out.getByte(from)) {
            case 'E' -> second == 'R';
            case 'C' -> second == 'L';
            case 'S' -> second == 'E';
            default -> false;
        };
    }

    /** For {@code noreply}: the client hears nothing, whatever happened. */
    static void nothing(Result result, ByteBuf out) {}

    /** For set, add and replace. */
    static void stored(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> out.writeBytes(STORED);
            case EXISTS, MISSING -> out.writeBytes(NOT_STORED);
            default -> refused(result, out);
        }
    }

    /** For append and prepend: what would grow too large is not stored, as in memcached. */
    static void extended(Result result, ByteBuf out) {
        if (result.status() == Result.Status.TOO_LARGE) {
            out.writeBytes(NOT_STORED);
        } else {
            stored(result, out);
        }
    }

    /** For cas. */
    static void swapped(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> out.writeBytes(STORED);
            case EXISTS -> out.writeBytes(EXISTS);
            case MISSING -> out.writeBytes(NOT_FOUND);
            default -> refused(result, out);
        }
    }

    /** For a value over the limit; a set has removed the old one, so that nobody goes on reading it. */
    static void tooLarge(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE, MISSING -> out.writeBytes(TOO_LARGE);
            default -> refused(result, out);
        }
    }

    static void deleted(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> out.writeBytes(DELETED);
            case MISSING -> out.writeBytes(NOT_FOUND);
            default -> refused(result, out);
        }
    }

    static void touched(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> out.writeBytes(TOUCHED);
            case MISSING -> out.writeBytes(NOT_FOUND);
            default -> refused(result, out);
        }
    }

    static void counted(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> ByteBufUtil.writeAscii(out, Long.toUnsignedString(result.number()) + "\r\n");
            case MISSING -> out.writeBytes(NOT_FOUND);
            case NOT_A_NUMBER -> out.writeBytes(NOT_A_NUMBER);
            default -> refused(result, out);
        }
    }

    static void flushed(Result result, ByteBuf out) {
        if (result.status() == Result.Status.DONE) {
            out.writeBytes(OK);
        } else {
            refused(result, out);
        }
    }

    /** Says why nothing was done, or that it is not known. */
    static void refused(Result result, ByteBuf out) {
        switch (result.status()) {
            case TOO_LARGE -> out.writeBytes(TOO_LARGE);
            case OUT_OF_MEMORY -> out.writeBytes(NO_MEMORY);
            case OUTCOME_UNKNOWN -> error(out, "SERVER_ERROR outcome unknown: ", result.reason());
            case UNAVAILABLE, RETRY -> error(out, "SERVER_ERROR temporarily unavailable: ", result.reason());
            default -> throw new IllegalStateException("no reply for " + result);
        }
    }

    private static void error(ByteBuf out, String what, String reason) {
        ByteBufUtil.writeUtf8(out, what + reason.replace('\r', ' ').replace('\n', ' ') + "\r\n");
    }
}
