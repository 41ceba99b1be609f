package io.ringgrid.node.resp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.ringgrid.node.engine.Engine;
import io.ringgrid.node.engine.Sweep;
import io.ringgrid.node.resp.Multi.Queued;
import io.ringgrid.node.transport.Door;
import io.ringgrid.node.transport.Limits;
import io.ringgrid.node.transport.ResultSlot;
import io.ringgrid.node.transport.Slot;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Slots;
import io.ringgrid.topology.Topology.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Redis client. Confined to its event loop.
 *
 * <p>A command with several keys stays until all of them are asked for, which a full window may delay. What commands do
 * goes through here: asked of the engine, or written down while EXEC puts a transaction together.
 */
@SuppressWarnings("ReferenceEquality") // arguments are the received ones if they are this very object
final class RespConnection extends RequestReader {
    private static final int MAX_KEY_BYTES = 64 << 10;
    private static final int PRINTED = 128;
    private static final byte[] NOTHING = {};
    private static final byte[] QUEUED = Replies.ascii("+QUEUED\r\n");
    private static final byte[] CROSS_SLOT =
            Replies.ascii("-CROSSSLOT Keys in request don't hash to the same slot\r\n");
    private static final byte[] NO_AUTH = Replies.ascii("-NOAUTH Authentication required.\r\n");
    static final byte[] NO_DATABASE =
            Replies.ascii("-CLUSTERDOWN the cluster of this database was left, select it again\r\n");

    private final RespContext context;
    private final Engine engine;
    private final Statistics statistics;
    private final Door door;
    private final Profile profile;
    private final Multi multi = new Multi();
    private final ArrayDeque<Queued> replayed = new ArrayDeque<>();
    /** Those of the command that runs: what was received, or what EXEC has kept. */
    private Arguments arguments = received;

    private final Numbers numbers = new Numbers();
    private final Operation operation = new Operation();

    private boolean authorized;
    private int protocol = 2;
    /** CLIENT REPLY OFF, or SKIP for the next command; and what that means for the present one. */
    private boolean silent;

    private boolean skipsReply;
    private boolean mute;
    private @Nullable Recording recording;

    private @Nullable KeysSlot asking;

    RespConnection(RespContext context, Door door) {
        super(context.limits);
        this.context = context;
        this.engine = context.engine;
        this.statistics = context.statistics;
        this.door = door;
        this.authorized = context.secret == null;
        this.profile = new Profile(context.clients.nextId(), engine.wallMillis());
    }

    @Override
    protected boolean step() {
        if (asking != null) {
            return askNextKey();
        }
        if (!isReplaying() && !replayed.isEmpty()) {
            // What EXEC has kept comes before anything that follows.
            arguments = replayed.remove().arguments();
        }
        return (isReplaying() || hasRequest()) ? runRequest() : readMore();
    }

    @Override
    protected void encoded(ByteBuf out, int from) {
        if (out.writerIndex() > from && out.getByte(from) == '-') {
            door.failed();
        }
    }

    @Override
    protected boolean isStalled() {
        return asking != null && asking.hasUnanswered(limits.maxSlots());
    }

    private boolean runRequest() {
        if (arguments.count() > 0) {
            placeRequest();
            Command command = Commands.named(arguments, 0);
            boolean isQueued = multi.isOpen() && command != null && !command.isNeverQueued() && !isReplaying();
            if (command != null && command.isAlone() && !isQueued && !isQuiet()) {
                fence();
                return false;
            }
            statistics.commands.increment();
            door.commanded();
            mute = silent || skipsReply;
            skipsReply = false;
            if (command != null) {
                profile.lastCommand = command.fullName(arguments);
                profile.lastCommandAt = engine.wallMillis();
            }
            run(command);
            profile.queued = multi.isOpen() ? multi.size() : -1;
        }
        if (asking == null) {
            endCommand();
        }
        return true;
    }

    private void endCommand() {
        if (!isReplaying()) {
            endRequest();
        }
        arguments = received;
    }

    @Override
    void refuse(byte[] error) {
        multi.fail();
        answer(error);
    }

    private void run(@Nullable Command command) {
        byte[] refusal = command == null ? unknown() : command.refusal(arguments);
        if (refusal == null && command != null && !authorized && !command.isOpenToAll()) {
            refusal = NO_AUTH;
        }
        if (refusal == null && command != null && context.isCluster) {
            refusal = misdirected(command);
        }
        if (refusal != null || command == null) {
            multi.fail();
            if (refusal != null && refusal.length > 0) {
                answer(command == null ? refusal : Transactions.refusal(this, command, refusal));
            }
        } else if (multi.isOpen() && !command.isNeverQueued()) {
            queue(command);
        } else {
            command.run(this, arguments);
        }
    }

    /** What is said to a command that there is none of. */
    private byte[] unknown() {
        if (arguments.is(0, "post") || arguments.is(0, "host:")) {
            // Somebody's browser was made to talk to us: not a word.
            endAfterAnswers();
            return NOTHING;
        }
        return unknownCommand();
    }

