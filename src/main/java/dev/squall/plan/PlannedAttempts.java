package dev.squall.plan;

import dev.squall.reconnect.Reaction;
import java.util.List;

/**
 * How many attempts a second a plan makes of itself: arrivals, and the first attempts after each restart. What attempts that
 * fail add to that depends on the server.
 */
public final class PlannedAttempts {

    private static final long SECOND = 1_000_000;

    private final Plan plan;

    /** Of this plan; computed anew at each question, a value for each client. */
    public PlannedAttempts(Plan plan) {
        this.plan = plan;
    }

    /** The arrivals to be expected of these populations within the second that has most, with the closed model's successors. */
    public static double arrivalsWithinSecond(List<Population> populations) {
        // Rates change at the ends of stages, so the second begins or ends there (on a slope: nearly).
        double most = 0;
        for (Population population : populations) {
            long boundary = 0;
            most = Math.max(most, arrivals(populations, boundary));
            for (Arrivals.Stage stage : population.arrivals().stages()) {
                boundary += stage.micros();
                most = Math.max(most, arrivals(populations, boundary));
                most = Math.max(most, arrivals(populations, boundary - SECOND));
            }
        }
        return most
                + populations.stream()
                        .mapToDouble(PlannedAttempts::successorsPerSecond)
                        .sum();
    }

    private static double arrivals(List<Population> populations, long second) {
        return populations.stream()
                .mapToDouble(p -> p.clients()
                        * (p.arrivals().share(second + SECOND) - p.arrivals().share(second)))
                .sum();
    }

    /** The clients that come a second in place of those that leave, in the closed model with every place taken. */
    public static double successorsPerSecond(Population population) {
        Arrivals.Stay stay = population.arrivals().stay();
        if (!population.arrivals().closed() || stay == null) {
            return 0;
        }
        double mean = (stay.minMicros() + stay.maxMicros()) / 2.0 + Arrivals.SUCCESSION_MICROS;
        return population.clients() * SECOND / mean;
    }

    /** The most arrivals within a second of the run; of the closed model's successors, as many as are to be expected. */
    public long peakOfArrivals() {
        long[] seconds = seconds();
        for (Population population : plan.populations()) {
            for (int client = 0; client < population.clients(); client++) {
                seconds[second(plan.arrivalMicros(population, client))]++;
            }
        }
        double successors = plan.populations().stream()
                .mapToDouble(PlannedAttempts::successorsPerSecond)
                .sum();
        return max(seconds) + Math.round(successors);
    }

    /** The most first attempts within a second, where the restart takes every connection of its nodes. */
    public long peakAfter(Plan.Restart restart) {
        int ofNode = Math.max(1, plan.clients() / Math.max(1, plan.nodes().size()));
        long[] seconds = seconds();
        for (Population population : plan.populations()) {
            for (int client = 0; client < population.clients(); client++) {
                Reaction reaction = plan.policy(population, client).reaction(restart.seenCode());
                if (reaction == Reaction.STOP) {
                    continue;
                }
                if (plan.endpoint() == null
                        && !restart.nodes()
                                .contains(plan.node(population.index(), client).index())) {
                    continue;
                }
                int retry = reaction == Reaction.AT_ONCE ? -1 : 0;
                double place = Draw.unit(plan.closeOrder(restart, population.index(), client, 1));
                long lost = restart.closeMicros((int) (place * ofNode), ofNode) - restart.atMicros();
                seconds[second(lost + plan.delayMicros(population, client, 1, 0, retry, 0))]++;
            }
        }
        return max(seconds);
    }

    private long[] seconds() {
        return new long[(int) (plan.durationMicros() / SECOND) + 1];
    }

    private int second(long micros) {
        return (int) Math.min(micros / SECOND, plan.durationMicros() / SECOND);
    }

    private static long max(long[] seconds) {
        long max = 0;
        for (long count : seconds) {
            max = Math.max(max, count);
        }
        return max;
    }
}
