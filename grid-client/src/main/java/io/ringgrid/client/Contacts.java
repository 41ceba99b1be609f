package io.ringgrid.client;

import io.ringgrid.client.net.Address;
import io.ringgrid.client.net.Links;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client wants to be connected to: every member of the newest topology, and the contacts that the application
 * named as long as there is no connection at all. A member that is reached by a contact's address is not dialed by its
 * own as well; a connection that there is stays until it breaks, as calls may be under way on it. Thread-safe.
 */
final class Contacts {
    private final List<Address> named;
    private final Links links;
    private final Set<Address> dialed = new LinkedHashSet<>();
    private final Map<Address, String> failures = new LinkedHashMap<>();

    Contacts(List<Address> named, Links links) {
        this.named = List.copyOf(named);
        this.links = links;
        named.forEach(contact -> failures.put(contact, "no answer"));
    }

    /** Dials whom it should, given the newest topology. To be called after each change of it or of the connections. */
    synchronized void refresh(@Nullable Topology topology) {
        Map<Address, Id> wanted = new LinkedHashMap<>();
        if (topology != null) {
            for (Topology.Member member : topology.members()) {
                Address address = new Address(member.host(), member.port());
                if (dialed.contains(address) || !links.isConnected(member.id())) {
                    wanted.put(address, member.id());
                }
            }
        }
        if (links.connected().isEmpty()) {
            named.forEach(contact -> wanted.putIfAbsent(contact, Id.NONE));
        }
        wanted.forEach((address, id) -> {
            if (dialed.add(address)) {
                links.dial(address, id);
            }
        });
        dialed.removeIf(address -> {
            boolean unwanted = !wanted.containsKey(address);
            if (unwanted) {
                links.release(address);
            }
            return unwanted;
        });
    }

    /** Dialing an address failed. */
    synchronized void failed(Address address, String reason) {
        failures.replace(address, reason);
    }

    /** What came of the contacts, for people. */
    synchronized String failures() {
        return failures.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
    }
}
