package io.ringgrid.ring;

/**
 * A member as the planner sees it. Immutable.
 *
 * @param id who it is
 * @param zone copies of a partition are put in distinct zones first; empty is a zone as well
 * @param weight its share of the copies in relation to the others', from 1 to 1,000,000
 */
public record RingMember(Id id, String zone, int weight) {
    public RingMember {
        if (weight < 1 || weight > 1_000_000) {
            throw new IllegalArgumentException("a member's weight must be 1 to 1000000, not " + weight);
        }
    }
}
