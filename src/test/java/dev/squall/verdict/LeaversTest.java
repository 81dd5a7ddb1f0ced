package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.stats.Runs;
import dev.squall.stats.Statistics;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a restart where clients leave while they are on their way back. */
class LeaversTest {

    /** All come back within 1 to 5 s unless they leave before, as many do. */
    private static final Statistics RUN = Runs.of(Runs.plan("""
            duration: 60s
            load: {phones: {clients: 1000, arrive: at-once, model: closed, stay: 5s..15s, reconnect: guide}}
            faults: [{restart: {at: 30s, downtime: 0s, deadline: 20s}}]
            """, 3));

    @ParameterizedTest
    @CsvSource({
        "restart.recovered.rate >= 99%, INCONCLUSIVE",
        "restart.recovered.rate >= 30%, PASS",
        "restart.recovered.rate in 10%..20%, FAIL",
        "restart.outage.p99 <= 6s, INCONCLUSIVE",
        "restart.outage.p90 <= 1s, FAIL",
        "restart.outage.p50 <= 5100ms, PASS",
        "restart.fleet-recovery.p100 <= 60s, INCONCLUSIVE",
        "restart.detection.p99 <= 1s, PASS"
    })
    void whatTheyMightHaveDoneTurnsNoFindingUnsaid(String expectation, Verdict verdict) {
        List<Finding> findings = new Judge(RUN, 0).judge(List.of(Expectation.parse(expectation)));

        assertThat(findings.get(0).verdict()).as(findings.get(0).toString()).isEqualTo(verdict);
        assertThat(findings.get(0).note().contains("left before they were due"))
                .isEqualTo(verdict == Verdict.INCONCLUSIVE);
    }
}
