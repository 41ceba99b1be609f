package io.ringgrid.node.engine;

import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import io.ringgrid.replica.StreamMessage.Ack;
import io.ringgrid.replica.StreamMessage.Mutations;
import io.ringgrid.store.Account;
import io.ringgrid.topology.PeerMessage;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a member does. Thread-safe; threads that count at once do not wait for each other. */
final class Counts {
    final LongAdder puts = new LongAdder();
    final LongAdder removals = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder mutationsSent = new LongAdder();
    final LongAdder mutationsReceived = new LongAdder();
    final LongAdder acksReceived = new LongAdder();

    /** Counts an operation that this member executed as primary; reads are counted by their map. */
    void executed(Kind kind, Account map, Result result) {
        switch (result.status()) {
            case FOUND, DONE -> succeeded(kind, map);
            case MISSING -> {
                if (kind == Kind.GET) {
                    map.read(false);
                }
            }
            case OUT_OF_MEMORY, UNAVAILABLE, OUTCOME_UNKNOWN -> failures.increment();
            default -> {}
        }
    }

    private void succeeded(Kind kind, Account map) {
        switch (kind) {
            case GET -> map.read(true);
            case REMOVE -> removals.increment();
            case SIZE, CLEAR -> {}
            default -> puts.increment();
        }
    }

    void sent(PeerMessage message) {
        if (message instanceof Mutations some) {
            mutationsSent.add(some.mutations().size());
        }
    }

    void received(PeerMessage message) {
        if (message instanceof Mutations some) {
            mutationsReceived.add(some.mutations().size());
        } else if (message instanceof Ack) {
            acksReceived.increment();
        }
    }
}
