package io.ringgrid.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for the peers of a door that read more slowly than they ask, all together. Thread-safe.
 *
 * <p>Each connection's answers are bounded, but not many connections'. Beyond the bound of all, whoever has read too little
 * for the longest time is closed; Redis does so by {@code maxmemory-clients}. Who reads is never among them: having caught
 * up, a connection starts anew.
 */
final class Unread {
    private static final Logger log = LoggerFactory.getLogger(Unread.class);

    private final long maxBytes;
    /** Whoever is behind, and how many bytes, in the order in which they fell behind. */
    private final Map<Channel, Long> behind = new LinkedHashMap<>();

    private long bytes;

    Unread(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** A handler that watches one connection. */
    ChannelHandler watch() {
        return new Watch();
    }

    private final class Watch extends ChannelDuplexHandler {
        /** More may be written although the peer does not read: what was asked before is still answered. */
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            var unused = context.write(message, promise);
            measure(context.channel());
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            context.flush();
            measure(context.channel());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                caughtUp(context.channel());
            } else {
                measure(context.channel());
            }
            context.fireChannelWritabilityChanged();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            caughtUp(context.channel());
            context.fireChannelInactive();
        }
    }

    private void measure(Channel channel) {
        if (channel.isWritable() || !channel.isActive()) {
            return;
        }
        for (Channel victim : behind(channel, channel.bytesBeforeWritable())) {
            log.warn(
                    "event=slow-reader-closed peer={} what=\"the answers that clients have not read fill their memory of {}"
                            + " bytes, and this one has not read for the longest time\"",
                    victim.remoteAddress(),
                    maxBytes);
            var unused = victim.close();
        }
    }

    private synchronized List<Channel> behind(Channel channel, long unread) {
        Long noted = behind.put(channel, unread);
        bytes += unread - (noted == null ? 0 : noted);
        List<Channel> victims = new ArrayList<>();
        while (bytes > maxBytes && behind.size() > 1) {
            Channel first = behind.keySet().iterator().next();
            forget(first);
            victims.add(first);
        }
        return victims;
    }

    private synchronized void caughtUp(Channel channel) {
        forget(channel);
    }

    private void forget(Channel channel) {
        Long noted = behind.remove(channel);
        bytes -= noted == null ? 0 : noted;
    }
}
