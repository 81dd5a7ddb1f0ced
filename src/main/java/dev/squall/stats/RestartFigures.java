package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What one restart of one node did to the clients of one scope. Times are microseconds. */
public final class RestartFigures {

    static final long UNSEEN = Long.MIN_VALUE;

    private static final int TICKS_A_SECOND = 10;
    private static final long TICK_MICROS = 1_000_000 / TICKS_A_SECOND;

    /** How it is known that there was a restart. */
    public enum Source {
        /** The node told of it. */
        PLAN,
        /** A command of the experiment made it. */
        COMMAND,
        /** The clients' losses show it. */
        BURST
    }

    private final Plan.Restart restart;
    private final int node;
    private final Source source;
    private final HarnessJournal.@Nullable Command command;
    private final long until;
    long begun = UNSEEN;
    long listening = UNSEEN;
    long limited;
    long miscoded;
    long recovered;
    long ready;
    long relapsed;
    long leftWith1010;
    long gaveUp;
    long late;
    long left;
    long attempts;
    long untouched;
    boolean complete;
    final Samples outage;
    final Samples timeToRecover;
    final Samples detection;
    final Samples timeToFirstAttempt;
    final Samples attemptsPerRecovery;
    final Samples back;
    final Counts<String> failed = new Counts<>();
    private final Counts<Integer> codes = new Counts<>();
    private final Counts<Seen> seen = new Counts<>();
    private long firstLoss = UNSEEN;
    private long lastLoss = UNSEEN;
    private long[] attemptsBySecond = new long[16];
    private long[] lossesByTick = new long[16];

    /**
     * A restart that a node will tell of.
     *
     * @param parts the same of parts of its scope, whose values are its own
     */
    RestartFigures(Plan.Restart restart, int node, List<RestartFigures> parts) {
        this(restart, node, Source.PLAN, null, UNSEEN, parts);
    }

    /** A restart that was found in the journals, of the foreign server. */
    RestartFigures(RestartFinder.Found found, List<RestartFigures> parts) {
        this(
                found.restart(),
                0,
                found.command() == null ? Source.BURST : Source.COMMAND,
                found.command(),
                found.untilMicros(),
                parts);
        this.begun = restart.atMicros();
    }

    private RestartFigures(
            Plan.Restart restart,
            int node,
            Source source,
            HarnessJournal.@Nullable Command command,
            long until,
            List<RestartFigures> parts) {
        this.restart = restart;
        this.node = node;
        this.source = source;
        this.command = command;
        this.until = until;
        this.outage = of(parts, RestartFigures::outage);
        this.timeToRecover = of(parts, RestartFigures::timeToRecover);
        this.detection = of(parts, RestartFigures::detection);
        this.timeToFirstAttempt = of(parts, RestartFigures::timeToFirstAttempt);
        this.attemptsPerRecovery = of(parts, RestartFigures::attemptsPerRecovery);
        this.back = of(parts, RestartFigures::back);
    }

    private static Samples of(List<RestartFigures> parts, Function<RestartFigures, Samples> which) {
        return new Samples(parts.stream().map(which).toList());
    }

    /**
     * One restart of several nodes, as one: counts are summed, times of all clients lie in one row.
     *
     * @param ofNodes the figures of each node, of the same scope; not empty
     */
    public static RestartFigures together(List<RestartFigures> ofNodes) {
        RestartFigures first = ofNodes.get(0);
        RestartFigures sum = new RestartFigures(first.restart, first.node, ofNodes);
        sum.complete = true;
        for (RestartFigures each : ofNodes) {
            if (each.hasBegun()) {
                sum.begun = sum.hasBegun() ? Math.min(sum.begun, each.begun) : each.begun;
            }
            sum.complete &= each.complete;
        }
        ofNodes.forEach(sum::add);
        return sum;
    }

