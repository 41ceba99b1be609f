package io.ringgrid.node.json;

/** Writes JSON (RFC 8259), in the order of the calls. Not thread-safe. */
public final class Json {
    private final StringBuilder text = new StringBuilder(1024);
    private boolean needsComma;

    /** Begins an object or an array. */
    public Json open(char bracket) {
        separate();
        text.append(bracket);
        needsComma = false;
        return this;
    }

    /** Ends an object or an array. */
    public Json close(char bracket) {
        text.append(bracket);
        needsComma = true;
        return this;
    }

    /** Names the value that follows. */
    public Json name(String name) {
        separate();
        quote(name);
        text.append(':');
        needsComma = false;
        return this;
    }

    /** A text. */
    public Json value(String value) {
        separate();
        quote(value);
        needsComma = true;
        return this;
    }

    /** A whole number. */
    public Json value(long value) {
        separate();
        text.append(value);
        needsComma = true;
        return this;
    }

    /** True or false. */
    public Json value(boolean value) {
        separate();
        text.append(value);
        needsComma = true;
        return this;
    }

    private void separate() {
        if (needsComma) {
            text.append(',');
        }
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
