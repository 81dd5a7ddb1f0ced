package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.report.Assessment;
import dev.squall.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SIGKILL of a process of a run at a random moment: the run ends, tells the truth and leaves nothing. The first seed is
 * {@code -Dsquall.kill.first} (0), their number {@code -Dsquall.kill.seeds} (18), which make every victim meet every moment.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KilledProcessIT {

    /** How long a run may take to end by itself once one of its processes was killed. */
    private static final long END_SECONDS = 15;

    /** How long what a killed harness started may outlive it. */
    private static final long OUTLIVE_SECONDS = 10;

    private static final String EXPERIMENT = """
            seed: 5
            duration: 2s
            load:
              strict:
                clients: 40
                arrive: {over: 500ms}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: stop
                reconnect: {delay: 50ms..400ms}
                message: {every: 500ms, size: 64B}
              phones: {clients: 60, arrive: {over: 500ms}, reconnect: {delay: 50ms..400ms}}
            faults:
              - {withhold: permessage-deflate, probability: 25%, from: 0s, to: 500ms}
              - restart: {at: 700ms, drain: 300ms, downtime: 300ms, deadline: 700ms}
            """;

    private enum Victim {
        NODE("node-0", "node 0 lost"),
        INJECTOR("clients-0", "injector 0 lost"),
        HARNESS("", "the harness died");

        final String name;
        final String told;

        Victim(String name, String told) {
            this.name = name;
            this.told = told;
        }
    }

    /** The last moment that is awaited before the kill, and how long after it the kill may come, in milliseconds. */
    private enum Moment {
        STARTING(1500) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return run.text("harness.log")
                        .contains((victim == Victim.INJECTOR ? "clients-0" : "node-0") + " started");
            }
        },
        ARRIVALS(500) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return started(run, 0);
            }
        },
        DRAIN(300) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return started(run, 700);
            }
        },
        DOWNTIME(300) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return started(run, 1000);
            }
        },
        CLOSING(400) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return started(run, 2000);
            }
        },
        RESULTS(600) {
            @Override
            boolean hasCome(Remains run, Victim victim) throws IOException {
                return run.text("harness.log").contains("clients-0 ended");
            }
        };

        final int withinMillis;

        Moment(int withinMillis) {
            this.withinMillis = withinMillis;
        }

        abstract boolean hasCome(Remains run, Victim victim) throws IOException;

        static boolean started(Remains run, long millis) throws IOException {
            return Files.exists(run.directory().resolve("run.json"))
                    && Instant.parse(run.json("run.json").get("startedAt").asText())
                            .plusMillis(millis)
                            .isBefore(Instant.now());
        }
    }

    @TempDir
    private Path directory;

    static IntStream seeds() {
        int first = Integer.getInteger("squall.kill.first", 0);
        return IntStream.range(first, first + Integer.getInteger("squall.kill.seeds", 18));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Execution(ExecutionMode.CONCURRENT)
    void aKilledProcessEndsTheRunWhichThenTellsTheTruth(int seed) throws Exception {
        Victim victim = Victim.values()[seed % 3];
        Moment moment = Moment.values()[seed / 3 % 6];
        long delay = new Random(seed).nextInt(moment.withinMillis);
        String story = "seed " + seed + ": " + victim + " killed " + delay + " ms into " + moment;
        Squall squall = new Squall(directory);
        squall.experiment("kill", EXPERIMENT + "target: {mock: {port: " + Remains.freePort() + "}}\n");
        Process harness = squall.start("run", "kill.yaml");
        try {
            Remains run = new Remains(squall.latest("kill"));
            Remains.await(moment + " (" + story + ")", 60, () -> moment.hasCome(run, victim) || !harness.isAlive());
            new CountDownLatch(1).await(delay, TimeUnit.MILLISECONDS);
            List<ProcessHandle> processes = harness.descendants().toList();

            if (victim == Victim.HARNESS) {
                harness.destroyForcibly();
            } else {
                run.children(victim.name).forEach(ProcessHandle::destroyForcibly);
            }

            assertThat(harness.waitFor(END_SECONDS, TimeUnit.SECONDS))
                    .as(story + ": the run ends")
                    .isTrue();
            run.assertNothingIsLeft(processes, OUTLIVE_SECONDS);
            run.assertJournalsHaveWholeRows();
            Squall.Answer answer = squall.answer(harness);
            if (victim == Victim.HARNESS) {
                assertReported(squall, run, story);
            } else {
                assertTold(run, victim, answer, story + "\n" + answer);
            }
        } catch (AssertionError e) {
            throw new AssertionError(story + ": " + e.getMessage(), e);
        } finally {
            harness.destroyForcibly();
        }
    }

    /** A lost child: its run cannot pass and names it, in its results as on the terminal. */
    private static void assertTold(Remains run, Victim victim, Squall.Answer answer, String story) throws Exception {
        if (!Files.exists(run.directory().resolve("run.json"))) {
            assertThat(answer.exitCode()).as(story).isEqualTo(2);
            assertThat(answer.err()).as(story).contains(victim.name + " ended with code 137");
            return;
        }
        if (run.text("harness.csv").matches("(?s).*CHILD_EXITED,0,,,\\S+ " + victim.name + " planned.*")) {
            return; // It had done all that it was there for before the kill came.
        }
        assertThat(answer.exitCode()).as(story).isIn(1, 3);
        assertThat(answer.out()).as(story).contains(victim.told + " with exit code 137");
        assertThat(run.json("results.json").at("/injector/reasons").toString())
                .as(story)
                .contains(victim.told + " with exit code 137");
        assertThat(Assessment.of(new RunDirectory(run.directory())).results())
                .as(story + ": reported again")
                .isEqualTo(run.text("results.json"));
    }

    /** A lost harness: the report cannot pass unless all had ended, or says that there is nothing to judge. */
    private static void assertReported(Squall squall, Remains run, String story) throws Exception {
        Squall.Answer report = squall.call("report", run.directory().toString());
        String all = story + "\n" + report;
        if (run.text("harness.csv").contains("RUN_ENDED")) {
            assertThat(report.exitCode()).as(all).isZero();
        } else if (!run.text("harness.csv").contains("CHILD_STARTED")) {
            assertThat(report.exitCode()).as(all).isEqualTo(2);
            assertThat(report.err()).as(all).containsAnyOf("the run never started", "harness.csv: names no child");
        } else {
            assertThat(report.exitCode()).as(all).isIn(1, 3);
            assertThat(report.out()).as(all).contains(Victim.HARNESS.told);
        }
    }
}
