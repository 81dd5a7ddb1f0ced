package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Arrivals;
import dev.squall.quantity.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads how a population's clients come and go: {@code arrive}, {@code model}, {@code stay}. */
final class ArrivalsReader {

    private static final long DEFAULT_ARRIVAL_MICROS = 1_000_000;

    private final long duration;

    /** {@code duration} of the experiment, in microseconds. */
    ArrivalsReader(long duration) {
        this.duration = duration;
    }

    Arrivals read(Map<String, YamlValue> population, long clients) {
        return Arrivals.over(over(population.get("arrive"), clients));
    }

    private long over(@Nullable YamlValue arrive, long clients) {
        if (arrive == null) {
            return Math.min(DEFAULT_ARRIVAL_MICROS, duration);
        }
        Map<String, YamlValue> fields = arrive.fields("over", "rate");
        if (fields.size() != 1) {
            if (arrive.isMap()) {
                arrive.problem("has " + fields.size() + " settings (expected: one of {over: 10s}, {rate: 200/s})");
            }
            return 0;
        }
        long over = fields.containsKey("over")
                ? value(fields, "over").duration()
                : (long) (clients * 1e6 / value(fields, "rate").quantity(Quantity.RATE, 0.001, "0.001/s", 1e6));
        if (over > duration) {
            arrive.problem("the last client arrives after " + Quantity.DURATION.format(over)
                    + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
        }
        return over;
    }
}
