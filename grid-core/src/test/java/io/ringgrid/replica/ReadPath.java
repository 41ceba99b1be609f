package io.ringgrid.replica;

import java.util.HashMap;
import java.util.Map;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.IntGen;
import org.jspecify.annotations.Nullable;

/** For Lincheck: two keys are read without a lock while they are written and removed, and their primary changes. */
@Param(name = "key", gen = IntGen.class, conf = "0:1")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
public class ReadPath {
    private final TwoMembers members;

    public ReadPath() {
        this((around, space) -> new Replica(0, around, space));
    }

    ReadPath(TwoMembers.Maker maker) {
        members = new TwoMembers(maker);
    }

    @Operation
    public @Nullable String get(@Param(name = "key") int key) {
        return members.get("k" + key);
    }

    @Operation
    public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
        members.put("k" + key, "v" + value);
    }

    @Operation
    public void remove(@Param(name = "key") int key) {
        members.remove("k" + key);
    }

    @Operation
    public void move() {
        members.move();
    }

    /** What it must look like. */
    public static final class Plain {
        private final Map<Integer, String> map = new HashMap<>();

        public @Nullable String get(int key) {
            return map.get(key);
        }

        public void put(int key, int value) {
            map.put(key, "v" + value);
        }

        public void remove(int key) {
            map.remove(key);
        }

        public void move() {}
    }
}
