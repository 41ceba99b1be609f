package io.ringgrid.node.resp;

import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.transport.Connection;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One Redis client. Confined to its event loop.
 *
 * <p>A request stays in the input until it is complete; its arguments are ranges of it. Of a request that is larger than
 * the limits nothing is kept: it is read past, and answered with an error. A command with several keys stays until all of
 * them are asked for, which a full window may delay.
 */
final class RespConnection extends Connection {
    /** Redis' limit of a line that is typed, and of the line of a length. */
    private static final int MAX_LINE_BYTES = 64 << 10;
    /** Redis' limit of one argument: longer ones are an error of protocol, whatever our own limit is. */
    private static final long MAX_BULK_BYTES = 512 << 20;

    private static final int MAX_KEY_BYTES = 64 << 10;
    private static final int PRINTED = 128;
    private static final byte[] NO_NAME = {};

    private final Engine engine;
    private final Statistics statistics;
    private final Door door;
    private final long id;
    private final Numbers numbers = new Numbers();
    private final InlineRequest inline = new InlineRequest();
    private final Arguments arguments = new Arguments();
    private final Operation operation = new Operation();

    private enum State {
        /** Before a request. */
        BETWEEN,
        /** Within a request of counted arguments. */
        ARGUMENTS,
        /** Within an argument of which nothing is kept. */
        SKIPPING,
        /** The request is complete and was not run yet. */
        COMPLETE,
        /** The request runs, but not all of its keys are asked for yet. */
        KEYS
    }

    private State state = State.BETWEEN;
    private int protocol = 2;
    private byte[] clientName = NO_NAME;

    /** How many bytes of the present request are understood; what follows begins at {@code start + parsed}. */
    private int parsed;

    private boolean typed;
    private long argumentsLeft;
    /** Length of the argument whose bytes come next, or -1 if its line comes next. */
    private long bulkLength = -1;

    private long toSkip;
    private byte @Nullable [] tooLarge;
    private @Nullable KeysSlot asking;

    RespConnection(Engine engine, Limits limits, Statistics statistics, Door door) {
        super(limits);
        this.engine = engine;
        this.statistics = statistics;
        this.door = door;
        this.id = statistics.nextClientId();
    }

    @Override
    protected boolean step() {
        return switch (state) {
            case BETWEEN -> start < end && (input[start] == '*' ? readCount() : readInline());
            case ARGUMENTS -> readArgument();
            case SKIPPING -> skip();
            case COMPLETE -> runRequest();
            case KEYS -> askNextKey();
        };
    }

