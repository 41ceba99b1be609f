package io.ringgrid.node.memcached;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The words of one command line: what lies between spaces, and only spaces. Reused from line to line. Like memcached it
 * looks at the first 23 words (no other command than {@code get} has more), and at nothing behind a NUL byte.
 */
final class Words {
    private static final int MAX_WORDS = 23;
    private static final byte[] NO_REPLY = {'n', 'o', 'r', 'e', 'p', 'l', 'y'};

    private final int[] from = new int[MAX_WORDS];
    private final int[] to = new int[MAX_WORDS];
    private byte[] bytes = {};
    private int count;
    private int lineEnd;

    /** Splits a line without its end. */
    void split(byte[] line, int start, int end) {
        bytes = line;
        count = 0;
        lineEnd = start;
        while (lineEnd < end && line[lineEnd] != 0) {
            lineEnd++;
        }
        int at = start;
        while (count < MAX_WORDS) {
            int word = nextWord(line, at, lineEnd);
            if (word == lineEnd) {
                return;
            }
            at = wordEnd(line, word, lineEnd);
            from[count] = word;
            to[count] = at;
            count++;
        }
    }

    /** Where the next word begins, or the end. */
    static int nextWord(byte[] line, int at, int end) {
        int word = at;
        while (word < end && line[word] == ' ') {
            word++;
        }
        return word;
    }

    /** Where the word that begins here ends. */
    static int wordEnd(byte[] line, int word, int end) {
        int at = word;
        while (at < end && line[at] != ' ') {
            at++;
        }
        return at;
    }

    int count() {
        return count;
    }

    int from(int word) {
        return from[word];
    }

    int to(int word) {
        return to[word];
    }

    int length(int word) {
        return to[word] - from[word];
    }

    /** Where the words end: the line's end, or its first NUL byte. */
    int lineEnd() {
        return lineEnd;
    }

    boolean is(int word, byte[] text) {
        return Arrays.equals(bytes, from[word], to[word], text, 0, text.length);
    }

    /** Whether the last word is {@code noreply}, wherever it stands: memcached looks no closer. */
    boolean endWithNoReply() {
        return is(count - 1, NO_REPLY);
    }

    String text(int word) {
        return new String(bytes, from[word], length(word), StandardCharsets.ISO_8859_1);
    }

    boolean startsWith(int word, byte[] text) {
        return length(word) >= text.length
                && Arrays.equals(bytes, from[word], from[word] + text.length, text, 0, text.length);
    }
}