    private void add(RestartFigures each) {
        listening = Math.max(listening, each.listening);
        limited += each.limited;
        miscoded += each.miscoded;
        recovered += each.recovered;
        ready += each.ready;
        relapsed += each.relapsed;
        leftWith1010 += each.leftWith1010;
        gaveUp += each.gaveUp;
        late += each.late;
        left += each.left;
        attempts += each.attempts;
        failed.addAll(each.failed);
        codes.addAll(each.codes);
        seen.addAll(each.seen);
        for (int second = 0; second < each.attemptsBySecond.length; second++) {
            attempts(each.begun + second * 1_000_000L, each.attemptsBySecond[second]);
        }
    }

    /** Until when losses belong to it. */
    long until() {
        return source != Source.PLAN ? until : listening == UNSEEN ? Long.MAX_VALUE : listening;
    }

    /** The load ended, and who is not back has been counted as late. */
    void loadEnded(long micros) {
        // A foreign restart that has taken all its connections, and whose clients are all back, is over.
        long settled = source == Source.BURST ? until + RestartFinder.WINDOW_MICROS : until;
        boolean over = source != Source.PLAN && settled <= micros && late == 0;
        complete = over || restart.dueMicros() <= micros;
    }

    void lost(Seen what, long learned) {
        codes.add(what.code());
        if (source == Source.PLAN) {
            return; // How it closes is planned.
        }
        seen.add(what);
        firstLoss = firstLoss == UNSEEN ? learned : Math.min(firstLoss, learned);
        lastLoss = Math.max(lastLoss, learned);
        int tick = (int) (Math.max(0, learned - begun) / TICK_MICROS);
        if (tick >= lossesByTick.length) {
            lossesByTick = Arrays.copyOf(lossesByTick, Math.max(tick + 1, lossesByTick.length * 2));
        }
        lossesByTick[tick]++;
    }

    void attempt(long micros) {
        attempts(micros, 1);
    }

    private void attempts(long micros, long count) {
        if (count == 0) {
            return;
        }
        int second = (int) ((micros - begun) / 1_000_000);
        if (second >= attemptsBySecond.length) {
            attemptsBySecond = Arrays.copyOf(attemptsBySecond, Math.max(second + 1, attemptsBySecond.length * 2));
        }
        attemptsBySecond[second] += count;
    }

    /** How it is known. */
    public Source source() {
        return source;
    }

    /** The command that made it; null if none did. */
    public HarnessJournal.@Nullable Command command() {
        return command;
    }

    /** The code that it closed with: as planned, 1006 for a kill; of a foreign server the most frequent, 0 for none. */
    public int code() {
        return restart.kill() ? CloseCode.ABNORMAL_CLOSURE.code() : restart.code();
    }

    /** Affected clients by the code that they saw. */
    public Map<Integer, Long> codes() {
        return codes.byWhat();
    }

    /** What the affected clients of a foreign server saw; empty for one of ours, which closes as planned. */
    public Map<Seen, Long> seen() {
        return seen.byWhat();
    }

    /** Clients of a foreign server that were open when it began and on until it was over: they saw nothing of it. */
    public long untouched() {
        return untouched;
    }

    /** From the first client of a foreign server that learned of its loss to the last, in microseconds. */
    public long lossesMicros() {
        return firstLoss == UNSEEN ? 0 : lastLoss - firstLoss;
    }

    /** Most clients of a foreign server that learned of their loss within a second. */
    public long peakLossesPerSecond() {
        long peak = 0;
        long window = 0;
        for (int tick = 0; tick < lossesByTick.length; tick++) {
            window += lossesByTick[tick] - (tick >= TICKS_A_SECOND ? lossesByTick[tick - TICKS_A_SECOND] : 0);
            peak = Math.max(peak, window);
        }
        return peak;
    }

    /** Attempts of its storm that the limit of attempts a second held back. */
    public long limited() {
        return limited;
    }

