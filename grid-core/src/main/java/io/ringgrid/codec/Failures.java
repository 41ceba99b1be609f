package io.ringgrid.codec;

import io.ringgrid.GridException;
import io.ringgrid.GridRequestException;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.op.Result;
import org.jspecify.annotations.Nullable;

/** The exceptions that results mean at the edge of the public API. Stateless. */
public final class Failures {
    private Failures() {}

    /**
     * The exception for a result that says that, and why, nothing or nobody knows what was done.
     *
     * @param what what was asked, for people
     * @throws IllegalArgumentException for a result that is an answer
     */
    public static GridException of(String what, Result result) {
        String message = what + ": " + reason(result);
        return switch (result.status()) {
            case OUTCOME_UNKNOWN, SESSION_EXPIRED -> new OutcomeUnknownException(message);
            case UNAVAILABLE, RETRY, OUT_OF_MEMORY -> new GridUnavailableException(message);
            case TOO_LARGE, NOT_A_NUMBER, OVERFLOW -> new GridRequestException(message);
            case FOUND, DONE, MISSING, EXISTS ->
                throw new IllegalArgumentException("not an answer to this operation: " + message);
        };
    }

    /** What somebody is thrown who waited for work that ended by this. */
    public static RuntimeException of(@Nullable Throwable cause) {
        return cause instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(cause);
    }

    private static String reason(Result result) {
        if (!result.reason().isEmpty()) {
            return result.reason();
        }
        return switch (result.status()) {
            case OUTCOME_UNKNOWN, SESSION_EXPIRED -> "it may or may not have taken effect";
            case UNAVAILABLE, RETRY -> "nobody could serve it; surely not executed";
            case OUT_OF_MEMORY -> "no memory is left, and nothing may be evicted";
            case TOO_LARGE -> "the key or the value is larger than the cluster's limit";
            case NOT_A_NUMBER -> "the value is not a decimal 64-bit number";
            case OVERFLOW -> "the sum would leave the range of 64 bits";
            default -> result.status().toString();
        };
    }
}
