package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.squall.plan.Expansion;
import dev.squall.plan.Observation;
import dev.squall.plan.Observation.Kind;
import dev.squall.plan.Plan;
import dev.squall.plan.Request;
import dev.squall.plan.SteadyWindow;
import dev.squall.verdict.Expectation;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObserveReaderTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("TOKEN", "hunter2", "BAD", "hunter2\n");

    private static Experiment read(String more) throws ExperimentException {
        return new ExperimentReader(20_000, ENVIRONMENT::get)
                .read(
                        "duration: 60s\nload: {all: {clients: 10, arrive: {over: 2s}, message: {every: 1s}}}\n" + more,
                        "test.yaml",
                        List.of());
    }

    private static String problem(String more) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(more));
        assertThat(thrown).as(more).isNotNull();
        return thrown.getMessage();
    }

    @Test
    void eachKindIsPlannedAsItIsSpelledAndSecretsStayOut(@TempDir Path folder) throws Exception {
        Experiment experiment = read("""
                observe:
                  db: {prometheus: "http://127.0.0.1:9100/metrics?t=${env:TOKEN}", metric: pg_count, labels: {state: active}}
                  rate: {prometheus-query: http://prom:9090/, query: "sum(rate(x[5s]))", unit: /s, every: 5s}
                  pool: {json: http://127.0.0.1:8080/stats, field: /pool/active, headers: {Authorization: "Bearer ${env:TOKEN}"}}
                  health: {status: https://127.0.0.1/healthz}
                """);

        Plan plan = experiment.plan(1, experiment.target());
        assertThat(plan.observations())
                .containsExactly(
                        new Observation(
                                "db",
                                Kind.PROMETHEUS,
                                "http://127.0.0.1:9100/metrics?t=${env:TOKEN}",
                                "pg_count",
                                List.of(new Request.Pair("state", "active")),
                                1_000_000,
                                List.of(),
                                ""),
                        new Observation(
                                "rate",
                                Kind.PROMETHEUS_QUERY,
                                "http://prom:9090/",
                                "sum(rate(x[5s]))",
                                List.of(),
                                5_000_000,
                                List.of(),
                                "/s"),
                        new Observation(
                                "pool",
                                Kind.JSON,
                                "http://127.0.0.1:8080/stats",
                                "/pool/active",
                                List.of(),
                                1_000_000,
                                List.of(new Request.Pair("Authorization", "Bearer ${env:TOKEN}")),
                                ""),
                        new Observation(
                                "health",
                                Kind.STATUS,
                                "https://127.0.0.1/healthz",
                                "",
                                List.of(),
                                1_000_000,
                                List.of(),
                                ""));
        Path file = folder.resolve("plan.json");
        plan.write(file);
        assertThat(Plan.read(file)).isEqualTo(plan);
        assertThat(plan.toJson() + experiment).doesNotContain("hunter2");
        assertThat(plan.observations().get(0).described())
                .isEqualTo("prometheus http://127.0.0.1:9100/metrics?t=${env:TOKEN} pg_count{state=\"active\"}");
        assertThat(plan.observations().get(1).uri(new Expansion(ENVIRONMENT::get)))
                .isEqualTo(URI.create("http://prom:9090/api/v1/query?query=sum%28rate%28x%5B5s%5D%29%29"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|3:15: observe.db: nothing to ask (expected: one of prometheus | prometheus-query | json | status, with",
                "{status: http://a/, json: http://a/, field: /b}|3:15: observe.db: 2 of them (expected: one of prometheus",
                "http://a/|observe.db: http://a/ (expected: a map with prometheus, prometheus-query, json, status, metric,",
                "{status: http://a/, metrics: b}|3:35: observe.db: unknown key metrics (expected: prometheus,",
                "{prometheus: http://a/}|3:15: observe.db: metric is missing (expected: a metric's name, as pg_stat",
                "{prometheus: http://a/, metric: a-b}|observe.db.metric: a-b (expected: a metric's name",
                "{prometheus: http://a/, metric: b, labels: [c]}|observe.db.labels: a list (expected: a map of labels",
                "{prometheus: http://a/, metric: b, labels: {c-d: e}}|observe.db.labels.c-d: c-d (expected: a label's name",
                "{prometheus: http://a/, metric: b, field: /c}|observe.db.field: stands beside prometheus (expected: json)",
                "{status: http://a/, query: c}|observe.db.query: stands beside status (expected: prometheus-query)",
                "{prometheus-query: http://a/}|observe.db: query is missing (expected: a query with one value, as sum",
                "{prometheus-query: 'http://a/?b', query: c}|observe.db.prometheus-query: a URL with a query (expected",
                "{json: http://a/}|observe.db: field is missing (expected: a JSON Pointer to a number, as /pool/active)",
                "{json: http://a/, field: pool.active}|observe.db.field: pool.active (expected: a JSON Pointer",
                "{status: ftp://a/}|observe.db.status: a URL that is not http://HOST or https://HOST, or has a user or a",
                "{status: 'http://me:hunter2@a/'}|observe.db.status: a URL that is not http://HOST or https://HOST",
                "{status: 'http://a b/'}|observe.db.status: not a URL (expected: a URL, as http://127.0.0.1:9100/metrics)",
                "{status: 'http://${env:NONE}/'}|${env:NONE} (expected: a variable that is set)",
                "{status: http://a/, every: 500ms}|observe.db.every: not between 1s and the duration (expected: from one",
                "{status: http://a/, every: 2m}|observe.db.every: not between 1s and the duration",
                "{status: http://a/, every: soon}|observe.db.every: soon (expected: a duration",
                "{status: http://a/, headers: {Host: b}}|Host (expected: a header that the handshake does not set itself)",
                "{status: http://a/, headers: {B: 'c', b: 'd'}}|observe.db.headers.b: stands twice",
                "{status: http://a/, headers: {B: '${env:BAD}'}}|${env:BAD} (expected: a value for B, of printable ASCII)",
                "{status: http://a/, unit: ''}|observe.db.unit:  (expected: a unit in at most 32 characters, as connections)"
            })
    void whatCannotBeIsAMistakeAtItsPlace(String observation, String message) {
        assertThat(problem("observe: {db: " + observation + "}\n"))
                .startsWith("test.yaml:3:")
                .contains(message)
                .doesNotContain("hunter2\n");
    }

    @Test
    void namesAreThoseOfMetricsAndThereAreNotTooMany() {
        assertThat(problem("observe: {db.pool: {status: http://a/}}\n"))
                .contains("observe.db.pool: db.pool (expected: a name of letters, digits, - and _, at most 64)");
        String many = IntStream.range(0, 17)
                .mapToObj(i -> "n" + i + ": {status: http://a/}")
                .collect(Collectors.joining(", "));
        assertThat(problem("observe: {" + many + "}\n")).contains("observe: 17 observations (expected: at most 16)");
        assertThat(problem("observe: [db]\n"))
                .contains("observe: a list (expected: a map of names, as {db-connections:");
    }

    // ---- what is expected of it, and of the steady state

    private static String expecting(String expectation, String at) {
        return "observe: {db: {json: http://localhost/, field: /a}, up: {status: http://localhost/}}\nfaults: [{restart: "
                + at + "}]\nexpect:\n  - " + expectation + "\n";
    }

    @Test
    void anExpectationMayBeOfTheSteadyStateAndThenTheSteadyStateIsMeasured() throws ExperimentException {
        Experiment experiment = read(expecting("steady: observed.db.max <= 400", "20s")
                + "  - steady: {all: echo.rtt.p99 <= 50ms}\n  - 'steady: clients.open.rate >= 99%'\n"
                + "  - observed.db.max <= 400\n");

        assertThat(experiment.expectations())
                .extracting(Expectation::text, Expectation::steady, Expectation::population)
                .containsExactly(
                        tuple("steady: observed.db.max <= 400", true, ""),
                        tuple("steady: all: echo.rtt.p99 <= 50ms", true, "all"),
                        tuple("steady: clients.open.rate >= 99%", true, ""),
                        tuple("observed.db.max <= 400", false, ""));
        assertThat(experiment.plan(1, experiment.target()).steady()).isEqualTo(new SteadyWindow(3_000_000, 18_500_000));
    }

    @Test
    void withoutOneNothingWaitsForTheSteadyState() throws ExperimentException {
        Experiment experiment = read(expecting("observed.up.up.rate >= 99%", "20s"));

        assertThat(experiment.plan(1, experiment.target()).steady()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "observed.bd.max <= 400|20s|6:5: expect.0: observed.bd.max cannot be measured: observe has no bd, but db, up",
                "observed.db.p95 <= 400|20s|metric observed.db.p95 (expected: observed.NAME.min|mean|p50|p99|max|last|gaps,",
                "observed.db.up.rate >= 1|20s|observed.db.up.rate cannot be measured: db is no status",
                "all: observed.db.max <= 4|20s|observed.db.max cannot be measured: what is observed is of no population",
                "steady: restart.outage.p99 <= 1s|20s|restart.outage.p99 is not known before the first fault (expected: one",
                "steady: {all: clients.open.rate == 1}|20s|clients.open.rate is known of all clients only before the first",
                "steady: ping.rtt.p99 <= 1s|20s|ping.rtt.p99 cannot be measured: no client of it sends pings",
                "steady: observed.db.max <= 4|6s|the last client comes at 2 s and the first fault at 6 s (expected: at least",
                "steady: {all: {all: a}}|20s|metric all: (expected: ",
                "steady: {all: a, b: c}|20s|2 entries (expected: one"
            })
    void whatCannotBeKnownCannotBeExpected(String expectation, String at, String message) {
        assertThat(problem(expecting(expectation, at))).contains(message);
    }

    @Test
    void theSteadyStateNeedsAFaultThatItComesBefore() {
        assertThat(problem("expect: [steady: clients.open.rate == 100%]\n"))
                .contains("there is no fault (expected: one to come after it)");
        assertThat(problem(expecting("steady: clients.open.rate == 100%", "20s")
                        .replace("faults: [", "faults: [{latency: 1ms}, ")))
                .contains(
                        "the first fault at 0 s (expected: at least 4.5 s between them, 1 s to settle, 2 s to measure and"
                                + " 1.5 s to judge)");
    }

    @Test
    void aPopulationOfThatNameLeavesOpenWhatIsMeant() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class,
                () -> new ExperimentReader(20_000, name -> null)
                        .read(
                                "duration: 60s\nload: {steady: {clients: 10}}\nfaults: [{restart: 20s}]\n"
                                        + "expect: [steady: handshake.time.p99 <= 1s]\n",
                                "test.yaml",
                                List.of()));

        assertThat(thrown)
                .hasMessageContaining("steady marks what must hold before the first fault, and is a population");
    }
}
