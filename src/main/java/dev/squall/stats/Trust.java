package dev.squall.stats;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What is known of the measuring itself: how far its numbers can be believed. */
public final class Trust {

    /** An arrival this many microseconds behind its planned time counts as late. */
    public static final long LATE_ARRIVAL_MICROS = 100_000;

    /** Who should have come this many microseconds before the end, and has not come, never will. */
    static final long OVERDUE_MICROS = 2_000_000;

    /** A receive may be stamped this long before its send, for clocks are read on two processors: in microseconds. */
    public static final long CAUSALITY_MICROS = 1_000;

    /**
     * A time in which a process stood still.
     *
     * @param who it was; empty if it is not known
     */
    public record Stall(String who, long fromMicros, long toMicros) {

        /** How long it was. */
        public long micros() {
            return toMicros - fromMicros;
        }
    }

    int injectors;
    long lateArrivals;
    long dropped;
    long missingRows;
    long malformedRows;
    long lateRows;
    long causality;
    long limited;
    long impossibleRows;
    String firstImpossible = "";
    long neverArrived;
    boolean arrived;
    boolean answered;
    final Histogram stalls = new Histogram(3);
    final Histogram nodeStalls = new Histogram(3);
    final List<String> lostChildren = new ArrayList<>();
    final List<String> damage = new ArrayList<>();
    private final List<Stall> longStalls = new ArrayList<>();

    Trust() {
        stalls.setAutoResize(true);
        nodeStalls.setAutoResize(true);
    }

    /** {@code node} is the node's index, -1 for an injector. */
    void stall(int node, long endMicros, long micros) {
        longStalls.add(new Stall(node < 0 ? "an injector" : "node " + node, endMicros - micros, endMicros));
    }

    public int injectors() {
        return injectors;
    }

    /** Lateness of the injectors' event loops, in microseconds. */
    public Histogram stalls() {
        return stalls;
    }

    /** Lateness of the nodes' event loops, in microseconds. */
    public Histogram nodeStalls() {
        return nodeStalls;
    }

    /** Arrivals later than {@link #LATE_ARRIVAL_MICROS}. */
    public long lateArrivals() {
        return lateArrivals;
    }

    /** Events that the journals had no room for, and rows that are missing or not understood. */
    public long dropped() {
        return dropped + missingRows + malformedRows;
    }

    /** Attempts that the limit of attempts a second held back. */
    public long limited() {
        return limited;
    }

    /** Receives stamped before their sends by more than {@link #CAUSALITY_MICROS}. */
    public long causality() {
        return causality;
    }

    /**
     * The worst stall of any process in this window: a time measured in it can be so wrong.
     *
     * @param floor a stall shorter than this has no row of its own, so the worst of the whole run counts up to it
     */
    public Stall worstStall(long fromMicros, long toMicros, long floor) {
        Stall worst = new Stall("", 0, Math.min(floor, Math.max(stalls.getMaxValue(), nodeStalls.getMaxValue())));
        for (Stall stall : longStalls) {
            if (stall.toMicros >= fromMicros && stall.fromMicros <= toMicros && stall.micros() > worst.micros()) {
                worst = stall;
            }
        }
        return worst;
    }

    /** Whether no child was lost and no event dropped: what counts and shares need. */
    public boolean complete() {
        return reasons().isEmpty();
    }

    /** Why counts cannot be trusted; empty if they can. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>(lostChildren);
        reasons.addAll(damage);
        if (arrived && !answered) {
            // Nothing failed that was never there to fail.
            reasons.add("no client completed a handshake");
        }
        reason(reasons, dropped, "events dropped because a journal had no room");
        reason(reasons, missingRows, "journal rows missing by their running numbers");
        reason(reasons, malformedRows, "journal rows not understood");
        reason(reasons, lateRows, "journal rows more than 1 s out of order");
        reason(reasons, impossibleRows, "journal rows that cannot be, the first: " + firstImpossible);
        reason(reasons, neverArrived, "clients never arrived though they were due");
        reason(reasons, causality, "Close frames received more than 1 ms before they were sent");
        return reasons;
    }

    private static void reason(List<String> reasons, long count, String what) {
        if (count > 0) {
            reasons.add(count + " " + what);
        }
    }
}
