package io.ringgrid.replica;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A number as Redis' INCRBYFLOAT knows it: C's {@code long double} on x86-64, a mantissa of 64 bits and an exponent of 15,
 * read by {@code strtold} and written by {@code %.17Lf} without the zeros at the end. Immutable.
 *
 * <p>The same digits come out as from Redis 7.0, those that a decimal fraction does not have included: 1.1 + 2.2 is 3.3,
 * and 5e-324 is 0.
 *
 * @param value exactly what the 64 bits say
 */
record LongDouble(BigDecimal value) {
    static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);

    private static final int MANTISSA_BITS = 64;
    private static final int LEAST_EXPONENT = -16445;
    private static final int MOST_EXPONENT = 16384;
    private static final int DIGITS = 17;
    /** Longer than any number that is not made of zeros needs to be; and Redis reads into a buffer of this size. */
    static final int MAX_LENGTH = 5 << 10;

    private static final int MAX_EXPONENT_DIGITS = 6;

    /**
     * What has its first digit so far behind the point, but is in the range, changes no digit of any sum that is written: it
     * is taken for zero, since its exact value has thousands of digits.
     */
    private static final int NOTHING_FROM = -100;

    private static final int NOTHING_TO = -4900;

    private static final Pattern DECIMAL = Pattern.compile("([+-]?)(\\d*)(?:\\.(\\d*))?(?:[eE]([+-]?)(\\d+))?");

    private static final Pattern HEXADECIMAL =
            Pattern.compile("([+-]?)0[xX]([0-9a-fA-F]*)(?:\\.([0-9a-fA-F]*))?(?:[pP]([+-]?)(\\d{1,6}))?");

    private static final Pattern INFINITE = Pattern.compile("[+-]?(inf|infinity)", Pattern.CASE_INSENSITIVE);

    /** Whether the text says infinity, which is a number to Redis as long as nothing is added to it. */
    static boolean isInfinite(byte[] bytes) {
        return bytes.length < 10
                && INFINITE.matcher(new String(bytes, StandardCharsets.ISO_8859_1))
                        .matches();
    }

    /** The number that this text is, or null if it is none or beyond the range. */
    static @Nullable LongDouble parse(byte[] bytes) {
        if (bytes.length == 0 || bytes.length >= MAX_LENGTH) {
            return null;
        }
        String string = new String(bytes, StandardCharsets.ISO_8859_1);
        Matcher text = DECIMAL.matcher(string);
        if (text.matches()) {
            return decimal(text);
        }
        text = HEXADECIMAL.matcher(string);
        return text.matches() ? hexadecimal(text) : null;
    }

    private static @Nullable LongDouble hexadecimal(Matcher text) {
        String fraction = text.group(3) == null ? "" : text.group(3);
        String digits = text.group(2) + fraction;
        if (digits.isEmpty()) {
            return null;
        }
        int exponent = -4 * fraction.length();
        if (text.group(5) != null) {
            exponent += Integer.parseInt(text.group(4) + text.group(5));
        }
        BigInteger unscaled = new BigInteger(text.group(1) + digits, 16);
        if (Math.abs(exponent) > 2 * MOST_EXPONENT) {
            return unscaled.signum() == 0 ? ZERO : null;
        }
        return inRange(new BigDecimal(unscaled).multiply(power(exponent)));
    }

    private static @Nullable LongDouble inRange(BigDecimal exact) {
        int magnitude = exact.precision() - exact.scale();
        if (magnitude < NOTHING_FROM && magnitude > NOTHING_TO) {
            return ZERO;
        }
        LongDouble rounded = round(exact);
        boolean vanished = rounded != null && rounded.value.signum() == 0 && exact.signum() != 0;
        return vanished ? null : rounded;
    }

    private static @Nullable LongDouble decimal(Matcher text) {
        String digits = text.group(2) + (text.group(3) == null ? "" : text.group(3));
        if (digits.isEmpty()) {
            return null;
        }
        BigInteger unscaled = new BigInteger(text.group(1).equals("-") ? "-" + digits : digits);
        if (unscaled.signum() == 0) {
            return ZERO;
        }
        long exponent = 0;
        if (text.group(5) != null) {
            String stripped = text.group(5).replaceFirst("^0+(?=.)", "");
            if (stripped.length() > MAX_EXPONENT_DIGITS) {
                return null;
            }
            exponent = Long.parseLong(stripped) * (text.group(4).equals("-") ? -1 : 1);
        }
        int fraction = text.group(3) == null ? 0 : text.group(3).length();
        return inRange(new BigDecimal(unscaled, (int) (fraction - exponent)));
    }

    /** The sum, or null if it is beyond the range. */
    @Nullable
    LongDouble plus(LongDouble other) {
        return round(value.add(other.value));
    }

    /** The nearest number that 64 bits can say, the even one of two; null if it is beyond the range. */
    private static @Nullable LongDouble round(BigDecimal exact) {
        if (exact.signum() == 0) {
            return ZERO;
        }
        // The exponent of two: first nearly, from the decimal one, then exactly.
        int magnitude = exact.precision() - exact.scale();
        if (magnitude > 5000) {
            return null;
        }
        if (magnitude < -5000) {
            return ZERO;
        }
        int exponent = (int) Math.floor((magnitude - 1) * 3.321928094887362) - 1;
        while (exact.abs().compareTo(power(exponent + 1)) >= 0) {
            exponent++;
        }
        int unit = Math.max(exponent - (MANTISSA_BITS - 1), LEAST_EXPONENT);
        BigInteger mantissa =
                exact.multiply(power(-unit)).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
        if (mantissa.abs().bitLength() + unit > MOST_EXPONENT) {
            return null;
        }
        return new LongDouble(new BigDecimal(mantissa).multiply(power(unit)));
    }

    private static BigDecimal power(int exponent) {
        return exponent >= 0
                ? new BigDecimal(BigInteger.ONE.shiftLeft(exponent))
                : new BigDecimal(BigInteger.valueOf(5).pow(-exponent), -exponent);
    }

    /** As Redis writes it. */
    byte[] text() {
        BigDecimal rounded = value.setScale(DIGITS, RoundingMode.HALF_EVEN);
        String text = rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
