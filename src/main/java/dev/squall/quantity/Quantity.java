package dev.squall.quantity;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of values with a unit: each reads its spelling, and writes a value for people. */
public enum Quantity {
    /** Microseconds. */
    DURATION("a duration, as 250ms, 3s, 2m or 1h", Map.of("us", 1e0, "ms", 1e3, "s", 1e6, "m", 60e6, "h", 3600e6)),
    /** Bytes. */
    SIZE("a size, as 64B, 16KiB or 1MiB", Map.of("B", 1.0, "KiB", 1024.0, "MiB", 1024.0 * 1024)),
    /** A second. */
    RATE("a rate, as 200/s or 50/m", Map.of("/s", 1.0, "/m", 1 / 60.0)),
    /** A fraction. */
    SHARE("a share, as 10% or 0.1", Map.of("%", 0.01, "", 1.0)),
    /** A number. */
    NUMBER("a number, as 3 or 1.5", Map.of("", 1.0));

    private static final Pattern SPELLING = Pattern.compile("([+-]?[0-9][0-9_]*(?:\\.[0-9]+)?)\\s*([a-zA-Z%/]*)");
    private static final Locale LOCALE = Locale.ROOT;

    private final String expected;
    private final Map<String, Double> units;

    Quantity(String expected, Map<String, Double> units) {
        this.expected = expected;
        this.units = units;
    }

    /** What is accepted, in words. */
    public String expected() {
        return expected;
    }

    /**
     * The value of a spelling, in this quantity's unit.
     *
     * @throws IllegalArgumentException if it is none; the message says what is accepted
     */
    public double parse(String text) {
        Matcher matcher = SPELLING.matcher(text.strip());
        Double unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(text + " (expected: " + expected + ")");
        }
        // By way of decimals, so that 99.9% is the double 0.999.
        return new BigDecimal(matcher.group(1).replace("_", ""))
                .multiply(BigDecimal.valueOf(unit))
                .doubleValue();
    }

    /** A value for people, as {@code 6.1 s}, {@code 99.92%}, {@code 812/s}. */
    public String format(double value) {
        return switch (this) {
            case DURATION -> value == Double.POSITIVE_INFINITY ? "never" : duration(value);
            case SIZE -> number(value) + " B";
            case RATE -> number(value) + "/s";
            case SHARE -> percent(value);
            case NUMBER -> number(value);
        };
    }

    /** A value as {@link #parse} reads it, as {@code 1500ms}, {@code 12.5%}: whole where the unit is small enough to be. */
    public String spelled(double value) {
        return switch (this) {
            case DURATION -> spelled(Math.round(value));
            case SIZE -> Math.round(value) + "B";
            case RATE -> decimal(value) + "/s";
            case SHARE -> decimal(value * 100) + "%";
            case NUMBER -> decimal(value);
        };
    }

    private static String spelled(long micros) {
        return micros % 1_000_000 == 0
                ? micros / 1_000_000 + "s"
                : micros % 1000 == 0 ? micros / 1000 + "ms" : micros + "us";
    }

    private static String decimal(double value) {
        return new BigDecimal(value, MathContext.DECIMAL32).stripTrailingZeros().toPlainString();
    }

    private static String duration(double micros) {
        double abs = Math.abs(micros);
        if (abs == 0) {
            return "0 s";
        }
        if (abs < 1000) {
            return String.format(LOCALE, "%.0f us", micros);
        }
        if (abs < 99_950) {
            return trimmed(micros / 1e3, abs < 9_950 ? 1 : 0) + " ms";
        }
        if (abs < 999_500) {
            return String.format(LOCALE, "%.0f ms", micros / 1e3);
        }
        return trimmed(micros / 1e6, abs < 99_950_000 ? 1 : 0) + " s";
    }

    private static String percent(double share) {
        if (share == 0 || share == 1) {
            return share == 0 ? "0%" : "100%";
        }
        // As many digits as it takes to be told from 0% and 100%.
        double distance = Math.min(Math.abs(share), Math.abs(1 - share));
        int digits = distance >= 0.01 ? 1 : Math.min(12, (int) Math.ceil(-Math.log10(distance) - 1e-9) - 1);
        return trimmed(share * 100, digits) + "%";
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(LOCALE, "%,d", (long) value);
        }
        return trimmed(value, Math.abs(value) < 10 ? 2 : 1);
    }

    private static String trimmed(double value, int digits) {
        String text = String.format(LOCALE, "%,." + digits + "f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /**
     * Both ends of a range as {@code 1s..5s}; a single value is both.
     *
     * @throws NumberFormatException if there are more
     */
    public static String[] ends(String range) {
        String[] ends = range.split("\\.\\.", -1);
        if (ends.length > 2) {
            throw new NumberFormatException();
        }
        return new String[] {ends[0], ends[ends.length - 1]};
    }
}
