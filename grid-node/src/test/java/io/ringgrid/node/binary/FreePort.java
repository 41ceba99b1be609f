package io.ringgrid.node.binary;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Ports that nobody listens on. Thread-safe. */
public final class FreePort {
    /** Whoever was given one may take it late, or again after a restart. */
    private static final Set<Integer> GIVEN = new HashSet<>();

    private FreePort() {}

    /** One below those that the system hands out for connections, so that it is still free a while later; never twice. */
    public static synchronized int next() {
        while (true) {
            int port = RandomGenerator.getDefault().nextInt(10_000, 30_000);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another try takes another port.
            }
        }
    }

    /** So many different ones. */
    public static List<Integer> several(int count) {
        return Stream.generate(FreePort::next).limit(count).toList();
    }
}
