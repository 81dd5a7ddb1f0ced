package dev.squall.stats;

import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.SteadyWindow;
import dev.squall.role.Vitals;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run while it goes on, before its first fault: what was observed beside it, what its processes told of
 * round trips and stalls, and how its clients stand.
 */
public final class SteadyState implements Evidence {

    private final SteadyWindow window;
    private final Map<String, Observed> observed = new LinkedHashMap<>();
    private final Map<String, Histogram> roundTrips = new HashMap<>();
    private final Trust trust = new Trust();
    private Share open = new Share(0, 0);
    private long failedAttempts;

    /** {@code window}: when it is measured. */
    public SteadyState(Plan plan, SteadyWindow window) {
        this.window = window;
        for (Observation each : plan.observations()) {
            observed.put(each.name(), new Observed(each, window.fromMicros(), window.toMicros()));
        }
    }

    /** Of a run from its start until now, whenever that is. */
    public static SteadyState soFar(Plan plan) {
        long end = Math.max(plan.durationMicros(), SteadyWindow.SHORTEST_MICROS);
        SteadyState state = new SteadyState(plan, new SteadyWindow(0, end));
        state.observed.replaceAll((name, its) -> Observed.soFar(its.observation(), 0, end));
        return state;
    }

    /** The answer to a poll, from any thread. */
    public void answered(Observation observation, long poll, double value) {
        observed(observation.name()).ifPresent(its -> its.answered(poll, value));
    }

    /** A poll without an answer, from any thread. */
    public void missed(Observation observation, long poll, String why) {
        observed(observation.name()).ifPresent(its -> its.missed(poll, why));
    }

    /**
     * An interval of a process's latency log; one that began outside of the window is passed over.
     *
     * @param node the node's index, -1 of an injector
     */
    public void latencies(int node, Histogram interval) {
        long begun = interval.getStartTimeStamp() * 1000;
        if (begun < window.fromMicros()) {
            return;
        }
        String tag = String.valueOf(interval.getTag());
        if (tag.equals(JournalPass.STALL)) {
            (node >= 0 ? trust.nodeStalls : trust.stalls).add(interval);
            if (interval.getMaxValue() >= Vitals.STALL_ROW_MICROS) {
                trust.stall(node, interval.getEndTimeStamp() * 1000, interval.getMaxValue());
            }
        } else {
            int dot = tag.indexOf('.') + 1;
            add(tag, interval);
            add(tag.substring(0, dot), interval);
        }
    }

    private void add(String tag, Histogram interval) {
        Histogram all = roundTrips.computeIfAbsent(tag, key -> new Histogram(3));
        all.setAutoResize(true);
        all.add(interval);
    }

    /**
     * How the clients stand when it is judged.
     *
     * @param openClients those that are open
     * @param present those that have arrived, and have not left for good
     * @param failed attempts that failed since the window began
     */
    public void clients(long openClients, long present, long failed) {
        open = new Share(Math.min(openClients, present), present);
        failedAttempts = failed;
    }

    /** What was observed by this name. */
    public Optional<Observed> observed(String name) {
        return Optional.ofNullable(observed.get(name));
    }

    /** Round trips of messages of a population; empty name: of all. */
    public Histogram echo(String population) {
        return roundTrips(JournalPass.ECHO + population);
    }

    /** Round trips of pings, likewise. */
    public Histogram ping(String population) {
        return roundTrips(JournalPass.PING + population);
    }

    private Histogram roundTrips(String tag) {
        @Nullable Histogram found = roundTrips.get(tag);
        return found == null ? new Histogram(3) : found;
    }

    /** Clients that are open, of those that are there. */
    public Share open() {
        return open;
    }

    /** Attempts that failed. */
    public long failedAttempts() {
        return failedAttempts;
    }

    /** When it was measured. */
    public SteadyWindow window() {
        return window;
    }

    @Override
    public long endMicros() {
        return window.toMicros();
    }

    @Override
    public boolean interrupted() {
        return false;
    }

    @Override
    public Trust trust() {
        return trust;
    }
}
