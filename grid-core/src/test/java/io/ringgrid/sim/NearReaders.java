package io.ringgrid.sim;

import io.ringgrid.op.Operation;
import io.ringgrid.op.Operation.Kind;
import io.ringgrid.sim.History.Event;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Readers who keep near what they read, at the members, in half of all seeds: some keys that everybody writes, and some of
 * their own that are written now and then, so that what is kept wrongly lives long enough to be seen.
 */
final class NearReaders {
    private static final int READERS = 2;
    static final int KEYS = 3;
    private static final long READ_EACH = 15 * Simulation.MILLI;
    private static final long WRITE_EACH = 500 * Simulation.MILLI;
    private static final int COMMON_KEYS = 6;
    /** Of an entry that expires, in milliseconds. */
    private static final long LONGEST_LIFE = 2000;

    private final Simulation simulation;
    private final Workload workload;
    private final boolean expires;
    private final SplittableRandom random;
    private final NearLog log = new NearLog();
    private final boolean takePart;
    private long lastValue;

    NearReaders(Simulation simulation, Workload workload, boolean expires, SplittableRandom random) {
        this.simulation = simulation;
        this.workload = workload;
        this.expires = expires;
        this.random = random;
        this.takePart = random.nextBoolean();
    }

    NearLog log() {
        return log;
    }

    void start() {
        if (!takePart) {
            return;
        }
        for (int reader = 0; reader < READERS; reader++) {
            simulation.at(simulation.clientsFrom() + 100 * Simulation.MILLI + random.nextLong(READ_EACH), this::read);
        }
        for (int key = 0; key < KEYS; key++) {
            String name = "m" + key;
            simulation.at(simulation.clientsFrom() + random.nextLong(WRITE_EACH), () -> write(name));
        }
    }

    private void again(long each, Runnable what) {
        simulation.at(simulation.now() + 1 + random.nextLong(2 * each), what);
    }

    private void read() {
        List<SimMember> alive = simulation.servers();
        if (workload.isFinished()) {
            return;
        }
        again(READ_EACH, this::read);
        if (alive.isEmpty()) {
            return;
        }
        SimMember member = alive.get(random.nextInt(alive.size()));
        String key = random.nextInt(4) == 0 ? "k" + random.nextInt(COMMON_KEYS) : "m" + random.nextInt(KEYS);
        simulation.later(0, member, () -> read(member, key));
    }

    private void read(SimMember member, String key) {
        long version = member.near(key);
        simulation.trace(version);
        if (version != 0) {
            log.hit(member, key, version, simulation.now());
            return;
        }
        Event event = workload.history().get(key, "near", simulation.now());
        submit(member, member.nearGet(key), event, key);
    }

    private void submit(SimMember member, Operation op, Event event, String key) {
        boolean[] done = {false};
        simulation.afterPatience(() -> {
            if (!done[0]) {
                done[0] = true;
                event.unknown();
            }
        });
        member.submit(op, result -> {
            if (!done[0]) {
                done[0] = true;
                workload.record(event, key, member, result);
            }
        });
    }

    private void write(String key) {
        List<SimMember> alive = simulation.servers();
        if (workload.isFinished()) {
            return;
        }
        again(WRITE_EACH, () -> write(key));
        if (alive.isEmpty()) {
            return;
        }
        SimMember member = alive.get(random.nextInt(alive.size()));
        boolean removes = random.nextInt(6) == 0;
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        Operation op = new Operation().reset(removes ? Kind.REMOVE : Kind.PUT).key(bytes, 0, bytes.length);
        String value = "m" + ++lastValue;
        if (!removes) {
            byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
            op.value(valueBytes, 0, valueBytes.length);
            if (expires && random.nextInt(3) == 0) {
                op.expiry = member.wall() + 50 + random.nextLong(LONGEST_LIFE);
            }
        }
        simulation.later(0, member, () -> {
            long now = simulation.now();
            Event event = removes
                    ? workload.history().remove(key, History.Condition.ALWAYS, 0, "near", now)
                    : workload.history().put(key, value, History.Condition.ALWAYS, 0, "near", now);
            submit(member, op, event, key);
        });
    }
}
