package io.ringgrid.node.binary;

import io.ringgrid.wire.ByteReader;
import io.ringgrid.wire.ByteWriter;
import io.ringgrid.wire.Frame;
import io.ringgrid.wire.Hello;
import io.ringgrid.wire.MalformedFrameException;
import io.ringgrid.wire.Refused;
import io.ringgrid.wire.Reply;
import io.ringgrid.wire.Secret;
import io.ringgrid.wire.Welcome;
import java.security.SecureRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The door's part in one handshake: what is answered to each frame until somebody is welcome. Not thread-safe.
 *
 * <p>With a secret, nothing of this member or its cluster is told before the dialer's proof.
 */
final class Handshake {
    /** How far it got. */
    enum Outcome {
        GOES_ON,
        WELCOME,
        REFUSED
    }

    /** What is answered, as the type and the body of a frame. */
    record Step(int type, byte[] body, Outcome outcome) {}

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] NONE = {};

    private final Function<Hello, Reply> check;
    private final @Nullable Secret secret;
    private @Nullable Hello hello;
    /** HELLO's body. */
    private byte[] said = NONE;
    /** CHALLENGE's body. */
    private byte[] challenge = NONE;

    Handshake(Function<Hello, Reply> check, @Nullable Secret secret) {
        this.check = check;
        this.secret = secret;
    }

    /** Who said HELLO, or null before it. */
    @Nullable
    Hello hello() {
        return hello;
    }

    /**
     * Takes a frame.
     *
     * @throws MalformedFrameException if it is not the one that belongs here
     */
    Step take(int type, byte[] body) {
        Hello known = hello;
        if (known == null) {
            if (type != Frame.HELLO) {
                throw new MalformedFrameException("a frame of type " + type + " before the handshake");
            }
            return greeted(body);
        }
        if (type != Frame.PROOF || secret == null) {
            throw new MalformedFrameException("a frame of type " + type + " where a proof belongs");
        }
        if (!Secret.isSame(secret.dialerProof(said, challenge), body)) {
            return step(new Refused("that was another secret than this member's: compare both sides' secrets"));
        }
        return judged(known);
    }

    private Step greeted(byte[] body) {
        ByteReader in = new ByteReader(body);
        Hello heard = Hello.decode(in);
        hello = heard;
        said = body;
        Refused stranger = Reply.stranger(heard);
        if (stranger != null) {
            return step(stranger);
        }
        boolean knowsSecret = in.left() > 0;
        if (knowsSecret && in.bytes().length != Secret.NONCE_BYTES) {
            throw new MalformedFrameException("a nonce has " + Secret.NONCE_BYTES + " bytes");
        }
        if (secret == null) {
            return knowsSecret
                    ? step(new Refused("this member has no secret: start it with the secret-file of the others,"
                            + " or dial it without a secret"))
                    : judged(heard);
        }
        if (!knowsSecret) {
            return step(
                    new Refused(
                            heard.role() == Hello.Role.MEMBER
                                    ? "this cluster has a secret: start the member with --secret-file and the file of the others"
                                    : "this cluster has a secret: give it to the client, as in GridClient.builder().secret(...)"));
        }
        challenge = new byte[Secret.NONCE_BYTES];
        RANDOM.nextBytes(challenge);
        return new Step(Frame.CHALLENGE, challenge, Outcome.GOES_ON);
    }

    private Step judged(Hello heard) {
        return step(check.apply(heard));
    }

    private Step step(Reply reply) {
        ByteWriter out = new ByteWriter(256);
        reply.encode(out);
        if (!(reply instanceof Welcome)) {
            return new Step(reply.type(), out.toByteArray(), Outcome.REFUSED);
        }
        if (secret != null) {
            byte[] welcome = out.toByteArray();
            out.bytes(secret.doorProof(said, challenge, welcome));
        }
        return new Step(reply.type(), out.toByteArray(), Outcome.WELCOME);
    }
}
