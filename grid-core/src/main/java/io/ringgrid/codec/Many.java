package io.ringgrid.codec;

import io.ringgrid.GridException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.op.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a method asks of many keys or partitions at the same time, and what it makes of the answers. Immutable.
 *
 * @param asks what is asked
 * @param becomes what their meanings become, in their order
 * @param <P> what each of them means
 * @param <R> what the method returns
 */
record Many<P extends @Nullable Object, R extends @Nullable Object>(List<Ask<P>> asks, Function<List<P>, R> becomes) {
    /**
     * What the results of all asks mean.
     *
     * @throws GridException what the first that failed means; {@link OutcomeUnknownException} if others were writes that
     *     took effect
     */
    R meaning(List<Result> results) {
        List<P> meanings = new ArrayList<>(results.size());
        GridException problem = null;
        for (int i = 0; i < results.size(); i++) {
            try {
                meanings.add(asks.get(i).meaning().apply(results.get(i)));
            } catch (GridException e) {
                problem = problem == null || e instanceof OutcomeUnknownException ? e : problem;
            }
        }
        if (problem == null) {
            return becomes.apply(meanings);
        }
        boolean write = asks.get(0).op().kind.isWrite();
        if (write && !meanings.isEmpty() && !(problem instanceof OutcomeUnknownException)) {
            throw new OutcomeUnknownException(
                    meanings.size() + " of " + asks.size() + " parts took effect; another: " + problem.getMessage());
        }
        throw problem;
    }
}
