package dev.squall.predict;

import dev.squall.stats.RestartFigures;
import dev.squall.stats.Scope;
import dev.squall.stats.Statistics;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleConsumer;

/**
 * Reads a {@link Model} from a run that was measured.
 *
 * <p>The way: the quickest handshakes take two round trips. The server: where handshakes had to wait, it answered as many a
 * second as it can. The bench: what each kind of step costs is what makes a prediction of that run most like it, found by
 * pattern search (Hooke and Jeeves, 1961).
 *
 * @param statistics of the run
 */
public record Calibration(Statistics statistics) {

    /** Handshakes as quick as this one have met nothing but the way. */
    private static final double QUICK = 0.05;

    /** Who took so much longer than that had to wait for the server. */
    private static final double WAITED = 20;

    /** One in so many waited: the server was busy. */
    private static final double BUSY = 0.9;

    /** Microseconds of a second. */
    private static final double SECOND = 1e6;

    /** The least that a step is taken to cost at first, in microseconds. */
    private static final double LEAST = 5;

    /** Which costs a step of the search makes larger, and which smaller. */
    private static final int[][] DIRECTIONS = {
        {1, 1, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, -1, 0}, {1, 0, -1}, {0, 1, -1},
    };

    /** Costs are tried that are so many times as much, and as little, until this is near 1. */
    private static final double FIRST_STEP = 2;

    private static final double LAST_STEP = 1.02;
    private static final int MOST_TRIES = 400;

    /** The model of this run's server. */
    public Model model() {
        return new Model(roundTripMicros(), handshakesPerSecond(), 0, null);
    }

    /**
     * The model of this run's server, and of the machine that carried the clients, too.
     *
     * @param progress hears now and then how far the search is, in 0..1
     */
    public Model modelHere(DoubleConsumer progress) {
        double[] costs = guess();
        double least = error(costs);
        int tries = 0;
        for (double step = FIRST_STEP; step > LAST_STEP && tries < MOST_TRIES; ) {
            double before = least;
            for (int[] direction : DIRECTIONS) {
                for (double factor : new double[] {step, 1 / step}) {
                    double[] other = moved(costs, direction, factor);
                    double error = error(other);
                    tries++;
                    if (error < least) {
                        least = error;
                        costs = other;
                    }
                }
            }
            step = least < before ? step : Math.sqrt(step);
            progress.accept(Math.min(1, (double) tries / MOST_TRIES));
        }
        return of(costs);
    }

    /**
     * Where the search begins: no second had more steps than it has time for. The busiest that had only dials tells what one
     * costs at most; of those with handshakes, too, what is left for these; and so for the closes.
     */
    private double[] guess() {
        Scope all = statistics.all();
        long[] attempts = all.series().attempts();
        long[] opened = all.series().opened();
        long[] closed = closed(all);
        double[] costs = {SECOND, SECOND, SECOND};
        for (int second = 0; second < attempts.length; second++) {
            if (opened[second] == 0 && closed[second] == 0 && attempts[second] > 0) {
                costs[0] = Math.min(costs[0], SECOND / attempts[second]);
            }
        }
        costs[0] = costs[0] == SECOND
                ? SECOND / Math.max(1, Arrays.stream(attempts).max().orElse(1))
                : costs[0];
        for (int second = 0; second < attempts.length; second++) {
            if (opened[second] > 0 && closed[second] == 0) {
                costs[1] = Math.min(costs[1], left(attempts[second] * costs[0], opened[second]));
            }
        }
        for (int second = 0; second < attempts.length; second++) {
            if (closed[second] > 0) {
                double others = attempts[second] * costs[0] + opened[second] * costs[1];
                costs[2] = Math.min(costs[2], left(others, closed[second]));
            }
        }
        return costs;
    }

    private static double left(double spent, long steps) {
        return Math.max(LEAST, (SECOND - spent) / steps);
    }

    private static double[] moved(double[] costs, int[] direction, double factor) {
        double[] other = costs.clone();
        for (int i = 0; i < other.length; i++) {
            other[i] *= Math.pow(factor, direction[i]);
        }
        return other;
    }

    private Model of(double[] costs) {
        return new Model(roundTripMicros(), 0, 0, new Model.Bench(costs[0], costs[1], costs[2]));
    }

    private long roundTripMicros() {
        return Math.max(2, Math.round(handshake(QUICK).orElse(2_000) / 2));
    }

    private OptionalDouble handshake(double quantile) {
        return statistics.all().handshakeTime().quantile(quantile);
    }

    /** The most handshakes of a node within a second, if they had to wait; else 0. Of one restart it is known who came to which. */
    private double handshakesPerSecond() {
        double quick = handshake(QUICK).orElse(0);
        boolean waited = handshake(BUSY).orElse(0) > WAITED * quick;
        if (!waited || statistics.plan().capacity() != null) {
            return 0; // What stands behind the handshake is in the plan.
        }
        int nodes = Math.max(1, statistics.plan().nodes().size());
        double together =
                (double) Arrays.stream(statistics.all().series().opened()).max().orElse(0) / nodes;
        return statistics.all().restarts().stream()
                .mapToDouble(Calibration::mostBackWithinSecond)
                .reduce(together, Math::max);
    }

    /** Of those that a node's restart had sent away. */
    private static long mostBackWithinSecond(RestartFigures ofNode) {
        Map<Long, Long> bySecond = new HashMap<>();
        ofNode.back().forEach(micros -> bySecond.merge((long) (micros / SECOND), 1L, Long::sum));
        return bySecond.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** How unlike the run a prediction is: of attempts, opened and closed connections, as they add up second by second. */
    private double error(double[] costs) {
        Scope predicted = Prediction.of(statistics.plan(), of(costs), each -> {}, share -> {})
                .all();
        Scope measured = statistics.all();
        return error(predicted.series().attempts(), measured.series().attempts())
                + error(predicted.series().opened(), measured.series().opened())
                + error(closed(predicted), closed(measured));
    }

    private static long[] closed(Scope scope) {
        long[] sum = new long[scope.series().open().length];
        for (Map.Entry<Integer, long[]> ofCode : scope.series().closedByCode().entrySet()) {
            Arrays.setAll(sum, second -> sum[second] + ofCode.getValue()[second]);
        }
        return sum;
    }

    private static double error(long[] predicted, long[] measured) {
        double error = 0;
        double difference = 0;
        for (int second = 0; second < measured.length; second++) {
            difference += predicted[second] - measured[second];
            error += difference * difference;
        }
        double all = Math.max(1, Arrays.stream(measured).sum());
        return error / (all * all);
    }

    /** The model in words. */
    public static String described(Model model) {
        Model.Bench bench = model.bench();
        return bench == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "where a dial takes %.0f us, a handshake %.0f us, a close %.0f us",
                        bench.dialMicros(),
                        bench.handshakeMicros(),
                        bench.closeMicros());
    }
}
