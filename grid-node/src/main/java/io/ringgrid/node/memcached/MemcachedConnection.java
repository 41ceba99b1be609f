package io.ringgrid.node.memcached;

import io.netty.buffer.ByteBuf;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Sweep;
import io.ringgrid.node.transport.Connection;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Condition;
import io.ringgrid.op.Operation.Counting;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.wire.Secret;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One memcached client. Confined to its event loop.
 *
 * <p>The decoder is always in one of six states: before a line; within the line of a {@code get} or {@code gat} whose keys
 * are not all asked for yet; before the data of a storage command, whose line stays in the input until the data is there;
 * swallowing the data of a value that is too large, of which nothing is kept; or, while a door with a secret does not know
 * its client, before the line or the data of the one {@code set} that tells it.
 */
final class MemcachedConnection extends Connection {
    static final String VERSION = "1.6.18";

    private static final byte[] VERSION_REPLY = Replies.ascii("VERSION " + VERSION + " RingGrid/0.1.0\r\n");
    private static final byte[] HTTP = Replies.ascii("HTTP/");
    private static final byte[][] LONG_COMMANDS = {
        Replies.ascii("get "),
        Replies.ascii("gets "),
        Replies.ascii("bget "),
        Replies.ascii("gat "),
        Replies.ascii("gats "),
    };
    private static final byte[] SET_WORD = Replies.ascii("set");
    private static final byte[] ZERO = {'0'};
    private static final byte[] NO_KEY = {};
    private static final byte BINARY_MAGIC = (byte) 0x80;
    private static final int MAX_KEY_BYTES = 250;
    /** The longest line that is not a get: what memcached reads at once. */
    private static final int MAX_LINE_BYTES = 16 << 10;
    /** The longest line, and the longest data, of whom we do not know yet. */
    private static final int MAX_LOGIN_BYTES = 2048;

    private static final long MAX_DECLARED_BYTES = Integer.MAX_VALUE - 2;
    /** An expiry that lies behind everybody. */
    private static final long PASSED = 1;
    /** An exptime beyond 30 days is a moment, not a duration. */
    private static final long MAX_RELATIVE_SECONDS = 60L * 60 * 24 * 30;

    private enum State {
        LOGIN,
        CREDENTIALS,
        LINE,
        KEYS,
        DATA,
        SWALLOW
    }

    private final Engine engine;
    private final Statistics statistics;
    private final @Nullable Secret secret;
    private final Door door;
    private final Words words = new Words();
    private final Numbers numbers = new Numbers();
    private final Operation operation = new Operation();

    private State state;
    private boolean greeted;
    private boolean silent;
    /** How many unread bytes were searched for a line's end already, in vain. */
    private int searched;
    /** Length of the present line with its end; it begins at {@link #start}. */
    private int lineLength;

    // KEYS: offsets from start
    private GetSlot.@Nullable Line getLine;
    private Kind getKind = Kind.GET;
    private int getNext;
    private int getEnd;

    // DATA and SWALLOW; the key's offset is from start
    private Kind storing = Kind.PUT;
    private Condition storingIf = Condition.ALWAYS;
    private int keyOffset;
    private int keyLength;
    private int flags;
    private long expiry;
    private long version;
    private long dataLength;
    private byte[] tooLargeKey = NO_KEY;
    private long toSwallow;

    MemcachedConnection(Engine engine, Limits limits, Statistics statistics, @Nullable Secret secret, Door door) {
        super(limits);
        this.engine = engine;
        this.statistics = statistics;
        this.secret = secret;
        this.door = door;
        this.state = secret != null ? State.LOGIN : State.LINE;
    }

    @Override
    protected boolean step() {
        return switch (state) {
            case LOGIN -> readLogin();
            case CREDENTIALS -> readCredentials();
            case LINE -> readLine();
            case KEYS -> askNextKey();
            case DATA -> readData();
            case SWALLOW -> swallow();
        };
    }

