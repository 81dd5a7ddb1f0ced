package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.squall.fault.FaultWindow;
import dev.squall.quantity.Quantity;
import java.util.List;
import java.util.stream.LongStream;

/**
 * When the steady state is measured, in microseconds since the start: once the clients that arrived have settled, and until
 * so long before the first fault that it can be judged in time.
 *
 * @param fromMicros {@link #SETTLE_MICROS} after the last arrival
 * @param toMicros {@link #LEAD_MICROS} before the first fault
 */
public record SteadyWindow(long fromMicros, long toMicros) {

    /** From the last arrival until the clients have settled. */
    public static final long SETTLE_MICROS = 1_000_000;

    /** From the end of the window to the judgement: within it what was asked last is answered, and processes have told. */
    public static final long ANSWER_MICROS = 1_000_000;

    /** From the end of the window to the first fault: the nodes are told half a second before it. */
    public static final long LEAD_MICROS = ANSWER_MICROS + 500_000;

    /** In a shorter one there is no whole second in which every process has told of itself. */
    public static final long SHORTEST_MICROS = 2_000_000;

    public SteadyWindow {
        if (fromMicros < 0 || toMicros - fromMicros < SHORTEST_MICROS) {
            throw new IllegalArgumentException("the last client comes at "
                    + Quantity.DURATION.format(fromMicros - SETTLE_MICROS) + " and the first fault at "
                    + Quantity.DURATION.format(toMicros + LEAD_MICROS) + " (expected: at least "
                    + Quantity.DURATION.format(SETTLE_MICROS + SHORTEST_MICROS + LEAD_MICROS) + " between them, "
                    + Quantity.DURATION.format(SETTLE_MICROS) + " to settle, "
                    + Quantity.DURATION.format(SHORTEST_MICROS) + " to measure and "
                    + Quantity.DURATION.format(LEAD_MICROS) + " to judge)");
        }
    }

    /**
     * The window between the last arrival and the first fault.
     *
     * @throws IllegalArgumentException if there is not enough time between them, or no fault
     */
    public static SteadyWindow of(List<Population> populations, List<FaultWindow> faults, List<Plan.Restart> restarts) {
        long arrived = populations.stream()
                .mapToLong(population -> population.arrivals().overMicros())
                .max()
                .orElse(0);
        long fault = LongStream.concat(
                        faults.stream().mapToLong(FaultWindow::fromMicros),
                        restarts.stream().mapToLong(Plan.Restart::atMicros))
                .min()
                .orElseThrow(() -> new IllegalArgumentException("there is no fault (expected: one to come after it)"));
        return new SteadyWindow(arrived + SETTLE_MICROS, fault - LEAD_MICROS);
    }

    /** When it is judged. */
    @JsonIgnore
    public long judgedMicros() {
        return toMicros + ANSWER_MICROS;
    }

    /** When the first fault is due. */
    @JsonIgnore
    public long faultMicros() {
        return toMicros + LEAD_MICROS;
    }

    /** For people, as {@code from 3 s to 18.5 s}. */
    @Override
    public String toString() {
        return "from " + Quantity.DURATION.format(fromMicros) + " to " + Quantity.DURATION.format(toMicros);
    }
}
