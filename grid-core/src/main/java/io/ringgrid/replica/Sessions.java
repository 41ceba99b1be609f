package io.ringgrid.replica;

import io.ringgrid.op.Attempt;
import io.ringgrid.op.Result;
import io.ringgrid.op.Result.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one copy of a partition knows of the requests that it was asked, so that each takes effect once (PROTOCOL.md 7,
 * after RIFL: Lee et al., SOSP 2015). Guarded by its {@link Replica}.
 *
 * <p>Every mutation that somebody elsewhere asked for carries a {@link Row} with what he is told. A copy that has applied
 * the mutation has the row; so whoever becomes primary can answer a repeated request as its predecessor would have. A row
 * goes when its session says that all up to it is answered.
 *
 * <h2>What may be forgotten</h2>
 *
 * A session that was not heard of for long, and the oldest if there is too little room, is forgotten. Each copy does that
 * by itself, by its own clock, and remembers only <em>when it last took notice of anything that it has forgotten</em>. A
 * repeated request says what this very process's clock was before its first attempt was sent. If that is later, then
 * whatever the first attempt left here cannot be among what was forgotten: the request either has a row or was not
 * executed. Otherwise nobody knows, and it is refused. No two clocks are compared, and no bound on any delay is assumed.
 *
 * <p>A copy that is filled gets all rows, and how long ago its primary had last taken notice of what it has forgotten: that
 * the message takes its time only makes the moment later. Clocks may drift apart by 1 %, as leases assume it too.
 */
final class Sessions {
    private static final int SESSION_BYTES = 160;

    private record Kept(Result result, long seq) {}

    private static final class Session {
        final TreeMap<Long, Kept> rows = new TreeMap<>();
        long below;
        long usedAt;
        int bytes = SESSION_BYTES;
    }

    private final int maxBytes;
    /** The one that was used last is the last. */
    private final LinkedHashMap<Long, Session> sessions = new LinkedHashMap<>();

    private int bytes;
    private long forgottenAt;
    /** Whether that was here, and not at whoever this copy was filled by. */
    private boolean forgotHere;

    private long repeated;

    /** Knows of nobody. */
    Sessions(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Nothing is known of the time before. */
    void restart(long nanos) {
        sessions.clear();
        bytes = 0;
        forgottenAt = nanos;
        forgotHere = false;
    }

    /** How long ago this copy last took notice of anything that it has forgotten, in nanoseconds. */
    long forgottenFor(long nanos) {
        return nanos - forgottenAt;
    }

    /** All rows of another copy come with this, and what it has forgotten it last took notice of so long ago at least. */
    void inherit(long nanos, long forgottenFor) {
        long theirs = nanos - forgottenFor + forgottenFor / 100;
        if (!forgotHere || theirs - forgottenAt > 0) {
            forgottenAt = theirs;
        }
    }

    /** What a request is to be told without executing it, or null if it is to be executed. */
    @Nullable
    Result answer(Attempt attempt) {
        Session session = sessions.get(attempt.session());
        if (session != null) {
            Kept kept = session.rows.get(attempt.number());
            if (kept != null) {
                repeated++;
                return kept.result;
            }
            if (attempt.number() < session.below) {
                return expired("its session has been told the answer already");
            }
        }
        return attempt.again() && mayBeForgotten(attempt)
                ? expired("whether an earlier attempt was executed is no longer known here")
                : null;
    }

    private static Result expired(String reason) {
        return Result.refused(Status.SESSION_EXPIRED, reason);
    }

    /** Whether a first attempt may have been executed, and its row be among what was forgotten. */
    private boolean mayBeForgotten(Attempt attempt) {
        return attempt.since() == Attempt.UNHEARD || attempt.since() - forgottenAt <= 0;
    }

    /** A mutation with this row was applied. */
    void put(Row row, long seq, long nanos) {
        Session session = sessions.remove(row.session());
        if (session == null) {
            session = new Session();
            bytes += SESSION_BYTES;
        }
        sessions.put(row.session(), session);
        session.usedAt = nanos;
        session.below = Math.max(session.below, row.below());
        while (!session.rows.isEmpty() && session.rows.firstKey() < session.below) {
            drop(session, session.rows.firstKey());
        }
        if (row.number() >= session.below
                && session.rows.putIfAbsent(row.number(), new Kept(row.result(), seq)) == null) {
            session.bytes += row.bytes();
            bytes += row.bytes();
        }
        while (bytes > maxBytes) {
            forgetSome(session);
        }
    }

    private void drop(Session session, long number) {
        Kept kept = session.rows.remove(number);
        if (kept != null) {
            int freed = new Row(0, number, 0, kept.result).bytes();
            session.bytes -= freed;
            bytes -= freed;
        }
    }

    /** The session that was not used for the longest time or, if there is only this one, its oldest row. */
    private void forgetSome(Session newest) {
        if (sessions.size() > 1) {
            forgetOldest();
        } else {
            forgotten(newest.usedAt);
            drop(newest, newest.rows.firstKey());
        }
    }

    private void forgetOldest() {
        Session oldest = sessions.remove(sessions.keySet().iterator().next());
        bytes -= oldest.bytes;
        forgotten(oldest.usedAt);
    }

    private void forgotten(long at) {
        forgotHere = true;
        if (at - forgottenAt > 0) {
            forgottenAt = at;
        }
    }

    /** Forgets who was not heard of for this long. */
    void forget(long nanos, long life) {
        while (!sessions.isEmpty() && nanos - sessions.values().iterator().next().usedAt > life) {
            forgetOldest();
        }
    }

    /** All that is known, for a copy that is filled: of a session without rows up to where it has been answered. */
    List<Mutation> rows() {
        List<Mutation> rows = new ArrayList<>();
        sessions.forEach((id, session) -> {
            if (session.rows.isEmpty()) {
                rows.add(Mutation.note(0, new Row(id, 0, session.below, Result.DONE)));
            }
            session.rows.forEach((number, kept) ->
                    rows.add(Mutation.note(kept.seq, new Row(id, number, session.below, kept.result))));
        });
        return rows;
    }

    /** How many requests were answered by what was known of them, since the start. */
    long repeated() {
        return repeated;
    }
}
