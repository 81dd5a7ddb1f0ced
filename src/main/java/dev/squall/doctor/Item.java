package dev.squall.doctor;

import java.util.Locale;

/**
 * One thing that a client costs.
 *
 * @param name the thing
 * @param unit of {@code amount}
 * @param amount for one client, on average over all of them
 * @param source who says so: a trial or the shipped table; empty where it is counted rather than measured
 * @param about what it is for
 */
public record Item(String name, Unit unit, double amount, String source, String about) {

    /** What an item counts. */
    public enum Unit {
        COUNT,
        BYTES,
        MICROSECONDS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The amount, for people. */
    public String amountText() {
        return switch (unit) {
            case BYTES -> Check.text(Check.Unit.BYTES, Math.round(amount));
            case MICROSECONDS -> String.format(Locale.ROOT, "%,.0f us", amount);
            case COUNT -> String.format(Locale.ROOT, amount == Math.rint(amount) ? "%.0f" : "%.2f", amount);
        };
    }
}
