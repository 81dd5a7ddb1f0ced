package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchReaderTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("TOKEN", "hush");

    @TempDir
    Path folder;

    private static Experiment read(String target, String more) throws ExperimentException {
        return new ExperimentReader(20_000, ENVIRONMENT::get)
                .read(
                        "duration: 60s\nload: {all: {clients: 1}}\ntarget: {" + target + "}\n" + more,
                        "test.yaml",
                        List.of());
    }

    private static Experiment.Foreign target(String target) throws ExperimentException {
        return (Experiment.Foreign) read(target, "").target();
    }

    private static String problem(String target, String more) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(target, more));
        assertThat(thrown).as(target).isNotNull();
        return thrown.getMessage();
    }

    @Test
    void aProcessIsPlannedWithItsSecretsUnread() throws Exception {
        Experiment experiment = read(
                "process: {command: [node, server.mjs, '${env:TOKEN}'], port: 8080, path: '/chat?token=${env:TOKEN}',"
                        + " env: {KEY: '${env:TOKEN}'}, directory: " + folder
                        + ", stop: SIGINT, restart: SIGHUP, grace: 3s,"
                        + " ready: {http: /health, log: 'listening at [0-9]+', within: 20s}}",
                "faults: [{restart: {at: 10s}}, {restart: {at: 20s, kill: true, downtime: 2s}}]\n");

        Experiment.Foreign foreign = (Experiment.Foreign) experiment.target();
        Plan plan = experiment.plan(1, foreign);
        assertThat(foreign.uri()).hasToString("ws://localhost:8080/chat?token=hush");
        assertThat(plan.endpoint().url()).isEqualTo("ws://localhost:8080/chat?token=${env:TOKEN}");
        assertThat(plan.endpoint().launch())
                .isEqualTo(new Launch.Program(
                        List.of("node", "server.mjs", "${env:TOKEN}"),
                        Map.of("KEY", "${env:TOKEN}"),
                        folder.toString(),
                        8080,
                        "SIGINT",
                        Launch.Way.SIGNAL,
                        "SIGHUP",
                        3_000_000,
                        new Launch.Ready("/health", "listening at [0-9]+", 20_000_000)));
        assertThat(plan.restarts())
                .extracting(r -> r.atMicros() + " " + r.kill() + " " + r.downtimeMicros())
                .containsExactly("10000000 false 0", "20000000 true 2000000");
        assertThat(plan.toJson()).doesNotContain("hush");
        Path file = folder.resolve("plan.json");
        plan.write(file);
        assertThat(Plan.read(file)).isEqualTo(plan);
    }

    @Test
    void aContainerIsDialledAtAPortOfThisMachineThatMayBeChosenLater() throws Exception {
        Experiment.Foreign foreign = target("container: {image: 'chat:1.4', port: 80, restart: pause, secure: true}");

        assertThat(foreign.uri()).hasToString("wss://localhost:80/");
        Experiment.Foreign at = foreign.launchedAt(9001);
        assertThat(at.uri()).hasToString("wss://localhost:9001/");
        assertThat(at.endpoint().url()).isEqualTo("wss://localhost:9001/");
        assertThat(at.endpoint().launch())
                .isEqualTo(new Launch.Container(
                        "chat:1.4",
                        80,
                        9001,
                        false,
                        Map.of(),
                        List.of(),
                        Launch.Way.PAUSE,
                        List.of(),
                        10_000_000,
                        new Launch.Ready(null, null, 60_000_000)));
        assertThat(target("container: {image: chat, port: 8080, network: host}")
                        .endpoint()
                        .launch()
                        .port())
                .isEqualTo(8080);
    }

    @Test
    void aPausedServerStandsStillForFiveSecondsUnlessToldOtherwise() throws Exception {
        Experiment experiment = read(
                "container: {image: chat, port: 80, restart: pause}",
                "faults: [{restart: {at: 10s}}, {restart: {at: 20s, downtime: 1s}}]\n");

        assertThat(experiment.restarts())
                .extracting(Plan.Restart::downtimeMicros)
                .containsExactly(5_000_000L, 1_000_000L);
    }

    @Test
    void aComposeFileIsNamedAbsolutely() throws Exception {
        Path file = Files.createFile(folder.resolve("compose.yml"));

        Launch launch = target(
                        "compose: {file: " + file + ", service: chat, port: 8080, restart: exec, exec: [kill, '1']}")
                .endpoint()
                .launch();

        assertThat(launch)
                .isEqualTo(new Launch.Compose(
                        file.toString(),
                        "chat",
                        8080,
                        Map.of(),
                        Launch.Way.EXEC,
                        List.of("kill", "1"),
                        10_000_000,
                        new Launch.Ready(null, null, 60_000_000)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "process: {port: 80} | command is missing",
                "process: {command: [], port: 80} | no program",
                "process: {command: [a]} | port is missing",
                "process: {command: [a], port: 70000} | 1 to 65535",
                "process: {command: [a], port: 80, stop: TERM} | a signal, as SIGTERM",
                "process: {command: [a], port: 80, restart: exec} | stop | kill | pause",
                "process: {command: [a], port: 80, env: {a-b: c}} | a variable's name",
                "process: {command: [a], port: 80, env: {A: '${env:NONE}'}} | ${env:NONE}",
                "process: {command: [a], port: 80, path: chat} | a path, as /chat",
                "process: {command: [a], port: 80, directory: /no/such} | a folder",
                "process: {command: [a], port: 80, ready: {log: '('}} | a regular expression",
                "process: {command: [a], port: 80, ready: {tcp: 80}} | unknown key tcp",
                "process: {command: [a], port: 80}, lookup: each | belongs to a server behind a URL",
                "process: {command: [a], port: 80}, insecure: true | only with wss:",
                "process: {command: [a], port: 80}, restart: {command: [b]} | target.process.restart",
                "process: {command: [a], port: 80}, url: 'ws://localhost/' | one of them",
                "container: {port: 80} | image is missing",
                "container: {image: chat, port: 80, restart: exec} | exec is missing",
                "container: {image: chat, port: 80, exec: [a]} | stands alone",
                "container: {image: chat, port: 80, host-port: 40000} | 1024 to 32767",
                "container: {image: chat, port: 80, network: host, host-port: 9000} | stands beside network: host",
                "compose: {service: chat, port: 80} | file is missing",
                "compose: {file: /no/such.yml, service: chat, port: 80} | a compose file",
            })
    void whatCannotBeLaunchedIsToldWithWhatIsExpected(String target, String expected) {
        assertThat(problem(target, "")).contains("test.yaml:3:").contains(expected);
    }

    @Test
    void aRestartSaysOnlyWhatSquallDecidesOfAServerThatIsNotItsOwn() {
        assertThat(problem(
                        "process: {command: [a], port: 80}", "faults: [{restart: {at: 1s, code: 1012, drain: 2s}}]\n"))
                .contains("restart: {at, every, downtime, deadline, kill}");
        assertThat(problem(
                        "process: {command: [a], port: 80}",
                        "faults: [{restart: {at: 20s, downtime: 20s, deadline: 30s}}]\n"))
                .contains("at 20 s + downtime 20 s + deadline 30 s is 70 s");
    }

    @Test
    void anAbortIsOnWhatIsKnownWhileTheRunGoesOn() throws Exception {
        String observe = "observe: {cpu: {json: 'http://127.0.0.1:1/', field: /cpu}}\n";
        assertThat(read(
                                "url: 'ws://localhost/'",
                                observe
                                        + "abort-when: [observed.cpu.last > 90, clients.open.rate < 50%, attempts.failed.count > 9]\n")
                        .plan(1, target("url: 'ws://localhost/'"))
                        .abortWhen())
                .containsExactly("observed.cpu.last > 90", "clients.open.rate < 50%", "attempts.failed.count > 9");
        assertThat(problem("url: 'ws://localhost/'", "abort-when: [clients.lost.count > 0]\n"))
                .contains("is not known while the run goes on")
                .contains("clients.open.rate");
        assertThat(problem("url: 'ws://localhost/'", "abort-when: [observed.cpu.last > 90]\n"))
                .contains("the experiment observes nothing");
        assertThat(problem("url: 'ws://localhost/'", "abort-when: [injector.stall.max > 1s]\n"))
                .contains("is not known while the run goes on");
    }

    @Test
    void aNodeIsNamedByAHeader() throws Exception {
        assertThat(target("url: 'ws://localhost/', identify-node: 'header:x-pod'")
                        .endpoint()
                        .identifyNode())
                .isEqualTo("header:x-pod");
        assertThat(problem("url: 'ws://localhost/', identify-node: x-pod", ""))
                .contains("a header of the handshake's answer, as header:x-pod");
        assertThat(problem("mock: {}, identify-node: 'header:x-pod'", "")).contains("belongs to a server behind a URL");
    }

    @Test
    void anUndoOfARestartNeedsTheRestart() throws Exception {
        assertThat(problem("url: 'ws://localhost/', restart: {undo: [systemctl, start, chat]}", ""))
                .contains("stands alone");
        assertThat(target("url: 'ws://localhost/', restart: {command: [a], undo: [b, c]}")
                        .endpoint()
                        .restarts()
                        .undo())
                .containsExactly("b", "c");
    }
}
