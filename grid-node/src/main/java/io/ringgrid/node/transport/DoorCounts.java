package io.ringgrid.node.transport;

import io.netty.channel.ChannelHandler;
import java.util.concurrent.atomic.LongAdder;

/** What a door counts while it is open. Thread-safe. */
public final class DoorCounts {
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder commands = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();

    /** A connection was accepted, if only to be refused. */
    public void accepted() {
        accepted.increment();
    }

    /** A connection was refused because there were too many. */
    public void refused() {
        refused.increment();
    }

    /** A command was taken. */
    public void commanded() {
        commands.increment();
    }

    /** An error was answered. */
    public void failed() {
        errors.increment();
    }

    /** A handler that counts one connection's bytes. */
    public ChannelHandler traffic() {
        return new Traffic(bytesRead, bytesWritten);
    }

    /**
     * What was counted so far.
     *
     * @param connections how many are open
     */
    public DoorFigures figures(int connections) {
        return new DoorFigures(
                connections,
                accepted.sum(),
                refused.sum(),
                commands.sum(),
                errors.sum(),
                bytesRead.sum(),
                bytesWritten.sum());
    }
}
