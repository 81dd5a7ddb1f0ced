package dev.squall.run;

import dev.squall.plan.Plan;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a run stands.
 *
 * @param elapsedMicros since the start; negative before it
 * @param durationMicros the plan's duration
 * @param planned clients of the plan
 * @param counts the sums of the injectors' status pairs; while the processes are started, {@link #READY} and {@link #OF}
 */
public record Progress(long elapsedMicros, long durationMicros, int planned, Map<String, Long> counts) {

    private static final String READY = "processes.ready";
    private static final String OF = "processes";

    /** How far the start is; the time counts from its beginning. */
    static Progress starting(long elapsedMicros, Plan plan, int ready, int of) {
        return new Progress(
                elapsedMicros, plan.durationMicros(), plan.clients(), Map.of(READY, (long) ready, OF, (long) of));
    }

    /** Whether the run has not begun yet. */
    public boolean isStarting() {
        return counts.containsKey(OF);
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
        Map<String, Long> closes = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (name.startsWith("closed.") && count > 0) {
                closes.put(name.substring("closed.".length()), count);
            }
        });
        return closes;
    }
}