    /** Closes that it sent with another code than planned. */
    public long miscoded() {
        return miscoded;
    }

    /** The restart as planned, or as it was found. */
    public Plan.Restart restart() {
        return restart;
    }

    /** The node's index. */
    public int node() {
        return node;
    }

    /** Whether the node, or who killed it, told of the beginning. */
    public boolean hasBegun() {
        return begun != UNSEEN;
    }

    /** Whether the run went on until the deadline, or until nobody was missing. */
    public boolean complete() {
        return complete;
    }

    /** When it began, in microseconds since the start. */
    public long begun() {
        return begun;
    }

    /** How long the port did not listen; negative if it never listened again. */
    public long downMicros() {
        if (!hasBegun() || listening == UNSEEN) {
            return -1;
        }
        return listening - begun - (restart.listenWhileDraining() ? restart.drainMicros() : 0);
    }

    /** Clients that lost their connection to it. */
    public long affected() {
        return recovered + leftWith1010 + gaveUp + late;
    }

    /** Those that were back by the deadline, and have held it. */
    public long recovered() {
        return recovered;
    }

    /** Those that were ready again by the deadline, whether or not that held. */
    public long ready() {
        return ready;
    }

    /** How often one that was ready again lost its connection before it had held it for its population's hold. */
    public long relapsed() {
        return relapsed;
    }

    /** Those that tried to come back, lacked an extension and left for good. */
    public long leftWith1010() {
        return leftWith1010;
    }

    /** Those whose policy allowed no further try. */
    public long gaveUp() {
        return gaveUp;
    }

    /** Those that came back after the deadline or not within the run. */
    public long late() {
        return late;
    }

    /** Those of the late whose stay was over before they were back and before they were due: they might have been in time. */
    public long left() {
        return left;
    }

    /** Recovered of affected. */
    public Share success() {
        return new Share(recovered, affected());
    }

    /** The same if those that left before they were due had been back by then. */
    public Share successAtBest() {
        return new Share(recovered + left, affected());
    }

    /** Ready again of affected: at least the {@link #success}. */
    public Share readiness() {
        return new Share(ready, affected());
    }

    /** The same if those that left before they were due had been ready by then. */
    public Share readinessAtBest() {
        return new Share(ready + left, affected());
    }

    /** Attempts of affected clients until each was back or gone. */
    public long attempts() {
        return attempts;
    }

    /** Why attempts of affected clients failed. */
    public Map<String, Long> failed() {
        return failed.byWhat();
    }

    /** Loss to recovered. */
    public Samples outage() {
        return outage;
    }

    /** Learning of the loss to recovered. */
    public Samples timeToRecover() {
        return timeToRecover;
    }

    /** Loss to learning of it. */
    public Samples detection() {
        return detection;
    }

    /** Learning of the loss to the first attempt. */
    public Samples timeToFirstAttempt() {
        return timeToFirstAttempt;
    }

    /** Attempts of those who came back. */
    public Samples attemptsPerRecovery() {
        return attemptsPerRecovery;
    }

    /** From the restart's beginning to each client's recovery: its quantiles are the fleet's recovery. */
    public Samples back() {
        return back;
    }

    /**
     * Most attempts within a second, failed ones included: those at this node, and those that clients on their way back from
     * it make at another.
     */
    public long peakAttemptsPerSecond() {
        return Arrays.stream(attemptsBySecond).max().orElse(0);
    }

    /** Attempts by second since it began, as {@link #peakAttemptsPerSecond} counts them, up to the last. */
    public long[] attemptsBySecond() {
        int seconds = attemptsBySecond.length;
        while (seconds > 0 && attemptsBySecond[seconds - 1] == 0) {
            seconds--;
        }
        return Arrays.copyOf(attemptsBySecond, seconds);
    }

    /** Attempts for each affected client; NaN without one. */
    public double amplification() {
        return affected() == 0 ? Double.NaN : (double) attempts / affected();
    }
}
