package io.ringgrid.client;

import io.ringgrid.Grid;
import io.ringgrid.GridMap;
import io.ringgrid.MemberInfo;
import io.ringgrid.client.net.Address;
import io.ringgrid.codec.TypedMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
    public GridMap<String, byte[]> map(String name) {
        return map(name, String.class, byte[].class);
    }

    @Override
    public <K, V> GridMap<K, V> map(String name, Class<K> keyType, Class<V> valueType) {
        TypedMap<K, V> map = new TypedMap<>(name, keyType, valueType, session);
        session.open(name);
        return map;
    }

    @Override
    public List<MemberInfo> members() {
        return session.members();
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
            Session session = new Session(contacts, cluster, deadline.toNanos());
            session.start();
            return new GridClient(session);
        }
    }
}
