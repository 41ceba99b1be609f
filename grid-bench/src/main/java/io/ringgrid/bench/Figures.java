package io.ringgrid.bench;

/** Takes what has been measured, by name. */
@FunctionalInterface
interface Figures {
    void put(String name, double value);
}
