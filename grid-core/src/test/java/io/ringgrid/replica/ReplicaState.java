package io.ringgrid.replica;

/**
 * What one member says of one partition, to be compared with what others say.
 *
 * @param epoch that it has adopted; 0 if none
 * @param serves whether it takes itself for the primary that may answer, given a lease
 * @param committedSeq up to where it knows the stream committed
 * @param applied up to where it has applied it
 * @param bytes of its entries
 */
public record ReplicaState(int epoch, boolean serves, long committedSeq, long applied, long bytes) {
    /** What this member says of this partition. */
    public static ReplicaState of(LocalMember member, int partition) {
        Replica replica = member.replica(partition);
        int epoch = replica.epoch();
        Copy copy = replica.copy();
        return new ReplicaState(
                epoch,
                epoch != 0 && replica.mayServe(epoch),
                replica.committedSeq(),
                copy.applied(),
                copy.store.bytes());
    }
}
