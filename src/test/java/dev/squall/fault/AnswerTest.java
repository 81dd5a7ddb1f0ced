package dev.squall.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.protocol.Extension;
import org.junit.jupiter.api.Test;

class AnswerTest {

    private static Extension extension(String text) {
        return Extension.parse(text);
    }

    @Test
    void delaysAddUp() {
        assertThat(Answer.delayed(3).and(Answer.delayed(4)).delayMicros()).isEqualTo(7);
    }

    @Test
    void theFirstRefusalStandsWithItsOwnRetryAfter() {
        Answer both = Answer.refused(429, 0).and(Answer.refused(503, 9));

        assertThat(both.status()).isEqualTo(429);
        assertThat(both.retryAfterSeconds()).isZero();
    }

    @Test
    void aRefusalStandsBesideWhatIsNone() {
        Answer late = Answer.delayed(5).and(Answer.refused(503, 9));
        Answer early = Answer.refused(503, 9).and(Answer.delayed(5));

        assertThat(late).isEqualTo(early);
        assertThat(late.isRefusal()).isTrue();
        assertThat(late.retryAfterSeconds()).isEqualTo(9);
        assertThat(late.delayMicros()).isEqualTo(5);
    }

    @Test
    void ofTwoAlterationsOfAnExtensionTheFirstStandsAndOthersAreKept() {
        Answer all = Answer.altering(extension("a; x=1"))
                .and(Answer.altering(extension("a; x=2")))
                .and(Answer.altering(extension("b; x=3")));

        assertThat(all.altered()).containsExactly(extension("a; x=1"), extension("b; x=3"));
    }

    @Test
    void whatIsWithheldAndWhatNobodyOfferedIsJoined() {
        Answer all = Answer.withholding("a")
                .and(Answer.adding(extension("x")))
                .and(Answer.withholding("b"))
                .and(Answer.adding(extension("y")));

        assertThat(all.withheld()).containsExactlyInAnyOrder("a", "b");
        assertThat(all.unoffered()).containsExactly(extension("x"), extension("y"));
        assertThat(all.isRefusal()).isFalse();
    }

    @Test
    void aNormalAnswerChangesNothing() {
        Answer one = Answer.refused(503, 1).and(Answer.withholding("a"));

        assertThat(one.and(Answer.NORMAL)).isEqualTo(one);
        assertThat(Answer.NORMAL.and(one)).isEqualTo(one);
    }
}
