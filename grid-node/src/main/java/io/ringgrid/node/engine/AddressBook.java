package io.ringgrid.node.engine;

import io.ringgrid.node.transport.PeerLinks;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.topology.Topology.Member;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whom this member keeps a connection to: those that discovery finds, those in the committed topology, and those that
 * have dialed it lately, since they want answers. Thread-safe by its own monitor.
 */
final class AddressBook {
    private static final long REMEMBERED_NANOS = 30_000_000_000L;
    private static final long REVIEW_NANOS = 1_000_000_000L;

    private static final int MAX_PORT = 65535;
    private static final int MAX_MET = 1024;

    private final String own;
    private final PeerLinks links;
    private final Set<String> found = new HashSet<>();
    private final Map<String, Id> members = new HashMap<>();
    private final Map<String, Long> met = new HashMap<>();
    private final Set<String> dialed = new HashSet<>();
    private long reviewedAt;

    AddressBook(String own, PeerLinks links) {
        this.own = own;
        this.links = links;
    }

    synchronized void found(Iterable<String> addresses) {
        found.clear();
        addresses.forEach(found::add);
        review();
    }

    synchronized void members(Topology topology) {
        Map<String, Id> now = new HashMap<>();
        for (Member member : topology.members()) {
            now.put(member.address(), member.id());
        }
        if (!now.equals(members)) {
            members.clear();
            members.putAll(now);
            review();
        }
    }

    /** Somebody dialed this member who says that he listens there: it need not be true, or an address at all. */
    synchronized void met(String host, int port, long nanos) {
        boolean anAddress = !host.isEmpty() && port >= 1 && port <= MAX_PORT;
        boolean room = met.size() < MAX_MET || met.containsKey(host + ":" + port);
        if (!anAddress || !room) {
            return;
        }
        met.put(host + ":" + port, nanos);
        review();
    }

    synchronized void tick(long nanos) {
        if (nanos - reviewedAt >= REVIEW_NANOS) {
            reviewedAt = nanos;
            met.values().removeIf(since -> nanos - since > REMEMBERED_NANOS);
            review();
        }
    }

    private void review() {
        Set<String> wanted = new HashSet<>(found);
        wanted.addAll(members.keySet());
        wanted.addAll(met.keySet());
        wanted.remove(own);
        for (String address : dialed) {
            if (!wanted.contains(address)) {
                links.hangUp(host(address), port(address));
            }
        }
        dialed.retainAll(wanted);
        for (String address : wanted) {
            links.dial(host(address), port(address), members.getOrDefault(address, Id.NONE));
            dialed.add(address);
        }
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
