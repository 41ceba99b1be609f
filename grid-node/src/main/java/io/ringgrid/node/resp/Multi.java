package io.ringgrid.node.resp;

import java.util.ArrayList;
import java.util.List;

/** What a connection has said since MULTI, and which keys it watches. Confined to the connection's event loop. */
final class Multi {
    /** A command that waits for EXEC; its arguments own their bytes. */
    record Queued(Command command, Arguments arguments) {}

    /** A key, and the version that it had when it was watched; 0 if it was absent. */
    record Watched(int map, byte[] key, long version) {}

    /** As many as one transaction of the core takes. */
    static final int MAX_COMMANDS = 16384;

    private final List<Watched> watched = new ArrayList<>();
    private List<Queued> queue = new ArrayList<>();
    private long bytes;
    private boolean open;
    private boolean failed;

    boolean isOpen() {
        return open;
    }

    boolean hasFailed() {
        return failed;
    }

    void open() {
        open = true;
    }

    /** Something could not be queued: EXEC will refuse. */
    void fail() {
        failed = open;
    }

    int size() {
        return queue.size();
    }

    /** Keeps a command; false if that would be too many. */
    boolean add(Command command, Arguments arguments, long maxBytes) {
        Arguments own = arguments.detached();
        bytes += own.weight();
        if (queue.size() == MAX_COMMANDS || bytes > maxBytes) {
            return false;
        }
        queue.add(new Queued(command, own));
        return true;
    }

    void watch(Watched key) {
        watched.add(key);
    }

    List<Watched> watched() {
        return List.copyOf(watched);
    }

    void unwatch() {
        watched.clear();
    }

    /** The queue, which is given away: nothing is left of MULTI and WATCH. */
    List<Queued> end() {
        List<Queued> ended = queue;
        queue = new ArrayList<>();
        bytes = 0;
        open = false;
        failed = false;
        watched.clear();
        return ended;
    }
}
