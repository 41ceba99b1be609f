package io.ringgrid.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * XXH64 by Yann Collet, as its specification says (github.com/Cyan4973/xxHash, doc/xxhash_spec.md, version 0.1.1).
 * Stateless. Chosen because every bit of the result depends on every bit of the input, it is the same on every machine,
 * and it reads eight bytes at a time.
 */
final class XxHash64 {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    private XxHash64() {}

    static long hash(byte[] bytes, int offset, int length, long seed) {
        int position = offset;
        int end = offset + length;
        long hash;
        if (length >= 32) {
            long a = seed + P1 + P2;
            long b = seed + P2;
            long c = seed;
            long d = seed - P1;
            for (; end - position >= 32; position += 32) {
                a = round(a, (long) LONG.get(bytes, position));
                b = round(b, (long) LONG.get(bytes, position + 8));
                c = round(c, (long) LONG.get(bytes, position + 16));
                d = round(d, (long) LONG.get(bytes, position + 24));
            }
            hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
            hash = merge(merge(merge(merge(hash, a), b), c), d);
        } else {
            hash = seed + P5;
        }
        return avalanche(rest(hash + length, bytes, position, end));
    }

    private static long rest(long start, byte[] bytes, int from, int end) {
        long hash = start;
        int position = from;
        for (; end - position >= 8; position += 8) {
            hash ^= round(0, (long) LONG.get(bytes, position));
            hash = Long.rotateLeft(hash, 27) * P1 + P4;
        }
        if (end - position >= 4) {
            hash ^= ((int) INT.get(bytes, position) & 0xffffffffL) * P1;
            hash = Long.rotateLeft(hash, 23) * P2 + P3;
            position += 4;
        }
        for (; position < end; position++) {
            hash ^= (bytes[position] & 0xff) * P5;
            hash = Long.rotateLeft(hash, 11) * P1;
        }
        return hash;
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * P2, 31) * P1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * P1 + P4;
    }

    private static long avalanche(long start) {
        long hash = start;
        hash ^= hash >>> 33;
        hash *= P2;
        hash ^= hash >>> 29;
        hash *= P3;
        return hash ^ (hash >>> 32);
    }
}
