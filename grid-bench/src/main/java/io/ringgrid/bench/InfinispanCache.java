package io.ringgrid.bench;

import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.container.offheap.OffHeapMemoryAllocator;
import org.infinispan.context.Flag;
import org.infinispan.factories.ComponentRegistry;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jgroups.JChannel;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.SHARED_LOOPBACK;
import org.jgroups.protocols.SHARED_LOOPBACK_PING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jspecify.annotations.Nullable;

/**
 * A member of Infinispan in this JVM, alone, on a transport that listens nowhere. Thread-safe.
 *
 * @param <K> the keys' type: text on the heap, where objects are kept as they are, bytes off it
 */
final class InfinispanCache<K> implements Cache<K> {
    private static final String MAP = "bench";

    private final DefaultCacheManager manager;
    private final AdvancedCache<K, byte[]> map;
    private final AdvancedCache<K, byte[]> silent;
    private final IntFunction<K> keys;
    private final @Nullable OffHeapMemoryAllocator allocator;

    private InfinispanCache(CacheMode mode, StorageType storage, MediaType type, IntFunction<K> keys) {
        this.keys = keys;
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
        global.jmx().disable();
        global.metrics().gauges(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        if (mode.isClustered()) {
            global.transport().defaultTransport().transport(new JGroupsTransport(channel()));
        }
        ConfigurationBuilder cache = new ConfigurationBuilder();
        cache.clustering().cacheMode(mode);
        cache.memory().storage(storage);
        cache.encoding().mediaType(type);
        cache.statistics().disable();
        manager = new DefaultCacheManager(global.build());
        org.infinispan.Cache<K, byte[]> made = manager.createCache(MAP, cache.build());
        map = storage == StorageType.OFF_HEAP
                ? made.getAdvancedCache().withMediaType(type, type)
                : made.getAdvancedCache();
        silent = map.withFlags(Flag.IGNORE_RETURN_VALUES);
        allocator = storage == StorageType.OFF_HEAP
                ? ComponentRegistry.componentOf(map, OffHeapMemoryAllocator.class)
                : null;
    }

    static InfinispanCache<String> heap(CacheMode mode) {
        return new InfinispanCache<>(mode, StorageType.HEAP, MediaType.APPLICATION_OBJECT, Entries::text);
    }

    static InfinispanCache<byte[]> offHeap(CacheMode mode) {
        return new InfinispanCache<>(mode, StorageType.OFF_HEAP, MediaType.APPLICATION_OCTET_STREAM, Entries::octets);
    }

    private static JChannel channel() {
        try {
            return new JChannel(
                    new SHARED_LOOPBACK(),
                    new SHARED_LOOPBACK_PING(),
                    new NAKACK2(),
                    new UNICAST3(),
                    new STABLE(),
                    new GMS(),
                    new UFC(),
                    new MFC(),
                    new FRAG2());
        } catch (Exception e) {
            throw new IllegalStateException("no channel for Infinispan", e);
        }
    }

    @Override
    public K key(int number) {
        return keys.apply(number);
    }

    @Override
    public byte @Nullable [] get(K key) {
        return map.get(key);
    }

    @Override
    public void put(K key, byte[] value) {
        silent.put(key, value);
    }

    @Override
    public void putForAnHour(K key, byte[] value) {
        silent.put(key, value, 1, TimeUnit.HOURS);
    }

    @Override
    public void clear() {
        map.clear();
    }

    @Override
    public long entries() {
        return map.size();
    }

    @Override
    public long nativeBytes() {
        return allocator == null ? 0 : allocator.getAllocatedAmount();
    }

    @Override
    public void close() {
        manager.stop();
    }
}
