package io.ringgrid.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.conf.XmlConfigurator;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's place in a JGroups cluster. Thread-safe.
 *
 * <p>Each member's JGroups address carries the host:port of its native door ({@link ExtendedUUID}), so a view alone
 * tells where everybody can be talked to, without a message. Views arrive late, in different orders on different
 * members, and split and merge: they are advice on whom to ask, nothing more. JGroups delivers them on threads that must
 * not be blocked, so they are handed over to one thread of our own, which calls the listener.
 */
public final class Discovery implements AutoCloseable {
    /** Hears of members. Called by one thread, one call after the other; {@link #close} waits for the last. */
    public interface Listener {
        /** These are the native addresses of all members that are found now, this one included, sorted. */
        void found(SortedSet<String> addresses);

        /**
         * A member with this native address is no longer found: it left, died, or cannot be reached from here. Called
         * before {@link #found}. If its process was started again, the address may still be among those found.
         */
        void suspected(String address);
    }

    /**
     * What to join, and as whom.
     *
     * @param cluster the cluster's name: members of other names are not found
     * @param host the address to listen on, a name or an address of this machine
     * @param port the port to listen on, exactly
     * @param seeds host:port of members to ask first; may name this one; if empty, nobody is asked
     * @param nativeAddress host:port of this member's native door, as others reach it; at most 255 bytes
     * @param stack the JGroups stack, or null for the one that is built in ({@code config/jgroups.xml})
     */
    public record Settings(
            String cluster,
            String host,
            int port,
            List<String> seeds,
            String nativeAddress,
            @Nullable Path stack) {
        public Settings {
            seeds = List.copyOf(seeds);
            seeds.forEach(Settings::hostAndPort);
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("JGroups needs a port from 1 to 65535, not " + port);
            }
            if (nativeAddress.getBytes(UTF_8).length > 255) {
                throw new IllegalArgumentException("the native address is over 255 bytes: " + nativeAddress);
            }
        }

        /** As JGroups writes it: host[port]. */
        private static String hostAndPort(String seed) {
            int colon = seed.lastIndexOf(':');
            if (colon < 1 || !seed.substring(colon + 1).matches("[0-9]{1,5}")) {
                throw new IllegalArgumentException("a seed must be host:port, not '" + seed + "'");
            }
            return seed.substring(0, colon) + "[" + seed.substring(colon + 1) + "]";
        }

        /** How many seeds accept connections now, this member not counted. */
        int listeningSeeds() {
            int listening = 0;
            for (String seed : new TreeSet<>(seeds)) {
                String seedHost = seed.substring(0, seed.lastIndexOf(':'));
                int seedPort = Integer.parseInt(seed.substring(seed.lastIndexOf(':') + 1));
                boolean own = seedPort == port && seedHost.equals(host);
                if (!own && isListening(seedHost, seedPort)) {
                    listening++;
                }
            }
            return listening;
        }

