package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Redis' words for what became of an operation, and how RESP writes them. Stateless. */
final class Replies {
    static final byte[] OK = ascii("+OK\r\n");
    static final byte[] PONG = ascii("+PONG\r\n");
    static final byte[] SYNTAX_ERROR = ascii("-ERR syntax error\r\n");
    static final byte[] NOT_AN_INTEGER = ascii("-ERR value is not an integer or out of range\r\n");
    static final byte[] KEY_SIZE = ascii("-ERR keys must have 1 to 65536 bytes\r\n");
    static final byte[] TOO_LARGE = ascii("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
    private static final byte[] OVERFLOW = ascii("-ERR increment or decrement would overflow\r\n");
    private static final byte[] OUT_OF_MEMORY = ascii("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    private static final byte[] NULL_2 = ascii("$-1\r\n");
    private static final byte[] NULL_ARRAY_2 = ascii("*-1\r\n");
    private static final byte[] TEXT_TYPE = ascii("txt:");
    private static final byte[] NULL_3 = ascii("_\r\n");
    private static final byte[] STRING = ascii("+string\r\n");
    private static final byte[] NONE = ascii("+none\r\n");

    private Replies() {}

    static byte[] wrongArity(String command) {
        return error("ERR wrong number of arguments for '" + command + "' command");
    }

    /** A reply that is put together. */
    static byte[] built(Consumer<ByteBuf> writer) {
        ByteBuf buffer = Unpooled.buffer(256);
        writer.accept(buffer);
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** The head of a map of so many pairs: RESP2 has none, and writes a list. */
    static void map(ByteBuf out, int protocol, long pairs) {
        if (protocol == 3) {
            head(out, '%', pairs);
        } else {
            head(out, '*', 2 * pairs);
        }
    }

    /** A text for people. */
    static void text(ByteBuf out, byte[] text, int protocol) {
        if (protocol == 3) {
            head(out, '=', text.length + 4L);
            out.writeBytes(TEXT_TYPE).writeBytes(text).writeByte('\r').writeByte('\n');
        } else {
            bulk(out, text);
        }
    }

    static void nilArray(ByteBuf out, int protocol) {
        out.writeBytes(protocol == 3 ? NULL_3 : NULL_ARRAY_2);
    }

    static void length(Result result, ByteBuf out) {
        byte[] value = result.value();
        switch (result.status()) {
            case FOUND -> number(out, value == null ? 0 : value.length);
            case MISSING -> number(out, 0);
            default -> refused(result, out);
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] error(String text) {
        return ("-" + oneLine(text) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    static void nil(ByteBuf out, int protocol) {
        out.writeBytes(protocol == 3 ? NULL_3 : NULL_2);
    }

    static void number(ByteBuf out, long number) {
        head(out, ':', number);
    }

    /** A type's sign and a number: an integer, or the length of what follows. */
    static void head(ByteBuf out, char sign, long number) {
        out.writeByte(sign);
        ByteBufUtil.writeAscii(out, Long.toString(number));
        out.writeByte('\r').writeByte('\n');
    }

    static void bulk(ByteBuf out, byte[] bytes) {
        out.ensureWritable(bytes.length + 16);
        head(out, '$', bytes.length);
        out.writeBytes(bytes).writeByte('\r').writeByte('\n');
    }

    static void bulk(ByteBuf out, String text) {
        bulk(out, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A value or nil; anything else than FOUND and MISSING is a refusal. */
    static void value(Result result, ByteBuf out, int protocol) {
        byte[] value = result.value();
        if (result.status() == Status.FOUND && value != null) {
            bulk(out, value);
        } else if (result.status() == Status.MISSING) {
            nil(out, protocol);
        } else {
            refused(result, out);
        }
    }

    /** For SET. */
    static void stored(Result result, ByteBuf out, int protocol) {
        switch (result.status()) {
            case DONE -> out.writeBytes(OK);
            case EXISTS, MISSING -> nil(out, protocol);
            default -> refused(result, out);
        }
    }

    /** For SET with GET: what was there before, whether or not it was replaced. */
    static void old(Result result, ByteBuf out, int protocol) {
        switch (result.status()) {
            case DONE, EXISTS, MISSING -> {
                byte[] value = result.value();
                if (value == null) {
                    nil(out, protocol);
                } else {
                    bulk(out, value);
                }
            }
            default -> refused(result, out);
        }
    }

    static void counted(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> number(out, result.number());
            case NOT_A_NUMBER -> out.writeBytes(NOT_AN_INTEGER);
            case OVERFLOW -> out.writeBytes(OVERFLOW);
            default -> refused(result, out);
        }
    }

    /** 1 if something was done, 0 if a condition did not hold. */
    static void whether(Result result, ByteBuf out) {
        switch (result.status()) {
            case DONE -> number(out, 1);
            case MISSING, EXISTS -> number(out, 0);
            default -> refused(result, out);
        }
    }

    static void type(Result result, ByteBuf out) {
        switch (result.status()) {
            case FOUND -> out.writeBytes(STRING);
            case MISSING -> out.writeBytes(NONE);
            default -> refused(result, out);
        }
    }

    static void size(Result result, ByteBuf out) {
        if (result.status() == Status.DONE) {
            number(out, result.number());
        } else {
            refused(result, out);
        }
    }

    static void flushed(Result result, ByteBuf out) {
        if (result.status() == Status.DONE) {
            out.writeBytes(OK);
        } else {
            refused(result, out);
        }
    }

    /** Says why nothing was done, or that it is not known. */
    static void refused(Result result, ByteBuf out) {
        switch (result.status()) {
            case TOO_LARGE -> out.writeBytes(TOO_LARGE);
            case OUT_OF_MEMORY -> out.writeBytes(OUT_OF_MEMORY);
            case OUTCOME_UNKNOWN -> refusal(out, "-OUTCOMEUNKNOWN ", result.reason());
            case UNAVAILABLE, RETRY -> refusal(out, "-CLUSTERDOWN ", result.reason());
            default -> throw new IllegalStateException("no reply for " + result);
        }
    }

    private static void refusal(ByteBuf out, String code, String reason) {
        ByteBufUtil.writeUtf8(out, code + oneLine(reason) + "\r\n");
    }
}
