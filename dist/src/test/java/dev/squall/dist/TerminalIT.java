package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C at a terminal, which sends SIGINT to every process of the run at once. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TerminalIT {

    private static final int CTRL_C = 3;

    /** How long an orderly stop may take. */
    private static final long ORDERLY_SECONDS = 20;

    /** How long a stop at once may take, on a machine that does other things too. */
    private static final long AT_ONCE_SECONDS = 4;

    private static final String EXPERIMENT = """
            seed: 11
            duration: 60s
            load:
              phones:
                clients: 200
                arrive: {over: 1s}
                reconnect: {delay: 500ms..2s}
                message: {every: 1s, size: 64B}
            faults:
              - restart: {at: 20s, deadline: 8s}
            """;

    @TempDir
    private Path directory;

    private Squall squall;
    private Remains run;
    private Process terminal;

    @BeforeEach
    void runAtATerminal() throws Exception {
        Remains.need(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux's script, which makes a terminal");
        squall = new Squall(directory);
        squall.experiment("terminal", EXPERIMENT + "target: {mock: {port: " + Remains.freePort() + "}}\n");
        // Written to a file of its own, for the process that is the harness is not the one that the test starts.
        String line = "bash '" + squall.home().resolve("squall") + "' run terminal.yaml";
        List<String> command = new ArrayList<>(Squall.INTERRUPTIBLE);
        command.addAll(List.of("/usr/bin/script", "-qec", line, "/dev/null"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .put(
                        "SQUALL_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
        File said = directory.resolve("terminal.txt").toFile();
        terminal = builder.directory(directory.toFile())
                .redirectOutput(said)
                .redirectErrorStream(true)
                .start();
        run = new Remains(squall.latest("terminal"));
    }

    @AfterEach
    void endTheTerminal() {
        if (terminal != null) {
            terminal.descendants().forEach(ProcessHandle::destroyForcibly);
            terminal.destroyForcibly();
        }
    }

    private void ctrlC() {
        try {
            OutputStream keys = terminal.getOutputStream();
            keys.write(CTRL_C);
            keys.flush();
        } catch (IOException e) {
            // The terminal has gone: nobody is left to be interrupted.
        }
    }

    private void awaitLoad() throws Exception {
        Remains.await("open client", 60, () -> run.text("clients-0.csv").contains("READY"));
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("terminal.txt"));
    }

    private void assertEnds(long seconds, List<ProcessHandle> processes) throws Exception {
        assertThat(terminal.waitFor(seconds, TimeUnit.SECONDS))
                .as("the run ends")
                .isTrue();
        assertThat(terminal.exitValue()).as(said()).isEqualTo(130);
        run.assertNothingIsLeft(processes, AT_ONCE_SECONDS);
    }

    @Test
    void onceEndsTheRunInOrderAndWhatWasMeasuredIsJudgedAndWritten() throws Exception {
        awaitLoad();
        List<ProcessHandle> processes = terminal.descendants().toList();

        ctrlC();

        assertEnds(ORDERLY_SECONDS, processes);
        assertThat(said())
                .contains("INCONCLUSIVE  terminal")
                .contains("interrupted")
                .contains("results.json");
        JsonNode results = run.json("results.json");
        assertThat(results.get("interrupted").asBoolean()).isTrue();
        assertThat(results.get("verdict").asText()).isEqualTo("inconclusive");
        assertThat(results.get("findings").size()).isPositive();
        assertThat(results.get("durationSeconds").asDouble()).isLessThan(60);
        // In order: no child was lost to the SIGINT that all of them got, and the clients left with 1000.
        assertThat(results.at("/injector/trusted").asBoolean())
                .as(results.get("injector").toString())
                .isTrue();
        assertThat(results.at("/closes/0/code").asInt()).isEqualTo(1000);
        assertThat(results.at("/ledger/balanced").asBoolean()).isTrue();
    }

    @Test
    void twiceEndsItAtOnce() throws Exception {
        awaitLoad();
        List<ProcessHandle> processes = terminal.descendants().toList();

        ctrlC();
        Remains.await("orderly stop", 10, () -> run.text("harness.log").contains("the run ends early"));
        ctrlC();

        assertEnds(AT_ONCE_SECONDS, processes);
        assertThat(run.directory().resolve("results.json"))
                .as("the fruit of an orderly stop")
                .doesNotExist();
    }

    @Test
    void whileChildrenStartThereIsNothingToJudgeAndNothingIsLeft() throws Exception {
        Remains.await("injector", 60, () -> run.text("harness.log").contains("clients-0 started"));
        List<ProcessHandle> processes = terminal.descendants().toList();

        ctrlC();

        assertEnds(ORDERLY_SECONDS, processes);
        assertThat(said()).contains("interrupted before the run began").doesNotContain("\tat ");
    }

    @Test
    void twiceWhileChildrenStartEndsThemAtOnce() throws Exception {
        Remains.await("node", 60, () -> run.text("harness.log").contains("node-0 started"));
        List<ProcessHandle> processes = terminal.descendants().toList();

        long pressed = System.nanoTime();
        // Signals that come before the first was taken are one.
        while (terminal.isAlive() && !terminal.waitFor(100, TimeUnit.MILLISECONDS)) {
            ctrlC();
        }
        assertThat(System.nanoTime() - pressed).isLessThan(TimeUnit.SECONDS.toNanos(AT_ONCE_SECONDS));

        assertEnds(AT_ONCE_SECONDS, processes);
    }
}
