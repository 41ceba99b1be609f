package io.ringgrid.node.transport;

/**
 * What one door and each of its connections may use. Immutable.
 *
 * @param maxConnections further ones are told so and closed
 * @param maxSlots answers that one connection may wait for; beyond, its requests stay unread
 * @param maxPendingBytes of answers that one connection's peer has not read yet; beyond, its requests stay unread
 * @param maxUnreadBytes of answers that all peers together have not read, as far as they are behind; beyond, whoever has
 *     been for the longest time is closed
 * @param maxRequestBytes of one request without its value: a line, or all arguments of a command together
 * @param maxValueBytes of one value
 */
public record Limits(
        int maxConnections,
        int maxSlots,
        int maxPendingBytes,
        long maxUnreadBytes,
        int maxRequestBytes,
        int maxValueBytes) {
    /** What a member uses unless configured: 10,000 connections, 256 MiB unread, values up to 8 MiB. */
    public static final Limits DEFAULT = new Limits(10_000, 1024, 1 << 20, 256 << 20, 8 << 20, 8 << 20);

    /**
     * Checks the limits and how they are related.
     *
     * @throws IllegalArgumentException naming the limit that cannot be
     */
    public Limits {
        require(maxConnections >= 1, "maxConnections must be at least 1");
        require(maxSlots >= 1, "maxSlots must be at least 1");
        require(maxPendingBytes >= 1024, "maxPendingBytes must be at least 1024");
        require(maxUnreadBytes >= maxPendingBytes, "maxUnreadBytes must be at least maxPendingBytes");
        require(maxRequestBytes >= 16 << 10, "maxRequestBytes must be at least 16384");
        require(maxValueBytes >= 1, "maxValueBytes must be at least 1");
        require(
                (long) maxRequestBytes + maxValueBytes <= 1 << 30,
                "maxRequestBytes and maxValueBytes together must not exceed 1 GiB: a request is one array");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
