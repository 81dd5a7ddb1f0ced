package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Ping;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Runs;
import dev.squall.stats.Statistics;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {

    private static final String PLAIN = "duration: 60s\nload: {phones: {clients: 10}}\n";
    private static final String FULL = """
            duration: 60s
            load:
              plain: {clients: 10, reconnect: guide}
              quitting: {clients: 10, reconnect: none}
              chatty: {clients: 10, message: {every: 5s}}
              steady: {clients: 10, hold: 5s}
              pinging: {clients: 10}
              mixed: {clients: 10, message: {every: 5s}}
              offering: {clients: 10, offer: [permessage-deflate]}
              strict: {clients: 10, offer: [permessage-deflate], require: [permessage-deflate]}
            faults: [{restart: 10s}]
            """;

    /** The metrics of DESIGN section 3.1, without their quantile. */
    @ParameterizedTest
    @CsvSource({
        "restart.outage, DURATION",
        "restart.time-to-recover, DURATION",
        "restart.detection, DURATION",
        "restart.time-to-first-attempt, DURATION",
        "restart.attempts-per-recovery, NUMBER",
        "handshake.time, DURATION",
        "echo.rtt, DURATION",
        "ping.rtt, DURATION",
        "injector.stall, DURATION"
    })
    void everyMetricWithQuantilesIsFoundWithEachOfThem(String family, Quantity unit) {
        for (String quantile : List.of("p50", "p90", "p95", "p99", "p999", "max", "mean")) {
            assertThat(Metrics.find(family + "." + quantile))
                    .as("%s.%s", family, quantile)
                    .hasValueSatisfying(metric -> {
                        assertThat(metric.name()).isEqualTo(family + "." + quantile);
                        assertThat(metric.unit()).isEqualTo(unit);
                    });
        }
        assertThat(Metrics.find(family)).isEmpty();
        assertThat(Metrics.find(family + ".p98")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "restart.recovered.rate, SHARE",
        "restart.ready.rate, SHARE",
        "restart.relapsed.count, NUMBER",
        "restart.fleet-recovery.p90, DURATION",
        "restart.fleet-recovery.p99, DURATION",
        "restart.fleet-recovery.p100, DURATION",
        "restart.peak-attempts, RATE",
        "restart.amplification, NUMBER",
        "extension.1010.rate, SHARE",
        "extension.missing.rate, SHARE",
        "extension.mismatched.rate, SHARE",
        "availability.rate, SHARE",
        "closes.1000.count, NUMBER",
        "closes.1006.count, NUMBER",
        "closes.1012.count, NUMBER",
        "closes.4999.count, NUMBER",
        "clients.gave-up.count, NUMBER",
        "clients.lost.count, NUMBER",
        "ledger.unmatched, NUMBER"
    })
    void everyOtherMetricOfTheDesignIsFound(String name, Quantity unit) {
        assertThat(Metrics.find(name)).hasValueSatisfying(metric -> {
            assertThat(metric.name()).isEqualTo(name);
            assertThat(metric.unit()).isEqualTo(unit);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "restart", "restart.outage.P99", "closes.count", "closes.CODE.count", "closes.12.count"})
    void anotherNameIsNone(String name) {
        assertThat(Metrics.find(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"closes.0000.count", "closes.0999.count", "closes.5000.count", "closes.9999.count"})
    void aCodeThatNoConnectionCanEndWithIsNoMetric(String name) {
        assertThat(Metrics.find(name)).isEmpty();
    }

    @Test
    void everyMetricIsFoundByItsNameAndSaysWhatItIs() {
        assertThat(Metrics.all()).extracting(Metric::name).doesNotHaveDuplicates();
        assertThat(Metrics.all()).allSatisfy(metric -> {
            assertThat(Metrics.find(metric.name()))
                    .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo(metric.name()));
            assertThat(metric.text()).isNotBlank();
            assertThat(metric.family()).isNotBlank();
        });
    }

    @Test
    void aFamilyIsListedOnce() {
        assertThat(Metrics.families())
                .doesNotHaveDuplicates()
                .contains("restart.outage.pNN|max|mean", "closes.CODE.count", "restart.fleet-recovery.p90|p99|p100");
    }

    @Test
    void whatARunDoesNotDoItCannotMeasure() {
        Plan plain = Runs.plan(PLAIN, 1);

        assertThat(unmeasurable(plain, "restart.outage.p99", ""))
                .isEqualTo("the experiment has no restart after which the server comes back");
        assertThat(unmeasurable(plain, "restart.peak-attempts", "")).isNotEmpty();
        assertThat(unmeasurable(plain, "echo.rtt.p99", "")).isEqualTo("no client of it sends messages");
        assertThat(unmeasurable(plain, "extension.1010.rate", "")).isEqualTo("no client of it requires an extension");
        assertThat(unmeasurable(plain, "ping.rtt.p99", "")).isEqualTo("no client of it sends pings");
        assertThat(unmeasurable(plain, "restart.ready.rate", "")).isNotEmpty();
        assertThat(unmeasurable(plain, "handshake.time.p99", "")).isEmpty();
        assertThat(unmeasurable(plain, "availability.rate", "")).isEmpty();
        assertThat(unmeasurable(plain, "closes.1012.count", "")).isEmpty();
    }

    @Test
    void ofAServerThatIsDownForGoodTheStormIsMeasuredButNoRecovery() {
        String forGood = PLAIN + "faults: [{restart: {at: 10s, downtime: forever}}]\n";
        Plan plan = Runs.plan(forGood, 1);

        assertThat(List.of(
                        "restart.recovered.rate",
                        "restart.outage.p99",
                        "restart.time-to-recover.p50",
                        "restart.fleet-recovery.p90",
                        "restart.attempts-per-recovery.max"))
                .allMatch(metric -> !unmeasurable(plan, metric, "").isEmpty());
        assertThat(List.of(
                        "restart.peak-attempts",
                        "restart.amplification",
                        "restart.detection.p99",
                        "restart.time-to-first-attempt.p99"))
                .allMatch(metric -> unmeasurable(plan, metric, "").isEmpty());
    }

    @Test
    void recoveryIsReadOfTheRestartsAfterWhichTheServerComesBack() {
        Statistics statistics = Runs.of(Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 2}}
                load: {phones: {clients: 100, reconnect: guide}}
                faults:
                  - restart: {at: 5s, downtime: forever, nodes: [0]}
                  - restart: {at: 10s, nodes: [1]}
                """, 1));

        assertThat(read(statistics, "restart.recovered.rate")).singleElement().satisfies(reading -> {
            assertThat(reading.value()).isEqualTo(1);
            assertThat(reading.where()).isEqualTo("restart 1 of node 1");
        });
        assertThat(read(statistics, "restart.outage.p99"))
                .singleElement()
                .satisfies(reading -> assertThat(reading.value()).isFinite());
        assertThat(read(statistics, "restart.peak-attempts")).hasSize(2);
    }

    private static List<Reading> read(Statistics statistics, String metric) {
        return Metrics.find(metric).orElseThrow().reader().read(statistics, "");
    }

    @ParameterizedTest
    @CsvSource({
        "restart.outage.p99, plain, true",
        "restart.ready.rate, plain, true",
        "restart.relapsed.count, '', true",
        "restart.relapsed.count, steady, true",
        "restart.relapsed.count, plain, false",
        "ping.rtt.p99, '', true",
        "ping.rtt.p99, pinging, true",
        "ping.rtt.p99, plain, false",
        "handshake.time.p99, mixed/none, true",
        "restart.recovered.rate, mixed/guide, true",
        "echo.rtt.p99, mixed, true",
        "echo.rtt.p99, mixed/none, false",
        "ping.rtt.p99, mixed/none, false",
        "echo.rtt.p99, '', true",
        "echo.rtt.p99, chatty, true",
        "echo.rtt.p99, plain, false",
        "extension.unmatched, offering, true",
        "extension.unmatched, plain, false",
        "extension.1010.rate, '', true",
        "extension.1010.rate, strict, true",
        "extension.1010.rate, offering, false"
    })
    void whatOnePopulationDoesIsMeasuredOfItAndOfAll(String metric, String population, boolean measured) {
        assertThat(unmeasurable(full(), metric, population).isEmpty()).isEqualTo(measured);
    }

    /** The full plan, with a population that pings and one of several policies. */
    private static Plan full() {
        Plan plan = Runs.plan(FULL, 1);
        for (String population : List.of("pinging", "mixed")) {
            plan = Runs.with(plan, population, p -> Runs.with(p, null, new Ping(20_000_000, 0), p.reconnect()));
        }
        return Runs.mixed(plan, "mixed", "quitting", "plain");
    }

    @Test
    void whatIsOfClientsUnderTestNeedsServeAndWhatIsOfOursNeedsRun() {
        Plan full = Runs.plan(FULL, 1);

        assertThat(Metrics.all()).allSatisfy(metric -> {
            boolean ofClients = metric.name().startsWith("client.");
            assertThat(metric.unmeasurableServing(true, true).orElse(""))
                    .isEqualTo(ofClients ? "" : "it needs clients of ours: squall run");
            if (ofClients) {
                assertThat(metric.unmeasurable(full, ""))
                        .contains("it is measured of clients that are not ours: squall serve --expect");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "client.reconnect.delay.p99, false, true, clients are not told apart: --identify",
        "client.close-echo.rate, true, false, ''",
        "client.pong.rate, true, false, clients are not pinged: --ping",
        "client.pong.rtt.p50, true, true, ''",
        "client.delay.iana-1012.rate, true, false, ''"
    })
    void whatAServeDoesNotAskForItCannotMeasure(String metric, boolean identified, boolean pinged, String reason) {
        assertThat(Metrics.find(metric)
                        .orElseThrow()
                        .unmeasurableServing(identified, pinged)
                        .orElse(""))
                .isEqualTo(reason);
    }

    private static String unmeasurable(Plan plan, String metric, String population) {
        return Metrics.find(metric).orElseThrow().unmeasurable(plan, population).orElse("");
    }
}
