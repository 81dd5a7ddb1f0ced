package dev.squall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.behaviour.NodeRows;
import dev.squall.experiment.ServerReader;
import dev.squall.fault.Faults;
import dev.squall.plan.Plan;
import dev.squall.profile.Profiles;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.run.Home;
import dev.squall.verdict.Metrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line as a person meets it, within this process. */
class MainTest {

    private static final String VALID = """
            # A restart.
            duration: 60s
            seed: 7
            load: {phones: {clients: 1500}}
            faults: [{restart: {at: 20s, drain: 2s, downtime: 3s}}]
            expect: [restart.outage.p99 <= 15s]
            """;

    private static final String SURVIVED = VALID.replace("clients: 1500", "clients: 1500, reconnect: guide");

    /** What one command said. */
    private record Said(int code, String out, String err) {}

    @TempDir
    Path directory;

    private String home;

    @BeforeEach
    void rememberHome() {
        home = System.getProperty(Home.PROPERTY);
        System.clearProperty(Home.PROPERTY);
    }

    @AfterEach
    void restoreHome() {
        if (home == null) {
            System.clearProperty(Home.PROPERTY);
        } else {
            System.setProperty(Home.PROPERTY, home);
        }
    }

    private static Said squall(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int code = line.execute(args);
        return new Said(code, out.toString(), err.toString());
    }

    private static void assertUsage(Said said) {
        assertThat(said.code()).as(said.err()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).isNotBlank().doesNotContain("\tat ");
    }

    private String experiment(String yaml) throws IOException {
        Path file = directory.resolve("storm.yaml");
        Files.writeString(file, yaml);
        return file.toString();
    }

    /** A home folder with one shipped experiment. */
    private void atHome() throws IOException {
        Path folder = directory.resolve("home");
        Files.createDirectories(folder.resolve("experiments"));
        Files.writeString(folder.resolve("roles.properties"), "version=1.2.3\nnode.flags=-Xmx2g\n");
        Files.writeString(folder.resolve("experiments/restart-and-strict.yaml"), VALID);
        System.setProperty(Home.PROPERTY, folder.toString());
    }

    // ---- predict ----

    @Test
    void aPredictionIsARunDirectoryThatReportMakesAgain() throws IOException {
        atHome();
        String out = directory.resolve("runs").toString();
        Said said = squall(
                "predict", experiment(SURVIVED), "--clients", "3000", "--out", out, "--server", "round-trip=20ms");

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out())
                .startsWith("PASS  storm   predicted   seed 7")
                .contains("3,000 affected, 3,000 back within 30 s")
                .contains("model   3,000 clients (the experiment has 1,500), round trip 20 ms")
                .contains("next: squall predict ")
                .doesNotContain("ledger");
        Path run = directory.resolve("runs/storm/latest");
        assertThat(run)
                .isDirectoryContaining("glob:**/{experiment.yaml,plan.json,run.json,prediction.json}")
                .isDirectoryContaining("glob:**/{results.json,report.html,junit.xml,summary.md}");
        String results = Files.readString(run.resolve("results.json"));
        Files.delete(run.resolve("results.json"));

        assertThat(squall("report", run.toString()).out())
                .isEqualTo(said.out().replaceAll("[0-9TZ]+/results", "latest/results"));
        assertThat(run.resolve("results.json")).hasContent(results);
        JsonNode json = JsonMapper.builder().build().readTree(results);
        assertThat(json.at("/prediction/roundTripSeconds").asDouble()).isEqualTo(0.02);
        assertThat(json.at("/ledger/mode").asText()).isEqualTo("predicted");
        assertThat(json.at("/echoSeconds/p50").isNull()).isTrue();
        assertThat(json.at("/echoSeconds/reason").asText()).contains("messages");

