package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.stats.Runs;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the judge expects unasked, and which verdict wins; its judgement of runs is tested with the statistics. */
class JudgeTest {

    private static final String PLAIN = "duration: 60s\nload: {phones: {clients: 10}}\n";
    private static final String RESTART = PLAIN + "faults: [{restart: 10s}]\n";
    private static final String OFFERING =
            "duration: 60s\nload: {phones: {clients: 10, offer: [permessage-deflate]}}\nfaults: [{restart: 10s}]\n";

    private static List<String> implied(String yaml, boolean withoutOwn) {
        return Judge.implied(Runs.plan(yaml, 1), withoutOwn).stream()
                .map(Expectation::text)
                .toList();
    }

    @Test
    void withoutExpectationsEverybodyMustBeBackAndNobodyLost() {
        assertThat(implied(RESTART, true)).contains("restart.recovered.rate >= 100%", "clients.lost.count == 0");
        assertThat(implied(PLAIN, true))
                .contains("clients.lost.count == 0")
                .noneMatch(text -> text.startsWith("restart."));
    }

    @Test
    void nobodyMustComeBackToAServerThatIsDownForGood() {
        String forGood = "{restart: {at: 10s, downtime: forever, nodes: [0]}}";
        String twoNodes = PLAIN + "target: {mock: {nodes: 2}}\n";

        assertThat(implied(twoNodes + "faults: [" + forGood + "]\n", true))
                .contains("clients.lost.count == 0")
                .noneMatch(text -> text.startsWith("restart.recovered"));
        assertThat(implied(twoNodes + "faults: [" + forGood + ", {restart: {at: 10s, nodes: [1]}}]\n", true))
                .as("of the other restart it is still expected")
                .contains("restart.recovered.rate >= 100%");
    }

    @Test
    void ownExpectationsReplaceThoseButTheLedgerIsAlwaysJudged() {
        assertThat(implied(RESTART, false))
                .containsExactly("ledger.unmatched == 0", "ledger.causality == 0", "restart.miscoded == 0");
        assertThat(implied(PLAIN, true)).contains("ledger.unmatched == 0", "ledger.causality == 0");
    }

    @Test
    void whereExtensionsAreOfferedNodeAndClientsMustAgreeOnThem() {
        assertThat(implied(OFFERING, false)).contains("extension.unmatched == 0");
        assertThat(implied(RESTART, true)).doesNotContain("extension.unmatched == 0");
    }

    @Test
    void theWorstVerdictWins() {
        assertThat(Verdict.PASS.worst(Verdict.INCONCLUSIVE)).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(Verdict.INCONCLUSIVE.worst(Verdict.FAIL)).isEqualTo(Verdict.FAIL);
        assertThat(Verdict.FAIL.worst(Verdict.PASS)).isEqualTo(Verdict.FAIL);
        assertThat(Judge.verdict(List.of())).isEqualTo(Verdict.PASS);
        assertThat(Judge.verdict(List.of(finding(Verdict.PASS), finding(Verdict.FAIL), finding(Verdict.INCONCLUSIVE))))
                .isEqualTo(Verdict.FAIL);
        assertThat(Judge.verdict(List.of(finding(Verdict.INCONCLUSIVE), finding(Verdict.PASS))))
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void aVerdictsWordIsThatOfTheResults() {
        assertThat(Verdict.values()).extracting(Verdict::word).containsExactly("pass", "inconclusive", "fail");
    }

    private static Finding finding(Verdict verdict) {
        return new Finding(Expectation.parse("ledger.unmatched == 0"), 0, verdict, null, null, "", true);
    }
}
