package io.ringgrid.replica;

import java.nio.charset.StandardCharsets;
import java.util.TreeSet;

/**
 * What one copy holds, to be compared with another.
 *
 * @param applied the seq of the newest mutation
 * @param contents all entries, in order
 */
public record CopyContents(long applied, String contents) {
    /** What this member holds of this partition. */
    public static CopyContents of(LocalMember member, int partition) {
        Copy copy = member.replica(partition).copy();
        TreeSet<String> entries = new TreeSet<>();
        long cursor = 0;
        do {
            cursor = copy.store.scan(
                    cursor,
                    1 << 20,
                    entry -> entries.add(new String(entry.copyKey(), StandardCharsets.UTF_8) + "="
                            + new String(entry.copyValue(), StandardCharsets.UTF_8) + " version " + entry.version
                            + " flags " + entry.flags + " expiry " + entry.expiry));
        } while (cursor != 0);
        return new CopyContents(copy.applied(), entries.toString());
    }
}
