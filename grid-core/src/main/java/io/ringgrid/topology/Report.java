package io.ringgrid.topology;

/**
 * A state transition that people want to know of; the node logs it. Immutable.
 *
 * @param grave whether somebody should do something about it
 * @param text {@code event key=value …}, one line; a grave one says what to do
 */
public record Report(boolean grave, String text) {}
