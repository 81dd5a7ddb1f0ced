package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.junit.jupiter.api.Test;

/** Read back by the parser of Maven's own reports. */
class JunitXmlTest {

    private static Finding finding(String expectation, double observed, Verdict verdict, String note) {
        return new Finding(Expectation.parse(expectation), observed, verdict, null, null, note, false);
    }

    private static ReportTestSuite read(List<Finding> findings, String summary) throws Exception {
        String xml =
                new JunitXml("chat", "2026-01-01T00:00:00Z", 30.5, findings, Map.of("seed", "7"), summary).toString();
        return new TestSuiteXmlParser(new NullConsoleLogger())
                .parse(new InputStreamReader(
                        new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8))
                .get(0);
    }

    @Test
    void eachExpectationIsACaseAFailedOneHasTheObservedValueAndAnInconclusiveOneIsAnError() throws Exception {
        ReportTestSuite suite = read(
                List.of(
                        finding("restart.recovered.rate >= 99.9%", 1, Verdict.PASS, ""),
                        finding("restart.outage.p99 <= 2s", 11_300_000, Verdict.FAIL, "restart 0 of node 0"),
                        finding("ledger.unmatched == 0", 0, Verdict.INCONCLUSIVE, "injector 0 lost")),
                "FAIL  chat");

        assertThat(suite.getNumberOfTests()).isEqualTo(3);
        assertThat(suite.getNumberOfFailures()).isEqualTo(1);
        assertThat(suite.getNumberOfErrors()).isEqualTo(1);
        assertThat(suite.getTestCases())
                .extracting(ReportTestCase::getName)
                .containsExactly(
                        "restart.recovered.rate >= 99.9%", "restart.outage.p99 <= 2s", "ledger.unmatched == 0");
        assertThat(suite.getTestCases())
                .extracting(ReportTestCase::getClassName)
                .containsOnly("chat");
        assertThat(suite.getTestCases().get(1).getFailureMessage()).isEqualTo("observed 11.3 s: restart 0 of node 0");
        assertThat(suite.getTestCases().get(1).hasFailure()).isTrue();
        assertThat(suite.getTestCases().get(2).hasError()).isTrue();
        assertThat(suite.getTestCases().get(2).getFailureMessage()).contains("injector 0 lost");
    }

    @Test
    void whateverANoteHoldsItIsXml() throws Exception {
        String note = "]]> <b>\"&\u0000\u001b[31m \ud83d\ude00 \ud800 lone";
        ReportTestSuite suite =
                read(List.of(finding("restart.outage.p99 <= 2s", Double.NaN, Verdict.FAIL, note)), note);

        assertThat(suite.getTestCases().get(0).getFailureMessage())
                .isEqualTo("observed nothing: ]]> <b>\"&\ufffd\ufffd[31m \ud83d\ude00 \ufffd lone");
    }

    @Test
    void whatIsExpectedByItselfTooIsAnotherCase() throws Exception {
        Finding asked = finding("ledger.unmatched == 0", 0, Verdict.PASS, "");
        Finding implied = new Finding(asked.expectation(), 0, Verdict.PASS, null, null, "", true);

        assertThat(read(List.of(asked, implied), "").getTestCases())
                .extracting(ReportTestCase::getName)
                .containsExactly("ledger.unmatched == 0", "ledger.unmatched == 0 (always expected)");
    }
}