    /**
     * {@code set <key> <flags> <exptime> <bytes>}, whose data is {@code <user> <secret>}: what memcached expects of
     * clients that only know how to set. All else is refused.
     */
    private boolean readLogin() {
        if (end - start < 2) {
            return false;
        }
        int lineFeed = isBinary() ? -1 : findLineFeed();
        if (lineFeed < 0) {
            if (isBinary() || end - start > MAX_LOGIN_BYTES) {
                endAfterAnswers();
            }
            return false;
        }
        lineLength = lineFeed + 1 - start;
        words.split(input, start, lineFeed);
        boolean isSet = words.count() >= 5 && words.is(0, SET_WORD) && readUnsigned(4);
        dataLength = numbers.value();
        if (!isSet || dataLength < 0 || dataLength > MAX_LOGIN_BYTES) {
            say(Replies.UNAUTHENTICATED);
            if (isSet) {
                endAfterAnswers();
            }
        } else {
            state = State.CREDENTIALS;
        }
        endLine();
        return true;
    }

    private boolean readCredentials() {
        int data = start;
        int dataEnd = start + (int) dataLength;
        if (end < dataEnd + 2) {
            return false;
        }
        start = dataEnd + 2;
        state = State.LOGIN;
        words.split(input, data, dataEnd);
        if (input[dataEnd] != '\r' || input[dataEnd + 1] != '\n') {
            say(Replies.BAD_TERMINATION);
        } else if (words.count() < 2) {
            say(Replies.BAD_TOKEN);
        } else {
            door.commanded();
            statistics.logins.increment();
            if (secret != null && secret.is(input, words.from(1), words.to(1))) {
                say(Replies.STORED);
                greeted = true;
                state = State.LINE;
            } else {
                statistics.wrongSecrets.increment();
                say(Replies.WRONG_SECRET);
            }
        }
        return true;
    }

    @Override
    protected void encoded(ByteBuf out, int from) {
        if (Replies.isError(out, from)) {
            door.failed();
        }
    }

    private boolean isBinary() {
        return !greeted && input[start] == BINARY_MAGIC;
    }

    private boolean readLine() {
        if (start == end) {
            return false;
        }
        if (isBinary()) {
            endAfterAnswers();
            return false;
        }
        greeted = true;
        int lineFeed = findLineFeed();
        int length = (lineFeed < 0 ? end : lineFeed) - start;
        if (length > MAX_LINE_BYTES && (length > limits.maxRequestBytes() || !mayBeLong())) {
            endAfterAnswers();
            return false;
        }
        if (lineFeed < 0) {
            return false;
        }
        lineLength = length + 1;
        // "\r\n" alone keeps its CR and is a word of one byte, as in memcached.
        boolean endsWithReturn = length > 1 && input[lineFeed - 1] == '\r';
        words.split(input, start, endsWithReturn ? lineFeed - 1 : lineFeed);
        return runLine();
    }

    private int findLineFeed() {
        int at = start + searched;
        while (at < end && input[at] != '\n') {
            at++;
        }
        searched = at - start;
        return at == end ? -1 : at;
    }

