package dev.squall.verdict;

import dev.squall.quantity.Quantity;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is expected of one metric.
 *
 * @param population of whose clients, or of which client under test by its key; empty: of all
 * @param low the value, or the lower end of a range, in the metric's unit
 * @param high the same value, or the upper end
 * @param text as the experiment spells it
 * @param steady whether it is of the steady state before the first fault, rather than of the run
 */
public record Expectation(
        String population, Metric metric, Op op, double low, double high, String text, boolean steady) {

    /** The word that marks what must hold before the first fault. */
    public static final String STEADY = "steady";

    /** How a value is held against the expected one. */
    public enum Op {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        AT_MOST("<="),
        MORE(">"),
        AT_LEAST(">="),
        IN("in");

        private final String sign;

        Op(String sign) {
            this.sign = sign;
        }

        static Op of(String sign) {
            return Arrays.stream(values())
                    .filter(op -> op.sign.equals(sign))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "operator " + sign + " (expected: == != < <= > >= or in a..b)"));
        }

        /** Whether a larger value can break it. */
        public boolean limitsAbove() {
            return this == LESS || this == AT_MOST || this == EQUAL || this == IN;
        }

        /** Whether a smaller value can break it. */
        public boolean limitsBelow() {
            return this == MORE || this == AT_LEAST || this == EQUAL || this == IN;
        }
    }

    private static final Pattern FORM =
            Pattern.compile("(" + STEADY + "\\s*:\\s+)?(?:(\\S+?)\\s*:\\s+)?(\\S+)\\s+(\\S+)\\s+(\\S.*)");

    /**
     * Reads {@code [steady:] [population:] metric op value}.
     *
     * @throws IllegalArgumentException with what is wrong and what is accepted
     */
    public static Expectation parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    text + " (expected: [population:] metric op value, as restart.outage.p99 <= 15s)");
        }
        String population = matcher.group(2) == null ? "" : matcher.group(2);
        String name = matcher.group(3);
        Metric metric = Metrics.find(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "metric " + name + " (expected: " + nearest(name) + "; squall help metrics lists them)"));
        Op op = Op.of(matcher.group(4));
        String value = matcher.group(5).strip();
        List<String> ends = op == Op.IN ? List.of(value.split("\\.\\.", -1)) : List.of(value, value);
        if (ends.size() != 2) {
            throw new IllegalArgumentException("range " + value + " (expected: a..b)");
        }
        double low = value(metric, ends.get(0));
        double high = value(metric, ends.get(1));
        if (low > high) {
            throw new IllegalArgumentException("range " + value + " (expected: the lower end first)");
        }
        return new Expectation(population, metric, op, low, high, text.strip(), matcher.group(1) != null);
    }

    private static double value(Metric metric, String text) {
        // Counts a second may be written without their unit: the name says it.
        if (metric.unit() == Quantity.RATE && !text.contains("/")) {
            return Quantity.NUMBER.parse(text);
        }
        double value = metric.unit().parse(text);
        if (metric.unit() == Quantity.SHARE && (value < 0 || value > 1)) {
            throw new IllegalArgumentException(text + " (expected: a share from 0% to 100%)");
        }
        return value;
    }

    private static String nearest(String name) {
        String start = name.contains(".") ? name.substring(0, name.indexOf('.') + 1) : name;
        List<String> near =
                Metrics.families().stream().filter(f -> f.startsWith(start)).toList();
        return (near.isEmpty() ? Metrics.families() : near)
                .stream().limit(near.isEmpty() ? 6 : 12).collect(Collectors.joining(", "));
    }

    /** Whether this value fulfils it. */
    public boolean holds(double value) {
        return switch (op) {
            case EQUAL -> value == low;
            case NOT_EQUAL -> value != low;
            case LESS -> value < low;
            case AT_MOST -> value <= low;
            case MORE -> value > low;
            case AT_LEAST -> value >= low;
            case IN -> value >= low && value <= high;
        };
    }

    /** Whether all values from one to the other fulfil it, or none of them does. */
    boolean isSettled(double one, double other) {
        double least = Math.min(one, other);
        double most = Math.max(one, other);
        boolean between = least < low && most > high;
        return holds(least) == holds(most) && !between;
    }

    /** Clients needed to show it with this confidence if nothing goes wrong; 0 if any number does. */
    public long clientsNeeded(double z) {
        if (metric.unit() != Quantity.SHARE) {
            return 0;
        }
        // The Wilson interval of n of n is [n / (n + z^2), 1], that of 0 of n is [0, z^2 / (n + z^2)].
        if (op == Op.AT_LEAST || op == Op.MORE) {
            return low >= 1 ? Long.MAX_VALUE : (long) Math.ceil(z * z * low / (1 - low));
        }
        return op == Op.AT_MOST || op == Op.LESS
                ? low <= 0 ? Long.MAX_VALUE : (long) Math.ceil(z * z * (1 - low) / low)
                : 0;
    }
}
