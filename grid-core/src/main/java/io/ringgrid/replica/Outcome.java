package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is left of mutations when they have been applied one after another. Not thread-safe: made for one message.
 *
 * <p>A copy without room judges all that it lacks as a whole (PROTOCOL.md 9), and so by what is left of it in the end: what
 * is put and removed again takes nothing, and what a CLEAR or a TICK frees makes room for what came before. Two full
 * members, each primary of what the other has a copy of, would otherwise wait for each other: what each has removed
 * already, and the other has not, is all that there is to be removed. So that no moment in between takes more than the end,
 * whatever goes is then freed first, and what does not stay is never put.
 */
final class Outcome {
    private record Place(int map, ByteBuffer key) {
        static Place of(Mutation mutation) {
            return new Place(mutation.map(), ByteBuffer.wrap(mutation.key()));
        }

        static Place of(EntryCursor entry) {
            return new Place(entry.map, ByteBuffer.wrap(entry.copyKey()));
        }
    }

    /** Of each key what was said last. */
    private final Map<Place, Mutation> last = new HashMap<>();

    private final Set<Integer> cleared = new HashSet<>();
    private final Store store;
    private long clock;

    /** Of these in this store; they all will be applied. */
    Outcome(List<Mutation> mutations, Store store) {
        this.store = store;
        mutations.forEach(this::follow);
    }

    /** The most bytes that these may take, whatever is there. */
    static long most(List<Mutation> mutations) {
        long bytes = 0;
        for (Mutation mutation : mutations) {
            bytes += mutation.bytes() + most(mutation.parts());
        }
        return bytes;
    }

    private void follow(Mutation mutation) {
        switch (mutation.kind()) {
            case PUT, REMOVE -> last.put(Place.of(mutation), mutation);
            case CLEAR -> {
                last.replaceAll(
                        (place, put) -> place.map == mutation.map() ? Mutation.remove(0, place.map, put.key()) : put);
                cleared.add(mutation.map());
            }
            case TICK -> clock = Math.max(clock, mutation.time());
            case COMPOUND -> mutation.parts().forEach(this::follow);
            case CLEAR_LATER, NOTE -> {}
        }
    }

    /** Bytes that the store takes more, or less, in the end. It costs a look at all of it if there is a CLEAR or a TICK. */
    long growth() {
        long[] growth = {0};
        EntryCursor entry = new EntryCursor();
        last.values().forEach(put -> {
            boolean present = store.peek(put.map(), put.key(), 0, put.key().length, entry);
            growth[0] += put.bytes() - (present ? store.leastBytes(entry) : 0);
        });
        forEachEnding(shown -> growth[0] -= store.leastBytes(shown));
        return growth[0];
    }

    private void forEachEnding(Consumer<EntryCursor> visitor) {
        if (clock > 0 || !cleared.isEmpty()) {
            store.scan(0, Integer.MAX_VALUE, shown -> {
                boolean ends = shown.expiry != Operation.NEVER && shown.expiry <= clock;
                if ((ends || cleared.contains(shown.map)) && !last.containsKey(Place.of(shown))) {
                    visitor.accept(shown);
                }
            });
        }
    }

    /** Frees what the mutations remove or replace. */
    void free() {
        List<Mutation> ending = new ArrayList<>(last.values());
        forEachEnding(shown -> ending.add(Mutation.remove(0, shown.map, shown.copyKey())));
        for (Mutation gone : ending) {
            store.remove(gone.map(), gone.key(), 0, gone.key().length);
        }
    }

    /** Whether the entry that this PUT makes is there in the end. */
    boolean stays(Mutation put) {
        Mutation said = last.get(Place.of(put));
        return said != null && said.kind() == Mutation.Kind.PUT && said.seq() == put.seq();
    }
}
