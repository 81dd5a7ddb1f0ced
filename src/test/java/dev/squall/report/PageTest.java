package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.stats.Runs;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** report.html in headless Chromium, held against the results.json that it was made of. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PageTest {

    private static final String EXPERIMENT = """
            # <script>window.struck = 1</script>
            name: report
            duration: DURATION
            target: {mock: {nodes: 1}}
            load:
              strict:
                clients: 60
                arrive: {over: 5s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: retry
                reconnect: guide
              phones: {clients: 240, arrive: {over: 5s}, reconnect: {delay: 1s, attempts: ATTEMPTS}}
            faults:
              - {withhold: permessage-deflate, probability: 20%, from: 0s, to: 9s}
              - restart: {at: 12s, code: 1012, drain: 2s, downtime: 3s, deadline: 15s, every: 24s}
            expect:
              - restart.recovered.rate >= 99%
              - restart.outage.p99 <= 15s
              - strict: extension.1010.rate <= 40%
            """;

    /** What a client, a server or a file may be called. */
    private static final String HOSTILE = "</script><img src=x onerror='window.struck = 2'><b>bold</b> {{run}}";

    /** Texts that are words of the format. */
    private static final Set<String> WORDS = Set.of(
            "schema", "startedAt", "verdict", "unit", "found", "mode", "direction", "fault", "balance", "extension");

    private static final Pattern SHOWN = Pattern.compile("≈? ?(-?[0-9,.]+) ?(µs|us|ms|s|%|/s)?");
    private static final Map<String, Double> UNITS = Map.of("%", 0.01, "ms", 1e-3, "µs", 1e-6, "us", 1e-6);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private static Path directory;

    private static Browser browser;
    private static Run passing;
    private static Run failing;

    private record Run(Assessment assessment, ObjectNode results, Path page) {}

    @BeforeAll
    static void runs() throws IOException {
        browser = new Browser();
        passing = run("passing", "40s", 30);
        failing = run("failing", "60s", 2);
    }

    @AfterAll
    static void quit() {
        if (browser != null) {
            browser.close();
        }
    }

    private static Run run(String name, String duration, int attempts) throws IOException {
        Path path = Files.createDirectory(directory.resolve(name));
        String yaml = EXPERIMENT.replace("DURATION", duration).replace("ATTEMPTS", String.valueOf(attempts));
        Plan plan = Runs.plan(yaml, 42);
        Runs.write(plan, path);
        RunDirectory files = new RunDirectory(path);
        Files.writeString(files.experiment(), yaml);
        new RunInfo(
                        RunInfo.SCHEMA,
                        plan.experiment(),
                        "2026-01-01T00:00:00Z",
                        42,
                        List.of("run", "my run.yaml", "--set", "load.phones.clients=240"),
                        "my run.yaml",
                        List.of("load.phones.clients=240"),
                        Map.of("squall", "0.1.0"),
                        Map.of("processors", "2"),
                        Map.of())
                .write(files.info());
        Assessment assessment = Assessment.of(files);
        ObjectNode results = (ObjectNode) JSON.readTree(assessment.results());
        // Virtual processes take no time.
        ObjectNode observed = results.withArray("/observed")
                .addObject()
                .put("name", "pool")
                .put("source", "json http://127.0.0.1/pool");
        observed.put("unit", "")
                .put("min", 3)
                .put("mean", 5)
                .put("p99", 9)
                .put("max", 9)
                .put("last", 4)
                .put("gaps", 1);
        observed.putArray("series").add(3).addNull().add(9).add(4);
        results.withObject("/processes/0/cpuShare")
                .put("p50", 0.4)
                .put("p99", 1.2)
                .put("max", 1.7);
        results.withObject("/processes/0/stallMillis").put("p99", 3.5).put("max", 1234);
        return page(assessment, results, path.resolve(RunDirectory.PAGE));
    }

    private static Run page(Assessment assessment, ObjectNode results, Path page) throws IOException {
        Files.writeString(page, Page.of(assessment, JsonFile.text(results)));
        return new Run(assessment, results, page);
    }

    @Test
    void itAnswersFirstWhetherTheReleaseSurvivesARestart() {
        assertThat(passing.assessment().verdict()).isEqualTo(Verdict.PASS);
        browser.open(passing.page());

        assertThat(browser.text("#verdict")).contains("PASS", "Yes: the release survives a restart.");
        assertThat(browser.value("document.title").asText()).isEqualTo("pass: report – Squall");

        assertThat(failing.assessment().verdict()).isEqualTo(Verdict.FAIL);
        browser.open(failing.page());

        assertThat(browser.text("#verdict"))
                .contains("FAIL", "No: the release does not survive a restart as expected.");
        JsonNode worst = failing.results().get("findings").get(0);
        assertThat(worst.get("verdict").asText()).isEqualTo("fail");
        assertThat(browser.text("#expectations tbody tr"))
                .contains(
                        "✗ fail",
                        worst.get("expect").asText(),
                        worst.get("note").asText());
        assertThat(browser.text("#again"))
                .contains("squall run 'my run.yaml' --set load.phones.clients=240 --seed 42\n")
                .contains("<script>window.struck = 1</script>");
        assertThat(browser.value("window.struck === undefined").asBoolean()).isTrue();
    }

    @Test
    void everyFigureOnItIsThatOfResults() {
        for (Run run : List.of(passing, failing)) {
            browser.open(run.page());
            if (run == failing) {
                choose("#recovery select", 1);
                choose("#storm select", 1);
            }
            JsonNode figures = browser.value("""
                    [...document.querySelectorAll('[data-path]')].map(each =>
                      [each.dataset.path, each.dataset.value, each.innerText])""");

            assertThat(figures.size()).isGreaterThan(200);
            figures.forEach(each -> {
                String path = each.get(0).asText();
                JsonNode expected = run.results().at("/" + path.replace('.', '/'));
                assertThat(raw(each.get(1).asText())).as(path).isEqualTo(raw(expected.toString()));
                assertShown(path, each.get(2).asText(), expected);
            });
        }
    }

    /** A number is the same in Java and in a script; null: none. */
    private static @Nullable Double raw(String json) {
        return json.isEmpty() || json.equals("null") ? null : Double.valueOf(json);
    }

    /** The text has the value, but for rounding. */
    private static void assertShown(String path, String text, JsonNode value) {
        Matcher shown = SHOWN.matcher(text);
        if (!value.isNumber()) {
            assertThat(text).as(path).isIn("–", "never", "nothing", "not known", "unknown");
            return;
        }
        assertThat(shown.matches()).as(path + ": " + text).isTrue();
        double factor = UNITS.getOrDefault(String.valueOf(shown.group(2)), 1.0);
        double raw = path.contains("Millis") ? value.asDouble() / 1000 : value.asDouble();
        assertThat(Double.parseDouble(shown.group(1).replace(",", "")) * factor)
                .as(path + ": " + text)
                .isCloseTo(raw, within(Math.max(1e-6, Math.abs(raw) * 0.06)));
    }

    @Test
    void everyPlotHasThePointsOfResults() {
        browser.open(failing.page());
        ObjectNode results = failing.results();
        JsonNode series = results.get("series");

        assertThat(points("open", 1)).isEqualTo(series.get("open"));
        assertThat(points("open", 2)).isEqualTo(series.get("ready"));
        assertThat(points("attempts", 1)).isEqualTo(series.get("attempts"));
        assertThat(points("attempts", 2)).isEqualTo(series.get("opened"));
        assertThat(points("attempts", 3)).isEqualTo(series.get("failed"));
        List<JsonNode> closes = new ArrayList<>();
        series.get("closedByCode").forEach(closes::add);
        assertThat(closes).hasSizeGreaterThan(1);
        for (int i = 0; i < closes.size(); i++) {
            assertThat(points("closes", i + 1)).isEqualTo(closes.get(i));
        }
        assertThat(points("observed-0", 1)).isEqualTo(results.at("/observed/0/series"));
        // Both restarts at once: the sum of their seconds.
        JsonNode storms = results.get("restarts");
        long attempts = 0;
        for (JsonNode restart : storms) {
            for (JsonNode count : restart.at("/storm/attempts")) {
                attempts += count.asLong();
            }
        }
        assertThat(sum(points("storm", 1))).isEqualTo(attempts);

        // One restart alone: its own curves, of all and of each population.
        choose("#recovery select", 1);
        for (String measure : List.of("outage", "timeToRecover", "detection", "timeToFirstAttempt")) {
            String key = measure + "Seconds";
            assertThat(points(key + ".cumulative", 0)).isEqualTo(results.get("quantiles"));
            assertThat(points(key + ".cumulative", 1)).isEqualTo(results.at("/restarts/0/" + key + "/curve"));
            assertThat(points(key + ".cumulative", 2))
                    .isEqualTo(results.at("/populations/0/restarts/0/" + key + "/curve"));
            assertThat(points(key + ".cumulative", 3))
                    .isEqualTo(results.at("/populations/1/restarts/0/" + key + "/curve"));
            assertThat(points(key + ".percentiles", 1).size())
                    .isEqualTo(results.get("quantiles").size() - 1);
        }
        // Who gave up never came back: the curve ends, and says so.
        long never = results.at("/restarts/0/outageSeconds/never").asLong();
        assertThat(never).isPositive();
        assertThat(browser.text("#recovery")).contains(never + " clients never came back: the curve ends at ");
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void aCurveOfSeveralRestartsIsThatOfTheirClientsTogether() {
        browser.open(failing.page());

        JsonNode two = browser.value("together([{count: 10, never: 0, curve: results.quantiles.map(p => 10 * p)},"
                + " {count: 30, never: 6, curve: results.quantiles.map(p => p > 0.8 ? null : 20 * p)}])");

        assertThat(two.get("count").asLong()).isEqualTo(40);
        assertThat(two.get("never").asLong()).isEqualTo(6);
        // After 5 s half of the ten and a quarter of the thirty are back: 12.5 of 40.
        int quantile =
                browser.value("results.quantiles.findIndex(p => p === 0.3)").asInt();
        assertThat(two.get("curve").get(quantile).asDouble()).isCloseTo(4.8, within(0.01));
        // 6 of 40 never came: beyond 85% there is nothing.
        int last = browser.value("results.quantiles.findIndex(p => p === 0.85)").asInt();
        assertThat(two.get("curve").get(last).isNumber()).isTrue();
        assertThat(two.get("curve").get(last + 1).isNull()).isTrue();
    }

    @Test
    void zoomIsOneForAllPlotsOfTheTimeline() {
        browser.open(passing.page());

        press("+");
        JsonNode zoomed = shown();
        press("0");
        JsonNode all = shown();

        assertThat(zoomed.toString()).isEqualTo("[[10,30],[10,30],[10,30],[10,30]]");
        assertThat(all.toString()).isEqualTo("[[0,40],[0,40],[0,40],[0,40]]");
    }

    private static void press(String key) {
        browser.value(
                "document.querySelector('#timeline .plot')"
                        + ".dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], cancelable: true}))",
                key);
    }

    /** From where to where each plot of the timeline shows the run. */
    private static JsonNode shown() {
        return browser.value("['open', 'attempts', 'closes', 'machine'].map(name =>"
                + " [squallPlots[name].scales.x.min, squallPlots[name].scales.x.max])");
    }

    @Test
    void aTimelineGrowsWhileARunGoesOn() {
        browser.open(passing.page());

        JsonNode grown = browser.value("""
                (() => {
                  const place = document.createElement('div');
                  document.querySelector('main').append(place);
                  const series = {open: [], ready: [], attempts: [], opened: [], failed: [], closedByCode: {}, stallMillis: [], busy: []};
                  const timeline = Timeline.mount(place, {series, durationSeconds: 10});
                  const seconds = [{open: 5, attempts: 6}, null, {open: 7, attempts: 8, closedByCode: {1012: 3}}, {open: 9, closedByCode: {1006: 1}}];
                  seconds.forEach((values, second) => values && timeline.push(second, values));
                  const data = name => timeline.plots.find(plot => plot.name.endsWith(name)).chart.data;
                  return {open: data('open').slice(0, 2), closes: data('closes'), plots: place.querySelectorAll('figure').length};
                })()""");

        assertThat(grown.get("open").toString()).isEqualTo("[[1,2,3,4],[5,null,7,9]]");
        assertThat(grown.get("closes").toString()).isEqualTo("[[0,1,2,3],[0,0,0,1],[0,0,3,0]]");
        assertThat(grown.get("plots").asInt()).isEqualTo(4);
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void whatOthersWroteIsTextAndNotMarkup() throws IOException {
        ObjectNode results = failing.results().deepCopy();
        hostile(results);
        results.withArray("/injector/reasons").add(HOSTILE);
        results.withArray("/ledger/firstUnmatched").add(HOSTILE);
        results.withObject("/attempts/failed").put(HOSTILE, 3);
        Run struck = page(failing.assessment(), results, directory.resolve("hostile.html"));

        browser.open(struck.page());

        assertThat(browser.value("window.struck === undefined").asBoolean()).isTrue();
        assertThat(browser.value("document.querySelectorAll('img, main b').length")
                        .asInt())
                .isZero();
        for (String section :
                List.of("h1", "#expectations", "#timeline", "#mandatory", "#closes", "#ledger", "#trust", "#clients")) {
            assertThat(browser.text(section)).as(section).contains(HOSTILE);
        }
    }

    /** Adds markup to every text that is not a word of the format. */
    private static void hostile(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(each -> {
                if (each.getValue().isTextual() && !WORDS.contains(each.getKey())) {
                    each.setValue(TextNode.valueOf(each.getValue().asText() + HOSTILE));
                }
            });
        }
        node.forEach(PageTest::hostile);
    }

    @Test
    void itReadsWellInLightAndDarkOnAPhoneAndOnPaper() {
        browser.open(failing.page());
        try {
            for (String scheme : List.of("light", "dark")) {
                browser.media("screen", scheme);
                assertThat(browser.contrast("body", "body")).as(scheme).isGreaterThan(7);
                assertThat(browser.contrast("#verdict .word", "#verdict"))
                        .as(scheme)
                        .isGreaterThan(4.5);
                assertThat(browser.contrast("thead th", "section:not(#verdict)"))
                        .as(scheme)
                        .isGreaterThan(4.5);
            }
            browser.media("print", "dark");
            assertThat(browser.contrast("thead th", "body")).isGreaterThan(4.5);
            assertThat(browser.value("getComputedStyle(document.body).backgroundColor")
                            .asText())
                    .isEqualTo("rgb(255, 255, 255)");
            assertThat(browser.value("getComputedStyle(document.querySelector('nav')).display")
                            .asText())
                    .isEqualTo("none");
        } finally {
            browser.media("", "light");
        }
        assertThat(new String(Base64.getDecoder().decode(browser.print()), StandardCharsets.ISO_8859_1))
                .startsWith("%PDF")
                .hasSizeGreaterThan(50_000);
        browser.width(400);
        try {
            browser.open(failing.page());
            assertThat(browser.value("document.documentElement.scrollWidth").asInt())
                    .isLessThanOrEqualTo(400);
        } finally {
            browser.anyWidth();
        }
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void anHourOfAMillionClientsOpensAtOnce() throws IOException {
        ObjectNode results = failing.results().deepCopy();
        hour(results.withObject("/series"));
        results.get("populations").forEach(each -> hour(((ObjectNode) each).withObject("/series")));
        results.put("durationSeconds", 3600);
        manyNodes(results.withArray("restarts"));
        results.get("populations").forEach(each -> manyNodes(((ObjectNode) each).withArray("restarts")));
        Run large = page(failing.assessment(), results, directory.resolve("large.html"));

        assertThat(Files.size(large.page())).isLessThan(3_000_000);
        browser.open(large.page());
        double millis = browser.value("performance.getEntriesByType('navigation')[0].loadEventEnd")
                .asDouble();

        assertThat(points("open", 1).size()).isEqualTo(3600);
        assertThat(millis).isBetween(1.0, 2000.0);
    }

    private static void hour(ObjectNode series) {
        series.properties().forEach(each -> {
            if (each.getValue() instanceof ArrayNode values) {
                stretch(values);
            }
        });
        series.get("closedByCode").forEach(values -> stretch((ArrayNode) values));
    }

    private static void stretch(ArrayNode values) {
        for (int second = values.size(); second < 3600; second++) {
            values.add(1_000_000 - second % 100);
        }
    }

    /** As many as 1,000,000 clients take. */
    private static void manyNodes(ArrayNode restarts) {
        for (int node = restarts.size(); node < 51; node++) {
            restarts.add(((ObjectNode) restarts.get(0).deepCopy()).put("node", node));
        }
    }

    private static JsonNode points(String plot, int series) {
        return browser.value("squallPlots[arguments[0]].data[arguments[1]]", plot, series);
    }

    private static void choose(String selector, int option) {
        browser.value(
                "(select => { select.value = arguments[1]; select.dispatchEvent(new Event('change')); })"
                        + "(document.querySelector(arguments[0])) ?? null",
                selector,
                String.valueOf(option));
    }

    private static long sum(JsonNode counts) {
        long sum = 0;
        for (JsonNode count : counts) {
            sum += count.asLong();
        }
        return sum;
    }
}
