package dev.squall.injector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The injector as the harness meets it: a process with a line in, a line out, and files. */
@Timeout(60)
class InjectorMainTest {

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    private Plan plan(int port, int clients, int injectors, long durationMillis) {
        ReconnectPolicy soon = new ReconnectPolicy("soon", 50_000, 50_000, 1, 50_000, Jitter.NONE, false, 99, 0);
        return new Plan(
                Plan.SCHEMA,
                "test",
                7,
                durationMillis * 1000,
                injectors,
                List.of(new Plan.Node(0, "127.0.0.1", port)),
                null,
                null,
                List.of(),
                null,
                List.of(
                        new Population(
                                0,
                                "strict",
                                clients,
                                500_000,
                                List.of("permessage-deflate"),
                                List.of("permessage-deflate"),
                                On1010.STOP,
                                null,
                                soon),
                        new Population(
                                1,
                                "plain",
                                clients,
                                500_000,
                                List.of(),
                                List.of(),
                                On1010.STOP,
                                new Message(200_000, 64),
                                soon)),
                List.of(),
                List.of(),
                new Plan.Limits(2_000_000, 2_000_000, 2_000_000, 3_000_000),
                List.of(),
                0);
    }

    private InjectorProcess start(Plan plan, int share, String... wrapper) throws IOException {
        InjectorProcess child = InjectorProcess.start(folder, plan, share, List.of("-Xmx256m"), wrapper);
        processes.add(child.process);
        return child;
    }

    private List<String> rows(int share, String event) throws IOException {
        return Files.readAllLines(folder.resolve("clients-" + share + ".csv")).stream()
                .filter(row -> row.contains("," + event + ","))
                .toList();
    }

    @Test
    void runsItsShareFromReadyToTheLastRow() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            InjectorProcess child = start(plan(server.port(), 40, 2, 1500), 1);
            assertThat(child.until("squall: ready")).isEqualTo("squall: ready clients=40"); // 20 of each
            assertThat(server.connections()).isZero(); // The rehearsal and the virtual users keep to themselves.
            child.begin();

            assertThat(child.until("squall: status"))
                    .contains("arrived=40")
                    .contains("open=20")
                    .contains("finished=20")
                    .contains("closed.1010=20");
            child.until("nothing like this");
            assertThat(child.exitCode()).isZero();

            assertThat(child.lines).allMatch(line -> line.startsWith("squall: "));
            assertThat(rows(1, "ARRIVED")).hasSize(40).allMatch(row -> {
                String[] columns = row.split(",", -1);
                return Integer.parseInt(columns[3]) % 2 == 1 && Long.parseLong(columns[8]) < 400_000;
            });
            assertThat(rows(1, "FINISHED")).hasSize(40);
            assertThat(rows(1, "CPU")).isNotEmpty();
            assertThat(Files.readString(folder.resolve("clients-1.hlog")))
                    .contains("Tag=echo.plain")
                    .contains("Tag=stall");
            assertThat(Files.readString(folder.resolve("stderr"))).isEmpty();
            assertThat(folder).isDirectoryNotContaining("glob:**simulation*");
        }
    }

    @Test
    void finishEndsTheRunInGoodOrderBeforeItsTime() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            InjectorProcess child = start(plan(server.port(), 5, 1, 600_000), 0);
            child.until("squall: ready");
            child.begin();
            child.until("squall: status");
            child.say("finish");
            child.until("nothing like this");

            assertThat(child.exitCode()).isZero();
            assertThat(rows(0, "FINISHED")).hasSize(10);
        }
    }

    @Test
    void endOfStandardInputStopsItAtOnceWithWholeRows() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            InjectorProcess child = start(plan(server.port(), 5, 1, 600_000), 0);
            child.until("squall: ready");
            child.begin();
            child.until("squall: status");
            long before = System.nanoTime();
            child.process.outputWriter().close();

            assertThat(child.exitCode()).isEqualTo(3);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before))
                    .isLessThan(2000);
            assertThat(Files.readString(folder.resolve("clients-0.csv"))).endsWith("\n");
            assertThat(rows(0, "ARRIVED")).hasSize(10);
        }
    }

    @Test
    void tooFewDescriptorsAreSaidBeforeAnybodyArrives() throws Exception {
        InjectorProcess child =
                start(plan(20_001, 1000, 1, 1000), 0, "/bin/sh", "-c", "ulimit -n 512; exec \"$@\"", "sh");

        assertThat(child.until("squall: error"))
                .isEqualTo("squall: error descriptors: 512 (expected: >= 2256 for 2000 clients;"
                        + " raise `ulimit -n` or use more injectors)");
        assertThat(child.exitCode()).isEqualTo(1);
    }

    @Test
    void brokenPlanIsAnErrorLineNotAStackTrace() throws Exception {
        Plan plan = plan(20_001, 1, 1, 1000);
        Plan unknown = new Plan(
                "squall/plan/9",
                plan.experiment(),
                plan.seed(),
                plan.durationMicros(),
                plan.injectors(),
                plan.nodes(),
                plan.endpoint(),
                null,
                plan.extensions(),
                plan.capacity(),
                plan.populations(),
                plan.faults(),
                plan.restarts(),
                plan.limits(),
                plan.expectations(),
                plan.confidence());
        InjectorProcess child = start(unknown, 0);

        assertThat(child.until("squall: error")).contains("schema squall/plan/9 (expected: squall/plan/1)");
        assertThat(child.exitCode()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("stderr"))).isEmpty();
    }
}
