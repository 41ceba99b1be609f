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
import org.jgroups.protocols.SHARED_LOOPBACK;
import org.jspecify.annotations.Nullable;

/**
 * A member of Infinispan in this JVM, alone, on a transport that listens nowhere. Thread-safe.
 *
 * @param <K> the keys' type: text on the heap, where objects are kept as they are, bytes off it
 */
final class InfinispanCache<K> implements Cache<K> {
    private static final String MAP = "bench";
    private static final String STACK = """
            <config xmlns="urn:org:jgroups">
                <SHARED_LOOPBACK diag.enabled="false" bind_addr="127.0.0.1"/>
                <SHARED_LOOPBACK_PING/>
                <pbcast.NAKACK2/>
                <UNICAST3/>
                <pbcast.STABLE/>
                <pbcast.GMS print_local_addr="false"/>
                <UFC/>
                <MFC/>
                <FRAG2/>
            </config>
            """;

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
            global.transport().defaultTransport().addProperty(JGroupsTransport.CONFIGURATION_XML, STACK);
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
        if (mode.isClustered()) {
            checkListensNowhere(map);
        }
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

    private static void checkListensNowhere(AdvancedCache<?, ?> cache) {
        if (!(cache.getRpcManager().getTransport() instanceof JGroupsTransport transport)
                || !(transport.getChannel().getProtocolStack().getTransport() instanceof SHARED_LOOPBACK)) {
            throw new IllegalStateException("Infinispan has taken another transport than the one it was given");
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
