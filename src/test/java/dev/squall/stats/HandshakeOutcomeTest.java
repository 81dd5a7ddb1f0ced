package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What became of offers, told by hand. */
class HandshakeOutcomeTest {

    private static final String DEFLATE = "permessage-deflate";

    private static Plan plan(String on1010) {
        return Runs.plan("""
                duration: 60s
                load:
                  strict:
                    clients: 5
                    offer: [permessage-deflate]
                    require: ["permessage-deflate; server_no_context_takeover"]
                    on-1010: %s
                  lenient: {clients: 5, offer: [permessage-deflate]}
                  other: {clients: 5, offer: [x-other]}
                  plain: {clients: 5}
                """.formatted(on1010), 1);
    }

    private static Story strict() {
        return new Story(plan("retry")).client(0).arrives(1);
    }

    private static ExtensionFigures deflate(Statistics statistics, String population) {
        return statistics.scope(population).extension(DEFLATE).orElseThrow();
    }

    private static Story leaves(Story story, double seconds, String outcome) {
        return story.answered(seconds, false, DEFLATE + "=declined", DEFLATE + "=" + outcome)
                .closes(seconds, 1010, DEFLATE + "; server_no_context_takeover");
    }

    @ParameterizedTest
    @CsvSource({"negotiated, 1 0 0 0", "missing, 0 1 0 0", "mismatched, 0 0 1 0", "'', 0 0 0 1"})
    void eachOutcomeOfARequiredExtensionIsCountedByItself(String outcome, String counts) {
        Story story = strict().answered(1, false, DEFLATE, outcome.isEmpty() ? "" : DEFLATE + "=" + outcome);

        ExtensionFigures figures = deflate(story.statistics(), "strict");
        assertThat(figures.negotiated() + " " + figures.missing() + " " + figures.mismatched() + " "
                        + figures.unoffered())
                .isEqualTo(counts);
        assertThat(figures.handshakes()).as("each was a 101").isEqualTo(1);
        assertThat(figures.failureRate()).isEqualTo(new Share(0, 1));
        assertThat(figures.missingRate().part()).isEqualTo(figures.missing());
        assertThat(figures.mismatchedRate().part()).isEqualTo(figures.mismatched());
    }

    @Test
    void whatIsMerelyOfferedIsCountedButNoRateDividesByIt() {
        ExtensionFigures figures = deflate(
                new Story(plan("retry"))
                        .client(1, 0)
                        .arrives(1)
                        .answered(1, false, DEFLATE, DEFLATE + "=missing")
                        .opens(1)
                        .statistics(),
                "lenient");

        assertThat(figures.handshakes()).isEqualTo(1);
        assertThat(figures.missing()).isEqualTo(1);
        assertThat(figures.failureRate().whole()).isZero();
        assertThat(figures.missingRate().whole()).isZero();
    }

    @Test
    void anUnofferedExtensionCountsForWhatItsClientOfferedAndForNothingElse() {
        Statistics statistics = new Story(plan("retry"))
                .client(2, 0)
                .arrives(1)
                .answered(1, false, "x-other=negotiated", "")
                .fails(1, "unoffered-extension")
                .client(3, 0)
                .arrives(2)
                .fails(2, "unoffered-extension")
                .statistics();

        assertThat(statistics.all().extension("x-other").orElseThrow().unoffered())
                .isEqualTo(1);
        assertThat(deflate(statistics, "").unoffered()).isZero();
        assertThat(statistics.all().failed()).containsEntry("unoffered-extension", 2L);
        assertThat(statistics.scope("plain").failed()).containsEntry("unoffered-extension", 1L);
        assertThat(statistics.scope("plain").attempts()).isEqualTo(1);
        assertThat(statistics.outcomesUnmatched()).isZero();
    }

    @Test
    void anUnofferedExtensionIsNoReasonToDropTheRequirement() {
        Story story = new Story(plan("retry-without"))
                .client(0)
                .arrives(1)
                .answered(1, false, DEFLATE, "")
                .fails(1, "unoffered-extension")
                .waits(1)
                .dials(2)
                .answered(2, false, DEFLATE, DEFLATE + "=negotiated");

        Statistics statistics = story.opens(2).statistics();
        assertThat(deflate(statistics, "strict").failureRate()).isEqualTo(new Share(0, 2));
        assertThat(statistics.all().after1010()).isEmpty();
    }

    @Test
    void whoRetriesWithoutItsRequirementIsNoLongerDividedBy() {
        Story story = leaves(new Story(plan("retry-without")).client(0).arrives(1), 1, "missing")
                .waits(1)
                .dials(2)
                .answered(2, false, DEFLATE + "=declined", DEFLATE + "=missing")
                .opens(2);

        Statistics statistics = story.statistics();
        ExtensionFigures figures = deflate(statistics, "strict");
        assertThat(figures.failureRate()).isEqualTo(new Share(1, 1));
        assertThat(figures.missing()).isEqualTo(2);
        assertThat(statistics.all().after1010()).containsOnlyKeys("retriedWithout");
    }

    @Test
    void whatClientsDoAfterTheir1010IsCounted() {
        Story story = strict();
        leaves(story, 1, "missing").waits(1).dials(2);
        leaves(story, 2, "mismatched").givesUp(2);
        leaves(story.client(1).arrives(3), 3, "missing").finishes(3, "1010");
        leaves(story.client(2).arrives(4), 4, "missing")
                .waits(4)
                .fails(5, "refused")
                .waits(5);

        Statistics statistics = story.statistics();
        assertThat(statistics.all().after1010()).isEqualTo(Map.of("retried", 2L, "gaveUp", 1L, "stopped", 1L));
        assertThat(statistics.scope("strict").after1010())
                .isEqualTo(statistics.all().after1010());
        assertThat(deflate(statistics, "").closed1010()).isEqualTo(4);
        assertThat(statistics.all().failed()).containsEntry("1010", 4L).containsEntry("refused", 1L);
    }
}
