package io.ringgrid.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.SerializerFactory.BaseSerializerFactory;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.ObjectArraySerializer;

/**
 * Bytes that any client may have written, some of another kind: Kryo makes arrays and tables as long as the bytes say, so
 * what they say is bounded. Each element takes a byte of its own at least, but for those of a collection of nothing but
 * nulls; all lengths together are thus not much more than the bytes, or the bytes lie. Not thread-safe.
 */
final class KryoInput extends Input {
    /** So many nulls may be in collections that have nothing else. */
    private static final int NULLS = 1 << 20;

    private int unclaimed;
    private boolean lengthIsNext;

    KryoInput(byte[] bytes) {
        super(bytes);
        unclaimed = bytes.length + NULLS;
    }

    private int claim(int length, int elements) {
        if (elements > unclaimed) {
            throw new KryoException(
                    "a length of " + elements + " where there are no more than " + unclaimed + " elements");
        }
        unclaimed -= Math.max(0, elements);
        return length;
    }

    @Override
    public int readVarInt(boolean optimizePositive) {
        int value = super.readVarInt(optimizePositive);
        if (lengthIsNext) {
            lengthIsNext = false;
            return claim(value, value - 1);
        }
        return value;
    }

    /** Of strings and collections, and of nothing else. */
    @Override
    public int readVarIntFlag(boolean optimizePositive) {
        int value = super.readVarIntFlag(optimizePositive);
        return claim(value, value - 1);
    }

    @Override
    public byte[] readBytes(int length) {
        return super.readBytes(within(length, 1));
    }

    @Override
    public long[] readLongs(int length) {
        return super.readLongs(within(length, Long.BYTES));
    }

    private int within(int length, int width) {
        if (length < 0 || length > (limit() - position()) / width) {
            throw new KryoException("a length of " + length + " where " + (limit() - position()) + " bytes are left");
        }
        return length;
    }

    /** A serializer whose bytes begin with a length, 0 for null. */
    static final class Counted<T> extends Serializer<T> {
        private final Serializer<T> counted;

        Counted(Serializer<T> counted) {
            super(counted.getAcceptsNull(), counted.isImmutable());
            this.counted = counted;
        }

        @Override
        public void write(Kryo kryo, Output output, T object) {
            counted.write(kryo, output, object);
        }

        @Override
        public T read(Kryo kryo, Input input, Class<? extends T> type) {
            ((KryoInput) input).lengthIsNext = true;
            return counted.read(kryo, input, type);
        }
    }

    /** Serializers of arrays of objects: one for each class. */
    static final class OfArrays extends BaseSerializerFactory<Counted<Object[]>> {
        @Override
        @SuppressWarnings("rawtypes") // as Kryo declares it
        public Counted<Object[]> newSerializer(Kryo kryo, Class type) {
            return new Counted<>(new ObjectArraySerializer(kryo, type));
        }
    }
}
