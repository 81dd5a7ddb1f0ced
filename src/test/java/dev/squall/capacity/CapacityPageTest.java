package dev.squall.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.report.Browser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both pages, in a browser. */
class CapacityPageTest {

    private static final Pattern PAGE = Pattern.compile("/Type\\s*/Page\\b(?!s)");

    @TempDir
    private Path directory;

    private Path written(Capacity capacity, boolean brief) throws IOException {
        Path page = directory.resolve(brief ? "brief.html" : "capacity.html");
        Files.writeString(page, new CapacityPage(capacity, brief).toString());
        return page;
    }

    /** The figures on the page are those of capacity.json, each at its path. */
    private static int assertFigures(Browser browser, JsonNode json) {
        JsonNode told = browser.value(
                "[...document.querySelectorAll('[data-path]')].map(e => [e.dataset.path, e.dataset.value])");
        for (JsonNode each : told) {
            String path = "/" + each.get(0).asText().replace('.', '/');
            assertThat(each.get(1).asText()).as(path).isEqualTo(json.at(path).toString());
        }
        return told.size();
    }

    private static JsonNode drawn(Browser browser) {
        return browser.value("Object.fromEntries(Object.entries(window.squallPlots).map(([k, p]) => [k, p.data]))");
    }

    @Test
    void thePagesHaveTheAnswerTheTrialsAndTheirPlotAndTheBriefOneIsOnePrintedPage() throws IOException {
        Capacity capacity = MadeUp.capacity();
        JsonNode json = capacity.json();
        try (Browser browser = new Browser()) {
            browser.open(written(capacity, false));

            assertThat(assertFigures(browser, json))
                    .isEqualTo(5 + 3 * capacity.trials().size());
            assertThat(browser.text("#verdict .answer")).isEqualTo(capacity.statement());
            JsonNode plot = drawn(browser).get("expectation-0");
            assertThat(plot.get(0)).hasSameSizeAs(capacity.trials()).isNotEmpty();
            for (int i = 0; i < plot.get(0).size(); i++) {
                assertThat(plot.get(1).get(i).asDouble())
                        .isEqualTo(plot.get(0).get(i).asDouble() / 1000);
            }
            assertThat(drawn(browser)).hasSize(2);
            assertThat(browser.value("[...document.querySelectorAll('#trials a')].map(a => a.getAttribute('href'))")
                            .get(0)
                            .asText())
                    .isEqualTo("../run%207/report.html");
            browser.width(400);
            assertThat(browser.value("document.documentElement.scrollWidth").asInt())
                    .isLessThanOrEqualTo(400);
            browser.anyWidth();

            browser.open(written(capacity, true));

            assertThat(assertFigures(browser, json)).isEqualTo(5);
            assertThat(drawn(browser)).hasSize(1);
            assertThat(browser.value("document.querySelectorAll('a').length").asInt())
                    .isZero();
            String printed = new String(Base64.getDecoder().decode(browser.print()), StandardCharsets.ISO_8859_1);
            assertThat(PAGE.matcher(printed).results().count()).isEqualTo(1);
            assertThat(browser.console()).isEmpty();

            Study one = new Study(new Clients(Map.of("phones", 1), 10, 0.05), 24, 7);
            browser.open(written(MadeUp.capacity(one, (value, seed) -> Trial.refused(value, seed, "memory")), false));
            assertThat(browser.text("#plots")).contains("No trial was run.");
            browser.open(written(
                    MadeUp.capacity(one, (value, seed) -> MadeUp.trial(value, seed, MadeUp.results(null, "fail", ""))),
                    false));
            assertThat(browser.text("#plots")).contains("never");
            assertThat(browser.console()).isEmpty();
        }
    }
}
