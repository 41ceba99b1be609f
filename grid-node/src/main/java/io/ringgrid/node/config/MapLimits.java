package io.ringgrid.node.config;

import io.ringgrid.store.Eviction;
import io.ringgrid.store.MapLimit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads what is said of maps: {@code sessions lru entries=100000 bytes=64m, default none}. Stateless.
 *
 * <p>A name, then in any order a policy and limits; names with spaces or commas cannot be said so.
 */
final class MapLimits {
    private static final String ENTRIES = "entries=";
    private static final String BYTES = "bytes=";

    private MapLimits() {}

    /**
     * What is said of each map.
     *
     * @throws IllegalArgumentException with what is wrong
     */
    static Map<String, MapLimit> read(List<String> maps) {
        Map<String, MapLimit> limits = new LinkedHashMap<>();
        for (String map : maps) {
            List<String> words = Arrays.asList(map.split("\\s+", -1));
            String name = words.get(0);
            MapLimit limit = limit(words.subList(1, words.size()), map);
            if (name.isEmpty() || limits.put(name, limit) != null) {
                throw new IllegalArgumentException("'" + map + "' names no map, or one that was named before");
            }
        }
        return limits;
    }

    private static MapLimit limit(List<String> words, String map) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("'" + map + "' says nothing of the map, such as lru or entries=1000");
        }
        MapLimit limit = MapLimit.USUAL;
        for (String word : words) {
            if (word.startsWith(ENTRIES)) {
                long entries = count(word.substring(ENTRIES.length()));
                limit = new MapLimit(limit.eviction(), entries, limit.maxBytes());
            } else if (word.startsWith(BYTES)) {
                long bytes = Setting.bytes(word.substring(BYTES.length()));
                limit = new MapLimit(limit.eviction(), limit.maxEntries(), bytes);
            } else {
                limit = limit.by(eviction(word));
            }
        }
        return limit;
    }

    private static long count(String text) {
        if (!text.matches("[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("'" + text + "' is not a number of entries");
        }
        return Long.parseLong(text);
    }

    private static Eviction eviction(String word) {
        for (Eviction eviction : Eviction.values()) {
            if (eviction.name().toLowerCase(Locale.ROOT).equals(word)) {
                return eviction;
            }
        }
        throw new IllegalArgumentException(
                "'" + word + "' is none of density, lru, random, none, entries=1000 and bytes=64m");
    }
}
