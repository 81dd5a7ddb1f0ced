package dev.squall.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConductTest {

    private static final Conduct.Departure FIRST = new Conduct.Departure(Conduct.Ending.CLOSE, 1011, "", 0, 3);
    private static final Conduct.Departure SECOND = new Conduct.Departure(Conduct.Ending.RESET, 0, "", 1, 0);

    @Test
    void latenciesAndTheirJittersAddUp() {
        Conduct both = Conduct.slow(10, 1, 0).and(Conduct.slow(20, 2, 0));

        assertThat(both.latencyMicros()).isEqualTo(30);
        assertThat(both.jitterMicros()).isEqualTo(3);
        assertThat(both.bytesPerSecond()).isZero();
    }

    @Test
    void theLowerRateHoldsAndNoneIsNoRate() {
        assertThat(Conduct.slow(0, 0, 500).and(Conduct.slow(0, 0, 300)).bytesPerSecond())
                .isEqualTo(300);
        assertThat(Conduct.slow(0, 0, 500).and(Conduct.NORMAL).bytesPerSecond()).isEqualTo(500);
        assertThat(Conduct.NORMAL.and(Conduct.slow(0, 0, 500)).bytesPerSecond()).isEqualTo(500);
    }

    @Test
    void whatOneDoesNotDoNeitherDoesBoth() {
        Conduct all = new Stall(Stall.What.READING)
                .conduct()
                .and(new Stall(Stall.What.PINGS).conduct())
                .and(new IgnoreClose().conduct());

        assertThat(all.reads()).isFalse();
        assertThat(all.answersPings()).isFalse();
        assertThat(all.answersClose()).isFalse();
    }

    @Test
    void ofTwoDeparturesTheFirstHolds() {
        assertThat(Conduct.departing(FIRST).and(Conduct.departing(SECOND)).departure())
                .isEqualTo(FIRST);
        assertThat(Conduct.NORMAL.and(Conduct.departing(SECOND)).departure()).isEqualTo(SECOND);
    }

    @Test
    void onlyWhatGoesOutLateIsSlow() {
        assertThat(Conduct.NORMAL.slows()).isFalse();
        assertThat(new Stall(Stall.What.READING).conduct().slows()).isFalse();
        assertThat(Conduct.slow(0, 1, 0).slows()).isTrue();
        assertThat(Conduct.slow(0, 0, 1).slows()).isTrue();
    }

    @Test
    void aDepartureSaysWhenInWords() {
        assertThat(new Reset(0, 0)).hasToString("reset");
        assertThat(new Reset(5_000_000, 0)).hasToString("reset after 5 s");
        assertThat(new Fin(0, 1)).hasToString("fin after a message");
        assertThat(new Close(1011, "", 5_000_000, 3)).hasToString("close 1011 after 5 s or 3 messages");
    }
}
