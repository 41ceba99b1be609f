package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.replica.Evaluation.Decision;
import io.ringgrid.replica.Evaluation.Effect;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A TRANSACT that is being evaluated: what its keys hold at this moment, and after each of its parts. Of one call; not
 * thread-safe.
 *
 * <p>All keys are read first, then the parts are decided one after the other against what the ones before left behind.
 * What differs in the end becomes <em>one</em> mutation, so that every copy has all of it or nothing; in between nobody
 * sees anything, since the partition's lock is held.
 */
final class Transaction {
    /** How many parts there may be, those of parts included. */
    static final int MAX_PARTS = 16384;
    /**
     * How many times the bytes that it may change all values together that its parts write may have, those that a later
     * part replaces included: nobody else gets the partition's lock meanwhile, and a member that does not get it for long
     * loses its lease.
     */
    private static final int MAX_REWRITES = 16;

    /** Reads the entry of a GET's key into the cursor, or says that there is none. */
    @FunctionalInterface
    interface Reader {
        boolean read(Operation get, EntryCursor into);
    }

    private record Key(int map, ByteBuffer bytes) {}

    /** One key: what it held, and what it holds now. */
    private static final class Held {
        final Operation get;
        final EntryCursor entry = new EntryCursor();
        final boolean wasPresent;
        boolean present;
        boolean changed;

        Held(Operation get, Reader reader) {
            this.get = get;
            wasPresent = reader.read(get, entry);
            present = wasPresent;
        }

        @Nullable
        EntryCursor now() {
            return present ? entry : null;
        }

        void put(byte[] value, int flags, long expiry, long idle, long version) {
            entry.show(value, flags, expiry, idle, version);
            present = true;
            changed = true;
        }

        void remove() {
            present = false;
            changed = true;
        }
    }

    private final Map<Key, Held> keys = new LinkedHashMap<>();
    private final long line;
    private final long wall;
    private final int maxValueBytes;
    private final long maxBytes;
    private long version;
    private long resultBytes;
    private long work;

    /**
     * Reads all keys of a transaction.
     *
     * @param line of the partition, to compare versions
     * @param wall now: an expiry up to it has passed
     * @param maxValueBytes beyond which no value may grow
     * @param maxBytes of the results together, and of what changes
     */
    Transaction(Operation op, Reader reader, long line, long wall, int maxValueBytes, long maxBytes) {
        this.line = line;
        this.wall = wall;
        this.maxValueBytes = maxValueBytes;
        this.maxBytes = maxBytes;
        read(op, reader);
    }

    /**
     * Why a transaction cannot be; null if it can.
     *
     * @param isHere whether this is a key of the partition
     */
    static @Nullable String obstacle(Operation op, Predicate<Operation> isHere, int maxValueBytes, long maxBytes) {
        if (op.bytes() > maxBytes) {
            return "a transaction has at most " + maxBytes + " bytes";
        }
        List<Operation> parts = new ArrayList<>();
        if (!flatten(op, parts)) {
            return "checks stand before all other parts of a transaction";
        }
        if (parts.size() > MAX_PARTS) {
            return "a transaction has at most " + MAX_PARTS + " parts";
        }
        for (Operation part : parts) {
            if (!isHere.test(keyOf(part)) || (hasSource(part) && !isHere.test(sourceOf(part)))) {
                return "all keys of a transaction are of one partition";
            }
            if (part.valueLength > maxValueBytes) {
                return "a value has at most " + maxValueBytes + " bytes, not " + part.valueLength;
            }
        }
        return null;
    }

