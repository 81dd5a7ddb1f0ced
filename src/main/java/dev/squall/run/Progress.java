package dev.squall.run;

import java.util.Map;
import java.util.TreeMap;

/**
 * How a run stands.
 *
 * @param elapsedMicros since the start; negative before it
 * @param durationMicros the plan's duration
 * @param planned clients of the plan
 * @param counts the sums of the injectors' status pairs
 */
public record Progress(long elapsedMicros, long durationMicros, int planned, Map<String, Long> counts) {

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
