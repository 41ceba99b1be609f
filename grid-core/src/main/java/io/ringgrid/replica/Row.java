package io.ringgrid.replica;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;

/**
 * What became of one request of a session: it travels inside the mutation that it became, so whoever has the one has the
 * other. Immutable.
 *
 * @param session of whoever asked
 * @param number of his request
 * @param below his requests on this partition with lower numbers have been answered
 * @param result what he is told
 */
public record Row(long session, long number, long below, Result result) {
    /** A result that carries more is not kept: to ask again is to hear that it was executed, and nothing more. */
    static final int MAX_RESULT_BYTES = 8192;

    private static final int OVERHEAD = 120;
    private static final int PART_OVERHEAD = 48;

    static Row of(Attempt attempt, Result result) {
        Result kept = result;
        if (bytes(result) > MAX_RESULT_BYTES) {
            kept = Result.refused(
                    Status.SESSION_EXPIRED,
                    "it was executed; its answer of over " + MAX_RESULT_BYTES + " bytes is lost");
        }
        return new Row(attempt.session(), attempt.number(), attempt.below(), kept);
    }

    /** What it takes in memory or in a message, about. */
    int bytes() {
        return OVERHEAD + bytes(result);
    }

    private static int bytes(Result result) {
        byte[] value = result.value();
        int bytes = (value == null ? 0 : value.length) + result.reason().length();
        for (Result part : result.parts()) {
            bytes += PART_OVERHEAD + bytes(part);
        }
        return bytes;
    }
}
