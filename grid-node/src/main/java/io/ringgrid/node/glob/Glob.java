package io.ringgrid.node.glob;

/**
 * Redis' patterns: {@code *}, {@code ?}, {@code [abc]}, {@code [^a-z]}, {@code \\x}. A translation of {@code stringmatchlen}
 * (Redis 7.0, util.c), what it makes of patterns without an end included. Of one match.
 *
 * <p>A pattern whose stars would nest deeper than {@value #MAX_NESTING} matches nothing, as in Redis from 7.2.6 on: the stack
 * would not suffice.
 */
public final class Glob {
    private static final int MAX_NESTING = 1000;

    private final byte[] pattern;
    private final boolean ignoresCase;
    private int nesting;
    private boolean skipLonger;

    private Glob(byte[] pattern, boolean ignoresCase) {
        this.pattern = pattern;
        this.ignoresCase = ignoresCase;
    }

    /** Whether the text matches the pattern. */
    public static boolean matches(byte[] pattern, byte[] text) {
        return new Glob(pattern, false).matches(0, text, 0);
    }

    /** Whether the text matches the pattern in whatever case. */
    public static boolean matchesIgnoringCase(byte[] pattern, byte[] text) {
        return new Glob(pattern, true).matches(0, text, 0);
    }

    private int folded(byte b) {
        return ignoresCase && b >= 'A' && b <= 'Z' ? b + 32 : b & 0xff;
    }

    private boolean matches(int patternFrom, byte[] text, int textFrom) {
        int p = patternFrom;
        int t = textFrom;
        int end = pattern.length;
        while (p < end && t < text.length) {
            switch (pattern[p]) {
                case '*' -> {
                    return matchesStar(p, text, t);
                }
                case '?' -> t++;
                case '[' -> {
                    p = readClass(p + 1, text[t]);
                    if (!inClass) {
                        return false;
                    }
                    t++;
                }
                default -> {
                    if (pattern[p] == '\\' && end - p >= 2) {
                        p++;
                    }
                    if (folded(pattern[p]) != folded(text[t])) {
                        return false;
                    }
                    t++;
                }
            }
            p++;
            if (t == text.length) {
                while (p < end && pattern[p] == '*') {
                    p++;
                }
                break;
            }
        }
        return p >= end && t == text.length;
    }

    private boolean matchesStar(int star, byte[] text, int textFrom) {
        if (nesting == MAX_NESTING) {
            skipLonger = true;
            return false;
        }
        nesting++;
        boolean matches = matchesNested(star, text, textFrom);
        nesting--;
        return matches;
    }

    private boolean matchesNested(int star, byte[] text, int textFrom) {
        int p = star;
        while (p + 1 < pattern.length && pattern[p + 1] == '*') {
            p++;
        }
        if (p + 1 == pattern.length) {
            return true;
        }
        for (int t = textFrom; t < text.length; t++) {
            if (matches(p + 1, text, t)) {
                return true;
            }
            if (skipLonger) {
                return false;
            }
        }
        // What comes behind this star matched nowhere up to the end: no longer match of an earlier star can help.
        skipLonger = true;
        return false;
    }

    private boolean inClass;

    /** Reads a class from behind its bracket; returns where its last character is. */
    private int readClass(int from, byte b) {
        int p = from;
        int end = pattern.length;
        boolean negated = p < end && pattern[p] == '^';
        if (negated) {
            p++;
        }
        boolean match = false;
        while (true) {
            if (end - p >= 2 && pattern[p] == '\\') {
                p++;
                match |= pattern[p] == b;
            } else if (p < end && pattern[p] == ']') {
                break;
            } else if (p >= end) {
                p--;
                break;
            } else if (end - p >= 3 && pattern[p + 1] == '-') {
                int first = folded(pattern[p]);
                int last = folded(pattern[p + 2]);
                p += 2;
                match |= Math.min(first, last) <= folded(b) && folded(b) <= Math.max(first, last);
            } else {
                match |= folded(pattern[p]) == folded(b);
            }
            p++;
        }
        inClass = match != negated;
        return p;
    }
}
