package dev.squall.predict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Runs;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Storms that can be calculated, met by a million clients within their sampling error. */
class ClosedFormTest {

    private static final int CLIENTS = 1_000_000;

    /** Beyond five standard deviations lies one count in 1.7 million. */
    private static final double DEVIATIONS = 5;

    private static RestartFigures storm(String policy, String downtime, long seed) {
        Plan plan = Runs.plan(String.format("""
                duration: 50s
                load: {phones: {clients: 1000, arrive: at-once, reconnect: %s}}
                faults: [{restart: {at: 2s, downtime: %s, deadline: 40s}}]
                """, policy, downtime), seed).scaled(CLIENTS);
        return Prediction.of(plan, new Model(2, 0, 0, null), each -> {}, share -> {})
                .all()
                .restarts()
                .get(0);
    }

    /** Holds the attempts of each second against how many are expected up to a time, as shares of all clients. */
    private static void follows(RestartFigures restart, DoubleUnaryOperator upTo, int seconds, long seed) {
        long[] attempts = restart.attemptsBySecond();
        for (int second = 0; second < seconds; second++) {
            double share = upTo.applyAsDouble(second + 1) - upTo.applyAsDouble(second);
            double expected = CLIENTS * share;
            assertThat((double) (second < attempts.length ? attempts[second] : 0))
                    .as("seed %d, second %d", seed, second)
                    .isBetween(
                            expected - DEVIATIONS * Math.sqrt(expected) - 5,
                            expected + DEVIATIONS * Math.sqrt(expected) + 5);
        }
    }

    @Test
    void uniform_delays_make_the_storm_a_box() {
        RestartFigures restart = storm("guide", "500ms", 11);

        assertThat(restart.recovered()).isEqualTo(CLIENTS);
        assertThat(restart.attempts()).isEqualTo(CLIENTS);
        follows(restart, t -> Math.max(0, Math.min(1, (t - 1) / 4)), 8, 11);
    }

    @Test
    void full_jitter_makes_it_a_box_and_a_trapezoid() {
        // The first try after U(0, 5 s), the second U(0, 10 s) later: nobody is let in, and two tries are all.
        RestartFigures restart = storm("{delay: 5s, growth: 2, jitter: full, attempts: 2}", "forever", 12);

        assertThat(restart.gaveUp()).isEqualTo(CLIENTS);
        assertThat(restart.attempts()).isEqualTo(2L * CLIENTS);
        follows(restart, t -> box(t, 5) + trapezoid(t, 5, 10), 18, 12);
    }

    private static double box(double t, double width) {
        return Math.max(0, Math.min(1, t / width));
    }

    /** The distribution of the sum of two uniform values, the first of which is not the wider. */
    private static double trapezoid(double t, double narrow, double wide) {
        double area = 2 * narrow * wide;
        double rise = ramp(t) - ramp(t - narrow) - ramp(t - wide) + ramp(t - narrow - wide);
        return rise / area;
    }

    private static double ramp(double t) {
        return t <= 0 ? 0 : t * t;
    }
}
