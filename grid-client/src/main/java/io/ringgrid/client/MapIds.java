package io.ringgrid.client;

import io.ringgrid.GridUnavailableException;
import io.ringgrid.client.net.Links;
import io.ringgrid.codec.Failures;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import io.ringgrid.ring.Id;
import io.ringgrid.topology.Topology;
import io.ringgrid.wire.Frame;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ids of the maps by their names. Thread-safe. An id that is not known is asked for, which creates the map if need
 * be: any member can do that, so another one is asked when one fails.
 */
final class MapIds {
    private static final long PAUSE_MILLIS = 20;

    private record Known(Id cluster, int id) {}

    private record Opening(Id member, CompletableFuture<Result> answer) {}

    private final Links links;
    private final long deadlineNanos;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<Long, Opening> openings = new ConcurrentHashMap<>();
    private final AtomicLong correlations = new AtomicLong();

    MapIds(Links links, long deadlineNanos) {
        this.links = links;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * The map's id in the cluster of the newest topology; waits for it if need be.
     *
     * @param newest the newest topology, null once the client is closed
     * @throws GridUnavailableException if it cannot be found out within the deadline
     */
    int idOf(String name, Supplier<@Nullable Topology> newest) {
        Integer before = knownId(name, newest.get());
        if (before != null) {
            return before;
        }
        Known found = find(name, newest);
        known.put(name, found);
        return found.id;
    }

    /** The map's id in the cluster of this topology, if it is known; does not wait. */
    @Nullable
    Integer knownId(String name, @Nullable Topology topology) {
        Known before = known.get(name);
        if (before == null || topology == null || !before.cluster.equals(topology.cluster())) {
            return null;
        }
        return before.id;
    }

    private Known find(String name, Supplier<@Nullable Topology> newest) {
        long start = System.nanoTime();
        String why = "no member is connected";
        for (int attempt = 0; ; attempt++) {
            Topology topology = newest.get();
            if (topology == null) {
                throw unavailable(name, "this client is closed");
            }
            Topology.MapDefinition defined = topology.map(name);
            if (defined != null) {
                return new Known(topology.cluster(), defined.id());
            }
            long left = deadlineNanos - (System.nanoTime() - start);
            if (left <= 0) {
                throw unavailable(name, why);
            }
            Id member = pick(topology, attempt);
            Result result = member == null ? null : ask(member, name, Math.min(left, deadlineNanos / 3 + 1));
            if (result != null) {
                switch (result.status()) {
                    case DONE -> {
                        return new Known(topology.cluster(), Math.toIntExact(result.number()));
                    }
                    case RETRY, UNAVAILABLE, OUTCOME_UNKNOWN -> why = result.reason();
                    default -> throw Failures.of("opening map '" + name + "'", result);
                }
            }
            pause(name, why);
        }
    }

    private @Nullable Id pick(Topology topology, int attempt) {
        int members = topology.members().size();
        for (int i = 0; i < members; i++) {
            Id id = topology.members().get((attempt + i) % members).id();
            if (links.isConnected(id)) {
                return id;
            }
        }
        return null;
    }

    private Result ask(Id member, String name, long nanos) {
        long correlation = correlations.incrementAndGet();
        Opening opening = new Opening(member, new CompletableFuture<>());
        openings.put(correlation, opening);
        try {
            if (!links.send(member, Frame.OPEN_MAP, correlation, out -> out.string(name))) {
                return Result.refused(Status.RETRY, "no member is connected");
            }
            return opening.answer.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Result.refused(Status.RETRY, "a member did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(name, "interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            openings.remove(correlation);
        }
    }

    private static void pause(String name, String why) {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(name, "interrupted; " + why);
        }
    }

    /** A member has answered. */
    void answered(Id from, long correlation, Result result) {
        Opening opening = openings.get(correlation);
        if (opening != null && opening.member.equals(from)) {
            opening.answer.complete(result);
        }
    }

    /** The connection to this member is broken. */
    void disconnected(Id member) {
        for (Opening opening : openings.values()) {
            if (opening.member.equals(member)) {
                opening.answer.complete(Result.refused(Status.RETRY, "the connection broke"));
            }
        }
    }

    private static GridUnavailableException unavailable(String name, String why) {
        return new GridUnavailableException("opening map '" + name + "': " + why);
    }
}
