package io.ringgrid.node.engine;

import io.ringgrid.near.Feeds;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the doors ask a member for. Thread-safe.
 *
 * <p>Every answer arrives exactly once, within the operation's deadline (5 s unless configured): on the calling thread
 * before the call returns when the member could answer at once, otherwise later on a thread of the member's, which must
 * not be blocked. Operations that one thread submits on one partition take effect in the order of submission.
 */
public interface Engine {
    /** Hears what became of an operation. Never blocks; called exactly once. */
    @FunctionalInterface
    interface Answer {
        void accept(Result result);
    }

    /** Executes one operation on one key, wherever that key lives. The operation may be reused after the call. */
    void submit(Operation operation, Answer answer);

    /** How this member and its cluster are, for people and monitoring. A snapshot; cheap. */
    Health health();

    /**
     * Executes one operation only if this member is the primary of its partition now; otherwise answers RETRY, and
     * surely did nothing. This is what arrives over the native protocol, from members and from clients.
     */
    void execute(Operation operation, Answer answer);

    /** The newest committed topology that this member knows, or null before it has joined. */
    @Nullable
    Topology topology();

    /** Who this member is in the topology; another one after it has left a cluster and joined anew. */
    Id self();

    /**
     * Calls back, on a thread of the member's, each time that the committed topology changes: one call after the other,
     * in the order of the topologies. A listener must not wait for anything.
     */
    void onTopology(Consumer<Topology> listener);

    /** Who is told of what changes at the primaries here. */
    Feeds feeds();

    /**
     * The id of the map of this name, which is created if need be by agreement of the whole cluster.
     *
     * @param name 1 to 255 bytes of UTF-8
     * @param answer hears DONE with the id as its number, or why not
     */
    void openMap(String name, Answer answer);

    /**
     * Entries of a map that a member is the primary of.
     *
     * @param entries how many
     * @param expiring how many of them will expire
     */
    record Keyspace(long entries, long expiring) {}

    /** How many entries of a map this member is the primary of. A snapshot. */
    Keyspace keyspace(int map);

    /** How many partitions the cluster has, or will have if this member founds it. */
    int partitions();

    /** Wall-clock milliseconds, as this member judges expiry. */
    long wallMillis();
}
