package io.ringgrid.node.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A listening socket and the connections that came through it. Thread-safe. */
public final class Door implements AutoCloseable {
    private final Limits limits;
    private final byte[] refusal;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final AtomicInteger open = new AtomicInteger();
    private final DoorCounts counts = new DoorCounts();
    private final Unread unread;
    private final Channel listener;

    /**
     * Opens a door.
     *
     * @param bind where to listen; port 0 takes a free one
     * @param refusal what a connection beyond the limit hears before it is closed
     * @param handlers the handlers of each new connection, in order; they are handed the door
     * @throws UncheckedIOException if the address cannot be bound
     */
    public Door(
            EventLoopGroup loops,
            InetSocketAddress bind,
            Limits limits,
            byte[] refusal,
            Function<Door, ChannelHandler[]> handlers) {
        this.limits = limits;
        this.refusal = refusal.clone();
        this.unread = new Unread(limits.maxUnreadBytes());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(limits.maxPendingBytes() / 2, limits.maxPendingBytes()))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, handlers);
                    }
                });
        var bound = bootstrap.bind(bind).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(new IOException("cannot listen on " + bind, bound.cause()));
        }
        listener = bound.channel();
    }

    private void accept(SocketChannel channel, Function<Door, ChannelHandler[]> handlers) {
        counts.accepted();
        if (open.incrementAndGet() > limits.maxConnections()) {
            open.decrementAndGet();
            counts.refused();
            channel.writeAndFlush(Unpooled.wrappedBuffer(refusal)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        connections.add(channel);
        channel.pipeline().addLast(counts.traffic(), unread.watch()).addLast(handlers.apply(this));
    }

    /** Where is listened. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** The port that is listened on. */
    public int port() {
        return address().getPort();
    }

    /** A command was taken. */
    public void commanded() {
        counts.commanded();
    }

    /** An error was answered. */
    public void failed() {
        counts.failed();
    }

    /** What was counted since the door was opened. */
    public DoorFigures figures() {
        return counts.figures(open.get());
    }

    /** The open connections, in no order. */
    public List<Channel> connections() {
        return List.copyOf(connections);
    }

    /** How long ago a connection's peer said something last. */
    public static long silentMillis(Channel connection) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - Traffic.heardNanos(connection));
    }

    /** Stops listening and closes every connection. Must not be called from an event loop. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }
}
