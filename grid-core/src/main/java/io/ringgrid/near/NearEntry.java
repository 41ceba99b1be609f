package io.ringgrid.near;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry as it is kept. What is public of it is thread-safe; the rest is guarded by its {@link NearCache}.
 *
 * @param <V> the values' type
 */
public final class NearEntry<V> {
    /** Makes an object of an entry's bytes. */
    @FunctionalInterface
    public interface Decoder<V> {
        V decode(byte[] bytes, int flags);
    }

    /** What an entry takes beside its key and value, in bytes, about. */
    static final int OVERHEAD = 200;

    final NearMap<V> home;
    final Object key;
    final long hash;
    final Lot lot;
    final int weight;
    private final int flags;
    private final long version;
    private final long expiry;
    /** The value's bytes, until somebody has made the object. */
    private volatile byte @Nullable [] encoded;

    private volatile @Nullable V object;
    /** Found since it was last passed over; set by readers without a lock. */
    boolean accessed;

    /** Another entry of the same hash: of another near-cache of the map, or by a rare chance of another key. */
    @Nullable
    NearEntry<?> sibling;

    @Nullable
    NearEntry<V> older;

    @Nullable
    NearEntry<V> newer;

    NearEntry(
            NearMap<V> home,
            Object key,
            long hash,
            Lot lot,
            byte[] encoded,
            int flags,
            long version,
            long expiry,
            int keyBytes) {
        this.home = home;
        this.key = key;
        this.hash = hash;
        this.lot = lot;
        this.encoded = encoded;
        this.flags = flags;
        this.version = version;
        this.expiry = expiry;
        this.weight = OVERHEAD + keyBytes + encoded.length;
    }

    /** The entry's version, as callers see it. */
    public long version() {
        return version;
    }

    /** When it expires, in wall-clock milliseconds; 0 = never. */
    public long expiry() {
        return expiry;
    }

    /** The value; made of its bytes by whoever asks first, and from then on the same object for all. */
    public V value(Decoder<V> decoder) {
        // In this order: the bytes go only when the object is there.
        byte[] bytes = encoded;
        V known = object;
        if (known != null) {
            return known;
        }
        V made = decoder.decode(Objects.requireNonNull(bytes), flags);
        made(made);
        return made;
    }

    void made(V value) {
        object = value;
        encoded = null;
    }
}
