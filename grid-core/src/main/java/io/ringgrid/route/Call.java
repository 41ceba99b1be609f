package io.ringgrid.route;

import io.ringgrid.op.Operation;
import io.ringgrid.ring.Id;
import org.jspecify.annotations.Nullable;

/** One operation on its way. Guarded by its {@link Router}. It either waits in its lane or is under way at a member. */
final class Call {
    /** Rises with each submission: the order to be kept inside a lane. */
    final long order;

    final long ticket;
    /** As it was sent last. */
    Operation op;

    final long deadline;
    /** How long it may take. */
    final long within;

    /** Where it waits or is under way; null until a topology is known. */
    @Nullable
    Lane lane;
    /** The member that it was sent to and that has not answered; null while it waits. */
    @Nullable
    Id target;

    long correlation;
    /** The partition's epoch when it was sent. */
    int epoch;
    /** Its number as a request of this router's session; 0 until it is sent to another member as a write. */
    long number;
    /** When it was given that number. */
    long numberedAt;
    /** An attempt was left without an answer: nobody knows whether it was executed. */
    boolean open;
    /** Later operations of its partition went ahead, or the cluster was replaced: it may not be sent again. */
    boolean overtaken;
    /** Why it was refused when it was asked last; empty if it was not, or nobody said. */
    String refusal = "";

    Call(long order, long ticket, Operation op, long nanos, long within) {
        this.order = order;
        this.ticket = ticket;
        this.op = op;
        this.deadline = nanos + within;
        this.within = within;
    }

    boolean isWrite() {
        return op.kind.isWrite();
    }

    long bytes() {
        return op.bytes();
    }
}
