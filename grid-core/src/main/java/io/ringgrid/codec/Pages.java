package io.ringgrid.codec;

import io.ringgrid.op.KeyPage;
import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.op.Result;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a map's keys, partition after partition. Not thread-safe.
 *
 * <p>A position within a partition means the same to each of its copies, so the next page may come from another member
 * than the last one. {@value #AT_ONCE} partitions are asked at the same time: most are small, and asking each in turn
 * would be one round trip each.
 */
final class Pages implements Iterator<List<byte[]>> {
    private static final int AT_ONCE = 32;
    private static final int KEYS = 1000;

    private record Position(int partition, long position) {}

    private final Caller caller;
    private final Asks<?, ?> asks;
    private final long deadlineNanos;
    private final int partitions;
    private int nextPartition;
    private List<Position> open = new ArrayList<>();
    private @Nullable List<byte[]> page;

    Pages(Caller caller, Asks<?, ?> asks, long deadlineNanos) {
        this.caller = caller;
        this.asks = asks;
        this.deadlineNanos = deadlineNanos;
        this.partitions = caller.partitions();
    }

    @Override
    public boolean hasNext() {
        while (page == null && (!open.isEmpty() || nextPartition < partitions)) {
            List<byte[]> keys = ask();
            page = keys.isEmpty() ? null : keys;
        }
        return page != null;
    }

    @Override
    public List<byte[]> next() {
        if (!hasNext() || page == null) {
            throw new NoSuchElementException();
        }
        List<byte[]> keys = page;
        page = null;
        return keys;
    }

    private List<byte[]> ask() {
        while (open.size() < AT_ONCE && nextPartition < partitions) {
            open.add(new Position(nextPartition++, 0));
        }
        List<Ask<Result>> scans = new ArrayList<>();
        for (Position from : open) {
            Ask<Result> scan = asks.ofPartition(Kind.SCAN, from.partition);
            Operation op = scan.op();
            op.version = from.position;
            op.delta = KEYS;
            scans.add(scan);
        }
        List<Result> results = new Many<>(scans, found -> found)
                .meaning(caller.await(Bulk.start(caller, asks.map, deadlineNanos, scans)));
        List<byte[]> keys = new ArrayList<>();
        List<Position> further = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Result result = results.get(i);
            if (result.value() != null) {
                keys.addAll(KeyPage.decode(result.value()));
            }
            if (result.number() != 0) {
                further.add(new Position(open.get(i).partition, result.number()));
            }
        }
        open = further;
        return keys;
    }
}
