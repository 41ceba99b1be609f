package io.ringgrid.client;

import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.MemberInfo;
import io.ringgrid.Near;
import io.ringgrid.ObjectTypes;
import io.ringgrid.client.net.Address;
import io.ringgrid.codec.Caller;
import io.ringgrid.codec.TypedMap;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Grid} for a JVM that is no member: one hop to the owner of each key. Thread-safe; one for the whole
 * application is enough.
 *
 * <p>Any member is a good contact: it tells who holds what, and the client then follows all changes by itself. If it has
 * lost every member it keeps trying its contacts and those that it knew last.
 *
 * <pre>{@code
 * try (Grid grid = GridClient.connect("10.0.0.1:7800", "10.0.0.2:7800")) {
 *     GridMap<String, String> users = grid.map("users", String.class, String.class);
 *     users.put("ada", "Lovelace");
 * }
 * }</pre>
 */
public final class GridClient implements Grid {
    private final Session session;

    private GridClient(Session session) {
        this.session = session;
    }

    /**
     * Connects with the default settings.
     *
     * @param contacts native doors of members, as {@code host:port}
     * @throws IllegalArgumentException if a contact is no {@code host:port}, or there is none
     * @throws io.ringgrid.GridUnavailableException if no contact answers within 5 s
     */
    public static GridClient connect(String... contacts) {
        return builder().contacts(contacts).connect();
    }

    /** Settings other than the default ones. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType) {
        return opened(new TypedMap<>(name, keyType, valueType, session));
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types) {
        return opened(new TypedMap<>(name, keyType, valueType, types, session));
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType, ObjectTypes types, Near near) {
        return opened(new TypedMap<>(name, keyType, valueType, types, near, session));
    }

    private <K, V> GridMap<K, V> opened(GridMap<K, V> map) {
        session.open(map.name());
        return map;
    }

    @Override
    public List<MemberInfo> members() {
        return session.members();
    }

    /**
     * Executes one operation as it is, beneath the typed maps: for tools.
     *
     * @param map its name; the operation's own map id is overwritten
     * @return what became of it, failures included
     */
    public Result execute(String map, Operation op) {
        return session.call(map, op, Caller.USUAL_DEADLINE);
    }

    /**
     * The newest committed topology that is known here.
     *
     * @throws io.ringgrid.GridUnavailableException if this client is closed
     */
    public Topology topology() {
        return session.topology();
    }

    /** The members' wall clock, by which expiry is judged, in milliseconds. */
    public long wallMillis() {
        return session.wallMillis();
    }

    /**
     * How long a member takes to give a sign of life, in nanoseconds; -1 if it gives none within the deadline.
     *
     * @param member of the topology
     */
    public long ping(Id member) {
        return session.ping(member);
    }

    /** Closes the connections. What waits for an answer ends with an exception. */
    @Override
    public void close() {
        session.close();
    }

    /** How to connect. Not thread-safe. */
    public static final class Builder {
        private final List<Address> contacts = new ArrayList<>();
        private String cluster = "";
        private @Nullable Secret secret;
        private Duration deadline = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Adds native doors of members, as {@code host:port}; any one of them that answers is enough.
         *
         * @throws IllegalArgumentException if one is no {@code host:port}
         */
        public Builder contacts(String... hostPorts) {
            for (String hostPort : hostPorts) {
                contacts.add(Address.parse(hostPort));
            }
            return this;
        }

        /** Accepts only members of the cluster of this name; without it, of any. */
        public Builder cluster(String name) {
            cluster = name;
            return this;
        }

        /**
         * What the cluster asks for: both sides then prove that they know it, and it is never sent.
         *
         * @throws IllegalArgumentException if it is not 1 to 1024 visible ASCII characters
         */
        public Builder secret(String text) {
            return secret(Secret.of(text));
        }

        /** The same of an array, which may be overwritten afterwards. */
        public Builder secret(char[] text) {
            return secret(Secret.of(text));
        }

        /** The same of a secret that was read elsewhere. */
        public Builder secret(Secret newSecret) {
            secret = newSecret;
            return this;
        }

        /**
         * How long connecting, and each call, may take; 5 s unless it is set.
         *
         * @throws IllegalArgumentException if it is not 100 ms to 1 hour
         */
        public Builder deadline(Duration newDeadline) {
            if (newDeadline.compareTo(Duration.ofMillis(100)) < 0 || newDeadline.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("a deadline is 100 ms to 1 hour, not " + newDeadline);
            }
            deadline = newDeadline;
            return this;
        }

        /**
         * Connects.
         *
         * @throws IllegalArgumentException if there is no contact
         * @throws io.ringgrid.GridUnavailableException if no contact answers within the deadline
         */
        public GridClient connect() {
            if (contacts.isEmpty()) {
                throw new IllegalArgumentException("a client needs a contact: the host:port of any member");
            }
            Session session = new Session(contacts, cluster, secret, deadline.toNanos());
            session.start();
            return new GridClient(session);
        }
    }
}
