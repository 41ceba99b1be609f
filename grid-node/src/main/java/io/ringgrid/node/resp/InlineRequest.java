package io.ringgrid.node.resp;

/**
 * A line that somebody typed, split as Redis does: words between white space, {@code "…"} with escapes, {@code '…'} with
 * {@code \'} alone. Reused from line to line.
 */
final class InlineRequest {
    private byte[] line = {};
    private int at;
    private int end;
    private byte[] words = {};
    private int length;

    /**
     * Splits a line without its end.
     *
     * @return false if its quotes are not balanced
     */
    boolean split(byte[] bytes, int from, int to, Arguments arguments) {
        line = bytes;
        at = from;
        end = to;
        words = new byte[to - from];
        length = 0;
        arguments.clear();
        while (true) {
            while (at < end && isSpace(line[at])) {
                at++;
            }
            if (at == end) {
                arguments.rebase(words, 0);
                return true;
            }
            int start = length;
            if (!readWord()) {
                return false;
            }
            arguments.add(start, length);
        }
    }

    private boolean readWord() {
        while (at < end) {
            byte b = line[at++];
            switch (b) {
                case ' ', '\n', '\r', '\t' -> {
                    return true;
                }
                case '"', '\'' -> {
                    return readQuoted(b);
                }
                default -> words[length++] = b;
            }
        }
        return true;
    }

    private boolean readQuoted(byte quote) {
        while (at < end) {
            byte b = line[at++];
            if (b == quote) {
                // The closing quote ends the word: something else behind it would be a mistake.
                return at == end || isSpace(line[at]);
            }
            words[length++] = b == '\\' && at < end ? escaped(quote) : b;
        }
        return false;
    }

    private byte escaped(byte quote) {
        if (quote == '\'') {
            return line[at] == '\'' ? line[at++] : (byte) '\\';
        }
        if (line[at] == 'x' && end - at > 2) {
            int high = Character.digit(line[at + 1], 16);
            int low = Character.digit(line[at + 2], 16);
            if (high >= 0 && low >= 0) {
                at += 3;
                return (byte) (high << 4 | low);
            }
        }
        byte b = line[at++];
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> b;
        };
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