        Said exported = squall(
                "export",
                run.toString(),
                "--format",
                "csv",
                "--out",
                directory.resolve("csv").toString());
        assertThat(exported.code()).as(exported.err()).isZero();
        assertThat(directory.resolve("csv/recoveries.csv")).content().hasLineCount(3001);
    }

    @Test
    void theSameSeedGivesTheSamePrediction() throws IOException {
        atHome();
        String file = experiment(VALID);
        JsonNode[] results = new JsonNode[2];
        for (int i = 0; i < 2; i++) {
            Said said = squall(
                    "predict",
                    file,
                    "--json",
                    "--out",
                    directory.resolve("runs" + i).toString());
            results[i] = ((ObjectNode) JsonMapper.builder().build().readTree(said.out())).without("startedAt");
        }
        assertThat(results[0]).isEqualTo(results[1]);
    }

    @Test
    void whatAPredictionDoesNotHaveIsInconclusive() throws IOException {
        atHome();
        Said said = squall(
                "predict",
                experiment(SURVIVED.replace("clients: 1500", "clients: 1500, message: {every: 5s}")
                        .replace("expect: [", "expect: [echo.rtt.p99 <= 1s, ")),
                "--out",
                directory.resolve("runs").toString());

        assertThat(said.code()).isEqualTo(3);
        assertThat(said.out())
                .contains("inconclusive  echo.rtt.p99 <= 1s")
                .contains("does not simulate messages and pings");
    }

    @Test
    void policiesAreHeldAgainstEachOther() throws IOException {
        atHome();
        Said said = squall(
                "predict",
                experiment(VALID),
                "--policies",
                "guide, immediate,none",
                "--within",
                "20s",
                "--out",
                directory.resolve("runs").toString());

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out().lines().filter(line -> line.matches("  (guide|immediate|none) .*")))
                .satisfiesExactly(
                        line -> assertThat(line).matches("  guide +pass .*"),
                        line -> assertThat(line).matches("  immediate +pass .*"),
                        line -> assertThat(line).matches("  none +fail .*"));
        assertThat(said.out())
                .contains("cheapest policy that meets the expectations: guide")
                .contains("safest for 1,500 clients within 20 s: drain ")
                .contains("policies.html");
    }

    static Stream<Arguments> unpredictable() {
        return Stream.of(
                arguments("faults: [{latency: 1s}]", List.of(), "faults: latency (expected: restart"),
                arguments("faults: [{close: 1011, messages: 3}]", List.of(), "close, reset or fin after a time"),
                arguments("faults: [{reject: 503, match: {path: /a}}]", List.of(), "with a match on path"),
                arguments(
                        "target: {url: 'ws://127.0.0.1:1/'}", List.of(), "target: a server elsewhere (expected: mock"),
                arguments("", List.of("--clients", "0"), "--clients: 0 (expected: at least one"),
                arguments("", List.of("--server", "backlog=many"), "--server backlog=many"),
                arguments("", List.of("--server", "backlog=10"), "(expected: handshakes with it, as "),
                arguments("", List.of("--server", "round-trip=0s"), "round trip: 0 us (expected: > 0 us)"),
                arguments("", List.of("--here"), "--here: which machine? (expected: --calibrate RUN with it)"),
                arguments("", List.of("--calibrate", "nowhere"), "nowhere"),
                arguments("", List.of("--measure", "2"), "--measure: of which policies? (expected: --policies)"),
                arguments("", List.of("--policies", "all"), "has no restart (expected: an experiment with one)"),
                arguments(
                        "faults: [{restart: {at: 1s}}]",
                        List.of("--policies", "all,polite"),
                        "--policies: all (expected: all, or some of "),
                arguments("", List.of("--clients", "2000000000"), "of heap, and there are "));
    }

    @ParameterizedTest
    @MethodSource("unpredictable")
    void whatCannotBePredictedIsSaidWithWhatCan(String more, List<String> options, String message) throws IOException {
        atHome();
        List<String> words = new ArrayList<>(List.of(
                "predict",
                experiment("duration: 60s\nload: {phones: {clients: 10}}\n" + more + "\n"),
                "--out",
                directory.resolve("runs").toString()));
        words.addAll(options);
        Said said = squall(words.toArray(String[]::new));

        assertThat(said.code()).as(said.err()).isEqualTo(2);
        assertThat(said.err()).contains(message).doesNotContain("\tat ");
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    // ---- clients ----

    private NodeRows visited() {
        NodeRows rows = new NodeRows();
        rows.client("phone").opens(0).closedBy(10, 1012).opens(13);
        return rows;
    }

    @Test
    void clientsTellsOfEachClientOfAServeAndItsHelpHasAnExample() throws IOException {
        visited().write(directory, 60);

        Said said = squall("clients", directory.toString());
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).startsWith("client  ").contains("phone ", "1012:1", "  0..5s ");
        JsonNode json = JsonMapper.builder()
                .build()
                .readTree(squall("clients", directory.toString(), "--json").out());
        assertThat(json.at("/schema").asText()).isEqualTo("squall/clients/1");
        assertThat(json.at("/clients/0/key").asText()).isEqualTo("phone");
        assertThat(squall("help", "clients").out()).contains("Example: squall clients runs/serve/latest");
    }

    @Test
    void clientsOfWhatIsNoServeIsAUsageErrorThatSaysWhatIsExpected() throws IOException {
        Said nothing = squall("clients", directory.resolve("nothing").toString());
        assertUsage(nothing);
        assertThat(nothing.err()).contains("nothing has no plan.json (expected: a run directory of squall serve");

        visited().write(directory, 60);
        Files.writeString(directory.resolve("node-0.csv"), "x,y\n");
        Said damaged = squall("clients", directory.toString());
        assertUsage(damaged);
        assertThat(damaged.err()).contains("node-0.csv: the header is 'x,y'");
    }

    // ---- probe ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://127.0.0.1/x | URL: http: (expected: ws:, with the same host, port and path)",
                "https://127.0.0.1/x | URL: https: (expected: wss:, with the same host, port and path)",
                "127.0.0.1:9001 | URL: ",
                "ws:///chat | URL: no host",
                "ws://127.0.0.1/#top | URL: a fragment",
                "ws://127.0.0.1/ --timeout 0s | --timeout: 0 s (expected: 10ms to 10m)",
                "ws://127.0.0.1/ --timeout 1h | --timeout: 3,600 s (expected: 10ms to 10m)",
                "ws://127.0.0.1/ --timeout soon | --timeout: soon (expected: a duration",
                "ws://127.0.0.1/ --require a;b;; | --require: ",
                "ws://127.0.0.1/ --offer , | --offer: "
            })
    void aProbeThatIsNotPossibleIsAUsageErrorThatSaysWhatIsAccepted(String args, String error) throws IOException {
        atHome();
        Said said = squall(("probe " + args).split(" "));

        assertUsage(said);
        assertThat(said.err()).startsWith(error);
    }

    @Test
    void theHelpOfProbeHasAnExample() throws IOException {
        atHome();
        assertThat(squall("probe", "--help").out()).contains("Example: squall probe wss://", "never followed");
    }

    // ---- capacity ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--trials 0 | --trials: 0 (expected: 1 to 1000)",
                "--precision 0% | --precision: 0% (expected: 0.1% to 50%)",
                "--precision near | --precision: near (expected: a share, as 10% or 0.1)",
                "--most 0 | --most: 0 (expected: 1 to 10000000)",
                "--most 9 --vary a --between 1s..2s | --most beside --vary a: clients are not varied",
                "--report nowhere/page.html | /nowhere (expected: FILE in one)",
                "--between 1s..2s | --between without --vary (expected: both,",
                "--vary faults.0.restart.drain | --vary faults.0.restart.drain without --between (expected: both,",
                "--vary faults.0.restart.drain --between 5s | --between: 5s (expected: A..B with the lower end first",
                "--vary faults.0.restart.drain --between 0s..60s | faults.0: at 20 s + drain 60 s + ",
                "--vary faults.0.restart.drian --between 0s..6s | --set faults.0.restart.drian=0s: "
            })
    void aSearchThatIsNotPossibleIsAUsageErrorThatSaysWhatIsAccepted(String args, String error) throws IOException {
        Said said = squall(("capacity " + experiment(VALID) + " --dry-run " + args).split(" "));

        assertUsage(said);
        assertThat(said.err()).contains(error);
    }

    @Test
    void aDryRunOfASearchTellsWhatIsTriedFirstAndHowLongItMayTake() throws IOException {
        String file = experiment(VALID);
        assertThat(squall(
                                "capacity",
                                file,
                                "--dry-run",
                                "--seed",
                                "3",
                                "--most",
                                "20000",
                                "--set",
                                "load.phones.clients=1500")
                        .out()
                        .lines())
                .containsExactly(
                        "dry run   storm   seed 3   nothing is started or written",
                        "varied    the clients of all populations in proportion, 1 to 20,000",
                        "first     1,500 clients, then twice as many until a run fails, or half as many until one passes",
                        "          squall run " + file + " --set load.phones.clients=1500 --seed 3",
                        "at most   24 trials of 60 s and about 5 s to start and judge: 1,560 s",
                        "expect    restart.outage.p99 <= 15s");
        assertThat(squall(
                                "capacity",
                                file,
                                "--dry-run",
                                "--set",
                                "load.phones.clients=7",
                                "--vary",
                                "faults.0.restart.drain",
                                "--between",
                                "0s..4s")
                        .out())
                .contains(
                        "varied    faults.0.restart.drain, 0 s to 4 s\n",
                        "first     faults.0.restart.drain 0 s, then faults.0.restart.drain 4 s\n",
                        " --set load.phones.clients=7 --set faults.0.restart.drain=0s --seed 7\n");
        assertThat(squall("help", "capacity").out()).contains("Example: squall capacity restart.yaml --precision 5%\n");
    }

    // ---- validate ----

    @Test
    void aValidExperimentIsToldInAFewLines() throws IOException {
        Said said = squall("validate", experiment(VALID));

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(said.out().lines())
                .containsExactly(
                        "valid: storm, 60 s, 1,500 clients, 1 node, 1 injector",
                        "  1012 restart at 20 s, listens again at 25 s, everybody due at 55 s",
                        "  expect restart.outage.p99 <= 15s",
                        "  expect ledger.unmatched == 0   (implied)",
                        "  expect ledger.causality == 0   (implied)",
                        "  expect restart.miscoded == 0   (implied)");
    }

    @Test
    void everyFormOfARestartAndACapacityIsTold() throws IOException {
        assertThat(squall("validate", experiment("""
                        duration: 100s
                        target:
                          mock:
                            nodes: 2
                            capacity: {handshakes: 200/s, concurrent: 50, queue: 1000, warm-up: 5s, when-full: 1013}
                        load: {phones: {clients: 1000}}
                        faults:
                          - restart: {at: 10s, batches: {of: 100, every: 1s}, rolling: 30s, code: 1001, deadline: 10s}
                          - restart: {at: 60s, downtime: forever, kill: true, nodes: [0]}
                        """)).out().lines())
                .contains(
                        "  each node completes 200 handshakes/s, 50 at once in 250 ms each; up to 1,000 wait, who comes"
                                + " beyond them meets 1013; warm 5 s after it listens",
                        "  1001 restart of node 0 at 10 s, in batches of 100 every 1 s, listens again at 15 s, everybody"
                                + " due at 25 s",
                        "  1001 restart of node 1 at 40 s, in batches of 100 every 1 s, listens again at 45 s, everybody"
                                + " due at 55 s",
                        "  kill of node 0 at 60 s, down for good, nobody can come back; who still tries is counted until"
                                + " 90 s");
    }

    @Test
    void aLoadModelThatIsMoreThanARampIsTold() throws IOException {
        assertThat(squall("validate", experiment("""
                        duration: 100s
                        load:
                          ramp: {clients: 10}
                          phones: {clients: 1000, arrive: {after: 5s, over: 20s}, model: closed, stay: 10s..30s}
                          guests: {arrive: {stages: [{for: 10s, rate: 10/s}], spread: poisson}, stay: 30s}
                        """)).out().lines())
                .contains(
                        "  phones: 1,000 places, always taken; the first clients arrive by 25 s, up to 100/s with those"
                                + " who follow; each leaves after 10 s to 30 s",
                        "  guests: 100 clients arrive by 10 s, a Poisson process, up to 10/s; each leaves after 30 s")
                .noneMatch(line -> line.contains("ramp"));
    }

    @Test
    void withoutExpectationsTheImpliedOnesArePrinted() throws IOException {
        assertThat(squall("validate", experiment(VALID.replaceFirst("expect:.*\n", "")))
                        .out())
                .contains(
                        "  expect restart.recovered.rate >= 100%   (implied)",
                        "  expect clients.lost.count == 0   (implied)");
    }

    @Test
    void everyProblemIsALineOnStderrWithItsPlaceAndNoStackTrace() throws IOException {
        String file = experiment(VALID.replace("60s", "60").replace("at: 20s", "at: 20s, code: 1010"));
        Said said = squall("validate", file);

        assertUsage(said);
        assertThat(said.err().lines())
                .containsExactly(
                        file + ":2:11: duration: 60 (expected: a duration, as 250ms, 3s, 2m or 1h)",
                        file + ":5:36: faults.0.restart.code: 1010 (expected: a code that a server may send: 1000 to"
                                + " 1003, 1007 to 1009, 1011 to 1014, 3000 to 4999)");
    }

    @Test
    void aMissingFileIsAUsageError() {
        Said said = squall("validate", directory.resolve("missing.yaml").toString());

        assertUsage(said);
        assertThat(said.err()).contains("missing.yaml:1:1: no such file (expected: an experiment");
    }

    @Test
    void aFolderIsNoExperiment() {
        Said said = squall("validate", directory.toString());

        assertUsage(said);
        assertThat(said.err()).contains("cannot be read").contains("(expected: a readable file)");
    }

    @Test
    void anOverrideIsJudgedLikeTheFile() throws IOException {
        assertThat(squall("validate", experiment(VALID), "--set", "load.phones.clients=500")
                        .out())
                .contains(" 500 clients");
        Said said = squall("validate", directory.resolve("storm.yaml").toString(), "--set", "load.phones.clients=many");

        assertUsage(said);
        assertThat(said.err()).startsWith("--set load.phones.clients=many: load.phones.clients: many (expected: ");
    }

    @Test
    void warningsGoToStderrAndDoNotFail() throws IOException {
        Said said = squall("validate", experiment(VALID), "--set", "load.phones.reconnect={delay: 50s}");

        assertThat(said.code()).isZero();
        assertThat(said.err()).startsWith("warning: ").contains("storm.yaml:5:", "the first delay of phones");
        assertThat(said.out()).startsWith("valid: ").doesNotContain("warning");
    }

    @Test
    void asJsonThePlanIsAllThatIsPrinted() throws IOException {
        Said said = squall("validate", "--json", experiment(VALID));
        Path plan = directory.resolve("plan.json");
        Files.writeString(plan, said.out());

        assertThat(said.code()).isZero();
        assertThat(Plan.read(plan).seed()).isEqualTo(7);
        assertThat(Plan.read(plan).clients()).isEqualTo(1500);
    }

    @Test
    void aShippedExperimentIsFoundByItsName() throws IOException {
        atHome();

        assertThat(squall("validate", "restart-and-strict").out()).startsWith("valid: restart-and-strict, 60 s");
        assertUsage(squall("validate", "nothing-like-it"));
    }

    @Test
    void aRunOfAnInvalidExperimentDoesNotBegin() throws IOException {
        Said said = squall(
                "run",
                experiment("duration: 60\n"),
                "--out",
                directory.resolve("runs").toString());

        assertUsage(said);
        assertThat(said.err()).contains("storm.yaml:1:11: duration: 60 (expected: ");
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    // ---- doctor ----

    @Test
    void theDoctorSaysWhatThisMachineCarriesWhatBindsAndWhatRaisesIt() throws IOException {
        atHome();
        Said said = squall("doctor");

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("java ", "descriptors ", "memory ", "disk ", "raise it: ");
        assertThat(said.out().lines().reduce((first, last) -> last).orElseThrow())
                .matches("this machine (carries about [0-9,]+ such clients; [a-z ]+ binds first; raise it with: .+"
                        + "|carries as many clients as an experiment may have|tells of no limit)");
    }

    @Test
    void theDoctorHoldsAnExperimentAgainstThisMachine() throws IOException {
        atHome();
        Said fits = squall("doctor", experiment(VALID));
        Said tooHeavy = squall(
                "doctor",
                experiment(VALID),
                "--set",
                "target.mock.nodes=1000",
                "--set",
                "injectors=1000",
                "--set",
                "load.phones.clients=10000000");

        assertThat(fits.code()).as(fits.toString()).isZero();
        assertThat(fits.out()).contains("for 1,500 clients, 1 injector, 1 node");
        assertThat(tooHeavy.code()).isEqualTo(2);
        assertThat(tooHeavy.err()).contains("squall: it does not fit: ", "(expected: at least ", "to raise it: ");
    }

    @Test
    void theDoctorsJsonHasEveryCheck() throws IOException {
        atHome();
        JsonNode json =
                JsonMapper.builder().build().readTree(squall("doctor", "--json").out());

        assertThat(json.get("fits").asBoolean()).isTrue();
        assertThat(json.get("checks").findValuesAsText("name")).contains("java", "descriptors", "memory", "disk");
        assertThat(json.get("checks").get(1).get("found").asLong()).isPositive();
        assertThat(json.get("checks").findValuesAsText("raise")).hasSameSizeAs(json.get("checks"));
    }

    @Test
    void theDoctorToldOfAnInvalidExperimentIsAUsageError() throws IOException {
        atHome();
        Said said = squall("doctor", experiment("duration: 60\n"));

        assertUsage(said);
        assertThat(said.err()).contains("storm.yaml:1:11: duration: 60 (expected: ");
    }

    // ---- explain ----

    @Test
    void explainListsEveryCode() {
        Said said = squall("explain");

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        for (CloseCode code : CloseCode.values()) {
            assertThat(said.out()).contains(code.code() + "  " + code.title());
        }
    }

    @ParameterizedTest
    @EnumSource
    void explainTellsOfACodeAllThatIsKnown(CloseCode code) {
        Said said = squall("explain", String.valueOf(code.code()));

        assertThat(said.code()).isZero();
        assertThat(said.out()).startsWith(code.code() + "  " + code.title());
        assertThat(said.out().replaceAll("\\s+", " ")).contains(code.meaning(), code.seen(), code.advice());
        assertThat(said.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1010", "1012"})
    void explainTellsTheTwoHeadlineCodesApart(String code) {
        assertThat(squall("explain", code).out().replaceAll("\\s+", " ")).contains("1010 and 1012 differ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3456", "4001", "2000"})
    void explainSaysWhoKnowsACodeOfNoRegisteredMeaning(String code) {
        Said said = squall("explain", code);

        assertThat(said.code()).isZero();
        assertThat(said.out()).startsWith(code + "  " + CloseCode.title(Integer.parseInt(code)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"999", "5000", "-1", "restart", ""})
    void explainRefusesWhatIsNoCode(String code) {
        Said said = squall("explain", code);

        assertUsage(said);
        assertThat(said.err()).contains("CODE");
    }

    @Test
    void explainAsJsonIsJson() throws IOException {
        JsonNode one = JsonMapper.builder()
                .build()
                .readTree(squall("explain", "1012", "--json").out());
        JsonNode all = JsonMapper.builder()
                .build()
                .readTree(squall("explain", "--json").out());

        assertThat(one).hasSize(1);
        assertThat(one.get(0).get("code").asInt()).isEqualTo(1012);
        assertThat(one.get(0).get("advice").asText()).contains("1 to 5 s");
        assertThat(all).hasSize(CloseCode.values().length);
    }

    // ---- help ----

    @Test
    void helpMetricsListsEveryFamilyWithItsMeaning() {
        Said said = squall("help", "metrics");

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(Metrics.families())
                .allSatisfy(family -> assertThat(said.out().lines()).anyMatch(line -> line.startsWith(family + " ")));
        assertThat(said.out()).contains("Example:", "pNN is one of p50 p90 p95 p99 p999");
    }

    @Test
    void helpFaultsListsEachFaultWithAnExampleThatCanBeRead() {
        Said said = squall("help", "faults");

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("restart ", Faults.RESTART_TEXT, "next: squall help faults close");
        assertThat(Faults.KINDS).allSatisfy(kind -> {
            assertThat(said.out().lines()).anyMatch(line -> line.startsWith(kind.name() + " "));
            assertThat(said.out()).contains(kind.text(), kind.example());
            assertThatCode(() -> new ServerReader(Map.<String, String>of()::get)
                            .fault(kind.example(), List.of(Extension.PERMESSAGE_DEFLATE)))
                    .as(kind.example())
                    .doesNotThrowAnyException();
        });
    }

    @Test
    void helpOnOneFaultTellsItsSettings() {
        assertThat(squall("help", "faults", "close").out().lines())
                .contains(
                        "close   closes the connection with any code and reason, after a time or a number of messages",
                        "  reason                at most 123 bytes of text; default empty",
                        "  after                 a duration, as 250ms, 3s, 2m or 1h; default 0s",
                        "  when and whom         from, to, at, every, probability, count, match",
                        "Example: {close: 1011, reason: out of memory, after: 5s}",
                        "more: docs/faults/close.md");
        assertThat(squall("help", "faults", "slow-handshake").out())
                .contains("; required (or as the value of", "from, to, probability, count, match");
        assertThat(squall("help", "faults", "restart").out()).contains("listen-while-draining", "Example: {restart: ");
    }

    @Test
    void helpOnFaultsSpeaksJson() throws IOException {
        JsonNode all = JsonMapper.builder()
                .build()
                .readTree(squall("help", "faults", "--json").out());
        assertThat(all).hasSize(1 + Faults.KINDS.size());

        JsonNode stall = JsonMapper.builder()
                .build()
                .readTree(squall("help", "faults", "stall", "--json").out());
        assertThat(stall).hasSize(1);
        assertThat(stall.at("/0/main").asText()).isEqualTo("what");
        assertThat(stall.at("/0/settings/0/expected").asText()).isEqualTo("reading | pings");
        assertThat(stall.at("/0/settings/0/default").asText()).isEqualTo("reading");
    }

    @Test
    void helpOnAFaultThatThereIsNotNamesThoseThatThereAre() {
        Said said = squall("help", "faults", "tornado");

        assertUsage(said);
        assertThat(said.err()).contains("NAME: tornado (expected: restart, withhold, alter, ");
        assertUsage(squall("help", "metrics", "close"));
    }

    static Stream<Arguments> commands() {
        return Main.commandLine().getSubcommands().keySet().stream().map(name -> arguments(name));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithAnExample(String command) {
        Said said = squall(command, "--help");

        assertThat(said.code()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(said.out()).contains("Example: squall " + command);
        assertThat(squall("help", command)).isEqualTo(said);
    }

    @Test
    void squallItselfHasHelpWithAnExampleAndTheExitCodes() {
        Said said = squall("--help");

        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("Example: squall run", "Exit codes: 0 pass", "validate", "explain");
        assertThat(squall("help").out()).isEqualTo(said.out());
    }

    @Test
    void helpOnWhatIsNoTopicNamesTheTopics() {
        Said said = squall("help", "metric");

        assertUsage(said);
        assertThat(said.err()).contains("TOPIC: metric (expected: faults, metrics, run, validate");
    }

    // ---- what is no command ----

    @Test
    void anUnknownCommandIsAUsageError() {
        Said said = squall("valdiate");

        assertUsage(said);
        assertThat(said.err()).contains("valdiate");
    }

    @Test
    void noCommandIsAUsageErrorThatShowsThem() {
        Said said = squall();

        assertUsage(said);
        assertThat(said.err()).contains("no command (expected: one of those below)", "validate");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void anUnknownOptionIsAUsageErrorOfEveryCommand(String command) {
        Said said = squall(command, "--colour", "1012");

        assertUsage(said);
        assertThat(said.err()).contains("--colour");
    }

    @Test
    void aSeedIsANumber() {
        Said said = squall("run", "--seed", "many");

        assertUsage(said);
        assertThat(said.err()).contains("--seed", "many");
    }

    // ---- report ----

    @Test
    void aFolderThatIsNoRunIsAUsageError() {
        Said said = squall("report", directory.toString());

        assertUsage(said);
        assertThat(said.err())
                .isEqualToIgnoringNewLines("squall: " + directory
                        + " has no plan.json (expected: a run directory, as runs/quickstart/latest)");
        assertUsage(squall("report", directory.resolve("missing").toString()));
        assertUsage(squall("report"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "{}", "[1]", "{\"schema\": \"squall/plan/99\"}"})
    void aRunWhosePlanIsDamagedIsAUsageErrorAndNothingIsWritten(String plan) throws IOException {
        Files.writeString(directory.resolve("plan.json"), plan);

        assertUsage(squall("report", directory.toString()));
        assertThat(directory.resolve("results.json")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "{}", "null", "[1]", "{\"schema\": \"squall/plan/99\"}"})
    void aDamagedPlanIsNamedInWords(String plan) throws IOException {
        Files.writeString(directory.resolve("plan.json"), plan);
        Said said = squall("report", directory.toString());

        assertUsage(said);
        assertThat(said.err()).contains("plan.json", "(expected: ").doesNotContain("Exception", "REDACTED");
    }

    @Test
    void aMissingFileOrFolderIsNamedInWords() throws IOException {
        atHome();
        Files.writeString(
                directory.resolve("plan.json"),
                squall("validate", "--json", experiment(VALID)).out());

        assertThat(squall("report", directory.toString()).err())
                .contains("run.json")
                .doesNotContain("Exception");
        assertThat(squall("init", directory.resolve("none/mine.yaml").toString())
                        .err())
                .contains("none/mine.yaml")
                .doesNotContain("Exception");
    }

    @Test
    void aRunWithoutItsOtherFilesIsAUsageErrorThatNamesThem() throws IOException {
        Files.writeString(
                directory.resolve("plan.json"),
                squall("validate", "--json", experiment(VALID)).out());
        Said said = squall("report", directory.toString());

        assertUsage(said);
        assertThat(said.err()).contains("run.json");
    }

    // ---- home ----

    @Test
    void theVersionIsThatOfTheHomeFolder() throws IOException {
        atHome();
        Said said = squall("--version");

        assertThat(said.code()).isZero();
        assertThat(said.out().strip()).isEqualTo("squall 1.2.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "experiments", "init", "validate"})
    void withoutAHomeFolderOneIsToldHowSquallIsStarted(String command) {
        Said said = squall(command);

        assertUsage(said);
        assertThat(said.err()).contains("no home folder (expected: Squall to be started by its launcher, ./squall)");
    }

    @Test
    void initWritesAnExperimentThatIsValidAndNeverOverAnother() throws IOException {
        atHome();
        Path file = directory.resolve("mine.yaml");
        Said said = squall("init", file.toString());

        assertThat(said.code()).isZero();
        assertThat(said.out()).contains(file + " written; next: squall run " + file);
        assertThat(squall("validate", file.toString()).code()).isZero();

        Files.writeString(file, "my work");
        Said again = squall("init", file.toString());
        assertUsage(again);
        assertThat(again.err()).contains(file + " exists already (expected: the name of a new file)");
        assertThat(file).hasContent("my work");
    }

    @Test
    void initIntoAFolderThatIsNotThereIsAUsageErrorThatNamesIt() throws IOException {
        atHome();
        Said said = squall("init", directory.resolve("none/mine.yaml").toString());

        assertUsage(said);
        assertThat(said.err()).contains("none/mine.yaml");
    }

    @Test
    void theShippedExperimentsAreListedWithTheirFirstLine() throws IOException {
        atHome();
        Said said = squall("experiments");
        JsonNode json = JsonMapper.builder()
                .build()
                .readTree(squall("experiments", "--json").out());

        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("restart-and-strict").contains("A restart.");
        assertThat(json.get(0).get("name").asText()).isEqualTo("restart-and-strict");
    }

    // ---- defects ----

    @Test
    void aDefectIsToldWithItsTraceAndExitsWith70() throws Exception {
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(err, true));
        int code = line.getExecutionExceptionHandler()
                .handleExecutionException(new IllegalStateException("that cannot be"), line, null);

        assertThat(code).isEqualTo(70);
        assertThat(err.toString()).contains("a defect in Squall", "that cannot be", "\tat ");
    }

    @Test
    void profilesListsAllOfThem() {
        Said said = squall("profiles");

        assertThat(said.code()).isZero();
        Profiles.all()
                .forEach((name, profile) ->
                        assertThat(said.out()).contains(name + " ", profile.about(), profile.origin()));
        assertThat(said.out().lines()).allMatch(line -> line.length() <= 120);
    }

    @ParameterizedTest
    @MethodSource("dev.squall.profile.ProfilesTest#names")
    void profilesTellsAllOfOne(String name) {
        Said said = squall("profiles", name);

        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains(name, "models", "omits", "gives up", "after a close with", "sources", "next: squall run")
                .contains("1000", "1001", "1006", "1010", "1011", "1012", "1013");
        assertThat(said.out().lines()).allMatch(line -> line.length() <= 100 && line.equals(line.stripTrailing()));
    }

    @Test
    void profilesShowsTheDelaysOfTenTriesOnOneScale() {
        assertThat(squall("profiles", "phoenix-js").out())
                .contains("  1     10 ms     10 ms     10 ms     o\n")
                .contains("  10    5 s       5 s       5 s       " + " ".repeat(47) + "o\n")
                .contains("1010 Mandatory Extension    comes back; but a browser cannot send it");
        assertThat(squall("profiles", "guide").out()).containsPattern("  10    1 s +3 s +5 s + -+o-+\n");
    }

    @Test
    void profilesOnACodeTellsWhoComesBackHowSoonAndHowOften() {
        Said said = squall("profiles", "--on", "1011");

        assertThat(said.code()).isZero();
        assertThat(said.out())
                .contains("after 1011", "1011 Internal Error")
                .containsPattern("guide +comes back +1 s +3 s +5 s +[0-9]+ +never")
                .containsPattern("graphql-ws +stays away +at once")
                .containsPattern("python-websockets +comes back at once +0 s +0 s +0 s +[0-9]+ +never");
    }

    @Test
    void profilesAsJson() throws IOException {
        JsonNode signalr = JsonMapper.builder()
                .build()
                .readTree(squall("profiles", "signalr", "--json").out())
                .get(0);
        JsonNode after = JsonMapper.builder()
                .build()
                .readTree(squall("profiles", "--on", "1012", "--json").out());

        assertThat(signalr.at("/attempts").asInt()).isEqualTo(4);
        assertThat(signalr.at("/reactions/1012").asText()).isEqualTo("retry");
        assertThat(signalr.at("/delaySeconds/3/median").asDouble()).isEqualTo(30);
        assertThat(signalr.at("/sources/steps").asText()).contains("DefaultReconnectPolicy.ts");
        assertThat(after).hasSize(Profiles.all().size());
        assertThat(after.at("/0/givesUpAfterTries").isNull()).isTrue();
    }

    @Test
    void profilesRefusesWhatItDoesNotKnow() {
        assertThat(squall("profiles", "phoenix").err()).contains("NAME: phoenix (expected: ", "phoenix-js");
        assertThat(squall("profiles", "--on", "999").err())
                .contains("--on: 999 (expected: a close code, 1000 to 4999)");
        assertThat(squall("profiles", "phoenix").code()).isEqualTo(ExitCode.USAGE);
    }
}
