package io.ringgrid.codec;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Result;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one method of a map asks, and what it makes of the answer. Immutable.
 *
 * @param op what is asked
 * @param meaning what its result means; throws the exception that it means
 * @param <R> what the method returns
 */
record Ask<R extends @Nullable Object>(Operation op, Function<Result, R> meaning) {}
