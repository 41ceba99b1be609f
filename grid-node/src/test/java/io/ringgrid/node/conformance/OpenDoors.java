package io.ringgrid.node.conformance;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.ConformanceTest.OpenDoor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** The doors of a test, on free ports of loopback, with one event loop. Not thread-safe. */
final class OpenDoors implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<OpenDoor> opened = new ArrayList<>();

    /** Opens one more. */
    Peer open(BiFunction<EventLoopGroup, InetSocketAddress, OpenDoor> opening) {
        OpenDoor door = opening.apply(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        opened.add(door);
        return new Peer(door.port());
    }

    @Override
    public void close() {
        opened.forEach(door -> door.close().run());
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
