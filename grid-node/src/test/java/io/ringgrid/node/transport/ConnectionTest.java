package io.ringgrid.node.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.ringgrid.node.conformance.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ConnectionTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Door door = new Door(
            loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Limits.DEFAULT, new byte[0], opened ->
                    new ChannelHandler[] {new Stalling()});

    /** Says each byte again, from another thread: the moment after the connection has seen that it must wait for it. */
    private static final class Stalling extends Connection {
        private Echo unanswered = new Echo((byte) 0);
        private boolean stalled;

        Stalling() {
            super(Limits.DEFAULT);
        }

        @Override
        protected boolean step() {
            if (start == end) {
                return false;
            }
            unanswered = open(new Echo(input[start++]));
            stalled = true;
            return true;
        }

        @Override
        protected boolean isStalled() {
            if (!stalled) {
                return false;
            }
            stalled = false;
            Thread other = new Thread(unanswered::answer, "answers");
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return true;
        }
    }

    private static final class Echo extends Slot {
        private final byte said;

        Echo(byte said) {
            this.said = said;
        }

        void answer() {
            complete(1);
        }

        @Override
        protected void encode(ByteBuf out) {
            out.writeByte(said);
        }
    }

    @AfterEach
    void stop() {
        door.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void anAnswerThatComesWhileItPausesResumesIt() throws IOException {
        String said = "one event, and all of it is answered";
        assertEquals(said, new String(new Peer(door.port()).exchange(said.getBytes(ISO_8859_1)), ISO_8859_1));
    }
}
