package io.ringgrid.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page of results, of which each benchmark owns what stands between its two markers. Not thread-safe. */
final class Page {
    private final Path file;

    Page(Path file) {
        this.file = file;
    }

    /**
     * Puts this text between the markers of that name.
     *
     * @throws IllegalStateException if the page has no such markers
     */
    void write(String name, String text) throws IOException {
        Files.writeString(file, replaced(Files.readString(file), name, text));
    }

    /**
     * Looks whether it could be written, before anything is measured.
     *
     * @throws IllegalStateException if the page has no such markers
     */
    void check(String name) throws IOException {
        replaced(Files.readString(file), name, "");
    }

    /** The page with this text between the markers of that name. */
    static String replaced(String page, String name, String text) {
        String begin = marker("begin", name);
        String end = marker("end", name);
        int from = page.indexOf(begin);
        int to = page.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalStateException("the page has no '" + begin + "' with '" + end + "' behind it");
        }
        return page.substring(0, from + begin.length()) + "\n" + text.strip() + "\n" + page.substring(to);
    }

    private static String marker(String which, String name) {
        return "<!-- " + which + " " + name + " -->";
    }
}