        private static boolean isListening(String host, int port) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), SEED_CONNECT_MILLIS);
                return true;
            } catch (IOException nobodyThere) {
                return false;
            }
        }

        /** TCPPING must be given somebody: without seeds, ourselves. */
        String initialHosts() {
            List<String> asked = seeds.isEmpty() ? List.of(host + ":" + port) : seeds;
            return asked.stream().map(Settings::hostAndPort).collect(Collectors.joining(","));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final String NATIVE_ADDRESS = "native";
    private static final long CLOSE_MILLIS = 1000;
    private static final String JOIN_TIMEOUT_BESIDE_OTHERS = "2s";
    private static final int SEED_CONNECT_MILLIS = 200;
    private static final long SEED_CHECK_MILLIS = 50;

    private final Settings settings;
    private final Listener listener;
    private final JChannel channel;
    private final ExecutorService mailbox;

    private volatile boolean closed;
    private volatile SortedSet<String> addresses = Collections.emptySortedSet();
    /** Who was in the last view, with native addresses. Only the mailbox's thread touches it. */
    private Map<Address, String> members = Map.of();

    private Discovery(Settings settings, Listener listener) throws Exception {
        this.settings = settings;
        this.listener = listener;
        this.mailbox = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "ringgrid-discovery");
            thread.setDaemon(true);
            return thread;
        });
        this.channel = new JChannel(stack(settings));
        channel.setName(settings.nativeAddress);
        channel.addAddressGenerator(() -> address(settings.nativeAddress));
        channel.setReceiver(new Receiver() {
            @Override
            public void viewAccepted(View view) {
                handOver(view);
            }
        });
    }

    /**
     * Joins: returns when a view is there, be it of this member alone. Takes some 0.2 s if nobody answers.
     *
     * @throws IOException if the stack cannot be read, or the port cannot be listened on
     */
    public static Discovery join(Settings settings, Listener listener) throws IOException {
        Discovery discovery = null;
        try {
            discovery = new Discovery(settings, listener);
            discovery.channel.connect(settings.cluster);
            return discovery;
        } catch (Exception failure) {
            if (discovery != null) {
                discovery.close();
            }
            throw new IOException(
                    "cannot join JGroups cluster '" + settings.cluster + "' on " + settings.host + ":" + settings.port
                            + ": " + failure.getMessage(),
                    failure);
        }
    }

    private static XmlConfigurator stack(Settings settings) throws IOException {
        XmlConfigurator stack;
        try (InputStream in = open(settings.stack)) {
            stack = XmlConfigurator.getInstance(in);
        }
        for (ProtocolConfiguration protocol : stack.getProtocolStack()) {
            Map<String, String> properties = protocol.getProperties();
            switch (protocol.getProtocolName()) {
                case "TCP", "TCP_NIO2" -> {
                    properties.put("bind_addr", settings.host);
                    properties.put("bind_port", Integer.toString(settings.port));
                    properties.put("port_range", "0");
                }
                case "FD_SOCK2", "FD_SOCK" -> properties.put("bind_addr", settings.host);
                case "TCPPING" -> properties.put("initial_hosts", settings.initialHosts());
                case "pbcast.GMS" -> {
                    if (settings.listeningSeeds() > 0) {
                        properties.put("join_timeout", JOIN_TIMEOUT_BESIDE_OTHERS);
                    }
                }
                default -> {}
            }
        }
        return stack;
    }

    private static InputStream open(@Nullable Path file) throws IOException {
        if (file != null) {
            return Files.newInputStream(file);
        }
        InputStream builtIn = Discovery.class.getResourceAsStream("jgroups.xml");
        if (builtIn == null) {
            throw new IOException("jgroups.xml is missing beside " + Discovery.class.getName());
        }
        return builtIn;
    }

    private static Address address(String nativeAddress) {
        return ExtendedUUID.randomUUID(nativeAddress).put(NATIVE_ADDRESS, nativeAddress.getBytes(UTF_8));
    }

    private void handOver(View view) {
        synchronized (mailbox) {
            if (!closed) {
                mailbox.execute(() -> deliver(view));
            }
        }
    }

    private void deliver(View view) {
        if (closed) {
            return;
        }
        Map<Address, String> before = members;
        members = nativeAddresses(view);
        addresses = Collections.unmodifiableSortedSet(new TreeSet<>(members.values()));
        LOG.info("view members={} addresses={}", view.size(), addresses);
        try {
            before.forEach((member, address) -> {
                if (!members.containsKey(member)) {
                    listener.suspected(address);
                }
            });
            listener.found(addresses);
        } catch (RuntimeException bug) {
            LOG.error("view-listener-failed: report this as a bug; later views are still delivered", bug);
        }
    }

    private static Map<Address, String> nativeAddresses(View view) {
        Map<Address, String> found = new LinkedHashMap<>();
        for (Address member : view.getMembersRaw()) {
            byte[] address = member instanceof ExtendedUUID extended ? extended.get(NATIVE_ADDRESS) : null;
            if (address == null) {
                LOG.warn("stranger member={}: it is not a RingGrid member; give the cluster a name of its own", member);
            } else {
                found.put(member, new String(address, UTF_8));
            }
        }
        return found;
    }

    /** The native addresses of all members found lately, this one included, sorted. */
    public SortedSet<String> addresses() {
        return addresses;
    }

    /**
     * Waits until as many others are found as there are seeds that listen: on a loaded machine JGroups may need seconds
     * to find who is there, and whoever does not wait founds a second cluster.
     *
     * @return false if they were not found in this time, say because a seed's port is another cluster's
     */
    public boolean awaitSeeds(long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (settings.listeningSeeds() > addresses.size() - 1) {
            if (closed || System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(SEED_CHECK_MILLIS);
        }
        return true;
    }

    /** Leaves, so that the others see a view without this member at once. Idempotent; not to be called by a listener. */
    @Override
    public void close() {
        synchronized (mailbox) {
            if (closed) {
                return;
            }
            closed = true;
        }
        channel.close();
        mailbox.shutdown();
        try {
            if (!mailbox.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("view-listener-slow: it still runs {} ms after the close; it must not block", CLOSE_MILLIS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
