package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.stats.ForeignRestart;
import dev.squall.stats.RestartFigures;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MannersTest {

    private static Manners of(ForeignRestart restart) {
        return new Manners(restart.figures());
    }

    @Test
    void aCloseWith1012ToEachSpreadOverTenSecondsIsWellBehaved() {
        Manners manners = of(new ForeignRestart(1_000).lost(1_000, 1012, "close", "", 0, 10_000_000));

        assertThat(manners.advice()).isEmpty();
        assertThat(manners.good()).isTrue();
    }

    @Test
    void theSameWithinASecondIsAWave() {
        Manners manners = of(new ForeignRestart(1_000).lost(1_000, 1012, "close", "", 0, 500_000));

        assertThat(manners.advice())
                .singleElement()
                .satisfies(advice -> assertThat(advice)
                        .contains("1,000 were lost within a second")
                        .contains("a drain of 10 s would take 100 a second"));
        assertThat(manners.good()).isFalse();
    }

    @Test
    void aFewThatComeTogetherAreNoWave() {
        assertThat(of(new ForeignRestart(49).lost(49, 1012, "close", "", 0, 0)).good())
                .isTrue();
    }

    @Test
    void whoSawNoCloseIsToldByHowTcpEnded() {
        Manners manners = of(new ForeignRestart(2_000)
                .lost(900, 1006, "eof", "", 0, 10_000_000)
                .lost(100, 1006, "reset", "", 0, 10_000_000)
                .lost(500, 1001, "close", "", 0, 10_000_000)
                .lost(400, 1006, "timeout", "", 0, 10_000_000));

        assertThat(manners.advice())
                .anyMatch(advice -> advice.startsWith("1,000 clients lost TCP without a Close"))
                .anyMatch(advice -> advice.startsWith("500 clients were told 1001"))
                .anyMatch(advice -> advice.startsWith("400 clients heard nothing"))
                .hasSize(3);
        assertThat(manners.seen().values()).containsExactly(500L, 900L, 100L, 400L);
    }

    @Test
    void aStandstillIsNoWaveHoweverTheClientsLoseTheirPatience() {
        assertThat(of(new ForeignRestart(1_000).lost(1_000, 1006, "timeout", "", 0, 100_000))
                        .advice())
                .singleElement()
                .satisfies(advice -> assertThat(advice).contains("not even the end of TCP"));
    }

    @Test
    void eachNodeHasItsOwnCodes() {
        Manners manners = of(new ForeignRestart(30)
                .lost(10, 1012, "close", "pod-a", 0, 0)
                .lost(5, 1012, "close", "pod-b", 0, 0)
                .lost(15, 1006, "reset", "pod-b", 0, 0));

        assertThat(manners.byNode())
                .isEqualTo(Map.of("pod-a", Map.of(1012, 10L), "pod-b", Map.of(1006, 15L, 1012, 5L)));
        assertThat(manners.seen().values()).containsExactly(15L, 15L);
    }

    @Test
    void theLibrariesThatStayAwayAreThoseWhoseProfilesSaySo() {
        ForeignRestart restart =
                new ForeignRestart(20).lost(10, 1012, "close", "", 0, 0).lost(10, 1011, "close", "", 0, 0);

        assertThat(of(restart).strays()).containsExactly(new Manners.Stray("graphql-ws", 1011, true));
    }

    @Test
    void whoGivesUpBeforeAnybodyWasBackIsAStrayIfTriesHaveFailed() {
        ForeignRestart refused = new ForeignRestart(10)
                .lost(10, 1012, "close", "", 0, 0)
                .refused()
                .backAfter(50_000_000);
        ForeignRestart early = new ForeignRestart(10)
                .lost(10, 1012, "close", "", 0, 0)
                .refused()
                .backAfter(200_000);
        ForeignRestart let =
                new ForeignRestart(10).lost(10, 1012, "close", "", 0, 0).backAfter(50_000_000);

        // signalr tries after 0, 2, 10 and 30 s; graphql-ws gives up after its first try that fails.
        assertThat(of(refused).strays())
                .containsExactly(
                        new Manners.Stray("graphql-ws", 1012, false), new Manners.Stray("signalr", 1012, false));
        assertThat(of(early).strays()).isEmpty();
        assertThat(of(let).strays()).as("nobody knows whether it was away").isEmpty();
    }

    @Test
    void whoSawNothingIsToldToo() {
        RestartFigures nobody = new ForeignRestart(70).figures();

        assertThat(nobody.untouched()).isEqualTo(70);
        assertThat(new Manners(nobody).good()).as("nothing happened").isFalse();
        assertThat(new Manners(nobody).advice()).isEqualTo(List.of());
    }
}
