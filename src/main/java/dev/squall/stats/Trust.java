package dev.squall.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What is known of the measuring itself: how far its numbers can be believed. */
public final class Trust {

    /** An arrival this many microseconds behind its planned time counts as late. */
    public static final long LATE_ARRIVAL_MICROS = 100_000;

    /** Who should have come this many microseconds before the end, and has not come, never will. */
    static final long OVERDUE_MICROS = 2_000_000;

    /** A second of which nobody knows how busy the machine was. */
    public static final long UNKNOWN = -1;

    private static final long SECOND_MICROS = 1_000_000;

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

    /** A second is saturated in which this share of all processors was in use, in thousandths, ... */
    static final int SATURATED_PERMILLE = 950;

    /** ... or a process was kept from them by its quota for so many microseconds ... */
    static final long THROTTLED_MICROS = 100_000;

    /** ... and a process of the run stood still for so long, in microseconds: processors that are full delay nobody by that alone. */
    static final long FELT_MICROS = 50_000;

    /** So many saturated seconds one after the other make times those of the machine: fewer are a peak. */
    public static final int SATURATED_SECONDS = 5;

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
    final Histogram collections = new Histogram(3);
    final Histogram intendedDelays = new Histogram(3);
    final Histogram actualDelays = new Histogram(3);
    final Histogram lateness = new Histogram(3);
    private final List<Stall> longStalls = new ArrayList<>();
    private final Histogram busy = new Histogram(3);
    private final BitSet full = new BitSet();
    private final BitSet felt = new BitSet();
    private long[] latestDial = new long[64];
    private long[] throttled = new long[64];
    private long[] worstStall = new long[64];
    private long[] busyPermille = new long[0];

    Trust() {
        List.of(stalls, nodeStalls, collections, intendedDelays, actualDelays, lateness, busy)
                .forEach(histogram -> histogram.setAutoResize(true));
    }

    /** How busy the machine was in the second up to this time. */
    void processors(long endMicros, int permille) {
        busy.recordValue(permille);
        int second = secondBefore(endMicros - SECOND_MICROS / 2); // It is told a little after the second's end.
        int known = busyPermille.length;
        busyPermille = reaching(busyPermille, second);
        Arrays.fill(busyPermille, known, busyPermille.length, UNKNOWN);
        busyPermille[second] = Math.max(busyPermille[second], permille);
        if (permille >= SATURATED_PERMILLE) {
            full.set(second);
        }
    }

    /** How busy the machine was in each of so many seconds, in thousandths; {@link #UNKNOWN} where nobody knows. */
    public long[] busyBySecond(int seconds) {
        long[] bySecond = new long[seconds];
        Arrays.fill(bySecond, UNKNOWN);
        System.arraycopy(busyPermille, 0, bySecond, 0, Math.min(seconds, busyPermille.length));
        return bySecond;
    }

    /** The worst stall of any process that ended in each of so many seconds, in microseconds. */
    public long[] stallsBySecond(int seconds) {
        return Arrays.copyOf(worstStall, seconds);
    }

    /** A process's quota kept it from the processors in the second up to this time. */
    void throttled(long endMicros, long micros) {
        int second = secondBefore(endMicros - SECOND_MICROS / 2);
        throttled = reaching(throttled, second);
        throttled[second] = Math.max(throttled[second], micros); // Processes of one group all tell of the same quota.
        if (micros >= THROTTLED_MICROS) {
            full.set(second);
        }
    }

    private static long[] reaching(long[] bySecond, int second) {
        return second < bySecond.length ? bySecond : Arrays.copyOf(bySecond, Math.max(second + 1, bySecond.length * 2));
    }

    private static int secondBefore(long endMicros) {
        return (int) Math.max(0, (endMicros - 1) / SECOND_MICROS);
    }

    /**
     * A client dialled again.
     *
     * @param chosenMicros the delay that its policy chose
     * @param lateMicros how long after it
     */
    void dialled(long micros, long chosenMicros, long lateMicros) {
        intendedDelays.recordValue(chosenMicros);
        actualDelays.recordValue(chosenMicros + lateMicros);
        lateness.recordValue(lateMicros);
        int second = (int) Math.max(0, micros / SECOND_MICROS);
        latestDial = reaching(latestDial, second);
        latestDial[second] = Math.max(latestDial[second], lateMicros);
    }

    /** Pauses of garbage collectors, in microseconds. */
    public Histogram collections() {
        return collections;
    }

    /** The delays that policies chose, in microseconds. */
    public Histogram intendedDelays() {
        return intendedDelays;
    }

    /** The delays as they were. */
    public Histogram actualDelays() {
        return actualDelays;
    }

    /** How long after the chosen delay clients dialled. */
    public Histogram lateness() {
        return lateness;
    }

    /** The share of all processors in use, second by second, in thousandths; empty if nobody knows. */
    public Histogram busy() {
        return busy;
    }

    /** Seconds in which the processors were saturated. */
    public int saturatedSeconds() {
        return saturated().cardinality();
    }

    /** How long quotas kept the run from the processors, in microseconds: second by second that process's which had least. */
    public long throttledMicros() {
        return Arrays.stream(throttled).sum();
    }

    private BitSet saturated() {
        BitSet saturated = (BitSet) full.clone();
        saturated.and(felt);
        return saturated;
    }

    /** The most saturated seconds one after the other in this window. */
    public int longestSaturation(long fromMicros, long toMicros) {
        BitSet saturated = saturated();
        int last = secondBefore(Math.max(1, toMicros));
        int longest = 0;
        int from = saturated.nextSetBit((int) Math.max(0, fromMicros / SECOND_MICROS));
        while (from >= 0 && from <= last) {
            int to = Math.min(saturated.nextClearBit(from), last + 1);
            longest = Math.max(longest, to - from);
            from = saturated.nextSetBit(to);
        }
        return longest;
    }

    /** The longest that a client dialled after its chosen delay in this window, in microseconds. */
    public long worstLateness(long fromMicros, long toMicros) {
        long worst = 0;
        int last = (int) Math.min(latestDial.length - 1, toMicros / SECOND_MICROS);
        for (int second = (int) Math.max(0, fromMicros / SECOND_MICROS); second <= last; second++) {
            worst = Math.max(worst, latestDial[second]);
        }
        return worst;
    }

    /** {@code node} is the node's index, -1 for an injector. */
    void stall(int node, long endMicros, long micros) {
        if (micros >= FELT_MICROS && endMicros > 0) {
            felt.set(secondBefore(endMicros - micros + 1), secondBefore(endMicros) + 1);
        }
        if (endMicros > 0) {
            int second = secondBefore(endMicros);
            worstStall = reaching(worstStall, second);
            worstStall[second] = Math.max(worstStall[second], micros);
        }
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
