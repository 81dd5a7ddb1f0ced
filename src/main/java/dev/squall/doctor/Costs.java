package dev.squall.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;

/**
 * What each thing costs, and who says so.
 *
 * @param values every cost, at least 0: bytes, microseconds or a factor
 * @param trial what a trial on this machine has found, over the shipped table; empty if there was none
 * @param measured by whom the table was measured, when and on what
 */
record Costs(Map<Cost, Double> values, Map<Cost, Double> trial, String measured) {

    static final String TABLE = "shipped table";
    static final String TRIAL = "trial";

    private static final String RESOURCE = "costs.properties";

    /** The table that is shipped. */
    static final Costs SHIPPED = shipped();

    Costs {
        values = Map.copyOf(values);
        trial = Map.copyOf(trial);
        for (Cost cost : Cost.values()) {
            double value = trial.getOrDefault(cost, values.getOrDefault(cost, Double.NaN));
            if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(cost.key() + ": " + value + " (expected: a number >= 0)");
            }
        }
    }

    double of(Cost cost) {
        return trial.getOrDefault(cost, values.getOrDefault(cost, 0.0));
    }

    /** Where a cost is from. */
    String source(Cost cost) {
        return trial.containsKey(cost) ? TRIAL : TABLE;
    }

    /** The same with what a trial has found. */
    Costs tried(Map<Cost, Double> found) {
        return new Costs(values, found, measured);
    }

    private static Costs shipped() {
        Properties table = new Properties();
        try (InputStream in = Costs.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing (expected: beside this class)");
            }
            table.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<Cost, Double> values = new EnumMap<>(Cost.class);
        for (Cost cost : Cost.values()) {
            values.put(cost, Double.valueOf(table.getProperty(cost.key(), "NaN")));
        }
        return new Costs(values, Map.of(), table.getProperty("measured", ""));
    }
}
