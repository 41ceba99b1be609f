package io.ringgrid.node.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.binary.Await;
import io.ringgrid.node.conformance.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class UnreadTest {
    private static final int MEGA = 1 << 20;
    private static final int ANSWER_BYTES = 12 * MEGA;
    private static final int PARTS = 6;
    /** More than three such answers less what the sockets take, and less than six. */
    private static final Limits LIMITS = new Limits(100, 1024, MEGA, 32L * MEGA, 1 << 16, MEGA);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Door door =
            new Door(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LIMITS, new byte[0], opened ->
                    new ChannelHandler[] {new Large()});
    private final List<Socket> clients = new ArrayList<>();

    /** Answers each byte with many, a part at a time: most of them when it is long known that nobody reads. */
    private static final class Large extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
            for (int part = 0; part < PARTS; part++) {
                var unused = context.writeAndFlush(Unpooled.wrappedBuffer(new byte[ANSWER_BYTES / PARTS]));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object peerHasEnded) {
            var unused = context.close();
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        door.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Socket ask() throws IOException {
        Socket client = new Peer(door.port()).connect();
        clients.add(client);
        client.getOutputStream().write("?".getBytes(ISO_8859_1));
        return client;
    }

    private static int read(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        int heard = 0;
        byte[] buffer = new byte[64 << 10];
        for (int some = in.read(buffer); some >= 0 && heard + some < ANSWER_BYTES; some = in.read(buffer)) {
            heard += some;
        }
        return heard;
    }

    @Test
    void whoHasNotReadForTheLongestTimeIsClosedWhenAllTogetherOweTooMuch() throws IOException {
        for (int i = 0; i < 6; i++) {
            InputStream answer = ask().getInputStream();
            // One after the other: the answer has begun, and so it is known who has waited for the longest time.
            while (answer.available() == 0) {
                Thread.onSpinWait();
            }
        }
        Await.until("enough are closed", () -> door.connections().size() <= 3);
        assertTrue(read(clients.get(0)) < ANSWER_BYTES - (64 << 10), "the first was not cut off");
        assertTrue(read(clients.get(5)) >= ANSWER_BYTES - (64 << 10), "the last was cut off");
    }

    @Test
    void whoReadsIsNeverAmongThem() throws IOException {
        Socket slow = ask();
        for (int i = 0; i < 20; i++) {
            try (Socket quick = ask()) {
                assertTrue(read(quick) >= ANSWER_BYTES - (64 << 10));
            }
        }
        Await.until("those who read have gone", () -> door.connections().size() == 1);
        assertTrue(read(slow) >= ANSWER_BYTES - (64 << 10));
        assertEquals(1, door.connections().size());
    }
}
