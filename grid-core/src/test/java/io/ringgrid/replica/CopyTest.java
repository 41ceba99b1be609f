package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.store.Space;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a copy that is being filled makes of promised CLEARs, which come with the chunks or with the stream. */
class CopyTest {
    private static final long BASE = 10;

    private final Copy copy = new Copy(new Space(1 << 20), 1 << 14);

    CopyTest() {
        copy.restart(0, BASE, 0, 0, true);
    }

    private static Mutation promise(long seq, long when) {
        return Mutation.clearLater(seq, 0, when);
    }

    @Test
    void aPromiseComesWithTheFilling() {
        copy.take(0, promise(7, 500));
        copy.filled();
        assertEquals(List.of(promise(7, 500)), copy.promised());
    }

    @Test
    void whatTheStreamToldAlreadyIsNewer() {
        copy.apply(0, promise(11, 900));
        copy.take(0, promise(7, 500));
        assertEquals(List.of(promise(11, 900)), copy.promised());
        copy.apply(0, Mutation.clear(12, 0));
        copy.take(0, promise(11, 900));
        assertEquals(List.of(), copy.promised());
    }

    @Test
    void eachMapHasItsOwnAndALaterOneReplacesIt() {
        copy.apply(0, promise(11, 900));
        copy.apply(0, Mutation.clearLater(12, 3, 400));
        copy.apply(0, promise(13, 700));
        assertEquals(List.of(promise(13, 700), Mutation.clearLater(12, 3, 400)), copy.promised());
        copy.apply(0, Mutation.clear(14, 3));
        assertEquals(List.of(promise(13, 700)), copy.promised());
        copy.restart(0, 0, 0, 0, false);
        assertEquals(List.of(), copy.promised());
    }

    /** Nothing of a tail may be refused: what there is no room for is evicted by whoever takes over. */
    @Test
    void whatIsNotKeptOfATailIsToldUntilItIsThere() {
        Copy small = new Copy(new Space(16 << 10), 1 << 14);
        for (int seq = 1; seq <= 20; seq++) {
            small.applyTail(0, Mutation.put(seq, seq, 0, new byte[] {(byte) seq}, new byte[2_000], 0, 0, 0));
        }
        assertEquals(20, small.applied());
        long kept = small.store.count();
        assertTrue(kept > 3 && kept < 8, kept + " of 20 fit");
        small.apply(0, Mutation.remove(21, 0, new byte[] {1}));
        small.apply(0, Mutation.put(22, 22, 0, new byte[] {20}, new byte[100], 0, 0, 0));
        List<Mutation> unkept = small.takeUnkept();
        assertEquals(20 - kept - 1, unkept.size(), "the last one has come again");
        assertEquals(List.of(), small.takeUnkept());
    }
}
