package dev.squall.plan;

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

    /** The most arrivals within a second of the run. */
    public long peakOfArrivals() {
        long[] seconds = seconds();
        for (Population population : plan.populations()) {
            for (int client = 0; client < population.clients(); client++) {
                seconds[second(plan.arrivalMicros(population, client))]++;
            }
        }
        return max(seconds);
    }

    /** The most first attempts within a second, where the restart takes every connection of its nodes. */
    public long peakAfter(Plan.Restart restart) {
        int ofNode = Math.max(1, plan.clients() / Math.max(1, plan.nodes().size()));
        long[] seconds = seconds();
        for (Population population : plan.populations()) {
            for (int client = 0; client < population.clients(); client++) {
                if (!plan.policy(population, client).reconnects()) {
                    continue;
                }
                if (plan.endpoint() == null
                        && !restart.nodes()
                                .contains(plan.node(population.index(), client).index())) {
                    continue;
                }
                double place = Draw.unit(plan.closeOrder(restart, population.index(), client, 1));
                long lost = restart.closeMicros((int) (place * ofNode), ofNode) - restart.atMicros();
                seconds[second(lost + plan.delayMicros(population, client, 1, 0, 0))]++;
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
