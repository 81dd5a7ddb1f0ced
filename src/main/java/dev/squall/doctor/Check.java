package dev.squall.doctor;

import java.util.Locale;
import java.util.OptionalLong;

/**
 * One limit of a machine, held against what is needed of it.
 *
 * @param name the limit
 * @param unit of {@code found} and {@code need}
 * @param found how much there is; empty if it is unknown, {@link Long#MAX_VALUE} if there is no limit
 * @param need how much is needed
 * @param expected the same in words
 * @param clients how many clients it allows; empty if that is unknown
 * @param bounds whether more do not work, rather than being measured badly
 * @param verdict what follows
 * @param about where the limit is, and what happens beyond it
 * @param raise the command that raises it, or what else can be done
 * @param refuses whether a run would fail for certain
 */
public record Check(
        String name,
        Unit unit,
        OptionalLong found,
        long need,
        String expected,
        OptionalLong clients,
        boolean bounds,
        Verdict verdict,
        String about,
        String raise,
        boolean refuses) {

    /** What a limit counts. */
    public enum Unit {
        COUNT,
        BYTES;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether a limit is high enough. */
    public enum Verdict {
        OK("ok"),
        /** It will do, but not by much; or what is measured suffers. */
        LOW("low"),
        TOO_LOW("too low"),
        UNKNOWN("unknown");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final long STEP = 1024;

    /** What was found, for people. */
    public String foundText() {
        if (found.isEmpty()) {
            return "unknown";
        }
        return found.getAsLong() == Long.MAX_VALUE ? "no limit" : text(unit, found.getAsLong());
    }

    /** What is needed, for people. */
    public String needText() {
        return text(unit, need);
    }

    /** An amount, for people. */
    static String text(Unit unit, long value) {
        if (unit == Unit.COUNT || value < STEP) {
            return String.format(Locale.ROOT, unit == Unit.COUNT ? "%,d" : "%d B", value);
        }
        double scaled = value;
        int prefix = -1;
        while (scaled >= STEP && prefix < 3) {
            scaled /= STEP;
            prefix++;
        }
        return String.format(Locale.ROOT, scaled < 10 ? "%.1f %siB" : "%,.0f %siB", scaled, "KMGT".charAt(prefix));
    }

    /** The same, to be raised otherwise. */
    Check raisedBy(String otherwise) {
        return new Check(name, unit, found, need, expected, clients, bounds, verdict, about, otherwise, refuses);
    }

    /** The whole of it as a message: what was found, what is expected, what to do. */
    @Override
    public String toString() {
        return name + ": " + foundText() + " (expected: " + expected + "; " + about + "); to raise it: " + raise;
    }
}
