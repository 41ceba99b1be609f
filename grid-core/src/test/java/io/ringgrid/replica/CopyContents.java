package io.ringgrid.replica;

import java.nio.charset.StandardCharsets;
import java.util.TreeSet;

/**
 * What one copy holds, to be compared with another.
 *
 * @param applied the seq of the newest mutation
 * @param contents the partition's clock, and all entries that are visible by it, in order
 */
public record CopyContents(long applied, String contents) {
    /** Puts an entry into this member's copy that no other has, of a map that nobody clears. */
    public static void spoil(LocalMember member, int partition) {
        byte[] key = "spoilt".getBytes(StandardCharsets.UTF_8);
        member.replica(partition).copy().store.put(1, key, key, 0, 0, 1);
    }

    /** What this member holds of this partition. */
    public static CopyContents of(LocalMember member, int partition) {
        Copy copy = member.replica(partition).copy();
        TreeSet<String> entries = new TreeSet<>();
        long cursor = 0;
        do {
            cursor = copy.store.scan(cursor, 1 << 20, entry -> {
                if (copy.isVisible(entry)) {
                    entries.add(new String(entry.copyKey(), StandardCharsets.UTF_8) + "="
                            + new String(entry.copyValue(), StandardCharsets.UTF_8) + " version " + entry.version
                            + " flags " + entry.flags + " expiry " + entry.expiry + " idle " + entry.idle);
                }
            });
        } while (cursor != 0);
        return new CopyContents(copy.applied(), copy.clock() + " " + entries);
    }
}
