package io.ringgrid.topology;

/** What one member says to another: of the register ({@link RegisterMessage}) or of a partition's stream. */
public interface PeerMessage {}