    private void queue(Command command) {
        long most = (long) limits.maxRequestBytes() + limits.maxValueBytes();
        if (multi.add(command, arguments, most)) {
            answer(QUEUED);
        } else {
            multi.fail();
            answer(Replies.error("ERR a transaction has at most " + Multi.MAX_COMMANDS + " commands of together " + most
                    + " bytes"));
        }
    }

    /** What is said to a client of Redis Cluster that asks for several slots, or for one of another member. */
    private byte @Nullable [] misdirected(Command command) {
        int[] keys = command.keys(arguments, 0);
        Layout layout = keys.length == 0 ? null : context.layout();
        if (layout == null) {
            return null;
        }
        int slot = slot(keys[0]);
        for (int key : keys) {
            if (slot(key) != slot) {
                return CROSS_SLOT;
            }
        }
        Member holder = layout.holder(slot);
        return holder == null || holder.id().equals(engine.self())
                ? null
                : Replies.error("MOVED " + slot + " " + holder.host() + ":" + holder.respPort());
    }

    private int slot(int argument) {
        return Slots.slot(arguments.bytes(), arguments.from(argument), arguments.length(argument));
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

    // What commands do.

    /** Whether the door asks for a secret. */
    boolean asksForSecret() {
        return context.secret != null;
    }

    @Override
    boolean isAuthorized() {
        return authorized;
    }

    /** Takes what somebody says is the secret; returns whether it is, or none is asked for. */
    boolean authorize(int argument) {
        boolean right = context.secret == null
                || context.secret.is(arguments.bytes(), arguments.from(argument), arguments.to(argument));
        authorized |= right;
        return right;
    }

    /** Opens a slot, whose answer is kept from the peer if the peer said so. */
    private <S extends Slot> S ask(S slot) {
        if (mute) {
            slot.mute();
        }
        return open(slot);
    }

    void answer(byte[] reply) {
        Recording into = recording;
        if (into != null) {
            into.say(reply);
        } else if (!mute) {
            say(reply);
        }
    }

    void end() {
        endAfterAnswers();
    }

    /** Ends the connection because another one wants it; any thread may call this. */
    void kill() {
        ChannelFuture unused = channel().close();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        profile.connected(channel().remoteAddress(), channel().localAddress());
        context.clients.add(this);
        active.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        context.clients.remove(this);
        super.channelInactive(inactive);
    }

    /** The operation, on the key that this argument is; null if it cannot be a key, which is answered. */
    @Nullable
    Operation operation(Kind kind, int keyArgument) {
        if (!isKey(keyArgument)) {
            answer(Replies.KEY_SIZE);
            return null;
        }
        int map = map();
        if (map < 0) {
            answer(NO_DATABASE);
            return null;
        }
        operation.reset(kind).key(arguments.bytes(), arguments.from(keyArgument), arguments.length(keyArgument));
        operation.map = map;
        return operation;
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
        Recording into = recording;
        if (into != null) {
            into.ask(operation.copy(), counting);
        } else {
            engine.submit(operation, ask(new ResultSlot(counting)));
        }
    }

    /** Of a transaction's only part, or of what the whole was refused with. */
    private static ResultSlot.Encoder onlyPart(ResultSlot.Encoder encoder) {
        return (result, out) -> encoder.encode(
                result.parts().isEmpty() ? result : result.parts().get(0), out);
    }

    /** Executes an operation that only a transaction can have; the encoder writes what became of it. */
    void transact(Operation part, ResultSlot.Encoder encoder) {
        Recording into = recording;
        if (into != null) {
            into.ask(part, encoder);
        } else {
            submitTransaction(List.of(part), onlyPart(encoder));
        }
    }

    /** The same, to the key of another database. */
    void transactIn(int database, Operation part, ResultSlot.Encoder encoder) {
        int id = database == profile.database ? part.map : Databases.id(database, engine.topology());
        if (id >= 0) {
            part.map = id;
            transact(part, encoder);
        } else if (recording != null) {
            recording.abandon();
        } else {
            ResultSlot slot = ask(new ResultSlot(onlyPart(encoder)));
            engine.openMap(Databases.map(database), opened -> {
                if (opened.status() == Status.DONE) {
                    part.map = (int) opened.number();
                    engine.submit(transaction(List.of(part)), slot);
                } else {
                    slot.accept(opened);
                }
            });
            fence();
        }
    }

    /** Executes parts that take effect together or not at all; the encoder writes what became of the whole. */
    void transact(List<Operation> parts, ResultSlot.Encoder encoder) {
        Recording into = recording;
        if (into != null) {
            into.ask(transaction(parts), encoder);
        } else {
            submitTransaction(parts, encoder);
        }
    }

    void submitTransaction(List<Operation> parts, ResultSlot.Encoder encoder) {
        engine.submit(transaction(parts), ask(new ResultSlot(encoder)));
    }

    private static Operation transaction(List<Operation> parts) {
        Operation first = parts.get(0);
        Operation whole = new Operation().reset(Kind.TRANSACT).key(first.keyBytes, first.keyOffset, first.keyLength);
        whole.parts = parts;
        return whole;
    }

    /** Whether keys are of one slot; if not, that is answered. */
    boolean isOneSlot(Arguments keys, int first, int last, int step) {
        for (int at = first; at <= last; at += step) {
            if (slot(at) != slot(first)) {
                answer(CROSS_SLOT);
                return false;
            }
        }
        return true;
    }

    /** Asks for all keys of the command, in order, as the window allows. */
    void askKeys(KeysSlot slot) {
        for (int i = 0, key = 1; i < slot.count(); i++, key += slot.keyStep()) {
            if (!isKey(key)) {
                answer(Replies.KEY_SIZE);
                return;
            }
        }
        if (map() < 0) {
            answer(NO_DATABASE);
            return;
        }
        Recording into = recording;
        if (into == null) {
            asking = ask(slot);
            return;
        }
        List<Operation> parts = new ArrayList<>();
        for (int i = 0, key = 1; i < slot.count(); i++, key += slot.keyStep()) {
            parts.add(keyOperation(slot, key).copy());
        }
        into.ask(parts, slot);
    }

    private Operation keyOperation(KeysSlot slot, int key) {
        operation.reset(slot.kind()).key(arguments.bytes(), arguments.from(key), arguments.length(key));
        operation.map = map();
        if (slot.kind() == Kind.PUT) {
            operation.value(arguments.bytes(), arguments.from(key + 1), arguments.length(key + 1));
        }
        return operation;
    }

    private boolean askNextKey() {
        KeysSlot slot = asking;
        if (slot == null || slot.isAsked()) {
            asking = null;
            endCommand();
            return true;
        }
        placeRequest();
        engine.submit(keyOperation(slot, slot.nextKeyArgument()), slot.nextPart());
        return true;
    }

    /** Opens a slot, asks what it wants to know, and takes no further command before that is answered. */
    <S extends Slot> void await(S slot, Consumer<S> asks) {
        asks.accept(ask(slot));
        fence();
    }

    void walk(Walk walk) {
        await(walk, Walk::start);
    }

    /** Does this in all partitions that this connection sees, and in these maps. */
    void sweep(Kind kind, List<Integer> maps, ResultSlot.Encoder encoder) {
        int[] partitions = partitions();
        if (partitions != null) {
            await(new ResultSlot(encoder), slot -> Sweep.run(engine, kind, Operation.NEVER, maps, partitions, slot));
        }
    }

    void select(int number) {
        if (number == 0) {
            profile.database = 0;
            answer(Replies.OK);
            return;
        }
        await(
                new ResultSlot((result, out) -> {
                    if (result.status() == Status.DONE) {
                        profile.database = number;
                    }
                    Replies.flushed(result, out);
                }),
                slot -> engine.openMap(Databases.map(number), slot));
    }

    /** Writes commands down instead of executing them. */
    Recording record(List<Queued> queue) {
        Recording made = new Recording();
        Arguments before = arguments;
        recording = made;
        try {
            for (Queued queued : queue) {
                arguments = queued.arguments();
                queued.command().run(this, arguments);
            }
        } finally {
            recording = null;
            arguments = before;
        }
        return made;
    }

    /** Executes these commands, one after the other, before anything that follows. */
    void replay(List<Queued> queue) {
        replayed.addAll(queue);
    }

    private boolean isReplaying() {
        return arguments != received;
    }

    /** As it was when it was opened. */
    void reset() {
        multi.end();
        authorized = context.secret == null;
        profile.name = NOTHING;
        profile.database = 0;
        profile.noEvict = false;
        setProtocol(2);
        silent = false;
        mute = false;
    }

    void setSilent(boolean isSilent) {
        silent = isSilent;
        mute = isSilent;
    }

    void skipNextReply() {
        mute = true;
        skipsReply = !silent;
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
        profile.protocol = newProtocol;
    }

    Engine engine() {
        return engine;
    }

    Limits limits() {
        return limits;
    }

    Multi multi() {
        return multi;
    }

    Profile profile() {
        return profile;
    }

    Clients clients() {
        return context.clients;
    }

    boolean isCluster() {
        return context.isCluster;
    }

    @Nullable
    Layout layout() {
        return context.layout();
    }

    int port() {
        return door.port();
    }

    /** The partitions that this connection sees; null if that is not known before joining, which is answered. */
    int @Nullable [] partitions() {
        int[] seen = context.partitions();
        if (seen == null) {
            answer(Clustering.UNKNOWN);
        }
        return seen;
    }

    int[] partitionOf(int slot) {
        return new int[] {Slots.partition(slot, engine.partitions())};
    }

    int database() {
        return profile.database;
    }

    /** The id of the selected database's map; -1 if the cluster that had it was left for another. */
    int map() {
        return profile.database == 0 ? 0 : Databases.id(profile.database, engine.topology());
    }

    String info(Arguments sections) {
        return statistics.report(door, context.isCluster, sections);
    }

    Statistics statistics() {
        return statistics;
    }

    /** How many bytes of values one reply may have: a multi-get is held until its last key is answered. */
    long maxReplyBytes() {
        return Math.max(64L << 20, limits.maxValueBytes());
    }
}
