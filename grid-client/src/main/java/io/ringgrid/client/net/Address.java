package io.ringgrid.client.net;

/**
 * Where a member's native door listens. Immutable.
 *
 * @param host a name, or an address literal
 * @param port 1 to 65535
 */
public record Address(String host, int port) {
    public Address {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is no host:port");
        }
    }

    /**
     * Reads {@code host:port}; an IPv6 literal stands in brackets, as in {@code [::1]:7800}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("'" + text + "' is no host:port; an IPv6 address stands in brackets");
        }
        try {
            return new Address(host, Integer.parseInt(text, colon + 1, text.length(), 10));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no host:port", e);
        }
    }

    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
