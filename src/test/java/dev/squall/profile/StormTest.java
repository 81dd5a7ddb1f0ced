package dev.squall.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.plan.Plan;
import dev.squall.plan.Timeouts;
import dev.squall.plan.WhileDown;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StormTest {

    private static final long SECOND = 1_000_000;

    private static Plan.Restart restart(long drain, long downtime, WhileDown meanwhile) {
        return new Plan.Restart(
                0, 10 * SECOND, drain, null, downtime, 20 * SECOND, 1012, meanwhile, 0, false, false, List.of(0));
    }

    private static double[] attempts(String profile, Plan.Restart restart, boolean elsewhere) {
        return new Storm(Profiles.named(profile).orElseThrow().policy(), Timeouts.DEFAULT, restart, elsewhere)
                .attempts(40_000, 20);
    }

    @Test
    void uniformDelaysAfterOneBlowAreABox() {
        double[] guide = attempts("guide", restart(0, 0, WhileDown.REFUSE), false); // 1 to 5 s

        assertThat(guide[0]).isZero();
        for (int second = 1; second < 5; second++) {
            assertThat(guide[second]).isCloseTo(10_000, within(400.0));
        }
        assertThat(Arrays.stream(guide).skip(5).sum()).isZero();
    }

    @Test
    void aDrainSpreadsThemAndADowntimeMakesThemTryAgain() {
        double[] drained = attempts("guide", restart(4 * SECOND, 0, WhileDown.REFUSE), true);
        double[] down = attempts("guide", restart(0, 8 * SECOND, WhileDown.REFUSE), false);

        assertThat(Arrays.stream(drained).sum()).isCloseTo(40_000, within(1.0));
        assertThat(Arrays.stream(drained).max().orElseThrow()).isLessThan(11_000);
        assertThat(Arrays.stream(down).sum()).isGreaterThan(100_000);
        assertThat(down[19]).isZero();
    }

    @Test
    void anotherNodeTakesThemWithTheirFirstTry() {
        double[] moved = attempts("guide", restart(0, 8 * SECOND, WhileDown.REFUSE), true);

        assertThat(Arrays.stream(moved).sum()).isCloseTo(40_000, within(1.0));
    }

    @Test
    void aBlackHoleKeepsEachTryForItsTimeout() {
        double[] held = attempts("guide", restart(0, 8 * SECOND, WhileDown.BLACK_HOLE), false);

        assertThat(Arrays.stream(held).limit(11).sum()).isCloseTo(40_000, within(1.0)); // Next 10 s after the first.
    }

    @Test
    void whoTriesEveryTenMillisecondsMakesAHundredTriesASecond() {
        double[] immediate = attempts("immediate", restart(0, 2 * SECOND, WhileDown.REFUSE), false);

        assertThat(immediate[1]).isEqualTo(4_000_000);
        assertThat(Arrays.stream(immediate).skip(3).sum()).isZero();
    }

    @Test
    void whoGivesUpAfterARefusalTriesOnce() {
        double[] once = attempts("graphql-ws", restart(0, 8 * SECOND, WhileDown.REFUSE), false);

        assertThat(Arrays.stream(once).sum()).isCloseTo(40_000, within(1.0));
    }
}
