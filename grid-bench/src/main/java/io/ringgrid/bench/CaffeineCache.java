package io.ringgrid.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Caffeine in this JVM. Thread-safe. */
final class CaffeineCache implements Cache<String> {
    private final com.github.benmanes.caffeine.cache.Cache<String, byte[]> map;

    CaffeineCache(Room room) {
        Caffeine<Object, Object> builder = Caffeine.newBuilder().maximumSize(Integer.MAX_VALUE);
        if (room.expiring()) {
            builder.expireAfterWrite(Duration.ofHours(1));
        }
        map = builder.build();
    }

    @Override
    public String key(int number) {
        return Entries.text(number);
    }

    @Override
    public byte @Nullable [] get(String key) {
        return map.getIfPresent(key);
    }

    @Override
    public void put(String key, byte[] value) {
        map.put(key, value);
    }

    @Override
    public void putForAnHour(String key, byte[] value) {
        map.put(key, value);
    }

    @Override
    public void clear() {
        map.invalidateAll();
    }

    @Override
    public long entries() {
        map.cleanUp();
        return map.estimatedSize();
    }

    @Override
    public void close() {}
}