    /** Adds all parts that are not groups; false if a check stands behind something else. */
    private static boolean flatten(Operation op, List<Operation> into) {
        boolean checks = true;
        for (Operation part : op.parts) {
            if (part.kind == Kind.CHECK && !checks) {
                return false;
            }
            checks &= part.kind == Kind.CHECK;
            if (part.kind != Kind.TRANSACT) {
                into.add(part);
            } else if (!flatten(part, into)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasSource(Operation part) {
        return part.kind == Kind.COPY || part.kind == Kind.RENAME;
    }

    private static Operation keyOf(Operation part) {
        return get(part.map, part.copyKey());
    }

    private static Operation sourceOf(Operation part) {
        return get((int) part.delta, part.copyValue());
    }

    private static Operation get(int map, byte[] key) {
        Operation get = new Operation().reset(Kind.GET).key(key, 0, key.length);
        get.map = map;
        return get;
    }

    private void read(Operation op, Reader reader) {
        for (Operation part : op.parts) {
            if (part.kind == Kind.TRANSACT) {
                read(part, reader);
                continue;
            }
            hold(keyOf(part), reader);
            if (hasSource(part)) {
                hold(sourceOf(part), reader);
            }
        }
    }

    private static Key key(Operation get) {
        return new Key(get.map, ByteBuffer.wrap(get.keyBytes));
    }

    private void hold(Operation get, Reader reader) {
        keys.computeIfAbsent(key(get), unread -> new Held(get, reader));
    }

    private Held held(Operation get) {
        Held held = keys.get(key(get));
        if (held == null) {
            throw new IllegalStateException("a key of a transaction was not read");
        }
        return held;
    }

    /**
     * Decides all parts. To be called once.
     *
     * @param newVersion of the entries that it changes
     */
    Result decide(Operation op, long newVersion) {
        version = newVersion;
        Result result = group(op);
        if (isTooMuch() || changedBytes() > maxBytes) {
            keys.clear();
            return Result.refused(
                    Status.TOO_LARGE, "a transaction changes and returns at most " + maxBytes + " bytes each");
        }
        return result;
    }

    /** Then nothing will come of it, and what is left is not even evaluated. */
    private boolean isTooMuch() {
        return resultBytes > maxBytes || work > maxBytes * MAX_REWRITES;
    }

    private Result group(Operation op) {
        List<Result> results = new ArrayList<>(op.parts.size());
        for (Operation part : op.parts) {
            if (isTooMuch()) {
                break;
            }
            Result result = part(part);
            if (part.kind == Kind.CHECK && result.status() != Status.DONE) {
                return result;
            }
            resultBytes += result.bytes();
            results.add(result);
        }
        return Result.of(results);
    }

    private Result part(Operation part) {
        if (part.kind == Kind.TRANSACT) {
            return group(part);
        }
        Held held = held(keyOf(part));
        return switch (part.kind) {
            case GET -> held.present ? found(held.entry) : Result.MISSING;
            case CHECK -> {
                Status obstacle = Evaluation.obstacle(part, held.now(), line);
                yield obstacle == null ? Result.DONE : Result.of(obstacle);
            }
            case COPY, RENAME -> copy(part, held);
            default -> write(part, held);
        };
    }

    private Result found(EntryCursor entry) {
        return Result.found(entry.copyValue(), entry.flags, entry.expiry, Version.visible(line, entry.version));
    }

    private Result copy(Operation part, Held target) {
        Held source = held(sourceOf(part));
        if (!source.present) {
            return Result.MISSING;
        }
        Status obstacle = Evaluation.obstacle(part, target.now(), line);
        if (obstacle != null) {
            return Result.of(obstacle);
        }
        EntryCursor entry = source.entry;
        boolean same = source == target;
        if (!same) {
            work += entry.valueLength;
            target.put(entry.copyValue(), entry.flags, entry.expiry, entry.idle, version);
            if (part.kind == Kind.RENAME) {
                source.remove();
            }
        }
        return Result.DONE.withVersion(Version.visible(line, target.entry.version));
    }

    private Result write(Operation part, Held held) {
        if (part.kind == Kind.ADD) {
            work += costOfSum(part, held);
        }
        Decision decision = Evaluation.decide(part, held.now(), line, wall, maxValueBytes);
        if (decision.effect() == Effect.NOTHING) {
            return decision.result();
        }
        if (decision.effect() == Effect.REMOVE) {
            held.remove();
            return decision.result();
        }
        work += decision.value().length;
        held.put(decision.value(), decision.flags(), decision.expiry(), decision.idle(), version);
        return decision.result().withVersion(Version.visible(line, version));
    }

    /** Reading, adding and writing thousands of digits takes milliseconds, whether there is a sum in the end or not. */
    private static long costOfSum(Operation add, Held held) {
        long length = add.valueLength + (held.present ? held.entry.valueLength : 0L);
        long digits = Math.min(length, LongDouble.MAX_LENGTH);
        return length + digits * digits;
    }

    private long changedBytes() {
        long bytes = 0;
        for (Held held : keys.values()) {
            if (held.changed) {
                bytes += held.get.keyLength + (held.present ? held.entry.valueLength : 0);
            }
        }
        return bytes;
    }

    /** How many bytes the entries take that it puts. */
    long growth() {
        long growth = 0;
        for (Held held : keys.values()) {
            if (held.changed && held.present) {
                growth += Store.mostBytes(held.get.keyLength, held.entry.valueLength, held.entry.idle);
            }
        }
        return growth;
    }

    /** Whether it makes a new entry in a map that is full. */
    boolean adds(Full full) {
        for (Held held : keys.values()) {
            long bytes =
                    held.present ? Store.mostBytes(held.get.keyLength, held.entry.valueLength, held.entry.idle) : 0;
            if (held.changed && held.present && !held.wasPresent && full.isFull(held.get.map, bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Says whether a map is full. */
    @FunctionalInterface
    interface Full {
        boolean isFull(int map, long bytes);
    }

    /** What it changes, as one step of the stream; null if nothing. */
    @Nullable
    Mutation effect(long seq) {
        List<Mutation> parts = new ArrayList<>();
        for (Held held : keys.values()) {
            Operation get = held.get;
            if (held.changed && held.present) {
                parts.add(Mutation.put(
                        seq,
                        version,
                        get.map,
                        get.keyBytes,
                        held.entry.copyValue(),
                        held.entry.flags,
                        held.entry.expiry,
                        held.entry.idle));
            } else if (held.changed && held.wasPresent) {
                parts.add(Mutation.remove(seq, get.map, get.keyBytes));
            }
        }
        return switch (parts.size()) {
            case 0 -> null;
            case 1 -> parts.get(0);
            default -> Mutation.compound(seq, parts);
        };
    }

    /** The keys, as GETs, and whether each had an entry. */
    void forEach(Seen seen) {
        keys.values().forEach(held -> seen.see(held.get, held.wasPresent));
    }

    /** Hears of a key that was read. */
    @FunctionalInterface
    interface Seen {
        void see(Operation get, boolean wasPresent);
    }
}
