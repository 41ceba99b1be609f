package io.ringgrid;

/**
 * A member of the cluster. Immutable.
 *
 * @param id 32 hex digits, fresh for each process start
 * @param name for people
 * @param host where its native door listens
 * @param port where its native door listens
 */
public record MemberInfo(String id, String name, String host, int port) {}
