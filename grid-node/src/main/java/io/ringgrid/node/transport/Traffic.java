package io.ringgrid.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/**
 * What goes over one connection. Confined to its event loop, but for {@link #heardNanos}, which any thread may ask.
 */
final class Traffic extends ChannelDuplexHandler {
    private final LongAdder read;
    private final LongAdder written;
    private volatile long heardNanos = System.nanoTime();

    /** Counts into the sums of a door. */
    Traffic(LongAdder read, LongAdder written) {
        this.read = read;
        this.written = written;
    }

    /** When the peer said something last. */
    static long heardNanos(Channel channel) {
        Traffic traffic = channel.pipeline().get(Traffic.class);
        return traffic == null ? System.nanoTime() : traffic.heardNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            read.add(bytes.readableBytes());
        }
        heardNanos = System.nanoTime();
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            written.add(bytes.readableBytes());
        }
        var unused = context.write(message, promise);
    }
}
