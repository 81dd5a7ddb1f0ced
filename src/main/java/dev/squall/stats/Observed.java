package dev.squall.stats;

import dev.squall.plan.Observation;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What the polls of one thing beside the run told within a time: a value each, or a gap. */
public final class Observed {

    /** Of more polls than this share nobody knows the answer: then what is known may be beside the point. */
    private static final double MOST_GAPS = 0.1;

    private final Observation observation;
    private final long first;
    private final double[] values;
    private final Map<String, Integer> reasons = new TreeMap<>();
    private int due;

    /** Waits for the answers to the polls that are due from one time to before another, in microseconds since the start. */
    Observed(Observation observation, long fromMicros, long toMicros) {
        this.observation = observation;
        this.first = observation.polls(fromMicros);
        this.values = new double[Math.toIntExact(Math.max(0, observation.polls(toMicros) - first))];
        Arrays.fill(values, Double.NaN);
        this.due = values.length;
    }

    /** The same of a run that goes on: only polls up to the last that was told of are due. */
    static Observed soFar(Observation observation, long fromMicros, long toMicros) {
        Observed observed = new Observed(observation, fromMicros, toMicros);
        observed.due = 0;
        return observed;
    }

    /** The answer to a poll, by its number from the start of the run; one that is due at another time is passed over. */
    synchronized void answered(long poll, double value) {
        if (poll >= first && poll - first < values.length) {
            values[(int) (poll - first)] = value;
            due = Math.max(due, (int) (poll - first) + 1);
        }
    }

    /** Why a poll has no answer. */
    synchronized void missed(long poll, String why) {
        if (poll >= first && poll - first < values.length) {
            reasons.merge(why, 1, Integer::sum);
            due = Math.max(due, (int) (poll - first) + 1);
        }
    }

    /** What was polled. */
    public Observation observation() {
        return observation;
    }

    /** How many polls were due. */
    public synchronized int polls() {
        return due;
    }

    /** Polls without an answer. */
    public synchronized int gaps() {
        return (int) Arrays.stream(values, 0, due).filter(Double::isNaN).count();
    }

    /** Why there was none, and how often; what the harness itself missed has no reason. */
    public synchronized Map<String, Integer> reasons() {
        return Map.copyOf(reasons);
    }

    /** Whether so few answers are missing that what is known can be judged. */
    public boolean isKnown() {
        return gaps() <= MOST_GAPS * polls();
    }

    /** NaN of none, as of the others. */
    public double min() {
        return Arrays.stream(known()).min().orElse(Double.NaN);
    }

    public double mean() {
        return Arrays.stream(known()).average().orElse(Double.NaN);
    }

    public double p50() {
        return quantile(0.5);
    }

    public double p99() {
        return quantile(0.99);
    }

    /** The ceil(p n)-th smallest value. */
    private double quantile(double p) {
        double[] sorted = known();
        Arrays.sort(sorted);
        // The small step back keeps 0.99 * 100 from being 99.00000000000001.
        return sorted.length == 0 ? Double.NaN : sorted[Math.max(1, (int) Math.ceil(p * sorted.length - 1e-9)) - 1];
    }

    public double max() {
        return Arrays.stream(known()).max().orElse(Double.NaN);
    }

    /** The latest value. */
    public double last() {
        double[] known = known();
        return known.length == 0 ? Double.NaN : known[known.length - 1];
    }

    /** Of a status: polls that were answered with 2xx, of all; a gap is none. */
    public Share up() {
        long up = Arrays.stream(known())
                .filter(status -> status >= 200 && status < 300)
                .count();
        return new Share(up, polls());
    }

    /** By second since the start, for so many seconds: the value of the poll that was due in it; NaN where there is none. */
    public synchronized double[] series(int seconds) {
        double[] series = new double[seconds];
        Arrays.fill(series, Double.NaN);
        for (int i = 0; i < values.length; i++) {
            long second = (first + i) * observation.everyMicros() / 1_000_000;
            if (second < seconds) {
                series[(int) second] = values[i];
            }
        }
        return series;
    }

    private synchronized double[] known() {
        return Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
    }
}
