package io.ringgrid.replica;

import java.util.ArrayList;
import java.util.List;

/** The mutations that some copy may still lack: a gapless run of the stream. Guarded by the {@link Replica}. */
final class MutationLog {
    private static final int COMPACT_FROM = 256;

    private final ArrayList<Mutation> mutations = new ArrayList<>();
    private int start;
    private long bytes;

    /** How many bytes it holds, about. */
    long bytes() {
        return bytes;
    }

    /** Appends the next one of the stream. */
    void add(Mutation mutation) {
        if (start < mutations.size() && mutations.get(mutations.size() - 1).seq() + 1 != mutation.seq()) {
            throw new IllegalStateException("a gap before " + mutation.seq());
        }
        mutations.add(mutation);
        bytes += mutation.weight();
    }

    /** Forgets everything up to this seq. */
    void trim(long seq) {
        while (start < mutations.size() && mutations.get(start).seq() <= seq) {
            bytes -= mutations.get(start).weight();
            start++;
        }
        if (start == mutations.size()) {
            mutations.clear();
            start = 0;
        } else if (start >= COMPACT_FROM && start * 2 > mutations.size()) {
            mutations.subList(0, start).clear();
            start = 0;
        }
    }

    /**
     * Those after this seq, in order, about {@code maxBytes} of them but at least one if there is any; nothing if the
     * first of them is no longer there.
     */
    List<Mutation> after(long seq, long maxBytes) {
        List<Mutation> some = new ArrayList<>();
        if (start == mutations.size() || mutations.get(start).seq() > seq + 1) {
            return some;
        }
        long taken = 0;
        int from = start + (int) (seq + 1 - mutations.get(start).seq());
        for (int i = from; i < mutations.size() && (some.isEmpty() || taken < maxBytes); i++) {
            some.add(mutations.get(i));
            taken += mutations.get(i).weight();
        }
        return some;
    }

    void clear() {
        mutations.clear();
        start = 0;
        bytes = 0;
    }
}
