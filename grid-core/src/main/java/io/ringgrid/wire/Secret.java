package io.ringgrid.wire;

import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What all members and clients of a cluster know, and nobody else. Immutable; shown to nobody, not even to a log.
 *
 * <p>At the native door it is never sent. Each side proves that it knows it, by HMAC-SHA256 (RFC 2104) over what both have
 * said, a fresh nonce of each included, so that a proof is worth nothing on another connection; and the two sides' proofs
 * begin differently, so that nobody can be answered with his own words:
 *
 * <pre>
 *   dialer  HELLO      hello, nonce of the dialer
 *   door    CHALLENGE  nonce of the door
 *   dialer  PROOF      HMAC("ringgrid dialer" n4, HELLO's body n4, CHALLENGE's body n4)
 *   door    WELCOME    welcome, HMAC("ringgrid door" n4, HELLO's body n4, CHALLENGE's body n4, welcome n4)
 * </pre>
 *
 * <p>Who can read the network can try out guesses against what he has read, and can take over a connection whose handshake
 * is complete: the secret keeps strangers out, and encrypts nothing. So it should be random, not a word.
 *
 * <p>It consists of visible ASCII characters, since the other doors' clients have to send it: as a word (memcached), an
 * argument (RESP), a header (HTTP).
 */
public final class Secret {
    /** How short a member's may be, in bytes: whoever dials finds out by itself. */
    public static final int MIN_BYTES = 16;
    /** How long it may be, in bytes. */
    public static final int MAX_BYTES = 1024;
    /** How to make one. */
    public static final String RECIPE = "head -c 32 /dev/urandom | base64";

    /** How long a nonce is, in bytes. */
    public static final int NONCE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A secret.
     *
     * @throws IllegalArgumentException if it is empty, too long, or holds what is no visible ASCII character; the message
     *     does not tell the secret
     */
    public static Secret of(CharSequence text) {
        boolean visible = text.chars().allMatch(c -> c >= '!' && c <= '~');
        if (!visible || text.length() == 0 || text.length() > MAX_BYTES) {
            throw new IllegalArgumentException("a secret is one line of " + MIN_BYTES + " to " + MAX_BYTES
                    + " visible ASCII characters without spaces; make one with: " + RECIPE);
        }
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        return new Secret(bytes);
    }

    /** The same of an array, which the caller may overwrite afterwards. */
    public static Secret of(char[] text) {
        return of(CharBuffer.wrap(text));
    }

    /** How many bytes it has. */
    public int length() {
        return bytes.length;
    }

    /** Whether these bytes are the secret; takes the same time wherever they differ. */
    public boolean is(byte[] source, int from, int to) {
        return MessageDigest.isEqual(bytes, Arrays.copyOfRange(source, from, to));
    }

    /** Whether this text is the secret; takes the same time wherever they differ. */
    public boolean is(CharSequence text) {
        return MessageDigest.isEqual(bytes, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What the dialer proves itself by.
     *
     * @param hello the body of HELLO, the dialer's nonce included
     * @param challenge the body of CHALLENGE
     */
    public byte[] dialerProof(byte[] hello, byte[] challenge) {
        return proof("ringgrid dialer", hello, challenge);
    }

    /**
     * What the door proves itself by.
     *
     * @param hello the body of HELLO, the dialer's nonce included
     * @param challenge the body of CHALLENGE
     * @param welcome the body of WELCOME, without the proof
     */
    public byte[] doorProof(byte[] hello, byte[] challenge, byte[] welcome) {
        return proof("ringgrid door", hello, challenge, welcome);
    }

    private byte[] proof(String role, byte[]... said) {
        ByteWriter all = new ByteWriter(1024).string(role);
        for (byte[] part : said) {
            all.bytes(part);
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(bytes, ALGORITHM));
            mac.update(all.array(), 0, all.size());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /** Whether a proof is the right one; takes the same time wherever they differ. */
    public static boolean isSame(byte[] right, byte[] given) {
        return MessageDigest.isEqual(right, given);
    }

    @Override
    public String toString() {
        return "a secret";
    }
}
