package io.ringgrid.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
