package io.ringgrid.codec;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;

/** What a typed map stands on: a member or a client. Thread-safe. */
public interface Caller {
    /**
     * Executes an operation on the map of this name, and waits for its answer.
     *
     * @param op its map's id is still to be set; its bytes are not changed and not kept
     * @throws io.ringgrid.GridUnavailableException if the map's id cannot be found out now
     */
    Result call(String map, Operation op);

    /** Wall-clock milliseconds, as the members judge expiry. */
    long wallMillis();
}
