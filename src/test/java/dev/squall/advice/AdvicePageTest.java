package dev.squall.advice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.report.Browser;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser. */
class AdvicePageTest {

    private static final String HOSTILE = "<img src=x onerror=alert(1)></script>";

    @TempDir
    private Path directory;

    private static Candidate candidate(String name, Verdict verdict, long peak, double back) {
        return new Candidate(
                name,
                verdict,
                verdict == Verdict.PASS ? "" : HOSTILE,
                peak,
                back / 2,
                back,
                3 * peak,
                peak,
                0.9,
                12.5,
                List.of(0L, peak, peak / 2));
    }

    @Test
    void the_page_has_the_figures_and_the_storms_of_policies_json_the_best_first() throws IOException {
        Advice advice = new Advice(
                "storm",
                7,
                10_000_000,
                HOSTILE,
                List.of(
                        candidate("none", Verdict.FAIL, 0, Double.POSITIVE_INFINITY),
                        candidate("immediate", Verdict.PASS, 9_000_000, 3),
                        candidate("guide", Verdict.PASS, 2_500_000, 8)),
                List.of(candidate("guide", Verdict.PASS, 2_400_000, 8.5)),
                List.of(
                        candidate("drain 0s", Verdict.PASS, 2_500_000, 8),
                        candidate("drain 5s", Verdict.PASS, 2_000_000, 12)),
                30_000_000,
                List.of(),
                List.of());
        Path page = directory.resolve("policies.html");
        Files.writeString(page, new AdvicePage(advice).toString());

        try (Browser browser = new Browser()) {
            browser.open(page);

            assertThat(browser.value("document.querySelector('.answer').textContent")
                            .asText())
                    .contains("cheapest policy that meets the expectations: guide");
            assertThat(
                            browser.value(
                                    "[...document.querySelectorAll('section:nth-of-type(2) tbody code')].map(e => e.textContent)"))
                    .extracting(JsonNode::asText)
                    .containsExactly("guide", "immediate", "none");
            assertThat(browser.value("document.body.textContent").asText()).contains(HOSTILE);
            JsonNode json = advice.json();
            JsonNode told = browser.value(
                    "[...document.querySelectorAll('[data-path]')].map(e => [e.dataset.path, e.dataset.value])");
            assertThat(told).hasSize(7 * (3 + 1 + 2));
            for (JsonNode each : told) {
                JsonNode figure = json.at("/" + each.get(0).asText().replace('.', '/'));
                Double shown = Double.valueOf(each.get(1).asText().replace("null", "NaN"));
                assertThat(shown).as(each.get(0).asText()).isEqualTo(Double.valueOf(figure.asDouble(Double.NaN)));
            }
            JsonNode plots = browser.value(
                    "Object.fromEntries(Object.entries(window.squallPlots).map(([k, p]) => [k, p.data]))");
            assertThat(plots.at("/storms/1"))
                    .extracting(JsonNode::asText)
                    .containsExactly("null", "2500000", "1250000");
            assertThat(plots.at("/windows/1/1").asLong()).isEqualTo(2_000_000);
            assertThat(browser.console()).isEmpty();
        }
    }
}