    @Override
    protected boolean isStalled() {
        return asking != null && asking.hasUnanswered(limits.maxSlots());
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
        if (!inline.split(input, start, lineEnd, arguments)) {
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
        boolean isNumber = numbers.read(input, line + 1, carriageReturn);
        if (!isNumber || numbers.value() > max || (numbers.value() < 0 && !mayBeNegative)) {
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
        argumentsLeft = Math.max(0, numbers.value());
        arguments.clear();
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
            bulkLength = numbers.value();
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
        arguments.add(parsed, parsed + (int) bulkLength);
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
            say(error);
            endRequest();
        }
        return true;
    }

    private boolean protocolError(String what) {
        say(Replies.error("ERR Protocol error: " + what));
        endAfterAnswers();
        return false;
    }

    private boolean runRequest() {
        if (arguments.count() > 0) {
            place();
            Command command = Command.of(arguments);
            if (command != null && command.concernsAllKeys() && !isQuiet()) {
                fence();
                return false;
            }
            statistics.commands.increment();
            run(command);
        }
        if (asking == null) {
            endRequest();
        } else {
            state = State.KEYS;
        }
        return true;
    }

    /** The input may have moved since the arguments were looked at. */
    private void place() {
        if (!typed) {
            arguments.rebase(input, start);
        }
    }

    private void endRequest() {
        start += parsed;
        parsed = 0;
        arguments.clear();
        state = State.BETWEEN;
    }

    private void run(@Nullable Command command) {
        if (command == null) {
            if (arguments.is(0, "post") || arguments.is(0, "host:")) {
                // Somebody's browser was made to talk to us: not a word.
                endAfterAnswers();
            } else {
                say(unknownCommand());
            }
        } else if (command.accepts(arguments.count())) {
            command.function().run(this, arguments);
        } else {
            say(wrongArity(command.name()));
        }
    }

    private byte[] unknownCommand() {
        StringBuilder shown = new StringBuilder();
        for (int i = 1; i < arguments.count() && shown.length() < PRINTED; i++) {
            String printed = arguments.printed(i, PRINTED - shown.length());
            shown.append('\'').append(printed).append("' ");
        }
        return Replies.error(
                "ERR unknown command '" + arguments.printed(0, PRINTED) + "', with args beginning with: " + shown);
    }

    static byte[] wrongArity(String command) {
        return Replies.error("ERR wrong number of arguments for '" + command + "' command");
    }

    // What commands do.

    void answer(byte[] reply) {
        say(reply);
    }

    void end() {
        endAfterAnswers();
    }

    /** The operation, on the key that this argument is; null if it cannot be a key, which is answered. */
    @Nullable
    Operation operation(Kind kind, int keyArgument) {
        if (!isKey(keyArgument)) {
            say(Replies.KEY_SIZE);
            return null;
        }
        return operation.reset(kind).key(arguments.bytes(), arguments.from(keyArgument), arguments.length(keyArgument));
    }

    private boolean isKey(int argument) {
        int length = arguments.length(argument);
        return length >= 1 && length <= MAX_KEY_BYTES;
    }

    /** Submits the operation that was made last. */
    void submit(ResultSlot.Encoder encoder, boolean isRead) {
        ResultSlot.Encoder counting = !isRead
                ? encoder
                : (result, out) -> {
                    statistics.countRead(result);
                    encoder.encode(result, out);
                };
        engine.submit(operation, open(new ResultSlot(counting)));
    }

    /** Sets the first key's expiry if the present one meets a condition. */
    void touchIf(ConditionalTouch.Condition condition, long expiry) {
        if (isKey(1)) {
            open(new ConditionalTouch(engine, arguments.copy(1), condition, expiry))
                    .start();
            fence();
        } else {
            say(Replies.KEY_SIZE);
        }
    }

    /** Asks for all keys of the command, in order, as the window allows. */
    void askKeys(KeysSlot slot) {
        for (int i = 0, key = 1; i < slot.count(); i++, key += slot.keyStep()) {
            if (!isKey(key)) {
                say(Replies.KEY_SIZE);
                return;
            }
        }
        asking = open(slot);
    }

    private boolean askNextKey() {
        KeysSlot slot = asking;
        if (slot == null || slot.isAsked()) {
            asking = null;
            endRequest();
            return true;
        }
        place();
        int key = slot.nextKeyArgument();
        operation.reset(slot.kind()).key(arguments.bytes(), arguments.from(key), arguments.length(key));
        if (slot.kind() == Kind.PUT) {
            operation.value(arguments.bytes(), arguments.from(key + 1), arguments.length(key + 1));
        }
        engine.submit(operation, slot.nextPart());
        return true;
    }

    void countKeys() {
        engine.size(0, open(new ResultSlot(Replies::size)));
        fence();
    }

    void removeKeys() {
        engine.clear(0, open(new ResultSlot(Replies::flushed)));
        fence();
    }

    boolean readNumber(int argument) {
        return numbers.read(arguments.bytes(), arguments.from(argument), arguments.to(argument));
    }

    long number() {
        return numbers.value();
    }

    long wallMillis() {
        return engine.wallMillis();
    }

    int protocol() {
        return protocol;
    }

    void setProtocol(int newProtocol) {
        protocol = newProtocol;
    }

    long id() {
        return id;
    }

    byte[] clientName() {
        return clientName;
    }

    void setClientName(byte[] name) {
        clientName = name;
    }

    String info(Arguments sections) {
        return statistics.report(door, sections);
    }

    Statistics statistics() {
        return statistics;
    }

    /** How many bytes of values one reply may have: a multi-get is held until its last key is answered. */
    long maxReplyBytes() {
        return Math.max(64L << 20, limits.maxValueBytes());
    }
}
