package io.ringgrid.bench;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A member of Hazelcast in this JVM, on loopback and alone. Thread-safe. */
final class HazelcastCache implements Cache<String> {
    private static final String MAP = "bench";

    private final HazelcastInstance member;
    private final IMap<String, byte[]> map;

    HazelcastCache() {
        Config config = new Config("bench");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.getMetricsConfig().setEnabled(false);
        NetworkConfig network = config.getNetworkConfig();
        network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        config.addMapConfig(new MapConfig(MAP)
                .setBackupCount(0)
                .setInMemoryFormat(InMemoryFormat.BINARY)
                .setStatisticsEnabled(false)
                .setPerEntryStatsEnabled(false));
        member = Hazelcast.newHazelcastInstance(config);
        map = member.getMap(MAP);
    }

    @Override
    public String key(int number) {
        return Entries.text(number);
    }

    @Override
    public byte @Nullable [] get(String key) {
        return map.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        map.set(key, value);
    }

    @Override
    public void putForAnHour(String key, byte[] value) {
        map.set(key, value, 1, TimeUnit.HOURS);
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
    public void close() {
        member.getLifecycleService().terminate();
    }
}
