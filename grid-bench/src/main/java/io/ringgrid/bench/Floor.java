package io.ringgrid.bench;

import java.util.Locale;

/**
 * What a ratio, ours ÷ the peer's, has to be. Immutable.
 *
 * @param bound the least, or the most
 * @param isLeast which of both
 */
record Floor(double bound, boolean isLeast) {
    static Floor least(double bound) {
        return new Floor(bound, true);
    }

    static Floor most(double bound) {
        return new Floor(bound, false);
    }

    /** Whether the median is what it has to be. */
    boolean isMetBy(Sample ratio) {
        return isLeast ? ratio.median() >= bound : ratio.median() <= bound;
    }

    /** As it stands in a table, with the verdict on this ratio. */
    String text(Sample ratio) {
        String text = String.format(Locale.ROOT, "%s %s", isLeast ? "≥" : "≤", number());
        return isMetBy(ratio) ? text + " met" : text + " **missed**";
    }

    private String number() {
        return bound == Math.rint(bound) ? Long.toString(Math.round(bound)) : Double.toString(bound);
    }
}
