package io.ringgrid.wire;

import io.ringgrid.ring.Id;
import org.jspecify.annotations.Nullable;

/** How a member answers a {@link Hello}. Immutable. */
public sealed interface Reply permits Welcome, Refused {
    /** The type of its frame. */
    int type();

    /** Appends its body. */
    void encode(ByteWriter out);

    /** Why there is nothing to talk about with whoever said this: another protocol, or no common version; else null. */
    static @Nullable Refused stranger(Hello hello) {
        if (hello.magic() != Hello.MAGIC) {
            return new Refused("this is a RingGrid member's native door, and that was another protocol");
        }
        if (hello.oldest() > Hello.VERSION || hello.newest() < Hello.VERSION) {
            return new Refused("no common protocol version: this member speaks " + Hello.VERSION + ", not "
                    + hello.oldest() + " to " + hello.newest());
        }
        return null;
    }

    /**
     * What every member checks: the magic, a common version, the cluster's name. Another cluster <em>id</em> is no
     * reason to refuse: members of two clusters of one name have to talk before they can become one.
     *
     * @param cluster the name of the member's cluster
     * @param welcome what the member would answer; its version is replaced by the newest common one
     */
    static Reply to(Hello hello, String cluster, Welcome welcome) {
        Refused stranger = stranger(hello);
        if (stranger != null) {
            return stranger;
        }
        boolean member = hello.role() == Hello.Role.MEMBER;
        if (!hello.cluster().equals(cluster) && (member || !hello.cluster().isEmpty())) {
            return new Refused(
                    "this member belongs to the cluster '" + cluster + "', not to '" + hello.cluster() + "'");
        }
        if (member == hello.memberId().equals(Id.NONE)) {
            return new Refused(member ? "a member has to say who it is" : "a client has no member's id");
        }
        return new Welcome(
                Hello.VERSION, welcome.clusterId(), welcome.memberId(), welcome.name(), welcome.host(), welcome.port());
    }
}
