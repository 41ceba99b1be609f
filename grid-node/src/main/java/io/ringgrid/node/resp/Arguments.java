package io.ringgrid.node.resp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The arguments of one command, the command's name included, as ranges of somebody's bytes. Reused from command to
 * command; offsets count from a base that may move with its array.
 */
final class Arguments {
    private byte[] bytes = {};
    private int base;
    private int[] from = new int[8];
    private int[] to = new int[8];
    private int count;

    void clear() {
        count = 0;
        if (from.length > 1024) {
            from = new int[8];
            to = new int[8];
        }
    }

    /** Adds a range, counted from the base. */
    void add(int start, int end) {
        if (count == from.length) {
            from = Arrays.copyOf(from, 2 * count);
            to = Arrays.copyOf(to, 2 * count);
        }
        from[count] = start;
        to[count] = end;
        count++;
    }

    /** Says where the ranges lie now. */
    void rebase(byte[] newBytes, int newBase) {
        bytes = newBytes;
        base = newBase;
    }

    int count() {
        return count;
    }

    byte[] bytes() {
        return bytes;
    }

    int from(int argument) {
        return base + from[argument];
    }

    int to(int argument) {
        return base + to[argument];
    }

    int length(int argument) {
        return to[argument] - from[argument];
    }

    /** Whether the argument is this word, in whatever case. */
    boolean is(int argument, String lowerCase) {
        if (length(argument) != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            int b = bytes[from(argument) + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    byte[] copy(int argument) {
        return Arrays.copyOfRange(bytes, from(argument), to(argument));
    }

    /** The same arguments over bytes of their own, and no more than they need. */
    Arguments detached() {
        Arguments own = new Arguments();
        int length = 0;
        for (int i = 0; i < count; i++) {
            own.add(length, length + length(i));
            length += length(i);
        }
        byte[] copy = new byte[length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(bytes, from(i), copy, own.from[i], length(i));
        }
        own.rebase(copy, 0);
        return own;
    }

    /** How many bytes it takes to keep them, if they are {@link #detached}: an argument without bytes takes some, too. */
    long weight() {
        return bytes.length + 8L * from.length;
    }

    /** The argument's bytes as characters, up to its first NUL, as C prints them. */
    String printed(int argument, int maxLength) {
        int end = from(argument);
        int limit = end + Math.min(length(argument), maxLength);
        while (end < limit && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from(argument), end - from(argument), StandardCharsets.ISO_8859_1);
    }
}
