package io.ringgrid.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What one connection sends, and what it hears from the original server and from our door. Immutable.
 *
 * <p>In the files a block of lines is one transcript: {@code >} is sent, {@code <} is heard from both, {@code =} is heard
 * from ours alone where we differ on purpose, and {@code #} says why. Lines are joined as they are, so their ends are
 * written out: {@code \r\n}; {@code {1000 x}} is the x a thousand times.
 *
 * @param line where the transcript begins in its file
 * @param why we differ, or an empty text
 */
public record Transcript(int line, byte[] sent, byte[] original, byte[] ours, String why) {
    private static final Pattern REPEATED = Pattern.compile("\\{(\\d+) ([^}]+)}");

    /** Reads a file of the test's resources. */
    public static List<Transcript> read(String resource) {
        List<Transcript> transcripts = new ArrayList<>();
        List<String> block = new ArrayList<>();
        String[] lines = text(resource).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (!lines[i].isEmpty()) {
                block.add(lines[i]);
            } else {
                add(block, i - block.size() + 1, transcripts);
                block.clear();
            }
        }
        add(block, lines.length - block.size() + 1, transcripts);
        return transcripts;
    }

    private static void add(List<String> block, int line, List<Transcript> transcripts) {
        byte[] sent = joined(block, '>');
        if (sent.length == 0) {
            return;
        }
        byte[] original = joined(block, '<');
        boolean differs = block.stream().anyMatch(text -> text.startsWith("="));
        String why = block.stream()
                .filter(text -> text.startsWith("#"))
                .map(text -> text.substring(1).strip())
                .collect(Collectors.joining(" "));
        if (differs && why.isEmpty()) {
            throw new IllegalArgumentException("line " + line + ": we differ, and # does not say why");
        }
        transcripts.add(new Transcript(line, sent, original, differs ? joined(block, '=') : original, why));
    }

    /** Whether we answer otherwise than the original, on purpose. */
    boolean differs() {
        return !Arrays.equals(original, ours);
    }

    private static byte[] joined(List<String> block, char mark) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String text : block) {
            if (text.charAt(0) == mark) {
                bytes.writeBytes(unescaped(text.length() < 2 ? "" : text.substring(2)));
            } else if ("><=#".indexOf(text.charAt(0)) < 0) {
                throw new IllegalArgumentException("a line begins with > < = or #, not as this does: " + text);
            }
        }
        return bytes.toByteArray();
    }

    /** The bytes of a text with escapes and repetitions. */
    public static byte[] unescaped(String text) {
        Matcher repeated = REPEATED.matcher(text);
        String expanded = repeated.replaceAll(
                found -> Matcher.quoteReplacement(found.group(2).repeat(Integer.parseInt(found.group(1)))));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < expanded.length(); i++) {
            char c = expanded.charAt(i);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            char escape = expanded.charAt(++i);
            switch (escape) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(Integer.parseInt(expanded.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("unknown escape \\" + escape + " in " + text);
            }
        }
        return bytes.toByteArray();
    }

    /** Fails, with what was sent, unless this was heard. */
    public void assertHeard(byte[] expected, byte[] heard, String who) {
        assertEquals(shown(expected), shown(heard), who + ", " + this);
    }

    /** Bytes for people: escaped, and cut if they are many. */
    public static String shown(byte[] bytes) {
        StringBuilder shown = new StringBuilder();
        for (byte b : bytes) {
            if (shown.length() > 2000) {
                return shown + "... of " + bytes.length + " bytes";
            }
            switch (b) {
                case '\r' -> shown.append("\\r");
                case '\n' -> shown.append("\\n\n");
                case '\\' -> shown.append("\\\\");
                default -> {
                    if (b >= ' ' && b < 0x7f) {
                        shown.append((char) b);
                    } else {
                        shown.append(String.format("\\x%02x", b & 0xff));
                    }
                }
            }
        }
        return shown.toString();
    }

    private static String text(String resource) {
        try (InputStream in = Transcript.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        String shown = shown(sent);
        return "line " + line + ": " + (shown.length() > 60 ? shown.substring(0, 60) + "..." : shown);
    }
}
