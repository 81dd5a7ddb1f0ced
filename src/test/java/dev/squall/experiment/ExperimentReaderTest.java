package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.squall.fault.FaultWindow;
import dev.squall.fault.Withhold;
import dev.squall.plan.Balance;
import dev.squall.plan.Draw;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Reply;
import dev.squall.plan.WhenFull;
import dev.squall.plan.WhileDown;
import dev.squall.profile.Profiles;
import dev.squall.protocol.On1010;
import dev.squall.protocol.WebSocketUri;
import dev.squall.reconnect.CodeRange;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.reconnect.Span;
import dev.squall.reconnect.Steps;
import dev.squall.verdict.Expectation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ExperimentReaderTest {

    private static final long SECOND = 1_000_000;
    private static final long DESCRIPTORS = 20_000;

    /** The example of DESIGN section 3.1. */
    private static final String EXAMPLE = """
            name: restart-and-strict
            seed: 42                          # optional; chosen and printed otherwise
            duration: 60s
            target:
              mock:                           # or: url: wss://...   (later also container, process, proxy)
                nodes: auto                   # processes; auto = enough for the descriptor limit
                extensions: [permessage-deflate]
                capacity: {handshakes: 800/s, queue: 1000, when-full: 503}    # what stands behind the handshake; optional
            load:                             # a map: population name to its clients
              strict:
                clients: 2000
                arrive: {over: 10s}           # open model ramp; also {rate: 200/s}
                offer: [permessage-deflate]
                require: [permessage-deflate] # with parameters: "permessage-deflate; server_no_context_takeover"
                on-1010: stop                 # stop | retry | retry-without
                message: {every: 5s, size: 64B}
                reconnect: rfc6455
              phones:
                clients: 3000
                arrive: {over: 10s}
                reconnect: {delay: 1s..5s, growth: 1.5, cap: 30s, jitter: none, attempts: 20}
            faults:
              - {withhold: permessage-deflate, probability: 10%, from: 0s, to: 15s}
              - restart: {at: 20s, code: 1012, drain: 2s, downtime: 3s, while-down: refuse, deadline: 30s}
            expect:
              - restart.recovered.rate >= 99.9%
              - restart.outage.p99 <= 15s
              - strict: extension.1010.rate <= 12%
            """;

    /** What every experiment needs, in three lines. */
    private static final String LEAST = """
            duration: 60s
            load:
              phones: {clients: 10}
            """;

    private static final String RESTART = LEAST + "faults:\n  - restart: {at: 10s}\n";

    @TempDir
    Path directory;

    private static Experiment.Mock mock(Experiment experiment) {
        return (Experiment.Mock) experiment.target();
    }

    private static Experiment read(String yaml, String... overrides) throws ExperimentException {
        return read(yaml, Map.of(), overrides);
    }

    private static Experiment read(String yaml, Map<String, String> environment, String... overrides)
            throws ExperimentException {
        return new ExperimentReader(DESCRIPTORS, environment::get).read(yaml, "test.yaml", List.of(overrides));
    }

    private static List<Problem> problems(String yaml, String... overrides) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(yaml, overrides));
        assertThat(thrown).as("read without a problem: %s", yaml).isNotNull();
        return thrown.problems();
    }

    private static String onlyProblem(String yaml, String... overrides) {
        List<Problem> problems = problems(yaml, overrides);
        assertThat(problems).hasSize(1);
        return problems.get(0).toString();
    }

    private static Plan.Restart restart(String settings) throws ExperimentException {
        return read(LEAST + "faults:\n  - " + settings + "\n").restarts().get(0);
    }

    private static FaultWindow withhold(String settings) throws ExperimentException {
        return read(LEAST + "faults:\n  - " + settings + "\n").faults().get(0);
    }

    private static Population phones(String settings) throws ExperimentException {
        return read("duration: 60s\nload:\n  phones: {" + settings + "}\n")
                .populations()
                .get(0);
    }

    // ---- what is read ----

    @Test
    void theDesignsExampleIsReadInFull() throws ExperimentException {
        Experiment experiment = read(EXAMPLE);

        assertThat(experiment.name()).isEqualTo("restart-and-strict");
        assertThat(experiment.seed()).isEqualTo(OptionalLong.of(42));
        assertThat(experiment.durationMicros()).isEqualTo(60 * SECOND);
        assertThat(mock(experiment))
                .isEqualTo(new Experiment.Mock(
                        1, 0, List.of("permessage-deflate"), new Plan.Capacity(800, 0, 1000, 0, WhenFull.UNAVAILABLE)));
        assertThat(experiment.injectors()).isEqualTo(1);
        assertThat(experiment.populations())
                .containsExactly(
                        new Population(
                                0,
                                "strict",
                                2000,
                                10 * SECOND,
                                List.of("permessage-deflate"),
                                List.of("permessage-deflate"),
                                On1010.STOP,
                                new Message(5 * SECOND, 64),
                                Profiles.byDefault().policy()),
                        new Population(
                                1,
                                "phones",
                                3000,
                                10 * SECOND,
                                List.of(),
                                List.of(),
                                On1010.AS_POLICY,
                                null,
                                new ReconnectPolicy(
                                        "inline", SECOND, 5 * SECOND, 1.5, 30 * SECOND, Jitter.NONE, false, 20, 0)));
        assertThat(experiment.faults())
                .containsExactly(FaultWindow.during(0, new Withhold("permessage-deflate", false), 0.1, 0, 15 * SECOND));
        assertThat(experiment.restarts())
                .containsExactly(new Plan.Restart(
                        0,
                        20 * SECOND,
                        2 * SECOND,
                        null,
                        3 * SECOND,
                        30 * SECOND,
                        1012,
                        WhileDown.REFUSE,
                        0,
                        false,
                        false,
                        List.of(0)));
        assertThat(experiment.expectations())
                .extracting(e -> e.population() + "|" + e.metric().name() + "|" + e.op() + "|" + e.low())
                .containsExactly(
                        "|restart.recovered.rate|AT_LEAST|0.999",
                        "|restart.outage.p99|AT_MOST|1.5E7",
                        "strict|extension.1010.rate|AT_MOST|0.12");
        assertThat(experiment.confidence()).isZero();
        assertThat(experiment.warnings()).isEmpty();
        assertThat(experiment.source()).isEqualTo(EXAMPLE);
    }

    @Test
    void thePlanIsWhatTheExperimentSaysWithTheSeedAndThePort() throws ExperimentException {
        Experiment experiment = read(EXAMPLE, "target.mock.nodes=2");
        Plan plan = experiment.plan(7, mock(experiment).at(9100));

        assertThat(plan.seed()).isEqualTo(7);
        assertThat(plan.nodes())
                .containsExactly(new Plan.Node(0, "127.0.0.1", 9100), new Plan.Node(1, "127.0.0.2", 9100));
        assertThat(plan.clients()).isEqualTo(5000);
        assertThat(plan.restarts().get(0).nodes()).containsExactly(0, 1);
        assertThat(plan.expectations())
                .containsExactly(
                        "restart.recovered.rate >= 99.9%",
                        "restart.outage.p99 <= 15s", "strict: extension.1010.rate <= 12%");
        assertThat(plan).isEqualTo(experiment.plan(7, mock(experiment).at(9100)));
    }

    @Test
    void theLeastExperimentHasEveryDefault() throws ExperimentException {
        Experiment experiment = read(LEAST);

        assertThat(experiment.name()).isEqualTo("test");
        assertThat(experiment.seed()).isEmpty();
        assertThat(mock(experiment)).isEqualTo(new Experiment.Mock(1, 0, List.of("permessage-deflate"), null));
        assertThat(experiment.populations())
                .containsExactly(new Population(
                        0,
                        "phones",
                        10,
                        SECOND,
                        List.of(),
                        List.of(),
                        On1010.AS_POLICY,
                        null,
                        Profiles.byDefault().policy()));
        assertThat(experiment.restarts()).isEmpty();
        assertThat(experiment.faults()).isEmpty();
        assertThat(experiment.expectations()).isEmpty();
        assertThat(experiment.warnings()).isEmpty();
    }

    @Test
    void theMockServersRepliesGoIntoThePlanUnexpanded() throws ExperimentException {
        Experiment experiment = read(
                "duration: 10s\nload: {all: {clients: 1}}\n"
                        + "target: {mock: {replies: [{to: open, say: '${env:TOKEN}'}]}}\n",
                Map.of("TOKEN", "s3cret"));

        assertThat(experiment.plan(1, experiment.target()).replies())
                .containsExactly(new Reply(Reply.OPEN, "${env:TOKEN}"));
    }

    @Test
    void faultsHaveTheDesignsDefaults() throws ExperimentException {
        assertThat(restart("restart: {at: 10s}"))
                .isEqualTo(new Plan.Restart(
                        0,
                        10 * SECOND,
                        0,
                        null,
                        SECOND,
                        30 * SECOND,
                        1012,
                        WhileDown.REFUSE,
                        0,
                        false,
                        false,
                        List.of(0)));
        assertThat(withhold("withhold: permessage-deflate"))
                .isEqualTo(FaultWindow.during(0, new Withhold("permessage-deflate", false), 1, 0, 60 * SECOND));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restart: {at: 10s, code: 1001, drain: 2s}",
                "{restart: {at: 10s, code: 1001, drain: 2s}}",
                "{restart: , at: 10s, code: 1001, drain: 2s}",
                "{restart: 10s, code: 1001, drain: 2s}",
                "{code: 1001, drain: 2s, restart: 10s}"
            })
    void aFaultsSettingsStandBesideItsNameOrInTheMapUnderIt(String fault) throws ExperimentException {
        assertThat(restart(fault))
                .extracting(Plan.Restart::atMicros, Plan.Restart::code, Plan.Restart::drainMicros)
                .containsExactly(10 * SECOND, 1001, 2 * SECOND);
    }

    @Test
    void aScalarUnderAFaultsNameIsItsMainSetting() throws ExperimentException {
        assertThat(withhold("{withhold: permessage-deflate, probability: 0.25}"))
                .isEqualTo(withhold("withhold: {extension: permessage-deflate, probability: 25%}"));
    }

    @Test
    void everySettingOfARestartIsRead() throws ExperimentException {
        Plan.Restart restart = restart("restart: {at: 10s, downtime: 500ms, while-down: black-hole, deadline: 1s,"
                + " listen-while-draining: true, nodes: [0]}");

        assertThat(restart.downtimeMicros()).isEqualTo(500_000);
        assertThat(restart.whileDown()).isEqualTo(WhileDown.BLACK_HOLE);
        assertThat(restart.deadlineMicros()).isEqualTo(SECOND);
        assertThat(restart.listenWhileDraining()).isTrue();
        assertThat(restart("restart: {at: 10s, while-down: 503}").whileDown()).isEqualTo(WhileDown.UNAVAILABLE);
        assertThat(restart("restart: {at: 10s, kill: true}").kill()).isTrue();
    }

    @Test
    void aRepeatedRestartIsSpelledOutWhileItsDeadlineFits() throws ExperimentException {
        List<Plan.Restart> restarts = read(LEAST + "faults:\n  - restart: {at: 5s, every: 10s, deadline: 9s}\n")
                .restarts();

        assertThat(restarts).extracting(Plan.Restart::index).containsExactly(0, 1, 2, 3, 4);
        assertThat(restarts).extracting(r -> r.atMicros() / SECOND).containsExactly(5L, 15L, 25L, 35L, 45L);
    }

    @Test
    void restartsAreInOrderOfTimeWhateverTheirOrderInTheFile() throws ExperimentException {
        List<Plan.Restart> restarts = read(LEAST
                        + "faults:\n  - restart: {at: 30s, deadline: 5s, code: 1001}\n  - restart: {at: 10s, deadline: 5s}\n")
                .restarts();

        assertThat(restarts).extracting(Plan.Restart::code).containsExactly(1012, 1001);
        assertThat(restarts).extracting(Plan.Restart::index).containsExactly(0, 1);
    }

    @Test
    void theBalanceSaysWhichNodeAnAttemptDials() throws ExperimentException {
        for (Balance balance : Balance.values()) {
            Experiment experiment = read(LEAST + "target: {mock: {nodes: 2, balance: " + balance.spelled() + "}}\n");

            assertThat(mock(experiment).balance()).isEqualTo(balance);
            assertThat(experiment.plan(1, experiment.target()).balance()).isEqualTo(balance);
            assertThat(experiment.warnings()).isEmpty();
        }
        assertThat(mock(read(LEAST)).balance()).isEqualTo(Balance.STICKY);
        assertThat(onlyProblem(LEAST + "target: {mock: {balance: fair}}\n"))
                .contains("fair (expected: sticky | round-robin | random | least-connections)");
    }

    @Test
    void aBalanceThatCannotBeHadIsAWarning() throws ExperimentException {
        assertThat(warnings(LEAST + "target: {mock: {balance: random}}\n"))
                .containsExactly("test.yaml:4:26: random has one node to choose from (for more: target.mock.nodes)");
        assertThat(warnings(LEAST + "target: {mock: {nodes: 2, balance: random}}\n"
                        + "faults: [restart: {at: 5s, batches: {of: 10, every: 1s}, deadline: 10s}]\n"))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .contains("with balance random a node can have more");
        String rolling = "target: {mock: {nodes: 4, balance: random}}\n"
                + "faults: [restart: {at: 5s, rolling: 5s, deadline: 10s}]\n";
        assertThat(warnings(LEAST + rolling)).isEmpty();
        assertThat(warnings(LEAST.replace("clients: 10", "clients: 30000") + rolling))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .contains("nearly 3 times its even share", "target.mock.nodes: 5 or more");
    }

    @Test
    void batchesTakeAsLongAsTheFullestNodesClientsNeed() throws ExperimentException {
        String yaml = """
                duration: 60s
                load:
                  phones: {clients: 501}
                  tablets: {clients: 1}
                faults:
                  - restart: {at: 10s, batches: {of: 100, every: 2s}, deadline: 10s}
                """;
        Plan.Restart alone = read(yaml).restarts().get(0);
        Plan.Restart ofTwo = read(yaml, "target.mock.nodes=2").restarts().get(0);

        assertThat(alone.batches()).isEqualTo(new Plan.Batches(100, 2 * SECOND));
        assertThat(alone.drainMicros()).as("502 clients in 6 batches").isEqualTo(10 * SECOND);
        assertThat(alone.listeningMicros()).isEqualTo(21 * SECOND);
        assertThat(ofTwo.drainMicros()).as("up to 252 clients in 3 batches").isEqualTo(4 * SECOND);
    }

    @Test
    void aRollingRestartIsOneOfEachNodeInTheOrderThatIsAskedFor() throws ExperimentException {
        List<Plan.Restart> restarts = read(
                        LEAST
                                + "faults:\n  - restart: {at: 10s, rolling: 2s, nodes: [2, 0], every: 20s, deadline: 5s}\n",
                        "target.mock.nodes=3")
                .restarts();

        assertThat(restarts).extracting(Plan.Restart::index).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(restarts).extracting(r -> r.atMicros() / SECOND).containsExactly(10L, 12L, 30L, 32L, 50L, 52L);
        assertThat(restarts)
                .extracting(Plan.Restart::nodes)
                .containsExactly(List.of(2), List.of(0), List.of(2), List.of(0), List.of(2), List.of(0));
    }

    @Test
    void aNodeCanBeDownForGoodAndItsDeadlineCountsFromTheDrainsEnd() throws ExperimentException {
        Plan.Restart restart = restart("restart: {at: 10s, drain: 20s, downtime: forever, deadline: 30s}");

        assertThat(restart.isForGood()).isTrue();
        assertThat(restart.dueMicros()).isEqualTo(60 * SECOND);
        assertThat(restart("restart: {at: 10s, downtime: forever, kill: true}").isForGood())
                .isTrue();
        assertThat(warnings(RESTART, "faults.0.restart.downtime=forever", "load.phones.reconnect={delay: 50s}"))
                .as("whoever tries, and when: nobody is back")
                .isEmpty();
    }

    @Test
    void retryAfterIsReadInWholeSeconds() throws ExperimentException {
        assertThat(restart("restart: {at: 10s, while-down: 503, retry-after: 5s}")
                        .retryAfterMicros())
                .isEqualTo(5 * SECOND);
        assertThat(restart("restart: {at: 10s, while-down: 503}").retryAfterMicros())
                .as("until the port listens")
                .isZero();
    }

    @Test
    void everySettingOfACapacityIsRead() throws ExperimentException {
        assertThat(capacity("{handshakes: 200/s, concurrent: 50, queue: 10, warm-up: 5s, when-full: 1013}"))
                .isEqualTo(new Plan.Capacity(200, 50, 10, 5 * SECOND, WhenFull.TRY_AGAIN_LATER));
        assertThat(capacity("{handshakes: 60/m, when-full: hang}"))
                .isEqualTo(new Plan.Capacity(1, 0, 1000, 0, WhenFull.HANG));
        assertThat(capacity("{handshakes: 1/s}").whenFull()).isEqualTo(WhenFull.UNAVAILABLE);
    }

    private static Plan.Capacity capacity(String settings) throws ExperimentException {
        return mock(read(LEAST + "target: {mock: {capacity: " + settings + "}}\n"))
                .capacity();
    }

    @Test
    void differentNodesMayRestartAtOneTime() throws ExperimentException {
        List<Plan.Restart> restarts = read(
                        LEAST + "faults:\n  - restart: {at: 10s, nodes: [0]}\n  - restart: {at: 10s, nodes: [1, 2]}\n",
                        "target.mock.nodes=3")
                .restarts();

        assertThat(restarts).extracting(Plan.Restart::nodes).containsExactly(List.of(0), List.of(1, 2));
    }

    @ParameterizedTest
    @CsvSource({"200/s, 50000", "60/m, 10000000", "1/s, 10000000"})
    void aRateOfArrivalsIsARampOfItsLength(String rate, long micros) throws ExperimentException {
        assertThat(phones("clients: 10, arrive: {rate: " + rate + "}")
                        .arrivals()
                        .overMicros())
                .isEqualTo(micros);
    }

    @ParameterizedTest
    @MethodSource("dev.squall.profile.ProfilesTest#names")
    void aNamedPolicyIsThatPolicy(String name) throws ExperimentException {
        assertThat(phones("clients: 10, reconnect: " + name)
                        .reconnect()
                        .policies()
                        .get(0))
                .isEqualTo(Profiles.named(name).orElseThrow().policy());
    }

    @Test
    void everySettingOfAPolicyIsRead() throws ExperimentException {
        assertThat(phones("clients: 1, reconnect: {delay: 1s..2s, growth: 2, cap: 9s, jitter: equal, draw: once,"
                                + " attempts: 3, stable-after: 5s}")
                        .reconnect()
                        .policies()
                        .get(0))
                .isEqualTo(new ReconnectPolicy(
                        "inline", SECOND, 2 * SECOND, 2, 9 * SECOND, Jitter.EQUAL, true, 3, 5 * SECOND));
    }

    @Test
    void aPolicyWithADelayAloneWaitsThatLongEachTime() throws ExperimentException {
        assertThat(phones("clients: 1, reconnect: {delay: 3s}")
                        .reconnect()
                        .policies()
                        .get(0))
                .isEqualTo(new ReconnectPolicy(
                        "inline",
                        3 * SECOND,
                        3 * SECOND,
                        1,
                        3 * SECOND,
                        Jitter.NONE,
                        false,
                        ReconnectPolicy.UNLIMITED,
                        0));
    }

    @Test
    void stepsReactionsAndTheRestOfAPolicyAreRead() throws ExperimentException {
        ReconnectPolicy policy = phones(
                        "clients: 1, reconnect: {steps: [0s, 1s..2s], attempts: unlimited, proved-by: ready,"
                                + " failed-tries: retry-once-proved, stop-on: [1000, 3500..3999], at-once-on: all,"
                                + " retry-after: true}")
                .reconnect()
                .policies()
                .get(0);

        assertThat(policy)
                .isEqualTo(new ReconnectPolicy(
                        "inline",
                        new Steps(List.of(Span.ZERO, new Span(SECOND, 2 * SECOND))),
                        ReconnectPolicy.UNLIMITED,
                        0,
                        true,
                        FailedTries.RETRIED_ONCE_PROVED,
                        List.of(new CodeRange(1000, 1000), new CodeRange(3500, 3999)),
                        List.of(CodeRange.ALL),
                        true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{delay: 1s, growth: 2, jitter: 50%, plus: 1s..2s} | 3500000",
                "{delay: 1s, jitter: decorrelated, cap: 20s}       | 3000000",
                "{like: phoenix-js, attempts: 3}                   | 10000",
                "{like: phoenix-js, delay: 7s}                     | 7000000",
                "{like: rfc6455, steps: [8s, 9s]}                  | 8000000"
            })
    void theShapeOfADelayIsRead(String policy, long longestFirst) throws ExperimentException {
        assertThat(phones("clients: 1, reconnect: " + policy)
                        .reconnect()
                        .policies()
                        .get(0)
                        .longestFirstDelayMicros(1012))
                .isEqualTo(longestFirst);
    }

    @Test
    void aMixHasItsSharesAndAnOverrideCanNameAProfile() throws ExperimentException {
        Mix mix = phones("clients: 1, reconnect: {mix: {phoenix-js: 60%, signalr: 30%, immediate: 10%}}")
                .reconnect();

        assertThat(mix.policies())
                .extracting(ReconnectPolicy::name)
                .containsExactly("phoenix-js", "signalr", "immediate");
        assertThat(mix.parts()).extracting(Mix.Part::weight).containsExactly(0.6, 0.3, 0.1);
        Experiment overridden = read(RESTART, Map.of(), "load.phones.reconnect=signalr");
        assertThat(overridden.populations().get(0).reconnect().policies())
                .containsExactly(Profiles.named("signalr").orElseThrow().policy());
    }

    @Test
    void thirdsOfAHundredPerCentAddUp() throws ExperimentException {
        assertThat(phones("clients: 1, reconnect: {mix: {guide: 33.3%, rfc6455: 33.3%, none: 33.3%}}")
                        .reconnect()
                        .parts())
                .hasSize(3);
    }

    @Test
    void aBrowsersProfileThatRequiresAnExtensionIsWarnedOf() throws ExperimentException {
        String strict = "{clients: 1, offer: [permessage-deflate], require: [permessage-deflate], reconnect: %s}";

        assertThat(warnings(RESTART, "load.phones=" + String.format(strict, "{mix: {signalr: 50%, guide: 50%}}")))
                .singleElement()
                .asString()
                .contains("phones", "signalr", "browser", "1010")
                .doesNotContain("those of guide");
        assertThat(warnings(RESTART, "load.phones=" + String.format(strict, "python-websockets")))
                .isEmpty();
        assertThat(warnings(RESTART, "load.phones.reconnect=signalr")).isEmpty();
    }

    @Test
    void theDefaultCapNeverShortensTheFirstDelay() throws ExperimentException {
        ReconnectPolicy policy = phones("clients: 1, reconnect: {delay: 90s, growth: 2}")
                .reconnect()
                .policies()
                .get(0);

        assertThat(policy.delayMicros(0, false, 0, 0, 0)).isEqualTo(90 * SECOND);
    }

    @ParameterizedTest
    @CsvSource({"stop, STOP", "retry, RETRY", "retry-without, RETRY_WITHOUT"})
    void whatAClientDoesAfter1010IsRead(String word, On1010 on1010) throws ExperimentException {
        assertThat(phones("clients: 1, on-1010: " + word).on1010()).isEqualTo(on1010);
    }

    @Test
    void byDefaultItsPolicySaysWhatAClientDoesAfter1010() throws ExperimentException {
        assertThat(phones("clients: 1, reconnect: guide").on1010()).isEqualTo(On1010.AS_POLICY);
    }

    @Test
    void anExtensionsParametersAreKept() throws ExperimentException {
        Population population = phones(
                "clients: 1, offer: [permessage-deflate], require: ['permessage-deflate;server_no_context_takeover']");

        assertThat(population.require()).containsExactly("permessage-deflate; server_no_context_takeover");
    }

    @ParameterizedTest
    @CsvSource({"19744, 1", "19745, 2", "39488, 2", "39489, 3"})
    void autoIsEnoughProcessesForTheDescriptorLimit(int clients, int processes) throws ExperimentException {
        Experiment experiment = read("duration: 60s\nload: {phones: {clients: " + clients + "}}\n");

        assertThat(mock(experiment).nodes()).isEqualTo(processes);
        assertThat(experiment.injectors()).isEqualTo(processes);
    }

    @Test
    void eachNodeHasAnAddressOfItsOwn() {
        assertThat(Experiment.host(0)).isEqualTo("127.0.0.1");
        assertThat(Experiment.host(254)).isEqualTo("127.0.0.255");
        assertThat(Experiment.host(255)).isEqualTo("127.0.1.0");
    }

    @Test
    void withoutANameAnExperimentIsCalledAsItsFile() throws Exception {
        Path file = directory.resolve("my storm.2.yaml");
        Files.writeString(file, LEAST);

        assertThat(new ExperimentReader(DESCRIPTORS, name -> null)
                        .read(file, List.of())
                        .name())
                .isEqualTo("my-storm-2");
    }

    @Test
    void aFileThatBeginsWithAByteOrderMarkIsReadAsWell() throws ExperimentException {
        assertThat(read("\ufeff" + LEAST).durationMicros()).isEqualTo(60 * SECOND);
    }

    // ---- what is refused ----

    private static Arguments bad(String what, String at, String value, String yaml) {
        return arguments(named(what, yaml), at, value);
    }

    private static String population(String settings) {
        return "duration: 60s\nload:\n  phones: {clients: 10, " + settings + "}\n";
    }

    private static String url(String rest) {
        return LEAST + "target:\n  url: " + rest + "\n";
    }

    private static String mock(String settings) {
        return LEAST + "target:\n  mock: {" + settings + "}\n";
    }

    private static String fault(String fault) {
        return LEAST + "faults:\n  - " + fault + "\n";
    }

    private static String expect(String expectation) {
        return RESTART + "expect:\n  - " + expectation + "\n";
    }

    static Stream<Arguments> badInputs() {
        return Stream.of(
                bad("unknown key", "4:1", "unknown key durations", LEAST + "durations: 3s\n"),
                bad("unknown key of a population", "3:25", "unknown key client", population("client: 3")),
                bad("unknown key of a restart", "5:24", "unknown key drains", fault("restart: {at: 10s, drains: 1s}")),
                bad("a key twice", "4:1", "duration: stands twice", LEAST + "duration: 60s\n"),
                bad("a population twice", "4:3", "load.phones: stands twice", LEAST + "  phones: {clients: 20}\n"),
                bad("no duration", "1:1", "duration is missing", "load: {phones: {clients: 1}}\n"),
                bad("no load", "1:1", "load is missing", "duration: 60s\n"),
                bad("no population", "2:7", "no population", "duration: 60s\nload: {}\n"),
                bad("a population of nothing", "3:10", "nothing", "duration: 60s\nload:\n  phones:\n"),
                bad("no clients", "3:11", "clients is missing", "duration: 60s\nload:\n  phones: {reconnect: guide}\n"),
                bad("a list for a map", "2:7", "a list", "duration: 60s\nload: [phones]\n"),
                bad("a map for a list", "4:9", "a map", LEAST + "faults: {restart: 10s}\n"),
                bad("a map for a scalar", "1:11", "a map", "duration: {s: 60}\nload: {phones: {clients: 1}}\n"),
                bad("a number without its unit", "1:11", "60", "duration: 60\nload: {phones: {clients: 1}}\n"),
                bad("a wrong unit", "3:40", "10kB", population("arrive: {over: 10kB}")),
                bad("a negative duration", "1:11", "-5s", "duration: -5s\nload: {phones: {clients: 1}}\n"),
                bad("a duration of nothing", "1:11", "0s", "duration: 0s\nload: {phones: {clients: 1}}\n"),
                bad("longer than a week", "1:11", "169h", "duration: 169h\nload: {phones: {clients: 1}}\n"),
                bad("a negative drain", "5:31", "-1s", fault("restart: {at: 10s, drain: -1s}")),
                bad(
                        "a deadline beyond all bounds",
                        "5:34",
                        "9999999999h",
                        fault("restart: {at: 10s, deadline: 9999999999h}")),
                bad("a bad name", "4:7", "a b", LEAST + "name: a b\n"),
                bad("a bad name of a population", "3:8", "a.b", "duration: 60s\nload:\n  a.b: {clients: 1}\n"),
                bad("a seed that is no number", "4:7", "forty", LEAST + "seed: forty\n"),
                bad("no clients at all", "3:21", "0", "duration: 60s\nload:\n  phones: {clients: 0}\n"),
                bad("a fraction of a client", "3:21", "1.5", "duration: 60s\nload:\n  phones: {clients: 1.5}\n"),
                bad(
                        "more clients than numbers",
                        "3:21",
                        "99999999999999999999",
                        "duration: 60s\nload:\n  phones: {clients: 99999999999999999999}\n"),
                bad("arrivals after the end", "3:33", "70 s", population("arrive: {over: 70s}")),
                bad("arrivals too slow", "3:33", "100 s", population("arrive: {rate: 0.1/s}")),
                bad("two kinds of arrival", "3:33", "over and rate", population("arrive: {over: 5s, rate: 2/s}")),
                bad("an unknown policy", "3:36", "rfc6454", population("reconnect: rfc6454")),
                bad("a policy without a delay", "3:36", "delay is missing", population("reconnect: {growth: 2}")),
                bad("a range upside down", "3:44", "5s..1s", population("reconnect: {delay: 5s..1s}")),
                bad("a range of three", "3:44", "1s..2s..3s", population("reconnect: {delay: 1s..2s..3s}")),
                bad("shrinking delays", "3:56", "0.5", population("reconnect: {delay: 1s, growth: 0.5}")),
                bad(
                        "a profile that is none in a mix",
                        "3:48",
                        "no profile foo",
                        population("reconnect: {mix: {foo: 1}}")),
                bad(
                        "shares that do not add up",
                        "3:42",
                        "90% together",
                        population("reconnect: {mix: {guide: 60%, none: 30%}}")),
                bad("a mix of nobody", "3:42", "no profile", population("reconnect: {mix: {}}")),
                bad("a share of nothing", "3:49", "0%", population("reconnect: {mix: {none: 0%, guide: 100%}}")),
                bad("a profile to be like that is none", "3:43", "foo", population("reconnect: {like: foo}")),
                bad("steps and a delay", "3:36", "beside delay", population("reconnect: {steps: [1s], delay: 2s}")),
                bad("no step", "3:36", "steps", population("reconnect: {steps: []}")),
                bad("a wrong step", "3:49", "soon", population("reconnect: {steps: [1s, soon]}")),
                bad("a wrong code", "3:58", "999", population("reconnect: {delay: 1s, stop-on: [999]}")),
                bad("unknown jitter", "3:56", "some", population("reconnect: {delay: 1s, jitter: some}")),
                bad("require not offered", "3:34", "permessage-deflate", population("require: [permessage-deflate]")),
                bad("an extension twice", "3:36", "a stands twice", population("offer: [a, a]")),
                bad("an offer that is no list", "3:32", "permessage-deflate", population("offer: permessage-deflate")),
                bad("an unknown reaction to 1010", "3:34", "leave", population("on-1010: leave")),
                bad("a message without its period", "3:34", "every is missing", population("message: {size: 64B}")),
                bad("a message too big", "3:52", "2,097,152 B", population("message: {every: 1s, size: 2MiB}")),
                bad("a target of another kind", "5:3", "unknown key ftp", LEAST + "target:\n  ftp: example.org\n"),
                bad("no WebSocket URL", "5:8", "example.org: not ws: or wss:", url("example.org")),
                bad("the web's scheme", "5:8", "expected: wss:", url("https://example.org/")),
                bad("a fragment", "5:8", "fragment", url("'ws://example.org/#a'")),
                bad("a URL and a mock", "6:9", "beside url", url("ws://localhost/\n  mock: {nodes: 1}")),
                bad("a mock without a certificate", "5:13", "behind a URL", LEAST + "target:\n  insecure: true\n"),
                bad(
                        "no certificate to check",
                        "6:13",
                        "ws: has no certificate",
                        url("ws://localhost/\n  insecure: true")),
                bad("no program", "6:22", "no program", url("ws://localhost/\n  restart: {command: []}")),
                bad("a command line", "6:22", "a list of program", url("ws://localhost/\n  restart: {command: sh x}")),
                bad("attempts without a rate", "6:22", "100", url("ws://localhost/\n  limits: {attempts: 100}")),
                bad(
                        "less than an attempt a second",
                        "6:22",
                        "0.5/s",
                        url("ws://localhost/\n  limits: {attempts: 0.5/s}")),
                bad("a limit of no clients", "6:21", "0", url("ws://localhost/\n  limits: {clients: 0}")),
                bad(
                        "more clients than a server elsewhere is loaded with unasked",
                        "4:8",
                        "10001 clients at example.org",
                        "duration: 60s\nload: {a: {clients: 10001}}\ntarget:\n  url: ws://example.org/\n"),
                bad(
                        "a withheld extension of a foreign server",
                        "6:10",
                        "squall probe",
                        url("ws://localhost/\nfaults: [{withhold: permessage-deflate}]")),
                bad(
                        "a restart that nobody can make",
                        "6:10",
                        "target.restart.command",
                        url("ws://localhost/\nfaults: [{restart: {at: 20s}}]")),
                bad(
                        "a close code for a foreign server",
                        "7:36",
                        "needs a server of ours",
                        url("ws://localhost/\n  restart: {command: [x]}\nfaults: [{restart: {at: 20s, code: 1012}}]")),
                bad(
                        "a foreign restart whose deadline is after the end",
                        "7:10",
                        "at 40 s + deadline 30 s is 70 s",
                        url("ws://localhost/\n  restart: {command: [x]}\nfaults: [{restart: {at: 40s}}]")),
                bad(
                        "a ledger of a foreign server",
                        "6:10",
                        "ledger.unmatched cannot be measured",
                        url("ws://localhost/\nexpect: [ledger.unmatched == 0]")),
                bad("no node", "5:17", "0", mock("nodes: 0")),
                bad("a port of the ephemeral range", "5:16", "32768", mock("port: 32768")),
                bad("an extension that no mock has", "5:23", "x-other", mock("extensions: [x-other]")),
                bad("capacity without its rate", "5:20", "handshakes is missing", mock("capacity: {queue: 3}")),
                bad("capacity of nothing", "5:33", "0/s", mock("capacity: {handshakes: 0/s}")),
                bad(
                        "nobody worked on at once",
                        "5:50",
                        "0 (expected: a whole number, 1 to 100000)",
                        mock("capacity: {handshakes: 1/s, concurrent: 0}")),
                bad(
                        "a warm-up without a unit",
                        "5:47",
                        "5 (expected: a duration",
                        mock("capacity: {handshakes: 1/s, warm-up: 5}")),
                bad(
                        "another answer when full",
                        "5:49",
                        "429 (expected: 503 | 1013 | hang)",
                        mock("capacity: {handshakes: 1/s, when-full: 429}")),
                bad("no fault's name", "5:5", "no fault's name", fault("{at: 10s}")),
                bad(
                        "two faults in one map",
                        "5:5",
                        "2 faults in one map",
                        fault("{restart: 10s, withhold: permessage-deflate}")),
                bad(
                        "settings beside and under a fault's name",
                        "5:5",
                        "settings stand beside restart",
                        fault("{restart: {at: 10s}, code: 1001}")),
                bad("the main setting twice", "5:5", "at stands twice", fault("{restart: 10s, at: 20s}")),
                bad("a restart without its time", "5:5", "restart has no at", fault("restart: {code: 1012}")),
                bad("a restart after the end", "5:19", "61 s", fault("restart: {at: 61s}")),
                bad("a restart whose deadline is after the end", "5:5", "is 61 s", fault("restart: {at: 30s}")),
                bad(
                        "restarts that overlap",
                        "5:3",
                        "restart at 11 s",
                        fault("restart: {at: 10s, drain: 2s}\n  - restart: {at: 11s}")),
                bad(
                        "restarts every so often that they overlap",
                        "5:42",
                        "2 s",
                        fault("restart: {at: 10s, drain: 1s, every: 2s, deadline: 1s}")),
                bad(
                        "more restarts than anybody needs",
                        "5:31",
                        "restarts",
                        fault("restart: {at: 10s, every: 2ms, downtime: 1ms, deadline: 1s}")),
                bad(
                        "batches beside a drain window",
                        "5:44",
                        "stands beside drain",
                        fault("restart: {at: 10s, drain: 1s, batches: {of: 1, every: 1s}}")),
                bad(
                        "batches without their size",
                        "5:33",
                        "of is missing (expected: both, as {of: 100, every: 1s})",
                        fault("restart: {at: 10s, batches: {every: 1s}}")),
                bad(
                        "batches without their pace",
                        "5:33",
                        "every is missing",
                        fault("restart: {at: 10s, batches: {of: 10}}")),
                bad("batches of nothing", "5:38", "0", fault("restart: {at: 10s, batches: {of: 0, every: 1s}}")),
                bad("batches all at once", "5:48", "0s", fault("restart: {at: 10s, batches: {of: 1, every: 0s}}")),
                bad("batches that are a number", "5:33", "100", fault("restart: {at: 10s, batches: 100}")),
                bad(
                        "batches that take too long",
                        "5:5",
                        "at 10 s + batches 45 s + downtime 1 s + deadline 30 s is 86 s",
                        fault("restart: {at: 10s, batches: {of: 1, every: 5s}}")),
                bad(
                        "a rolling restart whose last deadline is after the end",
                        "5:5",
                        "at 10 s + rolling 20 s + drain 0 s + downtime 1 s + deadline 30 s is 61 s",
                        "duration: 60s\nload: {a: {clients: 1}}\ntarget: {mock: {nodes: 3}}\nfaults:\n"
                                + "  - restart: {at: 10s, rolling: 10s}\n"),
                bad("a rolling restart of no pace", "5:33", "0s", fault("restart: {at: 10s, rolling: 0s}")),
                bad(
                        "more rolling restarts than anybody needs",
                        "5:31",
                        "more than 1000 restarts",
                        "duration: 60s\nload: {a: {clients: 1}}\ntarget: {mock: {nodes: 40}}\nfaults:\n"
                                + "  - restart: {at: 10s, every: 1s, rolling: 1ms, downtime: 1ms, deadline: 1s}\n"),
                bad(
                        "another word for a downtime",
                        "5:34",
                        "for-good (expected: a duration, as 250ms, 3s, 2m or 1h, or forever)",
                        fault("restart: {at: 10s, downtime: for-good}")),
                bad("a negative downtime", "5:34", "-1s (expected: 0s to", fault("restart: {at: 10s, downtime: -1s}")),
                bad(
                        "a restart of what is down for good",
                        "5:3",
                        "(expected: no other of a node that is down for good)",
                        fault("restart: {at: 10s, downtime: forever}\n  - restart: {at: 20s}")),
                bad(
                        "for good every so often",
                        "5:50",
                        "what is down for good cannot restart",
                        fault("restart: {at: 10s, downtime: forever, every: 10s}")),
                bad(
                        "Retry-After where nobody answers",
                        "5:37",
                        "(expected: while-down: 503 beside it)",
                        fault("restart: {at: 10s, retry-after: 5s}")),
                bad(
                        "Retry-After in parts of seconds",
                        "5:54",
                        "1.5 s (expected: whole seconds, as 5s)",
                        fault("restart: {at: 10s, while-down: 503, retry-after: 1500ms}")),
                bad(
                        "a kill in batches",
                        "5:45",
                        "kill: true without batches",
                        fault("restart: {at: 10s, kill: true, batches: {of: 1, every: 1ms}}")),
                bad(
                        "a recovery from what is down for good",
                        "7:5",
                        "restart.recovered.rate cannot be measured: the experiment has no restart after which",
                        fault("restart: {at: 10s, downtime: forever}\nexpect:\n  - restart.recovered.rate >= 99%")),
                bad("a code that only clients send", "5:30", "1010", fault("restart: {at: 10s, code: 1010}")),
                bad("a code that never travels", "5:30", "1006", fault("restart: {at: 10s, code: 1006}")),
                bad("an impossible code", "5:30", "999", fault("restart: {at: 10s, code: 999}")),
                bad("an unknown way of being down", "5:36", "ignore", fault("restart: {at: 10s, while-down: ignore}")),
                bad("a flag that is none", "5:30", "yes", fault("restart: {at: 10s, kill: yes}")),
                bad(
                        "a kill that drains",
                        "5:43",
                        "a killed node sends no Close",
                        fault("restart: {at: 10s, kill: true, drain: 2s}")),
                bad("a node that is none", "5:32", "1", fault("restart: {at: 10s, nodes: [1]}")),
                bad("no nodes", "5:31", "no node", fault("restart: {at: 10s, nodes: []}")),
                bad("withholding what nobody serves", "5:16", "x-other", fault("{withhold: x-other}")),
                bad(
                        "a probability over 100%",
                        "5:49", "110%", fault("{withhold: permessage-deflate, probability: 110%}")),
                bad(
                        "a negative probability",
                        "5:49",
                        "-0.1",
                        fault("{withhold: permessage-deflate, probability: -0.1}")),
                bad("a window after the end", "5:40", "70 s", fault("{withhold: permessage-deflate, to: 70s}")),
                bad("a window upside down", "5:50", "5 s", fault("{withhold: permessage-deflate, from: 9s, to: 5s}")),
                bad("an unknown metric", "7:5", "metric restart.outages.p99", expect("restart.outages.p99 <= 15s")),
                bad("an unknown quantile", "7:5", "metric restart.outage.p98", expect("restart.outage.p98 <= 15s")),
                bad("an unknown operator", "7:5", "operator =<", expect("restart.outage.p99 =< 15s")),
                bad(
                        "an expectation without an operator",
                        "7:5",
                        "restart.outage.p99 15s",
                        expect("restart.outage.p99 15s")),
                bad("an expectation in the wrong unit", "7:5", "15", expect("restart.outage.p99 <= 15")),
                bad("an expected share over 100%", "7:5", "150%", expect("restart.recovered.rate >= 150%")),
                bad(
                        "an expectation of nobody",
                        "7:14",
                        "population tablets",
                        expect("tablets: restart.recovered.rate >= 99%")),
                bad(
                        "what this experiment does not measure",
                        "7:5",
                        "extension.1010.rate cannot be measured",
                        expect("extension.1010.rate <= 1%")),
                bad(
                        "what needs a restart",
                        "5:5",
                        "restart.outage.p99 cannot be measured",
                        LEAST + "expect:\n  - restart.outage.p99 <= 1s\n"),
                bad(
                        "what needs messages",
                        "5:5",
                        "echo.rtt.p99 cannot be measured",
                        LEAST + "expect:\n  - echo.rtt.p99 <= 1s\n"),
                bad(
                        "pings, which nobody sends",
                        "5:5",
                        "ping.rtt.p99 cannot be measured",
                        LEAST + "expect:\n  - ping.rtt.p99 <= 1s\n"),
                bad(
                        "one expectation that is no list",
                        "6:9",
                        "restart.outage.p99 <= 15s",
                        RESTART + "expect: restart.outage.p99 <= 15s\n"),
                bad(
                        "two expectations in one",
                        "7:5",
                        "2 entries",
                        expect("{a: restart.outage.p99 <= 15s, b: restart.outage.p99 <= 15s}")),
                bad("a confidence of all", "4:13", "100%", LEAST + "confidence: 100%\n"),
                bad("injectors that are no number", "4:12", "many", LEAST + "injectors: many\n"),
                bad("an extension that is none", "3:33", "a b", population("offer: [a b]")),
                bad("a confidence that is no share", "4:13", "high", LEAST + "confidence: high\n"),
                bad("a key that is no word", "4:3", "a key that is no word", LEAST + "  [a, b]: {clients: 1}\n"),
                bad("an alias", "4:6", "an alias", LEAST + "  a: &same {clients: 10}\n  b: *same\n"),
                bad("an endless alias", "4:9", "an alias", LEAST + "faults: &all [*all]\n"),
                bad("empty", "1:1", "empty", ""),
                bad("only comments", "1:1", "empty", "# nothing here\n\n"),
                bad("not YAML", "2:1", "not YAML", "duration: {\n"),
                bad("tabs for indentation", "2:1", "not YAML", "load:\n\tphones: 1\n"),
                bad("two documents", "2:1", "not YAML", "duration: 60s\n---\nduration: 60s\n"),
                bad("an unknown alias", "1:11", "not YAML", "duration: *sixty\n"),
                bad("a character that no text has", "1:1", "not YAML", "duration: \u0001\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badInputs")
    void aMistakeIsOneProblemWithItsPlaceTheValueAndWhatIsAccepted(String yaml, String at, String value) {
        assertThat(onlyProblem(yaml))
                .startsWith("test.yaml:" + at + ": ")
                .contains(value)
                .contains("(expected: ");
    }

    @Test
    void severalMistakesAreToldAtOnceInTheOrderOfTheFile() {
        String yaml = """
                seed: many
                duration: 60
                load:
                  phones: {clients: 0, reconnect: never}
                faults:
                  - restart: {at: 90s, code: 1010}
                  - {withhold: x-other}
                expect:
                  - restart.outages <= 1s
                """;

        assertThat(problems(yaml))
                .extracting(p -> p.location().line() + ":" + p.location().column())
                .containsExactly("1:7", "2:11", "4:21", "4:35", "6:30", "7:16", "9:5");
        assertThat(problems(yaml)).allSatisfy(p -> assertThat(p.message()).contains("(expected: "));
    }

    @Test
    void theExceptionTellsEveryProblemOnALineOfItsOwn() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class, () -> read("duration: 60\nload: {phones: {clients: x}}\n"));

        assertThat(thrown.getMessage().lines()).hasSize(2).allMatch(line -> line.startsWith("test.yaml:"));
    }

    @Test
    void aPathTellsWhichValueIsWrong() {
        assertThat(onlyProblem(fault("restart: {at: 10s, code: 1010}")))
                .contains(": faults.0.restart.code: 1010 (expected: a code that a server may send");
    }

    @Test
    void tooFewNodesForTheDescriptorsIsAMistakeThatSaysHowManyItTakes() {
        String yaml = "duration: 60s\nload: {phones: {clients: 50000}}\ntarget: {mock: {nodes: 1}}\n";

        assertThat(onlyProblem(yaml))
                .startsWith("test.yaml:3:24: target.mock.nodes: 1 for 50,000 clients")
                .contains("expected: auto, or at least 3", "ulimit -n 20000")
                .doesNotContain("prlimit"); // No descriptors would do: a process holds 20,000 clients at most.
    }

    @Test
    void fewEphemeralPortsTakeMoreNodesAndNoMoreInjectors() throws Exception {
        String yaml = "duration: 60s\nload: {phones: {clients: 4000}}\n";
        ExperimentReader narrow = new ExperimentReader(20_000, 300, name -> null);
        Experiment experiment = narrow.read(yaml, "test.yaml", List.of());

        // 8 source addresses with 300 ports each; a client that comes back has a second one for a while.
        assertThat(((Experiment.Mock) experiment.target()).nodes()).isEqualTo(4);
        assertThat(experiment.injectors()).isEqualTo(1);
        assertThat(((Experiment.Mock) narrow.read(yaml, "test.yaml", List.of("target.mock.nodes=2"))
                                .target())
                        .nodes())
                .isEqualTo(2);
        assertThatThrownBy(() -> narrow.read(yaml, "test.yaml", List.of("target.mock.nodes=1")))
                .hasMessageContaining("at least 2: one process holds 2,400 clients here, with 300 ports in"
                        + " net.ipv4.ip_local_port_range; to raise it: sudo sysctl -w"
                        + " net.ipv4.ip_local_port_range='32768 65535'");
    }

    @Test
    void tooFewDescriptorsAreToldWithTheCommandThatRaisesThem() {
        String yaml = "duration: 60s\nload: {phones: {clients: 4000}}\ntarget: {mock: {nodes: 1}}\n";
        ExperimentException nodes = catchThrowableOfType(
                ExperimentException.class,
                () -> new ExperimentReader(300, name -> null).read(yaml, "test.yaml", List.of()));
        ExperimentException clients = catchThrowableOfType(
                ExperimentException.class,
                () -> new ExperimentReader(300, name -> null)
                        .read(yaml, "test.yaml", List.of("load.phones.clients=50000")));

        assertThat(nodes.getMessage())
                .contains("one process holds 44 clients here, with ulimit -n 300")
                .contains("to raise it: sudo prlimit --pid $$ --nofile=20256:20256");
        assertThat(clients.getMessage())
                .contains("50000 clients (expected: at most 44000 on this machine, with ulimit -n 300")
                .contains("to raise it: sudo prlimit --pid $$ --nofile=20256:20256");
    }

    @Test
    void tooFewInjectorsForTheDescriptorsIsAMistakeToo() {
        assertThat(onlyProblem("duration: 60s\nload: {phones: {clients: 50000}}\ninjectors: 2\n"))
                .startsWith("test.yaml:3:12: injectors: 2 for 50,000 clients");
    }

    @Test
    void moreClientsThanAnyRunCanHaveIsAMistake() {
        assertThat(onlyProblem("duration: 60s\nload: {a: {clients: 6000000}, b: {clients: 6000000}}\n"))
                .startsWith("test.yaml:2:7: load: 12000000 clients (expected: at most 10000000");
    }

    @Test
    void moreProcessesThanAnyMachineCanHaveIsAMistakeAlsoWhereTheyAreCounted() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class,
                () -> new ExperimentReader(1024, name -> null)
                        .read("duration: 60s\nload: {phones: {clients: 10000000}}\n", "test.yaml", List.of()));

        assertThat(thrown).isNotNull().hasMessageContaining("expected: ");
    }

    @Test
    void withholdingWhereNothingIsServedSaysWhatIsMissing() {
        String yaml = LEAST + "target: {mock: {extensions: []}}\nfaults: [{withhold: permessage-deflate}]\n";

        assertThat(onlyProblem(yaml))
                .startsWith("test.yaml:5:21: faults.0.withhold: ")
                .contains("(expected: an extension of target.mock.extensions");
    }

    @Test
    void nestingWithoutEndIsNotYaml() {
        assertThat(onlyProblem("load: " + "[".repeat(100_000))).contains("not YAML");
    }

    @Test
    void aDocumentThatIsNoMapIsAMistake() {
        assertThat(problems("just text\n").get(0).toString())
                .startsWith("test.yaml:1:1: just text (expected: a map with name, seed, duration");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverIsDoneToAFileNothingButAnExperimentExceptionComes(long seed) {
        String[] scraps = {
            "",
            " ",
            "\n",
            ":",
            "- ",
            "{",
            "}",
            "[",
            "]",
            "'",
            "\"",
            "&a ",
            "*a",
            "!",
            "#",
            "-1",
            "9e9",
            "null",
            "~",
            "..",
            "%",
            "1010",
            "restart",
            "every: 1ms",
            "\u0000",
            "\ud83d\ude00",
            "\t",
            "? ",
            "|",
            "---\n",
            "<<: "
        };
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(EXAMPLE);
            for (int j = 0; j < 2; j++) {
                long bits = Draw.bits(seed, Draw.Purpose.ARRIVAL, i, j, 0, 0);
                int from = (int) Math.floorMod(bits, (long) text.length());
                int to = Math.min(text.length(), from + (int) Math.floorMod(bits >> 32, 6L));
                text.replace(from, to, scraps[(int) Math.floorMod(bits >> 40, (long) scraps.length)]);
            }
            try {
                read(text.toString());
            } catch (ExperimentException refused) {
                assertThat(refused.problems()).isNotEmpty().allSatisfy(p -> {
                    assertThat(p.location().line()).as(text.toString()).isPositive();
                    assertThat(p.message()).contains("(expected: ");
                });
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + ", text " + i + ":\n" + text, e);
            }
        }
    }

    // ---- files ----

    private String refused(Path file) {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class, () -> new ExperimentReader(DESCRIPTORS, name -> null).read(file, List.of()));
        assertThat(thrown).isNotNull();
        assertThat(thrown.problems()).hasSize(1);
        return thrown.getMessage();
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = directory.resolve("missing.yaml");

        assertThat(refused(file))
                .isEqualTo(file + ":1:1: no such file (expected: an experiment; squall init writes one)");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        assertThat(refused(directory))
                .startsWith(directory + ":1:1: cannot be read: ")
                .contains("expected: a readable file");
    }

    @Test
    void aFileThatIsNotUtf8IsNamed() throws IOException {
        Path file = directory.resolve("latin.yaml");
        Files.write(file, new byte[] {'n', 'a', 'm', 'e', ':', ' ', (byte) 0xe4, '\n'});

        assertThat(refused(file)).isEqualTo(file + ":1:1: not UTF-8 (expected: a YAML text file)");
    }

    // ---- --set ----

    @Test
    void anOverrideStandsOverTheFilesValue() throws ExperimentException {
        Experiment experiment = read(
                EXAMPLE,
                "load.phones.clients=500",
                "load.phones.reconnect=immediate",
                "duration=90s",
                "load.strict.offer=[permessage-deflate, x-other]");

        assertThat(experiment.populations()).extracting(Population::clients).containsExactly(2000, 500);
        assertThat(experiment.populations().get(1).reconnect().policies().get(0).name())
                .isEqualTo("immediate");
        assertThat(experiment.populations().get(0).offer()).containsExactly("permessage-deflate", "x-other");
        assertThat(experiment.durationMicros()).isEqualTo(90 * SECOND);
        assertThat(experiment.source()).isEqualTo(EXAMPLE);
    }

    @Test
    void anOverrideReachesIntoListsByPlace() throws ExperimentException {
        Experiment experiment = read(
                EXAMPLE,
                "faults.1.restart.at=25s",
                "faults.0.probability=50%",
                "expect.1=restart.outage.p99 <= 20s",
                "load.strict.require.0=permessage-deflate; server_no_context_takeover");

        assertThat(experiment.restarts().get(0).atMicros()).isEqualTo(25 * SECOND);
        assertThat(experiment.faults().get(0).probability()).isEqualTo(0.5);
        assertThat(experiment.expectations().get(1).text()).isEqualTo("restart.outage.p99 <= 20s");
        assertThat(experiment.populations().get(0).require())
                .containsExactly("permessage-deflate; server_no_context_takeover");
    }

    @Test
    void anOverrideMayAddWhatTheFileDoesNotHave() throws ExperimentException {
        Experiment experiment = read(LEAST, "seed=7", "load.tablets.clients=5", "target.mock.nodes=2");

        assertThat(experiment.seed()).hasValue(7);
        assertThat(experiment.populations()).extracting(Population::name).containsExactly("phones", "tablets");
        assertThat(mock(experiment).nodes()).isEqualTo(2);
    }

    @Test
    void theLastOverrideOfAValueCounts() throws ExperimentException {
        assertThat(read(LEAST, "seed=1", "seed=2").seed()).hasValue(2);
    }

    @Test
    void anOverridesValueMayHaveAnEqualsSign() throws ExperimentException {
        Experiment experiment = read(EXAMPLE, "expect.0=restart.recovered.rate >= 90%");

        assertThat(experiment.expectations().get(0).op()).isEqualTo(Expectation.Op.AT_LEAST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "load.phones.clients| load.phones.clients (expected: PATH=VALUE",
                "=5| =5 (expected: PATH=VALUE",
                "''| (expected: PATH=VALUE",
                "seed=[1| [1 (expected: a YAML value)",
                "duration.seconds=5| seconds: duration is no map (expected: a path to a value)",
                "load.phones.clients.at.most=5| at: clients is no map (expected: a path to a value)",
                "faults.2.restart.at=5s| 2 (expected: a place in the list, 0 to 1)",
                "faults.last.restart.at=5s| last (expected: a place in the list, 0 to 1)",
                "faults.-1=5s| -1 (expected: a place in the list, 0 to 1)",
                "load.phones.clients=lots| load.phones.clients: lots (expected: a whole number",
                "load.phones.colour=red| load.phones: unknown key colour (expected: clients",
                "load.tablets.reconnect=guide| load.tablets: clients is missing (expected: a whole number)",
                "faults.1.restart.at=90s| faults.1.restart.at: 90 s is after the end (expected: within the duration",
                "seed=| seed: nothing (expected: a whole number)"
            })
    void aBadOverrideIsNamedInsteadOfALine(String override, String problem) {
        assertThat(onlyProblem(EXAMPLE, override))
                .startsWith("--set " + override + ": ")
                .contains(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {".=1", "..=1", "load.phones.clients.=5", "load..clients=5", ".seed=5"})
    void anOverrideWithAnEmptyStepIsRefused(String override) {
        assertThat(problems(EXAMPLE, override).get(0).toString())
                .startsWith("--set " + override + ": ")
                .contains("(expected: ");
    }

    // ---- ${env:} and ${file:} ----

    @Test
    void referencesAreExpandedInMemoryOnly() throws Exception {
        Path file = directory.resolve("delay.txt");
        Files.writeString(file, "3s\n");
        String yaml = population("arrive: {over: '${env:RAMP}'}, reconnect: {delay: '1s..${file:" + file + "}'}");
        Experiment experiment = read(yaml, Map.of("RAMP", "5s"));

        assertThat(experiment.populations().get(0).arrivals().overMicros()).isEqualTo(5 * SECOND);
        assertThat(experiment.populations().get(0).reconnect().policies().get(0).longestFirstDelayMicros(1012))
                .isEqualTo(3 * SECOND);
        assertThat(experiment.source()).isEqualTo(yaml);
    }

    @Test
    void whatIsExpandedIsNotExpandedAgain() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class,
                () -> read("duration: ${env:A}\nload: {phones: {clients: 1}}\n", Map.of("A", "${env:B}", "B", "60s")));

        assertThat(thrown).isNotNull();
    }

    @Test
    void aReferenceToNothingIsAMistakeAtItsPlace() {
        assertThat(onlyProblem(population("arrive: {over: '${env:RAMP}'}")))
                .startsWith("test.yaml:3:40: ")
                .contains("load.phones.arrive.over: ${env:RAMP} (expected: a variable that is set)");
        assertThat(onlyProblem(population("arrive: {over: '${file:/no/such/file}'}")))
                .contains("${file:/no/such/file} (expected: a readable file)");
        assertThat(onlyProblem(population("arrive: {over: '${file:" + directory + "}'}")))
                .contains("(expected: a readable file)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "hunter2..hunter2", "1s..hunter2", "1s..2s..hunter2"})
    void aMistakeInAnExpandedValueDoesNotTellIt(String secret) {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class,
                () -> read(population("reconnect: {delay: '${env:TOKEN}'}"), Map.of("TOKEN", secret)));

        assertThat(thrown.getMessage()).contains("${env:TOKEN}", "(expected: ").doesNotContain("hunter2");
    }

    @Test
    void anEmptyExpandedValueIsShownAsItsReference() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class,
                () -> read(population("arrive: {over: '${env:EMPTY}'}"), Map.of("EMPTY", "")));

        assertThat(thrown.getMessage())
                .isEqualTo("test.yaml:3:40: load.phones.arrive.over: ${env:EMPTY} (expected: a duration, as 250ms, 3s,"
                        + " 2m or 1h)");
    }

    @Test
    void anExpandedShareThatIsNoConfidenceIsNotTold() {
        ExperimentException thrown = catchThrowableOfType(
                ExperimentException.class, () -> read(LEAST + "confidence: ${env:TOKEN}\n", Map.of("TOKEN", "12.5%")));

        assertThat(thrown.getMessage()).contains("(expected: ").doesNotContain("12.5");
    }

    // ---- warnings ----

    private static List<String> warnings(String yaml, String... overrides) throws ExperimentException {
        return read(yaml, overrides).warnings().stream().map(Problem::toString).toList();
    }

    @Test
    void withholdingDuringARecoveryIsAWarning() throws ExperimentException {
        assertThat(warnings(EXAMPLE, "faults.0.to=21s"))
                .singleElement()
                .asString()
                .startsWith("test.yaml:23:3: ")
                .contains("permessage-deflate is withheld", "the restart at 20 s");
        assertThat(warnings(EXAMPLE, "faults.0.from=54s", "faults.0.to=60s")).hasSize(1);
        assertThat(warnings(EXAMPLE, "faults.0.from=55s", "faults.0.to=60s")).isEmpty();
        assertThat(warnings(EXAMPLE, "faults.0.to=20s")).isEmpty();
    }

    @Test
    void aPolicyThatCannotBeBackInTimeIsAWarning() throws ExperimentException {
        String yaml = "duration: 60s\nload:\n  slow: {clients: 1, reconnect: iana-1012}\n"
                + "faults:\n  - restart: {at: 10s, downtime: 1s, deadline: %s}\n";

        assertThat(warnings(String.format(yaml, "28s")))
                .singleElement()
                .asString()
                .contains("the first delay of slow (iana-1012) can be 30 s");
        assertThat(warnings(String.format(yaml, "29s"))).isEmpty();
    }

    @Test
    void whoNeverComesBackNeedsNoWarning() throws ExperimentException {
        assertThat(warnings(RESTART, "load.phones.reconnect=none")).isEmpty();
    }

    @Test
    void tooFewClientsForTheConfidenceIsAWarningThatSaysHowManyItTakes() throws ExperimentException {
        String yaml = RESTART + "expect:\n  - restart.recovered.rate >= 99.9%\nconfidence: 95%\n";

        assertThat(warnings(yaml))
                .singleElement()
                .asString()
                .startsWith("test.yaml:7:5: ")
                .contains("needs at least 3838 clients", "there are 10");
        assertThat(warnings(yaml, "load.phones.clients=3838")).isEmpty();
        assertThat(warnings(yaml, "expect.0=restart.recovered.rate >= 100%", "load.phones.clients=10000"))
                .singleElement()
                .asString()
                .contains("infinitely many");
        assertThat(read(yaml).confidence()).isEqualTo(0.95);
    }

    @Test
    void warningsDoNotMakeAnExperimentInvalid() throws ExperimentException {
        List<String> names = new ArrayList<>();
        read(EXAMPLE, "faults.0.to=21s").populations().forEach(p -> names.add(p.name()));

        assertThat(names).containsExactly("strict", "phones");
    }

    @Test
    void aForeignServerIsPlannedAsTheFileSpellsItAndSecretsStayOut() throws ExperimentException {
        Experiment experiment = read("""
                duration: 60s
                target:
                  url: wss://Staging.example.com/chat?token=${env:TOKEN}
                  insecure: true
                  restart: {command: [sh, -c, "restart ${env:TOKEN}"], settle: 2s, timeout: 20s, deadline: 10s}
                  limits: {clients: 2000, attempts: 300/s}
                allow: Staging.Example.com
                load: {all: {clients: 1500}}
                faults: [{restart: {at: 10s, every: 20s}}]
                """, Map.of("TOKEN", "hush"));

        Experiment.Foreign foreign = (Experiment.Foreign) experiment.target();
        assertThat(foreign.uri()).isEqualTo(new WebSocketUri(true, "staging.example.com", 443, "/chat?token=hush"));
        assertThat(experiment.allow()).containsExactly("staging.example.com");
        Plan plan = experiment.plan(7, foreign.at(List.of("192.0.2.1"), true));
        assertThat(plan.nodes()).isEmpty();
        assertThat(plan.endpoint())
                .isEqualTo(new Plan.Endpoint(
                        "wss://Staging.example.com/chat?token=${env:TOKEN}",
                        "192.0.2.1",
                        true,
                        300,
                        new Plan.ForeignRestarts(
                                List.of("sh", "-c", "restart ${env:TOKEN}"), 20_000_000, 2_000_000, 10_000_000)));
        assertThat(plan.toJson()).doesNotContain("hush");
        assertThat(plan.restarts())
                .extracting(r -> r.atMicros() + " " + r.deadlineMicros() + " " + r.nodes())
                .containsExactly("10000000 10000000 [0]", "30000000 10000000 [0]", "50000000 10000000 [0]");
        assertThat(experiment.toString())
                .as("its URL is written by no accident")
                .doesNotContain("hush");
    }

    @Test
    void onlyAServerElsewhereIsLimitedUnasked() throws ExperimentException {
        String load = "duration: 60s\nload: {all: {clients: 9000, arrive: {over: 30s}}}\n";
        Experiment here = read(load + "target: {url: 'ws://localhost/'}\n");
        assertThat(here.plan(0, here.target()).endpoint())
                .extracting(Plan.Endpoint::attemptsPerSecond)
                .isEqualTo(0.0);
        Experiment elsewhere = read(load + "target: {url: 'ws://example.org/'}\n");
        assertThat(elsewhere.plan(0, elsewhere.target()).endpoint())
                .extracting(Plan.Endpoint::attemptsPerSecond)
                .isEqualTo(1000.0);
        assertThat(elsewhere.warnings()).isEmpty();
    }

    @Test
    void arrivalsThatTheLimitHoldsBackAreWarnedOf() throws ExperimentException {
        Experiment experiment =
                read("duration: 60s\nload: {all: {clients: 9000}}\ntarget: {url: 'ws://example.org/'}\n");

        assertThat(experiment.warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning.message())
                        .contains("9,000/s")
                        .contains("1,000/s")
                        .contains("target.limits.attempts"));
    }
}
