package io.ringgrid.ring;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Shares out a whole number of copies in proportion to weights, within a least and a most for each. Stateless. A share
 * that comes out between two whole numbers is rounded up where that keeps what is there already, so that nothing moves
 * only to even out a rounding.
 */
final class Quotas {
    /** Shares nearer to a whole number than this are that number: what doubles lose is far below. */
    private static final double WHOLE = 1e-6;

    private Quotas() {}

    /**
     * The quota of each.
     *
     * @param total what is shared out: at least the sum of {@code least}, at most that of {@code most}
     * @param present what each has already
     */
    static int[] share(long total, long[] weights, int[] least, int[] most, int[] present) {
        double[] shares = exactShares(total, weights, least, most);
        int[] quotas = new int[shares.length];
        long left = total;
        for (int i = 0; i < quotas.length; i++) {
            quotas[i] = (int) Math.floor(shares[i]);
            left -= quotas[i];
        }
        int[] order = IntStream.range(0, quotas.length)
                .boxed()
                .filter(i -> shares[i] > quotas[i])
                .sorted(Comparator.<Integer, Boolean>comparing(i -> present[i] <= quotas[i])
                        .thenComparing(i -> quotas[i] - shares[i])
                        .thenComparing(i -> i))
                .mapToInt(i -> i)
                .toArray();
        for (int i = 0; i < order.length && left > 0; i++, left--) {
            quotas[order[i]]++;
        }
        if (left != 0) {
            throw new IllegalStateException(left + " of " + total + " cannot be shared out");
        }
        return quotas;
    }

    /** Water-filling: one level for all such that the shares, level × weight kept within their limits, are the total. */
    private static double[] exactShares(long total, long[] weights, int[] least, int[] most) {
        double low = 0;
        double high = 1;
        while (sum(shares(high, weights, least, most)) < total) {
            high *= 2;
            if (Double.isInfinite(high)) {
                throw new IllegalArgumentException(total + " is more than all may have");
            }
        }
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (sum(shares(middle, weights, least, most)) < total) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double[] shares = shares(high, weights, least, most);
        for (int i = 0; i < shares.length; i++) {
            double whole = Math.rint(shares[i]);
            shares[i] = Math.abs(shares[i] - whole) < WHOLE ? whole : shares[i];
        }
        return shares;
    }

    private static double[] shares(double level, long[] weights, int[] least, int[] most) {
        double[] shares = new double[weights.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.max(least[i], Math.min(most[i], level * weights[i]));
        }
        return shares;
    }

    private static double sum(double[] shares) {
        return Arrays.stream(shares).sum();
    }
}
