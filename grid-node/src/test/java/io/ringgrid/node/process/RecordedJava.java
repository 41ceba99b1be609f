package io.ringgrid.node.process;

import io.ringgrid.GridMap;
import io.ringgrid.GridUnavailableException;
import io.ringgrid.OutcomeUnknownException;
import io.ringgrid.Versioned;
import io.ringgrid.client.GridClient;
import io.ringgrid.node.process.Recording.Outcome;
import io.ringgrid.sim.History.Condition;
import io.ringgrid.sim.History.Event;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A thin Java client of the map that the other doors serve. Thread-safe, as its superclass says. */
final class RecordedJava extends RecordedClient {
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final GridClient grid;
    private final GridMap<String, String> map;

    RecordedJava(String who, Recording recording, SplittableRandom random, List<MemberProcess> members) {
        super(who, recording, random);
        grid = GridClient.builder()
                .contacts(members.stream()
                        .map(member -> MemberProcess.HOST + ":" + member.nativePort)
                        .toArray(String[]::new))
                .connect();
        map = grid.map("default", String.class, String.class).withDeadline(DEADLINE);
    }

    private Outcome exchange(Event event, Runnable call) {
        Outcome outcome = Outcome.ANSWERED;
        try {
            call.run();
        } catch (GridUnavailableException e) {
            event.refused();
            outcome = Outcome.REFUSED;
        } catch (OutcomeUnknownException e) {
            event.unknown();
            outcome = Outcome.UNKNOWN;
        }
        recording.count(outcome);
        return outcome;
    }

    @Override
    void askText(String key) {
        int dice = random.nextInt(20);
        if (dice < 4) {
            read(key);
        } else if (dice < 7) {
            readVersioned(key);
        } else if (dice < 10) {
            put(key);
        } else if (dice < 13) {
            putIfAbsent(key);
        } else if (dice < 17) {
            replaceIfVersion(key);
        } else {
            removeIt(key);
        }
    }

    @Override
    void askCounter(String key) {
        int dice = random.nextInt(10);
        if (dice < 6) {
            long delta = 1L + random.nextInt(3);
            Event event = increment(key, delta, Condition.ALWAYS);
            exchange(event, () -> event.counted(map.increment(key, delta), 0, System.nanoTime()));
        } else if (dice < 9) {
            readVersioned(key);
        } else {
            removeIt(key);
        }
    }

    @Override
    Outcome read(String key) {
        Event event = get(key);
        return exchange(event, () -> {
            String value = map.get(key);
            if (value == null) {
                event.missing(System.nanoTime());
            } else {
                event.found(value, 0, System.nanoTime());
            }
        });
    }

    private void readVersioned(String key) {
        Event event = get(key);
        exchange(event, () -> {
            Versioned<String> found = map.getVersioned(key);
            if (found == null) {
                event.missing(System.nanoTime());
            } else {
                event.found(found.value(), found.version(), System.nanoTime());
                recording.saw(key, found.version());
            }
        });
    }

    private void put(String key) {
        String value = recording.freshValue();
        Event event = put(key, value, Condition.ALWAYS, 0);
        exchange(event, () -> {
            long version = map.put(key, value);
            event.done(version, System.nanoTime());
            recording.saw(key, version);
        });
    }

    private void putIfAbsent(String key) {
        String value = recording.freshValue();
        Event event = put(key, value, Condition.IF_ABSENT, 0);
        exchange(event, () -> {
            if (map.putIfAbsent(key, value)) {
                event.done(0, System.nanoTime());
            } else {
                event.exists(System.nanoTime());
            }
        });
    }

    private void replaceIfVersion(String key) {
        String value = recording.freshValue();
        long version = recording.knownVersion(key);
        Event event = put(key, value, Condition.IF_VERSION, version);
        exchange(event, () -> {
            if (map.replaceIfVersion(key, value, version)) {
                event.done(0, System.nanoTime());
            } else {
                event.notMet(System.nanoTime());
            }
        });
    }

    private void removeIt(String key) {
        Event event = remove(key);
        exchange(event, () -> {
            if (map.remove(key)) {
                event.done(0, System.nanoTime());
            } else {
                event.missing(System.nanoTime());
            }
        });
    }

    @Override
    void disconnect() {
        grid.close();
    }
}
