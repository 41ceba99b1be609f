package io.ringgrid.node.resp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MultiTest {
    @Test
    void argumentsWithoutBytesCountToo() {
        Arguments empty = new Arguments();
        for (int i = 0; i < 1000; i++) {
            empty.add(0, 0);
        }
        Command del = Command.of("del", -2, "write|keyspace", "generic", "1.0.0", "", (connection, arguments) -> {});
        Multi multi = new Multi();
        for (int i = 0; i < 10; i++) {
            assertTrue(multi.add(del, empty, 100_000));
        }
        for (int i = 0; i < 10; i++) {
            multi.add(del, empty, 100_000);
        }
        assertFalse(multi.add(del, empty, 100_000));
    }
}
