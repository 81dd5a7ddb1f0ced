package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmUpTest {

    private static final double LONG = 1e9;

    @Test
    void begins_at_a_tenth_of_its_speed_and_grows_linearly_to_the_whole() {
        WarmUp warmUp = new WarmUp(LONG);
        assertThat(speed(warmUp, 0)).isCloseTo(0.1, within(1e-3));
        assertThat(speed(warmUp, LONG / 2)).isCloseTo(0.55, within(1e-3));
        assertThat(speed(warmUp, LONG)).isCloseTo(1, within(1e-3));
        assertThat(speed(warmUp, 2 * LONG)).isCloseTo(1, within(1e-3));
        assertThat(warmUp.work(LONG)).as("the mean of both speeds").isCloseTo(0.55 * LONG, within(1.0));
    }

    private static double speed(WarmUp warmUp, double time) {
        return (warmUp.work(time + 1000) - warmUp.work(time)) / 1000;
    }

    @Test
    void time_is_the_inverse_of_work() {
        for (double warmUp : new double[] {0, 1, LONG}) {
            for (double time = 0; time < 3 * LONG; time += LONG / 7) {
                assertThat(new WarmUp(warmUp).time(new WarmUp(warmUp).work(time)))
                        .as("%s of %s", time, warmUp)
                        .isCloseTo(time, within(0.01));
            }
        }
    }

    @Test
    void without_a_warm_up_time_is_work() {
        assertThat(new WarmUp(0).work(12_345)).isEqualTo(12_345);
        assertThat(new WarmUp(0).time(12_345)).isEqualTo(12_345);
    }

    @Test
    void refuses_a_length_that_means_nothing() {
        assertThatThrownBy(() -> new WarmUp(-1)).hasMessage("warm-up: -1.0 ns (expected: >= 0 ns)");
    }
}
