package io.ringgrid.replica;

/**
 * What one member says of one partition, to be compared with what others say. Stateless: it is asked after each event, for
 * each partition, so a look makes no object.
 */
public final class ReplicaState {
    private ReplicaState() {}

    /** Whether it takes itself for the primary that may answer, given a lease. */
    public static boolean serves(LocalMember member, int partition) {
        Replica replica = member.replica(partition);
        int epoch = replica.epoch();
        return epoch != 0 && replica.mayServe(epoch);
    }

    /** Up to where it knows the stream committed. */
    public static long committedSeq(LocalMember member, int partition) {
        return member.replica(partition).committedSeq();
    }

    /** Up to where it has applied the stream. */
    public static long applied(LocalMember member, int partition) {
        return member.replica(partition).copy().applied();
    }

    /** How many bytes its entries take. */
    public static long bytes(LocalMember member, int partition) {
        return member.replica(partition).copy().store.bytes();
    }
}
