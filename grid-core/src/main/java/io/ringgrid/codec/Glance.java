package io.ringgrid.codec;

import org.jspecify.annotations.Nullable;

/**
 * What a GET shows that nobody has to be asked for: an entry, or that there is none. Reusable, so that a read allocates nothing
 * but the value; of one thread, which may look at it until it asks for something else.
 */
public final class Glance {
    private byte @Nullable [] value;
    int flags;
    /** Absolute, wall-clock milliseconds; 0 = never. */
    long expiry;
    /** As callers see it. */
    long version;

    /** There is an entry. */
    public void show(byte[] itsValue, int itsFlags, long itsExpiry, long itsVersion) {
        value = itsValue;
        flags = itsFlags;
        expiry = itsExpiry;
        version = itsVersion;
    }

    /** There is none. */
    public void showNothing() {
        value = null;
    }

    /** The entry's bytes, which are the caller's and no longer here; null if there is none. */
    byte @Nullable [] take() {
        byte[] taken = value;
        value = null;
        return taken;
    }
}
