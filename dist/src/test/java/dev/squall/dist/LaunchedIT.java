package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A server of somebody else's that the run starts as a process: what its restarts did, and that nothing of it is left. */
@Timeout(120)
class LaunchedIT {

    private static final Path SERVERS = Path.of("src", "test", "servers").toAbsolutePath();

    private static final String EXPERIMENT = """
            duration: 6s
            seed: 5
            target:
              process:
                command: [node, %s, '%d', '1012']
                port: %2$d
                grace: 2s
              restart: {settle: 500ms}
            load:
              all: {clients: 100, arrive: {over: 500ms}, reconnect: {delay: 50ms..200ms}}
            faults:
              - restart: {at: 1500ms, deadline: 1s}
              - restart: {at: 3500ms, deadline: 1s, kill: true, downtime: 200ms}
            """;

    @TempDir
    Path directory;

    private int port;

    @BeforeEach
    void choosePort() throws Exception {
        Remains.need(Program.runs(SERVERS, "node", "-e", "import('ws')"), "Node's ws");
        port = Remains.freePort();
    }

    private String experiment() throws IOException {
        return new Squall(directory)
                .experiment("launched", String.format(EXPERIMENT, SERVERS.resolve("chat.mjs"), port))
                .toString();
    }

    /** The processes of the server that run now. */
    private List<ProcessHandle> servers() {
        return ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").contains("chat.mjs " + port))
                .toList();
    }

    private Remains remains() throws IOException {
        return new Remains(new Squall(directory).latest("launched").toRealPath());
    }

