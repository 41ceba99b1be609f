package io.ringgrid.client.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void hostAndPortAreRead() {
        assertEquals(new Address("10.0.0.1", 7800), Address.parse("10.0.0.1:7800"));
        assertEquals(new Address("db.example", 1), Address.parse("db.example:1"));
        assertEquals(new Address("::1", 65535), Address.parse("[::1]:65535"));
        assertEquals("[::1]:65535", Address.parse("[::1]:65535").toString());
        assertEquals("db.example:1", Address.parse("db.example:1").toString());
    }

    @Test
    void whatIsNoneIsRefusedByName() {
        for (String none :
                new String[] {"", "host", "host:", ":7800", "host:0", "host:65536", "host:x", "::1:7800", "[]:1"}) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Address.parse(none), none);
            assertEquals(true, String.valueOf(e.getMessage()).contains("is no host:port"), none);
        }
    }
}
