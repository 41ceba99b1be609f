package io.ringgrid.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretTest {
    private static final Secret SECRET = Secret.of("0123456789abcdef");
    private static final byte[] HELLO = {1, 2, 3};
    private static final byte[] CHALLENGE = {4, 5};
    private static final byte[] WELCOME = {6};

    @Test
    void isKnownByAllOfItsBytes() {
        byte[] text = "<0123456789abcdef>".getBytes(UTF_8);
        assertTrue(SECRET.is(text, 1, 17));
        assertFalse(SECRET.is(text, 0, 17));
        assertFalse(SECRET.is(text, 1, 18));
        assertFalse(SECRET.is(text, 1, 1));
        assertTrue(SECRET.is("0123456789abcdef"));
        assertFalse(SECRET.is("0123456789abcdeF"));
        assertTrue(Secret.of("0123456789abcdef".toCharArray()).is("0123456789abcdef"));
    }

    @Test
    void whatNoDoorsClientCouldSayIsRefusedWithoutTellingIt() {
        for (String unsayable : List.of("", "a b", " ab", "ab\n", "ab\0", "\u00e9t\u00e9", "x".repeat(1025))) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> Secret.of(unsayable), unsayable);
            assertTrue(unsayable.isEmpty() || !String.valueOf(e.getMessage()).contains(unsayable), unsayable);
        }
        assertEquals("a secret", SECRET.toString());
    }

    @Test
    void eachProofIsOfAllThatWasSaidAndOfWhoSaysIt() {
        List<byte[]> proofs = new ArrayList<>();
        proofs.add(SECRET.dialerProof(HELLO, CHALLENGE));
        proofs.add(SECRET.dialerProof(CHALLENGE, HELLO));
        proofs.add(SECRET.dialerProof(new byte[] {1, 2}, new byte[] {3, 4, 5}));
        proofs.add(SECRET.doorProof(HELLO, CHALLENGE, WELCOME));
        proofs.add(SECRET.doorProof(HELLO, CHALLENGE, new byte[0]));
        proofs.add(Secret.of("0123456789abcdeg").dialerProof(HELLO, CHALLENGE));
        assertEquals(
                proofs.size(),
                proofs.stream().map(HexFormat.of()::formatHex).distinct().count());
        for (byte[] proof : proofs) {
            assertEquals(32, proof.length);
        }
        assertArrayEquals(SECRET.dialerProof(HELLO, CHALLENGE), proofs.get(0));
        assertTrue(Secret.isSame(SECRET.dialerProof(HELLO, CHALLENGE), proofs.get(0)));
        assertFalse(Secret.isSame(proofs.get(0), proofs.get(1)));
        assertFalse(Secret.isSame(proofs.get(0), new byte[0]));
    }
}