    private void awaitReadyClient(Process harness) throws Exception {
        Squall squall = new Squall(directory);
        Path journal = squall.latest("launched").resolve("clients-0.csv");
        Remains.await("ready client", 60, () -> {
            if (!harness.isAlive()) {
                throw new AssertionError("the run ended: " + squall.answer(harness));
            }
            return Files.exists(journal) && Files.readString(journal).contains("READY");
        });
        assertThat(servers()).isNotEmpty();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aStopAndAKillAreToldApartAndItIsTakenAwayAtTheEnd() throws Exception {
        Squall.Answer answer = new Squall(directory).call("run", experiment());

        assertThat(answer.exitCode()).as(answer.toString()).isZero();
        JsonNode results = new Squall(directory).results("launched");
        assertThat(results.at("/restarts/0/codes").toString()).isEqualTo("{\"1012\":100}");
        assertThat(results.at("/restarts/1/codes").toString()).isEqualTo("{\"1006\":100}");
        assertThat(results.at("/restarts/0/command/exitCode").asInt()).isZero();
        assertThat(results.at("/restarts/1/command/exitCode").asInt()).isEqualTo(137);
        assertThat(results.at("/target/launched").asText()).startsWith("the process node ");
        assertThat(remains().text("server.log")).contains("SIGTERM, 100 clients");
        assertThat(answer.out()).contains("1012 stop of the process").contains("1006 kill of the process");
        assertThat(servers()).isEmpty();
        assertThat(answer.err()).doesNotContain("left behind");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void anInterruptedRunTakesItAwayAndIsJudged() throws Exception {
        Process harness = new Squall(directory).start("run", experiment());
        awaitReadyClient(harness);

        new ProcessBuilder("kill", "-INT", String.valueOf(harness.pid()))
                .start()
                .waitFor();

        assertThat(harness.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(harness.exitValue()).isEqualTo(130);
        assertThat(servers()).isEmpty();
        assertThat(remains().directory().resolve("results.json")).exists();
        assertThat(remains().directory().resolve("undo.json")).doesNotExist();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aKilledHarnessTakesItAlong() throws Exception {
        Process harness = new Squall(directory).start("run", experiment());
        awaitReadyClient(harness);
        List<ProcessHandle> servers = servers();

        harness.destroyForcibly();

        remains().assertNothingIsLeft(servers, 12);
        assertThat(servers()).isEmpty();
        Remains.await(
                "end of undo.json",
                12,
                () -> !Files.exists(remains().directory().resolve("undo.json")));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whatAKilledChildAndAKilledHarnessLeaveIsTakenAwayToo() throws Exception {
        Process harness = new Squall(directory).start("run", experiment());
        awaitReadyClient(harness);
        List<ProcessHandle> servers = servers();
        List<ProcessHandle> owner = remains().children("target");
        assertThat(owner).hasSize(1);

        harness.destroyForcibly();
        owner.forEach(ProcessHandle::destroyForcibly);

        remains().assertNothingIsLeft(servers, 20);
        assertThat(servers()).isEmpty();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aConditionThatHoldsEndsLoadAndFaultsAtOnceAndTheRunFails() throws Exception {
        String file = experiment();
        Files.writeString(
                Path.of(file),
                Files.readString(Path.of(file)).replace("duration: 6s", "duration: 30s")
                        + "abort-when: [clients.open.rate > 200%, attempts.failed.count > 20]\n");
        Squall.Answer invalid = new Squall(directory).call("run", file);
        Files.writeString(Path.of(file), Files.readString(Path.of(file)).replace("> 200%", "> 100%"));

        Squall.Answer answer = new Squall(directory).call("run", file);

        assertThat(invalid.exitCode()).as(invalid.toString()).isEqualTo(2);
        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(1);
        assertThat(answer.out())
                .contains("fail  attempts.failed.count > 20")
                .contains("abort-when: it held at")
                .contains("at 3.5 s   did not begin");
        long aborted = remains()
                .text("harness.csv")
                .lines()
                .filter(row -> row.contains(",ABORTED,"))
                .mapToLong(row -> Long.parseLong(row.split(",")[1]))
                .findFirst()
                .orElseThrow();
        long last = remains()
                .text("clients-0.csv")
                .lines()
                .filter(row -> row.contains(",CONNECTING,"))
                .mapToLong(row -> Long.parseLong(row.split(",")[1]))
                .max()
                .orElseThrow();
        assertThat(last - aborted).as("us from the abort to the last try").isLessThan(1_000_000);
        assertThat(servers()).isEmpty();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aPortThatSomebodyElseHasIsRefusedBeforeAnythingIsStarted() throws Exception {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            Squall.Answer answer = new Squall(directory).call("run", experiment());

            assertThat(taken.isBound()).isTrue();
            assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(2);
            assertThat(answer.err()).contains("port " + port + " is in use").contains("expected: a free one");
            assertThat(directory.resolve("runs")).doesNotExist();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerThatDoesNotStartIsToldInItsOwnWords() throws Exception {
        String file = new Squall(directory)
                .experiment(
                        "launched",
                        String.format(EXPERIMENT, SERVERS.resolve("chat.mjs"), port)
                                .replace("'1012'", "'no code'"))
                .toString();
        String broken = Files.readString(Path.of(file)).replace("chat.mjs", "no-such-chat.mjs");
        Files.writeString(Path.of(file), broken);

        Squall.Answer answer = new Squall(directory).call("run", file);

        assertThat(answer.exitCode()).as(answer.toString()).isEqualTo(2);
        assertThat(answer.err())
                .contains("it ended before it served: exit code 1")
                .contains("no-such-chat.mjs");
        assertThat(servers()).isEmpty();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aCommandThatDoesNotEndWellIsUndoneOrToldHowItWouldBe() throws Exception {
        String yaml = """
                duration: 3s
                seed: 5
                target:
                  url: ws://127.0.0.1:%d/
                  restart: {command: [sh, -c, 'exit 3'], %ssettle: 100ms}
                load: {all: {clients: 1, reconnect: {delay: 50ms..200ms}}}
                faults: [{restart: {at: 1s, deadline: 1s}}]
                """;
        Squall squall = new Squall(directory);
        Path undone = directory.resolve("undone");

        Squall.Answer known = squall.call(
                "run",
                squall.experiment("known", String.format(yaml, port, "undo: [touch, '" + undone + "'], "))
                        .toString());
        Squall.Answer unknown = squall.call(
                "run",
                squall.experiment("unknown", String.format(yaml, port, "")).toString());
        String run = squall.latest("unknown").toRealPath().toString();
        Squall.Answer rollback = squall.call("rollback", run);
        Squall.Answer again = squall.call("rollback", run, "--dry-run");

        assertThat(undone).as(known.toString()).exists();
        assertThat(squall.latest("known").resolve("undo.json")).doesNotExist();
        assertThat(known.err()).doesNotContain("left behind");
        assertThat(unknown.err())
                .contains("left behind: the server that sh -c exit 3 was to restart")
                .contains("next: squall rollback ");
        assertThat(rollback.exitCode()).as(rollback.toString()).isEqualTo(1);
        assertThat(rollback.out()).contains("left    the server that sh").contains("target.restart.undo");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(squall.call("rollback", squall.latest("known").toString()).exitCode())
                .isZero();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aServerElsewhereIsLoadedByOneLeaveAndRestartedByAnother() throws Exception {
        String file = new Squall(directory).experiment("elsewhere", """
                        duration: 6s
                        target: {url: 'ws://198.51.100.7:9/', restart: {command: [touch, made]}}
                        load: {all: {clients: 1, reconnect: {delay: 50ms..200ms}}}
                        faults: [{restart: {at: 1s, deadline: 1s}}]
                        """).toString();
        Squall squall = new Squall(directory);

        Squall.Answer loaded = squall.call("run", file, "--dry-run", "--allow-target", "198.51.100.7");
        Squall.Answer both = squall.call(
                "run", file, "--dry-run", "--allow-target", "198.51.100.7", "--allow-restart", "198.51.100.7");

        assertThat(loaded.exitCode()).as(loaded.toString()).isEqualTo(2);
        assertThat(loaded.err()).contains("would be restarted").contains("--allow-restart 198.51.100.7");
        assertThat(both.exitCode()).as(both.toString()).isZero();
    }
}
