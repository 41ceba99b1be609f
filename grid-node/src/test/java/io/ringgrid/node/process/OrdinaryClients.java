package io.ringgrid.node.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.binary.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One client at each door of a member, each of which writes and reads on one connection, and expects to be served, all
 * the time. On a machine that is too busy a lease may lapse and a primary change: few rounds may end so. Thread-safe.
 */
final class OrdinaryClients implements AutoCloseable {
    /** Longer than anything takes that is not waiting for somebody. */
    private static final int ANSWER_MILLIS = 5000;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int KEYS = 100;
    private static final Pattern FAILOVER =
            Pattern.compile("-OUTCOMEUNKNOWN |-CLUSTERDOWN |SERVER_ERROR (outcome unknown|temporarily unavailable): ");

    private final String prefix;
    private final List<Client> clients = new ArrayList<>();
    private volatile boolean ending;

    /** Writes the value as this key and reads it; false if the cluster said that it could not serve just now. */
    private interface Round {
        boolean run(String key, String value) throws IOException;
    }

    private final class Client {
        private final String name;
        private final Round round;
        private final AutoCloseable connection;
        private final Thread thread;
        private final AtomicLong rounds = new AtomicLong();
        private final AtomicLong unserved = new AtomicLong();
        private final List<Long> nanos = new ArrayList<>();
        private volatile @Nullable Throwable failure;

        Client(String name, AutoCloseable connection, Round round) {
            this.name = name;
            this.round = round;
            this.connection = connection;
            thread = new Thread(this::run, "ordinary-" + name);
            thread.start();
        }

        private void run() {
            try (connection) {
                while (!ending) {
                    long number = rounds.get();
                    long begun = System.nanoTime();
                    if (!round.run(prefix + ":" + name + ":" + number % KEYS, "value " + number)) {
                        unserved.incrementAndGet();
                    }
                    rounds.incrementAndGet();
                    took(System.nanoTime() - begun);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (Throwable wrong) {
                failure = wrong;
            }
        }

        private void took(long time) {
            synchronized (nanos) {
                nanos.add(time);
            }
        }

        void forgetTimes() {
            synchronized (nanos) {
                nanos.clear();
            }
        }

        /** What nine of ten rounds did not exceed. */
        long usualMillis() {
            synchronized (nanos) {
                List<Long> sorted = nanos.stream().sorted().toList();
                return TimeUnit.NANOSECONDS.toMillis(sorted.get(sorted.size() * 9 / 10));
            }
        }
    }

    /** Clients of this member, whose keys begin so, and are nobody else's. */
    OrdinaryClients(MemberProcess member, String prefix) throws IOException {
        this.prefix = prefix;
        LineConnection memcached = member.memcached(ANSWER_MILLIS);
        clients.add(new Client("memcached", memcached, (key, value) -> {
            memcached.send("set " + key + " 0 0 " + value.length() + "\r\n" + value + "\r\n");
            if (!hears(memcached, "STORED")) {
                return false;
            }
            memcached.send("get " + key + "\r\n");
            return hears(memcached, "VALUE " + key + " 0 " + value.length(), value, "END");
        }));
        LineConnection resp = member.resp(ANSWER_MILLIS);
        clients.add(new Client("resp", resp, (key, value) -> {
            resp.send("SET " + key + " \"" + value + "\"\r\n");
            if (!hears(resp, "+OK")) {
                return false;
            }
            resp.send("GET " + key + "\r\n");
            return hears(resp, "$" + value.length(), value);
        }));
        GridClient grid = GridClient.connect(MemberProcess.HOST + ":" + member.nativePort);
        GridMap<String, String> map = grid.map("default", String.class, String.class);
        clients.add(new Client("java", grid, (key, value) -> {
            try {
                map.put(key, value);
                assertEquals(value, map.get(key));
                return true;
            } catch (GridUnavailableException | OutcomeUnknownException failover) {
                return false;
            }
        }));
        clients.add(new Client("http", () -> {}, (key, value) -> {
            assertEquals("200 live\n", member.shown("/health/live"));
            assertTrue(member.isOk("/cluster"), "/cluster");
            return true;
        }));
    }

    /** Hears these lines; or one that says that the cluster cannot serve just now, which is false. */
    private static boolean hears(LineConnection connection, String... lines) throws IOException {
        for (String line : lines) {
            String heard = connection.line();
            if (FAILOVER.matcher(heard).lookingAt()) {
                return false;
            }
            assertEquals(line, heard);
        }
        return true;
    }

    /** Waits until each has been served this many times more, or one has not been served. */
    void awaitRounds(int rounds) {
        for (Client client : clients) {
            long enough = client.rounds.get() + rounds;
            Await.until(
                    () -> "the " + client.name + " client is served; it had " + (client.rounds.get() + rounds - enough)
                            + " of " + rounds + " rounds, and since its beginning " + client.unserved + " unserved",
                    () -> client.rounds.get() >= enough || client.failure != null);
        }
        check();
    }

    /** The time of rounds counts from now on. */
    void forgetTimes() {
        clients.forEach(Client::forgetTimes);
    }

    /** Nine of ten rounds of each client took no longer. */
    void assertUsualTime(long millis) {
        for (Client client : clients) {
            long usual = client.usualMillis();
            System.out.println("a round of the " + client.name + " client took at most " + usual + " ms, usually");
            assertTrue(usual <= millis, () -> client.name + ": " + usual + " ms");
        }
    }

    /** Nobody has heard that the cluster could not serve just now, but for what a busy machine may do once. */
    void assertAlwaysServed() {
        for (Client client : clients) {
            assertTrue(client.unserved.get() <= 1, () -> client.name + ": " + client.unserved + " rounds unserved");
        }
    }

    private void check() {
        for (Client client : clients) {
            if (client.failure != null) {
                throw new AssertionError("the " + client.name + " client was not served", client.failure);
            }
            long unserved = client.unserved.get();
            long rounds = client.rounds.get();
            assertTrue(
                    unserved <= 1 + rounds / 20,
                    () -> unserved + " of " + rounds + " rounds of the " + client.name + " client were not served");
        }
    }

    /** Ends; fails if one of them was not served as it should have been. */
    @Override
    public void close() {
        ending = true;
        try {
            for (Client client : clients) {
                client.thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        check();
    }
}
