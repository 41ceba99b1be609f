package io.ringgrid.replica;

import io.ringgrid.op.Operation;
import io.ringgrid.store.EntryCursor;
import io.ringgrid.store.Store;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a store takes more, or less, when mutations have been applied to it one after another. Not thread-safe: made for one
 * question.
 *
 * <p>A copy without room judges all that it lacks as a whole (PROTOCOL.md 9), and so by what is left of it in the end: what
 * is put and removed again takes nothing, and what a CLEAR or a TICK frees makes room for what came before. Two full
 * members, each primary of what the other has a copy of, would otherwise wait for each other: what each has removed
 * already, and the other has not, is all that there is to be removed.
 */
final class Growth {
    private record Place(int map, ByteBuffer key) {
        static Place of(Mutation mutation) {
            return new Place(mutation.map(), ByteBuffer.wrap(mutation.key()));
        }

        static Place of(EntryCursor entry) {
            return new Place(entry.map, ByteBuffer.wrap(entry.keyBytes, entry.keyOffset, entry.keyLength));
        }
    }

    /** Of each key what was said last. */
    private final Map<Place, Mutation> last = new HashMap<>();

    private final Set<Integer> cleared = new HashSet<>();
    private long clock;

    private Growth() {}

    /** In bytes. It costs a look at the whole store if there is a CLEAR or a TICK among them. */
    static long of(List<Mutation> mutations, Store store) {
        Growth growth = new Growth();
        mutations.forEach(growth::follow);
        return growth.in(store);
    }

    /** What it is at the most, in bytes, without a look at any store. */
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

    private long in(Store store) {
        long[] growth = {0};
        EntryCursor entry = new EntryCursor();
        last.values().forEach(put -> {
            boolean present = store.peek(put.map(), put.key(), 0, put.key().length, entry);
            growth[0] += present ? put.bytes() - taken(entry) : put.bytes();
        });
        if (clock > 0 || !cleared.isEmpty()) {
            store.scan(0, Integer.MAX_VALUE, shown -> {
                boolean ends = shown.expiry != Operation.NEVER && shown.expiry <= clock;
                if ((ends || cleared.contains(shown.map)) && !last.containsKey(Place.of(shown))) {
                    growth[0] -= taken(shown);
                }
            });
        }
        return growth[0];
    }

    private static int taken(EntryCursor entry) {
        return entry.keyLength + entry.valueLength + Store.overhead(entry.idle);
    }
}
