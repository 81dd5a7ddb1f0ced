package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryMarkdownTest {

    @Test
    void theVerdictComesFirstAndTheWorstExpectationBeforeTheOthers() {
        Finding pass = new Finding(
                Expectation.parse("restart.recovered.rate >= 99%"), 0.995, Verdict.PASS, 0.99, 0.998, "", false);
        Finding fail = new Finding(
                Expectation.parse("restart.outage.p99 <= 2s"), 11_300_000, Verdict.FAIL, null, null, "node 0", false);

        assertThat(new SummaryMarkdown(
                        Verdict.FAIL,
                        "chat",
                        List.of("seed 7", "30 s"),
                        List.of(pass, fail),
                        "FAIL  chat\n",
                        "squall run chat.yaml --seed 7"))
                .hasToString("""
                        ## FAIL: chat

                        seed 7, 30 s

                        | | expected | observed | 95% interval | note |
                        | --- | --- | --- | --- | --- |
                        | fail | restart.outage.p99 &lt;= 2s | 11.3 s |  | node 0 |
                        | pass | restart.recovered.rate &gt;= 99% | 99.5% | 99% to 99.8% |  |

                        ```text
                        FAIL  chat
                        ```

                        Again:

                        ```text
                        squall run chat.yaml --seed 7
                        ```

                        """);
    }

    @Test
    void nothingInItIsMarkupOrEndsACell() {
        String text = new SummaryMarkdown(
                        Verdict.PASS,
                        "<img src=x>",
                        List.of(),
                        List.of(new Finding(
                                Expectation.parse("clients.lost.count == 0"),
                                0,
                                Verdict.PASS,
                                null,
                                null,
                                "a|b\n`c` <script> *d* [e](f)",
                                false)),
                        "```\n<b>\n",
                        "squall run")
                .toString();

        assertThat(text)
                .startsWith("## PASS: &lt;img src=x&gt;\n")
                .contains("| a\\|b \\`c\\` &lt;script&gt; \\*d\\* \\[e\\](f) |\n")
                .contains("````text\n```\n<b>\n````\n");
    }
}
