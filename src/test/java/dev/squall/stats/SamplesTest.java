package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void aQuantileIsTheCeilingRankSmallest() {
        Samples samples = new Samples();
        for (int i = 1000; i >= 1; i--) {
            samples.add(i);
        }

        assertThat(Quantile.P50.of(samples)).isEqualTo(500);
        assertThat(Quantile.P999.of(samples)).isEqualTo(999);
        assertThat(Quantile.MAX.of(samples)).isEqualTo(1000);
        assertThat(Quantile.MEAN.of(samples)).isEqualTo(500.5);
    }

    @Test
    void thoseThatNeverCameAreTheLargest() {
        Samples samples = new Samples();
        for (int i = 1; i <= 99; i++) {
            samples.add(i);
        }
        samples.addNever();

        assertThat(Quantile.P99.of(samples)).isEqualTo(99);
        assertThat(Quantile.P999.of(samples)).isInfinite();
        assertThat(Quantile.MEAN.of(samples)).isInfinite();
        assertThat(samples.count()).isEqualTo(100);
    }

    @Test
    void nothingHasNoQuantile() {
        assertThat(Quantile.P50.of(new Samples())).isNaN();
    }

    @Test
    void theWilsonIntervalOfAllStillLeavesDoubt() {
        Share all = new Share(4790, 4790);

        assertThat(all.low()).isBetween(0.9991, 0.9993); // 1 / (1 + 1.96^2 / 4790)
        assertThat(all.high()).isEqualTo(1);
        assertThat(new Share(0, 0).rate()).isNaN();
    }
}
