package dev.squall.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultWindowTest {

    private static final Fault CLOSE = new Close(1011, "", 0, 0);
    private static final Fault REJECT = new Reject(503, 0);

    private static FaultWindow moments(Fault fault, long at, long every) {
        return new FaultWindow(0, fault, true, at, 100, every, 1, 0, Match.ALL);
    }

    @Test
    void aWindowCoversItsBeginningAndNotItsEnd() {
        FaultWindow window = FaultWindow.during(0, REJECT, 1, 10, 20);

        assertThat(window.covers(9)).isFalse();
        assertThat(window.covers(10)).isTrue();
        assertThat(window.covers(19)).isTrue();
        assertThat(window.covers(20)).isFalse();
    }

    @Test
    void momentsCoverNoTime() {
        assertThat(moments(CLOSE, 10, 0).covers(10)).isFalse();
    }

    @Test
    void itsEndIsNotBeforeItsBeginning() {
        assertThat(FaultWindow.during(0, REJECT, 1, 10, 10).covers(10)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FaultWindow.during(0, REJECT, 1, 10, 9))
                .withMessage("to: 9 us (expected: not before from, 10 us)");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
    void aProbabilityIsAShare(double probability) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FaultWindow.during(0, REJECT, probability, 0, 1))
                .withMessageContaining("(expected: 0 to 1)");
    }

    @Test
    void countAndEveryAreNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FaultWindow(0, REJECT, false, 0, 1, 0, 1, -1, Match.ALL))
                .withMessageContaining("count: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> moments(CLOSE, 0, -1))
                .withMessageContaining("every: -1 us");
    }

    @Test
    void whatStrikesHandshakesHasNoMoments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> moments(REJECT, 10, 0))
                .withMessage("at: reject strikes handshakes (expected: from and to)");
    }

    @Test
    void laterMovesBothEndsButNotAnOpenOne() {
        FaultWindow moved = FaultWindow.during(0, REJECT, 1, 10, 20).later(7, 1_000);
        FaultWindow open =
                FaultWindow.during(0, REJECT, 1, 0, FaultWindow.OPEN_END).later(8, 1_000);

        assertThat(moved).isEqualTo(FaultWindow.during(7, REJECT, 1, 1_010, 1_020));
        assertThat(open.toMicros()).isEqualTo(FaultWindow.OPEN_END);
        assertThat(open.covers(Long.MAX_VALUE - 1)).isTrue();
    }

    @Test
    void onlyALastingWithholdDrawsOnceForAClient() {
        assertThat(FaultWindow.during(0, new Withhold("a", true), 1, 0, 1).isLasting())
                .isTrue();
        assertThat(FaultWindow.during(0, new Withhold("a", false), 1, 0, 1).isLasting())
                .isFalse();
        assertThat(FaultWindow.during(0, CLOSE, 1, 0, 1).isLasting()).isFalse();
    }

    @Test
    void itSaysWhenAndWhomInWords() {
        assertThat(FaultWindow.during(0, CLOSE, 0.1, 0, 15_000_000))
                .hasToString("close 1011, from 0 s to 15 s, probability 10%");
        assertThat(FaultWindow.during(0, CLOSE, 1, 0, FaultWindow.OPEN_END)).hasToString("close 1011, from 0 s");
        assertThat(new FaultWindow(0, CLOSE, true, 1_000_000, 9_000_000, 2_000_000, 1, 3, Match.ALL))
                .hasToString("close 1011, at 1 s, every 2 s, at most 3");
    }
}
