package dev.squall.run;

import dev.squall.plan.Plan;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * How a run stands.
 *
 * @param elapsedMicros since the start; negative before it
 * @param durationMicros the plan's duration
 * @param planned clients of the plan
 * @param counts the sums of the injectors' status pairs; while the processes are started, {@link #READY} and {@link #OF}
 * @param stallMicros the longest stall of any process that was told since the last time
 * @param busyPermille the share of all processors that was in use since the last time; empty: not known
 */
public record Progress(
        Phase phase,
        long elapsedMicros,
        long durationMicros,
        int planned,
        Map<String, Long> counts,
        long stallMicros,
        OptionalLong busyPermille) {

    /** What a run is at. */
    public enum Phase {
        /** Its processes are started. */
        STARTING,
        /** Its clients live as planned. */
        RUNNING,
        /** They leave in order: its time is over, or it was interrupted. */
        CLOSING,
        /** Every process has ended; the counts are the last. */
        JUDGING
    }

    private static final String READY = "processes.ready";
    private static final String OF = "processes";

    /** The same of a machine that tells nothing, in the phase that follows from the times. */
    public Progress(long elapsedMicros, long durationMicros, int planned, Map<String, Long> counts) {
        this(
                counts.containsKey(OF)
                        ? Phase.STARTING
                        : elapsedMicros < durationMicros ? Phase.RUNNING : Phase.CLOSING,
                elapsedMicros,
                durationMicros,
                planned,
                counts,
                0,
                OptionalLong.empty());
    }

    /** How far the start is; the time counts from its beginning. */
    static Progress starting(long elapsedMicros, Plan plan, int ready, int of) {
        return new Progress(
                elapsedMicros, plan.durationMicros(), plan.clients(), Map.of(READY, (long) ready, OF, (long) of));
    }

    /** Whether the run has not begun yet. */
    public boolean isStarting() {
        return phase == Phase.STARTING;
    }

    /** Processes that are ready. */
    public long ready() {
        return count(READY);
    }

    /** Processes that the run begins with. */
    public long processes() {
        return count(OF);
    }

    /** A pair of the injectors' status; 0 if none has told it. */
    public long count(String name) {
        return counts.getOrDefault(name, 0L);
    }

    /** Connections ended, by close code. */
    public Map<String, Long> closesByCode() {
        return beginningWith("closed.");
    }

    /** Attempts that came to nothing, by cause. */
    public Map<String, Long> failuresByCause() {
        return beginningWith("failed.");
    }

    private Map<String, Long> beginningWith(String prefix) {
        Map<String, Long> found = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (name.startsWith(prefix) && count > 0) {
                found.put(name.substring(prefix.length()), count);
            }
        });
        return found;
    }
}
