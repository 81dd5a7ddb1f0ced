package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main path, as a user walks it: real processes, real sockets, real restarts. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class MainPathIT {

    private static final String RESTART = """
            seed: 11
            duration: 11s
            load:
              strict:
                clients: 200
                arrive: {over: 1s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                reconnect: {delay: 500ms..2s}
                message: {every: 1s, size: 64B}
              phones: {clients: 200, arrive: {over: 1s}, reconnect: {delay: 500ms..2s}}
            faults:
              - {withhold: permessage-deflate, probability: 25%, from: 0s, to: 2s}
              - restart: {at: 3s, drain: 1s, downtime: 1s, deadline: 5s MORE}
            """;

    /** The experiment of most tests; {@code more} are further settings of its restart. */
    private static String restart(String more) {
        return RESTART.replace(" MORE", more);
    }

    @TempDir
    private Path directory;

    private Squall squall;
    private List<ProcessHandle> before;

    @BeforeEach
    void setUp() {
        squall = new Squall(directory);
        before = Squall.children();
    }

    @AfterEach
    void nothingIsLeftRunning() throws InterruptedException {
        for (int i = 0; i < 50 && left() > 0; i++) {
            new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
        }
        assertThat(left()).as("processes left running").isZero();
    }

    private long left() {
        return Squall.children().stream().filter(p -> !before.contains(p)).count();
    }

    @Test
    void aRestartAndAWithheldExtensionAreMeasuredJudgedAndReportedAgain() throws Exception {
        squall.experiment("main", restart(""));

        Squall.Answer run = squall.call("run", "main.yaml", "--gatling-report");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.out())
                .contains("PASS  main   seed 11   11 s")
                .contains("1012 restart at 3 s")
                .contains("back within 5 s (100%")
                .contains("1010 missing permessage-deflate")
                .contains("ledger balanced")
                .contains("next: squall run main.yaml --set load.");
        JsonNode results = squall.results("main");
        JsonNode clients = results.get("clients");
        assertThat(clients.get("arrived").asInt())
                .isEqualTo(400)
                .isEqualTo(clients.get("connecting").asInt()
                        + clients.get("open").asInt()
                        + clients.get("waiting").asInt()
                        + clients.get("gaveUp").asInt()
                        + clients.get("finished").asInt()
                        + clients.get("lost").asInt());
        JsonNode restart = results.get("restarts").get(0);
        JsonNode extension = results.get("extensions").get(0);
        int left = extension.get("closed1010").asInt();
        assertThat(left).isPositive().isEqualTo(extension.get("withheldByNode").asInt());
        assertThat(clients.get("finished").asInt()).isEqualTo(left);
        assertThat(restart.get("affected").asInt())
                .isEqualTo(400 - left)
                .isEqualTo(restart.get("recovered").asInt());
        assertThat(restart.get("downSeconds").asDouble()).isBetween(1.99, 2.3);
        assertThat(restart.get("outageSeconds").get("p50").asDouble()).isBetween(0.5, 4.0);
        assertThat(restart.get("attempts").get("failed").get("refused").asInt()).isPositive();
        assertThat(results.get("ledger").get("unmatched").asInt()).isZero();
        assertThat(results.get("closes").findValuesAsText("code")).contains("1000", "1010", "1012");
        assertThat(results.get("echoSeconds").get("count").asLong()).isPositive();
        assertThat(results.get("populations").size()).isEqualTo(2);

        assertThat(requests(Files.readString(squall.latest("main").resolve("gatling/injector-0/index.html"))))
                .isEqualTo(Map.of("connect", 400, "missing extension 1010", left, "reconnect after 1012", 400 - left));

        Path file = squall.latest("main").resolve("results.json");
        byte[] first = Files.readAllBytes(file);
        Files.delete(file);
        Squall.Answer report = squall.call("report", squall.latest("main").toString());
        assertThat(report.exitCode()).as(report.toString()).isZero();
        assertThat(Files.readAllBytes(file)).as("results.json, byte for byte").isEqualTo(first);
        for (String name : List.of(
                "experiment.yaml",
                "plan.json",
                "run.json",
                "harness.csv",
                "harness.log",
                "clients-0.csv",
                "node-0.csv",
                "clients-0.hlog",
                "node-0.hlog")) {
            assertThat(squall.latest("main").resolve(name)).exists();
        }
    }

    /** The requests of Gatling's page, and how often each was made. */
    private static Map<String, Integer> requests(String page) {
        Map<String, Integer> requests = new TreeMap<>();
        Matcher row = Pattern.compile("ellipsed-name\">([a-z0-9 ]+)</span>.*?total col-2\">([0-9]+)<", Pattern.DOTALL)
                .matcher(page);
        while (row.find()) {
            requests.put(row.group(1), Integer.valueOf(row.group(2)));
        }
        return requests;
    }

    @Test
    void aStormBeyondTheNodesCapacityFailsTheRun() throws Exception {
        squall.experiment("storm", restart("") + """
                        expect: [restart.peak-attempts <= 300/s]
                        """);

        Squall.Answer run = squall.call(
                "run",
                "storm.yaml",
                "--set",
                "load.phones.reconnect=immediate",
                "--set",
                "load.strict.clients=1",
                "--json");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
        assertThat(run.out()).contains("\"schema\" : \"squall/results/1\"").contains("\"verdict\" : \"fail\"");
    }

    @Test
    void aKilledNodeIsSeenAs1006AndItsPlaceIsTaken() throws Exception {
        squall.experiment("kill", restart(", kill: true").replace("drain: 1s, ", ""));

        Squall.Answer run = squall.call("run", "kill.yaml");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        JsonNode results = squall.results("kill");
        JsonNode restart = results.get("restarts").get(0);
        assertThat(restart.get("code").asInt()).isEqualTo(1006);
        assertThat(restart.get("affected").asInt())
                .isPositive()
                .isEqualTo(restart.get("recovered").asInt());
        assertThat(results.get("ledger").get("unmatched").asInt()).isZero();
        assertThat(squall.latest("kill").resolve("node-0.1.csv")).exists();
        assertThat(Files.readString(squall.latest("kill").resolve("harness.csv")))
                .contains("CHILD_KILLED");
    }

    @Test
    void severalNodesRestartEachWithFiguresOfItsOwn() throws Exception {
        squall.experiment("nodes", restart(""));

        Squall.Answer run = squall.call(
                "run",
                "nodes.yaml",
                "--set",
                "target.mock.nodes=2",
                "--set",
                "injectors=2",
                "--set",
                "faults.1.restart.nodes=[1]");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        JsonNode restarts = squall.results("nodes").get("restarts");
        assertThat(restarts.size()).isEqualTo(1);
        assertThat(restarts.get(0).get("node").asInt()).isEqualTo(1);
        assertThat(restarts.get(0).get("affected").asInt()).isBetween(100, 200);
        assertThat(squall.latest("nodes").resolve("clients-1.csv")).exists();
    }

    @Test
    void nodesRestartOneByOneTurnClientsAwayAndStayDownWhereTheyShould() throws Exception {
        squall.experiment("rolling", """
                seed: 11
                duration: 9s
                target:
                  mock:
                    nodes: 2
                    capacity: {handshakes: 60/s, concurrent: 6, queue: 5, warm-up: 500ms, when-full: 1013}
                load:
                  phones: {clients: 80, arrive: {over: 1s}, reconnect: {delay: 100ms..500ms}}
                  quitters: {clients: 20, arrive: {over: 1s}, reconnect: {delay: 100ms, attempts: 3}}
                faults:
                  - restart:
                      at: 2s
                      rolling: 1s
                      batches: {of: 25, every: 200ms}
                      downtime: 100ms
                      while-down: black-hole
                      deadline: 4s
                      nodes: [1, 0]
                  - restart: {at: 6s, downtime: forever, kill: true, nodes: [1], deadline: 2s}
                expect: [closes.1006.count >= 1]
                """);

        Squall.Answer run = squall.call("run", "rolling.yaml");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.out()).contains("1006 kill at 6 s of node 1, down for good   ");
        JsonNode results = squall.results("rolling");
        JsonNode restarts = results.get("restarts");
        assertThat(restarts.findValuesAsText("node")).containsExactly("1", "0", "1");
        assertThat(restarts.get(1).get("atSeconds").asDouble()).isBetween(3.0, 4.0);
        assertThat(restarts.get(1).get("downSeconds").asDouble())
                .as("two batches, 200 ms apart, and 100 ms")
                .isBetween(0.15, 1.0); // It may begin late, and listens when planned.
        JsonNode forGood = restarts.get(2);
        assertThat(forGood.get("downSeconds").isNull()).isTrue();
        assertThat(forGood.get("affected").asInt())
                .isBetween(25, 50)
                .isEqualTo(forGood.get("late").asInt() + forGood.get("gaveUp").asInt());
        int turnedAway = 0;
        for (JsonNode close : results.get("closes")) {
            turnedAway += close.get("cause").asText().equals("capacity")
                    ? close.get("count").asInt()
                    : 0;
        }
        assertThat(turnedAway).isPositive();
        assertThat(results.get("ledger").get("unmatched").asInt()).isZero();
        assertThat(squall.latest("rolling").resolve("node-1.3.csv")).doesNotExist();
    }

    @Test
    void whatIsWithheldEqualsWhatLeavesAndPassesABinomialTest() throws Exception {
        squall.experiment("withhold", """
                seed: 3
                duration: 8s
                load:
                  strict:
                    clients: 3000
                    arrive: {over: 5s}
                    offer: [permessage-deflate]
                    require: [permessage-deflate]
                    on-1010: stop
                faults:
                  - {withhold: permessage-deflate, probability: 10%}
                expect:
                  - strict: extension.1010.rate <= 13%
                """);

        Squall.Answer run = squall.call("run", "withhold.yaml");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        JsonNode extension = squall.results("withhold").get("extensions").get(0);
        int left = extension.get("closed1010").asInt();
        assertThat(extension.get("handshakes").asInt()).isEqualTo(3000);
        assertThat(left).isEqualTo(extension.get("withheldByNode").asInt());
        double p = BinomialTest.withDefaults()
                .with(AlternativeHypothesis.TWO_SIDED)
                .test(3000, left, 0.1)
                .getPValue();
        assertThat(p).as("%d of 3000", left).isGreaterThan(1e-6);
    }

    @Test
    void anInterruptedRunIsJudgedAndWritten() throws Exception {
        squall.experiment("interrupt", restart(""));
        Process process = squall.start("run", "interrupt.yaml");
        awaitRunning("interrupt");

        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Squall.Answer answer = squall.answer(process);
        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(130);
        assertThat(answer.out()).contains("interrupted");
        assertThat(squall.results("interrupt").get("verdict").asText()).isEqualTo("inconclusive");
        assertThat(squall.results("interrupt").get("durationSeconds").asDouble())
                .isLessThan(11);
    }

    @Test
    void aLostInjectorEndsTheRunWhichThenCannotPass() throws Exception {
        squall.experiment("lost", restart(""));
        Process process = squall.start("run", "lost.yaml");
        awaitRunning("lost");

        Squall.children().stream()
                .filter(p -> !before.contains(p))
                .filter(p -> p.info().commandLine().orElse("").contains("InjectorMain"))
                .forEach(ProcessHandle::destroyForcibly);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Squall.Answer answer = squall.answer(process);
        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(1);
        assertThat(answer.out()).contains("injector 0 lost with exit code 137");
        assertThat(squall.results("lost").get("clients").get("lost").asInt()).isPositive();
    }

    @Test
    void aKilledHarnessLeavesNothingRunning() throws Exception {
        squall.experiment("orphan", restart(""));
        Process process = squall.start("run", "orphan.yaml");
        awaitRunning("orphan");

        process.destroyForcibly().waitFor();
        // nothingIsLeftRunning() asserts the rest.
    }

    @Test
    void aRunInterruptedBeforeItsStartEndsAtOnceWith130() throws Exception {
        squall.experiment("early", restart(""));
        Process process = squall.start("run", "early.yaml");
        awaitText(squall.latest("early").resolve("harness.log"), "node-0 started");

        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        Squall.Answer answer = squall.answer(process);
        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(130);
        assertThat(answer.err()).contains("interrupted before the run began");
    }

    /** Until the injector has journalled its first open client. */
    private void awaitRunning(String experiment) throws IOException, InterruptedException {
        awaitText(squall.latest(experiment).resolve("clients-0.csv"), "READY");
    }

    private static void awaitText(Path file, String text) throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (Files.exists(file) && Files.readString(file).contains(text)) {
                return;
            }
            new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError("no " + text + " in " + file + " within 30 s");
    }

    @Test
    void aPortInUseIsAClearErrorBeforeAnyLoad() throws Exception {
        squall.experiment("port", restart(""));
        try (ServerSocket taken = new ServerSocket(0x5ca1, 1, InetAddress.getByName("127.0.0.1"))) {
            Squall.Answer run = squall.call("run", "port.yaml", "--set", "target.mock.port=" + taken.getLocalPort());

            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err())
                    .contains("127.0.0.1:" + taken.getLocalPort() + " is in use")
                    .contains("--set target.mock.port=")
                    .doesNotContain("\tat ");
            assertThat(directory.resolve("runs")).doesNotExist();
        }
    }

    @Test
    void tooFewDescriptorsForTheClientsAreAClearErrorBeforeAnyLoad() throws Exception {
        squall.experiment("descriptors", restart("") + "injectors: 1\n");

        Squall.Answer run = squall.shell("ulimit -n 500; squall run descriptors.yaml");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err())
                .contains("descriptors.yaml:")
                .contains("1 for 400 clients")
                .contains("at least 2")
                .contains("ulimit -n 500")
                .doesNotContain("\tat ");
    }

    @Test
    void anUnwritableOutputFolderIsAClearError() throws Exception {
        squall.experiment("out", restart(""));
        Files.writeString(directory.resolve("file"), "no folder");

        Squall.Answer run = squall.call("run", "out.yaml", "--out", "file");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--out DIR").doesNotContain("\tat ");
    }

    @Test
    void theTarballRunsWithOnlyAJre() throws Exception {
        Path tarball = Path.of(System.getProperty("squall.tarball"));
        Process tar = new ProcessBuilder("tar", "xzf", tarball.toString(), "-C", directory.toString()).start();
        assertThat(tar.waitFor()).isZero();
        Path home = directory.resolve(tarball.getFileName().toString().replace(".tar.gz", ""));
        // A JRE has no compiler, and a user of the tarball need not have Maven: neither is on this path.
        Process process = new ProcessBuilder(
                        "/usr/bin/env",
                        "-i",
                        "PATH=/usr/bin:/bin",
                        "HOME=" + directory,
                        "SQUALL_JAVA=" + Path.of(System.getProperty("java.home"), "bin", "java"),
                        home.resolve("squall").toString(),
                        "validate")
                .redirectErrorStream(true)
                .start();
        String text;
        try (InputStream in = process.getInputStream()) {
            text = Squall.text(in);
        }

        assertThat(process.waitFor()).as(text).isZero();
        assertThat(text).contains("valid: quickstart, 30 s, 1,000 clients, 1 node, 1 injector");
        assertThat(Files.isExecutable(home.resolve("squall"))).isTrue();
        assertThat(home.resolve("charts"))
                .as("Gatling's charts, which may not be passed on")
                .doesNotExist();
    }

    @Test
    void theShippedExperimentsAreValidAndListed() throws Exception {
        Squall.Answer list = squall.call("experiments");

        assertThat(list.exitCode()).isZero();
        for (String line : list.out().lines().takeWhile(l -> !l.isBlank()).toList()) {
            Squall.Answer validate = squall.call("validate", line.split(" ")[0]);
            assertThat(validate.exitCode()).as(line + "\n" + validate).isZero();
        }
    }

    @Test
    void initWritesAnExperimentThatIsValidAndOverwritesNone() throws Exception {
        assertThat(squall.call("init", "mine.yaml").exitCode()).isZero();
        assertThat(squall.call("validate", "mine.yaml").exitCode()).isZero();

        Squall.Answer again = squall.call("init", "mine.yaml");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("exists already");
    }
}
