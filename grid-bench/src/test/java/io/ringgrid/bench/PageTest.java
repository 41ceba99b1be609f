package io.ringgrid.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class PageTest {
    private static final String PAGE =
            "top\n<!-- begin a -->\nold\n<!-- end a -->\n\n<!-- begin b -->\n<!-- end b -->\nlast\n";

    @Test
    void onlyWhatIsBetweenTheMarkersIsReplaced() {
        String once = Page.replaced(PAGE, "a", "new\n");

        assertEquals("top\n<!-- begin a -->\nnew\n<!-- end a -->\n\n<!-- begin b -->\n<!-- end b -->\nlast\n", once);
        assertEquals(once, Page.replaced(once, "a", "new"));
    }

    @Test
    void aPageWithoutTheMarkersIsRefused() {
        assertThrows(IllegalStateException.class, () -> Page.replaced(PAGE, "c", "new"));
        assertThrows(IllegalStateException.class, () -> Page.replaced("<!-- end a --><!-- begin a -->", "a", "new"));
    }

    @Test
    void columnsAreAlignedAndCounted() {
        Table table = new Table("a", "long").row("1–2", "x");

        assertEquals("| a   | long |\n| --- | ---  |\n| 1–2 | x    |\n", table.toString());
        assertThrows(IllegalArgumentException.class, () -> table.row("one"));
    }
}
