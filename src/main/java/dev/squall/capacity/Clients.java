package dev.squall.capacity;

import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many clients there are; all populations are scaled in proportion, each to at least one client.
 *
 * @param populations the clients of each in the experiment
 * @param most the most that may be tried
 * @param precision how far from the answer its interval may reach, as a share of it: above 0, below 1
 */
public record Clients(Map<String, Integer> populations, double most, double precision) implements Axis {

    public Clients {
        populations = Collections.unmodifiableMap(new LinkedHashMap<>(populations));
        if (populations.isEmpty() || populations.values().stream().anyMatch(clients -> clients < 1)) {
            throw new IllegalArgumentException("populations: " + populations + " (expected: clients in each)");
        }
        if (most < populations.size()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "--most: %,.0f (expected: >= %,d, a client of each population)",
                    most,
                    populations.size()));
        }
        Precision.check(precision);
    }

    /** Of the experiment itself: where a search begins. */
    public double start() {
        return within(
                populations.values().stream().mapToDouble(Integer::doubleValue).sum());
    }

    @Override
    public String name() {
        return "clients";
    }

    @Override
    public Quantity unit() {
        return Quantity.NUMBER;
    }

    @Override
    public double least() {
        return populations.size();
    }

    @Override
    public double position(double value) {
        return Math.log(value);
    }

    @Override
    public double value(double position) {
        return Math.exp(position);
    }

    @Override
    public double tolerance() {
        return 2 * Math.log1p(precision);
    }

    @Override
    public double step(double value) {
        return Math.max(1, Math.pow(10, Math.floor(Math.log10(value * precision / 2) + ROUNDING)));
    }

    @Override
    public List<String> overrides(double value) {
        int[] shares = Plan.sharedOut(populations.values(), (int) Math.round(value));
        List<String> overrides = new ArrayList<>();
        for (String population : populations.keySet()) {
            overrides.add("load." + population + ".clients=" + shares[overrides.size()]);
        }
        return overrides;
    }

    @Override
    public String format(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    @Override
    public String told(double value) {
        return format(value) + (Math.round(value) == 1 ? " client" : " clients");
    }
}
