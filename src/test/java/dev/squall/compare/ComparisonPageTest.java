package dev.squall.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.plan.Plan;
import dev.squall.report.Assessment;
import dev.squall.report.Browser;
import dev.squall.report.RunDirectory;
import dev.squall.report.RunInfo;
import dev.squall.stats.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser. */
class ComparisonPageTest {

    private static final String HOSTILE = "<img src=x onerror=alert(1)></script>";

    @TempDir
    private Path directory;

    private JsonNode run(String policy, long seed) throws IOException {
        Path run = Files.createDirectory(directory.resolve(policy + seed));
        Plan plan = Runs.plan("""
                name: compared
                duration: 40s
                load: {phones: {clients: 100, reconnect: {delay: POLICY, attempts: 3}}}
                faults: [{restart: {at: 10s, downtime: 2s, deadline: 20s}}]
                """.replace("POLICY", policy), seed);
        Runs.write(plan, run);
        new RunInfo(
                        RunInfo.SCHEMA,
                        "compared",
                        "2026-01-01T00:00:00Z",
                        seed,
                        List.of("run"),
                        "",
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Map.of())
                .write(run.resolve("run.json"));
        return JsonMapper.builder()
                .build()
                .readTree(Assessment.of(new RunDirectory(run)).results());
    }

    @Test
    void thePlotsHaveTheCurvesOfBothSidesAndTheTableTheFiguresOfTheComparison() throws IOException {
        Comparison comparison = new Comparison(
                new Side("base", List.of(run("1s..2s", 1))), new Side(HOSTILE, List.of(run("4s..8s", 2))), 0.1);
        Path page = directory.resolve("compare.html");
        Files.writeString(page, new ComparisonPage(List.of(comparison)).toString());

        try (Browser browser = new Browser()) {
            browser.open(page);

            assertThat(browser.value("document.querySelector('h2').textContent").asText())
                    .contains(HOSTILE);
            JsonNode plots = browser.value(
                    "Object.fromEntries(Object.entries(window.squallPlots).map(([k, p]) => [k, p.data]))");
            for (int side = 0; side < 2; side++) {
                JsonNode run = (side == 0 ? comparison.base() : comparison.run()).first();
                JsonNode curve = run.at("/restarts/0/outageSeconds/curve");
                JsonNode drawn = plots.get("outage-0").get(1 + side);
                for (int i = 0; i < drawn.size(); i++) {
                    assertThat(drawn.get(i)).isEqualTo(curve.get(i));
                }
                assertThat(plots.get("open-0").get(1 + side)).isEqualTo(run.at("/series/open"));
                assertThat(plots.get("storm-0").get(1 + side)).contains(run.at("/restarts/0/storm/attempts/2"));
            }
            JsonNode told = browser.value(
                    "[...document.querySelectorAll('[data-path]')].map(e => [e.dataset.path, e.dataset.value])");
            JsonNode figures = comparison.json().get("figures");
            assertThat(told).hasSize(4 * figures.size());
            for (JsonNode each : told) {
                String[] path = each.get(0).asText().split("\\.");
                Double shown = Double.valueOf(each.get(1).asText().replace("null", "NaN"));
                assertThat(shown)
                        .isEqualTo(Double.valueOf(figures.get(Integer.parseInt(path[2]))
                                .get(path[3])
                                .asDouble(Double.NaN)));
            }
            assertThat(browser.value("document.querySelector('.answer').textContent")
                            .asText())
                    .startsWith("Worse: ");
            assertThat(browser.console()).isEmpty();
        }
    }
}