    private boolean mayBeLong() {
        int word = Words.nextWord(input, start, end);
        for (byte[] command : LONG_COMMANDS) {
            if (hasAt(word, command)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasAt(int at, byte[] text) {
        return end - at >= text.length && Arrays.equals(input, at, at + text.length, text, 0, text.length);
    }

    private boolean runLine() {
        Command command = words.count() == 0 ? null : Command.of(words);
        if (command != null && command.concernsAllKeys() && !isQuiet()) {
            // It must not overtake anything, nor be overtaken.
            fence();
            return false;
        }
        silent = false;
        door.commanded();
        if (command == null) {
            unknown();
        } else if (!command.accepts(words.count())) {
            say(Replies.ERROR);
        } else {
            command.run(this);
        }
        if (state == State.LINE || state == State.SWALLOW) {
            endLine();
        }
        return true;
    }

    private void endLine() {
        start += lineLength;
        searched = 0;
    }

    private void unknown() {
        if (words.count() > 0 && words.length(0) > 1 && mayBeHttp(input[words.from(0)])) {
            if (words.startsWith(words.count() - 1, HTTP)) {
                endAfterAnswers();
                return;
            }
        }
        say(Replies.ERROR);
    }

    /** memcached looks for HTTP only behind the verbs that it knows by their first letter. */
    private static boolean mayBeHttp(byte first) {
        return "gsacidt".indexOf(first) < 0;
    }

    private void sayUnlessSilent(byte[] reply) {
        if (!silent) {
            say(reply);
        }
    }

    private boolean isKeyTooLong() {
        return words.length(1) > MAX_KEY_BYTES;
    }

    private Operation operation(Kind kind) {
        return operation.reset(kind).key(input, words.from(1), words.length(1));
    }

    private void submit(Replies.Reply reply) {
        engine.submit(operation, open(new ResultSlot(silent ? reply.silent() : reply.aloud())));
    }

    void get(boolean withVersion) {
        getKind = Kind.GET;
        readKeys(0, new GetSlot.Line(withVersion, statistics.getHits, statistics.getMisses));
    }

    /** {@code gat <exptime> <key>*}. */
    void getAndTouch(boolean withVersion) {
        if (!readSigned(1)) {
            say(Replies.BAD_EXPTIME);
            return;
        }
        expiry = expiryOf(numbers.value());
        getKind = Kind.TOUCH;
        readKeys(1, new GetSlot.Line(withVersion, statistics.touchHits(), statistics.touchMisses()));
    }

    private void readKeys(int lastWordBefore, GetSlot.Line line) {
        int lineEnd = words.lineEnd();
        for (int at = words.to(lastWordBefore); at < lineEnd; ) {
            int word = Words.nextWord(input, at, lineEnd);
            at = Words.wordEnd(input, word, lineEnd);
            if (at - word > MAX_KEY_BYTES) {
                say(Replies.BAD_FORMAT);
                return;
            }
        }
        getLine = line;
        getNext = words.to(lastWordBefore) - start;
        getEnd = lineEnd - start;
        state = State.KEYS;
    }

    private boolean askNextKey() {
        GetSlot.Line line = Objects.requireNonNull(getLine);
        int key = Words.nextWord(input, start + getNext, start + getEnd);
        if (key == start + getEnd) {
            open(new GetSlot.End(line)).answer();
            state = State.LINE;
            endLine();
            return true;
        }
        int keyEnd = Words.wordEnd(input, key, start + getEnd);
        getNext = keyEnd - start;
        operation.reset(getKind).key(input, key, keyEnd - key);
        if (getKind == Kind.GET) {
            statistics.gets.increment();
        } else {
            statistics.touches.increment();
            operation.expiry = expiry;
            operation.wantsOld = true;
        }
        engine.submit(operation, open(new GetSlot(line, operation.copyKey())));
        return true;
    }

    /** {@code <verb> <key> <flags> <exptime> <bytes> [<version>] [noreply]}; the version is for cas. */
    void store(Kind kind, Condition condition) {
        silent = words.endWithNoReply();
        if (isKeyTooLong() || !readStorageLine(condition)) {
            sayUnlessSilent(Replies.BAD_FORMAT);
            return;
        }
        storing = kind;
        storingIf = condition;
        statistics.sets.increment();
        if (dataLength > limits.maxValueBytes()) {
            statistics.tooLarge.increment();
            tooLargeKey = operation(Kind.REMOVE).copyKey();
            toSwallow = dataLength + 2;
            state = State.SWALLOW;
            return;
        }
        keyOffset = words.from(1) - start;
        keyLength = words.length(1);
        state = State.DATA;
    }

    private boolean readStorageLine(Condition condition) {
        if (!readUnsigned(2)) {
            return false;
        }
        flags = (int) numbers.value();
        if (!readSigned(3)) {
            return false;
        }
        expiry = expiryOf(numbers.value());
        if (!readSigned(4) || numbers.value() < 0 || numbers.value() > MAX_DECLARED_BYTES) {
            return false;
        }
        dataLength = numbers.value();
        if (condition != Condition.IF_VERSION) {
            return true;
        }
        boolean read = readUnsigned(5);
        version = numbers.value();
        return read;
    }

    private boolean readSigned(int word) {
        return numbers.readSigned(input, words.from(word), words.to(word));
    }

    private boolean readUnsigned(int word) {
        return numbers.readUnsigned(input, words.from(word), words.to(word));
    }

    /**
     * 0 is never, a negative one has passed, up to 30 days it counts from now, beyond it is Unix time. What is negative in
     * 32 bits has passed too: memcached reads it so, and libmemcached's -1 comes as 4294967295.
     */
    private long expiryOf(long exptime) {
        if (exptime == 0) {
            return Operation.NEVER;
        }
        boolean negativeIn32Bits = exptime > Integer.MAX_VALUE && exptime <= 0xffffffffL;
        if (exptime < 0 || negativeIn32Bits) {
            return PASSED;
        }
        if (exptime <= MAX_RELATIVE_SECONDS) {
            return engine.wallMillis() + exptime * 1000;
        }
        return Math.min(exptime, Long.MAX_VALUE / 1000) * 1000;
    }

    private boolean readData() {
        int data = start + lineLength;
        int length = (int) dataLength;
        if (end - data < length + 2) {
            return false;
        }
        if (input[data + length] == '\r' && input[data + length + 1] == '\n') {
            operation.reset(storing).key(input, start + keyOffset, keyLength).value(input, data, length);
            operation.flags = flags;
            operation.expiry = expiry;
            operation.condition = storingIf;
            operation.version = version;
            Replies.Reply stored = storing == Kind.PUT ? statistics.store : statistics.extend;
            submit(storingIf == Condition.IF_VERSION ? statistics.cas : stored);
        } else {
            sayUnlessSilent(Replies.BAD_CHUNK);
        }
        state = State.LINE;
        endLine();
        start += length + 2;
        return true;
    }

    private boolean swallow() {
        int swallowed = (int) Math.min(toSwallow, end - start);
        start += swallowed;
        toSwallow -= swallowed;
        if (toSwallow > 0) {
            return false;
        }
        state = State.LINE;
        if (storingIf == Condition.ALWAYS) {
            // As in memcached: nobody shall go on reading the old value.
            operation.reset(Kind.REMOVE).key(tooLargeKey, 0, tooLargeKey.length);
            submit(statistics.tooLargeToSet);
        } else {
            sayUnlessSilent(Replies.TOO_LARGE);
        }
        return true;
    }

    void count(boolean subtract) {
        silent = words.endWithNoReply();
        if (isKeyTooLong()) {
            sayUnlessSilent(Replies.BAD_FORMAT);
        } else if (!readUnsigned(2)) {
            sayUnlessSilent(Replies.BAD_DELTA);
        } else {
            operation(Kind.INCREMENT);
            operation.delta = numbers.value();
            operation.subtract = subtract;
            operation.counting = Counting.UNSIGNED;
            operation.expiry = Operation.KEEP;
            submit(subtract ? statistics.decrement : statistics.increment);
        }
    }

    /** {@code delete <key> [0] [noreply]}; the 0 is what is left of an ancient option. */
    void delete() {
        if (words.count() > 2) {
            silent = words.endWithNoReply();
            boolean holdsZero = words.is(2, ZERO);
            boolean valid = words.count() == 3 ? holdsZero || silent : holdsZero && silent;
            if (!valid) {
                sayUnlessSilent(Replies.BAD_DELETE);
                return;
            }
        }
        if (isKeyTooLong()) {
            sayUnlessSilent(Replies.BAD_FORMAT);
            return;
        }
        operation(Kind.REMOVE);
        submit(statistics.delete);
    }

    void touch() {
        silent = words.endWithNoReply();
        if (isKeyTooLong()) {
            sayUnlessSilent(Replies.BAD_FORMAT);
        } else if (!readSigned(2)) {
            sayUnlessSilent(Replies.BAD_EXPTIME);
        } else {
            statistics.touches.increment();
            operation(Kind.TOUCH);
            operation.expiry = expiryOf(numbers.value());
            submit(statistics.touch);
        }
    }

    void flushAll() {
        statistics.flushes.increment();
        silent = words.endWithNoReply();
        long exptime = 0;
        if (words.count() != (silent ? 2 : 1)) {
            if (!readSigned(1)) {
                sayUnlessSilent(Replies.BAD_EXPTIME);
                return;
            }
            exptime = numbers.value();
        }
        ResultSlot slot = open(new ResultSlot(silent ? Replies::nothing : Replies::flushed));
        long moment = exptime > 0 ? Math.max(1, expiryOf(exptime)) : Operation.NEVER;
        Sweep.run(engine, Kind.CLEAR, moment, List.of(0), Sweep.everywhere(engine), slot);
        fence();
    }

    /** {@code verbosity <level>}: heard, and of no effect, since members log what their configuration says. */
    void verbosity() {
        silent = words.endWithNoReply();
        sayUnlessSilent(readUnsigned(1) ? Replies.OK : Replies.BAD_FORMAT);
    }

    void stats() {
        if (words.count() == 1) {
            say(statistics.general(door));
            return;
        }
        byte[] report = statistics.report(words.text(1), door, channel());
        say(report == null ? Replies.ERROR : report);
    }

    void version() {
        say(VERSION_REPLY);
    }

    void quit() {
        endAfterAnswers();
    }
}
