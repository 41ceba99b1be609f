package io.ringgrid.replica;

import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.IntGen;

/**
 * For Lincheck: a text that grows is read without a lock while its primary is cut off, which loses what only it has, and comes
 * back.
 */
@Param(name = "piece", gen = IntGen.class, conf = "1:9")
public class CutOffReadPath {
    private static final String KEY = "k";

    private final TwoMembers members;

    public CutOffReadPath() {
        this((around, space) -> new Replica(0, around, space));
    }

    CutOffReadPath(TwoMembers.Maker maker) {
        members = new TwoMembers(maker);
    }

    @Operation
    public String get() {
        String value = members.get(KEY);
        return value == null ? "" : value.replaceAll("#[0-9]+", "");
    }

    @Operation
    public void append(@Param(name = "piece") int piece) {
        members.append(KEY, piece + "#" + members.fresh() + ";");
    }

    @Operation
    public void lose() {
        members.lose();
    }

    /** What it must look like. */
    public static final class Plain {
        private final StringBuilder text = new StringBuilder();

        public String get() {
            return text.toString();
        }

        public void append(int piece) {
            text.append(piece).append(';');
        }

        public void lose() {}
    }

    /** Broken: what its backup may not have yet is shown. */
    public static final class Dirty extends CutOffReadPath {
        public Dirty() {
            super((around, space) -> new Replica(0, around, space) {
                @Override
                boolean isCommitted(long seq) {
                    return true;
                }
            });
        }
    }

    /** Nothing is broken, but a reader may be held up before and after it asks whether the gate is open. */
    public static final class HeldUp extends CutOffReadPath {
        public HeldUp() {
            super((around, space) -> new Replica(0, around, space) {
                @Override
                boolean mayServe(int epoch) {
                    TwoMembers.slip();
                    boolean serves = super.mayServe(epoch);
                    TwoMembers.slip();
                    return serves;
                }
            });
        }
    }

    /** Broken: what was read is told whatever has become of the gate meanwhile. */
    public static final class Ungated extends CutOffReadPath {
        public Ungated() {
            super((around, space) -> new Replica(0, around, space) {
                @Override
                boolean mayServe(int epoch) {
                    return true;
                }
            });
        }
    }

    /** Broken: nobody asks whether there is a lease. */
    public static final class Leaseless extends CutOffReadPath {
        public Leaseless() {
            super((around, space) -> new Replica(0, around, space) {
                @Override
                boolean holdsLease(long nanos, long wall) {
                    return true;
                }
            });
        }
    }
}
