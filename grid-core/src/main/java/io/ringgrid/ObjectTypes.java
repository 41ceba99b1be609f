package io.ringgrid;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The classes whose objects an application keeps as values, each with the id that stands for it in the bytes. Immutable.
 *
 * <p>Ids are given by the application, once and for ever: an id means the same class in every application that reads the
 * entries, and is never used again for another one. Strings, numbers and the JDK's usual collections, dates and
 * so on need no id; the application's own classes do, its enums, records and arrays of them included.
 *
 * <pre>{@code
 * ObjectTypes types = ObjectTypes.NONE.with(1, User.class).with(2, Address.class);
 * GridMap<String, User> users = grid.map("users", String.class, User.class, types);
 * }</pre>
 *
 * <p>Needs Kryo ({@code com.esotericsoftware:kryo}) on the class path.
 */
public final class ObjectTypes {
    /** No classes but the JDK's. */
    public static final ObjectTypes NONE = new ObjectTypes(Map.of());

    private static final int MAX_ID = 1_000_000;

    /** Unmodifiable, in the order of the ids. */
    private final Map<Integer, Class<?>> byId;

    private ObjectTypes(Map<Integer, Class<?>> byId) {
        this.byId = byId;
    }

    /**
     * These and one more.
     *
     * @param id 1 to 1,000,000
     * @throws GridRequestException if the id is another class's, or the class has another id, or it is out of range
     */
    public ObjectTypes with(int id, Class<?> type) {
        if (id < 1 || id > MAX_ID) {
            throw new GridRequestException("a class id is 1 to " + MAX_ID + ", not " + id);
        }
        if (byId.containsKey(id) || byId.containsValue(type)) {
            throw new GridRequestException(
                    "id " + id + " for " + type.getName() + ": the id or the class is registered already, in " + byId);
        }
        Map<Integer, Class<?>> more = new TreeMap<>(byId);
        more.put(id, type);
        return new ObjectTypes(Collections.unmodifiableMap(more));
    }

    /** The classes by their ids. */
    public Map<Integer, Class<?>> byId() {
        return byId;
    }
}
