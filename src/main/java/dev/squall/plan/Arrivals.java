package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the clients of a population come, and whether they leave.
 *
 * @param stages one after the other from the start of the run; what counts is each one's part of all the clients, so that
 *     the rates need no unit; none, or none with a rate: all clients come at once, at the end of the last
 * @param poisson whether each client comes at a time of its own (given how many they are, a Poisson process) rather than
 *     in its turn, evenly but for a random place within its share
 * @param closed whether a place that a client leaves is taken by a new one: the closed model
 * @param stay how long a client stays; null: until the end
 */
public record Arrivals(
        List<Stage> stages,
        boolean poisson,
        boolean closed,
        @Nullable Stay stay) {

    /** In the closed model, the least time in microseconds from one client's end to the next one's arrival. */
    public static final long SUCCESSION_MICROS = 10_000;

    /**
     * The time in microseconds over which the successors of those who gave up come: a place whose clients all give up at
     * once takes two a second, and does not spin.
     */
    public static final long SUCCESSION_SPREAD_MICROS = 1_000_000;

    private static final double SECOND = 1e6;

    /**
     * A time in which the rate of arrivals changes evenly.
     *
     * @param micros how long, above 0
     * @param from the rate at its beginning, at least 0
     * @param to the rate at its end, at least 0
     */
    public record Stage(long micros, double from, double to) {
        public Stage {
            if (micros < 1) {
                throw new IllegalArgumentException("for: " + micros + " us (expected: > 0 us)");
            }
            if (!(from >= 0 && to >= 0 && from + to < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("rate: " + from + ".." + to + " (expected: >= 0)");
            }
        }

        /** How many come; of rates a second. */
        double arriving() {
            return arriving(micros);
        }

        /** How many come within its first so many microseconds. */
        double arriving(long within) {
            double t = within / SECOND;
            return from * t + (to - from) * t * t / (2 * micros / SECOND);
        }

        /** When so many of them have come: the inverse, in the form that divides by nothing small. */
        double micros(double arrived) {
            double root = Math.sqrt(Math.max(0, from * from + 2 * (to - from) * arrived / (micros / SECOND)));
            return arrived <= 0 ? 0 : Math.min(micros, 2 * arrived / (from + root) * SECOND);
        }
    }

    /**
     * A time for each client, uniform between two bounds.
     *
     * @param minMicros above 0
     * @param maxMicros at least {@code minMicros}
     */
    public record Stay(long minMicros, long maxMicros) {
        public Stay {
            if (minMicros < 1 || maxMicros < minMicros) {
                throw new IllegalArgumentException(
                        "stay: " + minMicros + " us.." + maxMicros + " us (expected: > 0 us, the lower end first)");
            }
        }
    }

    public Arrivals {
        stages = List.copyOf(stages);
    }

    /** All of them evenly over this time; 0: at once. */
    public static Arrivals over(long micros) {
        return new Arrivals(micros == 0 ? List.of() : List.of(new Stage(micros, 1, 1)), false, false, null);
    }

    /** Whether it is but a ramp from the start, whose clients stay. */
    @JsonIgnore
    public boolean isPlain() {
        return stages.size() <= 1 && !poisson && !closed && stay == null;
    }

    /** How long after the start the last may come. */
    public long overMicros() {
        return stages.stream().mapToLong(Stage::micros).sum();
    }

    /** How many come within the stages, of rates a second. */
    public double arriving() {
        return stages.stream().mapToDouble(Stage::arriving).sum();
    }

    /** When this share of the clients, from 0 to below 1, has come: microseconds since the start. */
    long micros(double share) {
        double rest = share * arriving();
        long before = 0;
        for (Stage stage : stages) {
            double arriving = stage.arriving();
            if (rest < arriving) {
                return before + (long) stage.micros(rest);
            }
            rest -= arriving;
            before += stage.micros();
        }
        return before;
    }

    /** The share of the clients that comes before this time. */
    double share(long micros) {
        double all = arriving();
        if (all == 0) {
            return micros > overMicros() ? 1 : 0;
        }
        double arrived = 0;
        long rest = Math.max(0, micros);
        for (Stage stage : stages) {
            arrived += stage.arriving(Math.min(rest, stage.micros()));
            rest = Math.max(0, rest - stage.micros());
        }
        return arrived / all;
    }
}
