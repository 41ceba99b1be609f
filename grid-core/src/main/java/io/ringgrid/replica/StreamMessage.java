package io.ringgrid.replica;

import io.ringgrid.topology.PeerMessage;
import java.util.List;

/** The messages of one partition's stream (PROTOCOL.md 10). All immutable. Each is valid in its epoch only. */
public sealed interface StreamMessage extends PeerMessage {
    /** Which partition. */
    int partition();

    /** The epoch in which it was said. */
    int epoch();

    /**
     * The primary's mutations, without a gap.
     *
     * @param partition which
     * @param epoch of the primary
     * @param committedSeq what every in-sync copy has
     * @param mutations to be judged for room, and applied, as a whole
     */
    record Mutations(int partition, int epoch, long committedSeq, List<Mutation> mutations) implements StreamMessage {}

    /**
     * Everything up to {@code applied} is applied.
     *
     * @param partition which
     * @param epoch of the primary
     * @param applied the newest seq
     * @param fillPermille how full the backup's memory is
     * @param refused whether a mutation was refused for lack of room
     */
    record Ack(int partition, int epoch, long applied, int fillPermille, boolean refused) implements StreamMessage {}

    /**
     * A new primary asks what a copy has beyond its own.
     *
     * @param partition which
     * @param epoch of the new primary
     * @param after the new primary's newest seq
     */
    record TailRequest(int partition, int epoch, long after) implements StreamMessage {}

    /**
     * What a copy has beyond the new primary's.
     *
     * @param partition which
     * @param epoch of the new primary
     * @param applied the copy's newest seq
     * @param mutations those after the new primary's, without a gap
     */
    record Tail(int partition, int epoch, long applied, List<Mutation> mutations) implements StreamMessage {}

    /**
     * The old primary serves no more: its lease need not be waited out.
     *
     * @param partition which
     * @param epoch of the new primary
     */
    record Handover(int partition, int epoch) implements StreamMessage {}

    /**
     * A copy is to be filled.
     *
     * @param partition which
     * @param epoch of the primary
     * @param base the primary's committed seq: the stream follows from there
     * @param clock the partition's clock
     * @param lastTick the seq of its last TICK
     */
    record FillBegin(int partition, int epoch, long base, long clock, long lastTick) implements StreamMessage {}

    /**
     * Entries, read live.
     *
     * @param partition which
     * @param epoch of the primary
     * @param index counts the chunks from 0
     * @param last whether there are no more
     * @param forgottenFor of the first one: how long ago the primary last took notice of any request that it has forgotten,
     *     in nanoseconds
     * @param entries as PUTs whose seq is their version's
     */
    record FillChunk(int partition, int epoch, int index, boolean last, long forgottenFor, List<Mutation> entries)
            implements StreamMessage {}

    /**
     * All chunks below {@code next} are taken.
     *
     * @param partition which
     * @param epoch of the primary
     * @param next the chunk that is wanted, or −1: the filling has not begun
     * @param fillPermille how full the copy's memory is
     * @param refused whether there was no room for it
     */
    record FillAck(int partition, int epoch, int next, int fillPermille, boolean refused) implements StreamMessage {}

    /**
     * What a part of the primary's copy comes to, to be compared by whoever has applied the same.
     *
     * @param partition which
     * @param epoch of the primary
     * @param seq the primary's newest
     * @param from the hash at which the part begins
     * @param to the hash before which it ends, or 0: it is the last one
     * @param sum of all that is in it
     */
    record Digest(int partition, int epoch, long seq, long from, long to, long sum) implements StreamMessage {}

    /**
     * A copy is not what the primary's is, although it has applied the same.
     *
     * @param partition which
     * @param epoch of the primary
     * @param lacks whether the copy knows why: there was no room for a tail that it took, and it did not get to evict the rest
     */
    record Differs(int partition, int epoch, boolean lacks) implements StreamMessage {}
}
