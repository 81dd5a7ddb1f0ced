package dev.squall.stats;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ExperimentReader;
import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Ping;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.reconnect.Mix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs on virtual time, for tests of what comes after the journals. */
public final class Runs {

    public static final HarnessJournal QUIET =
            new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(), List.of(), List.of(), List.of());

    private static final List<String> CHILDREN = List.of("node-0", "clients-0");

    private Runs() {}

    /** The plan of an experiment's text. */
    public static Plan plan(String yaml, long seed) {
        try {
            Experiment experiment = new ExperimentReader(20_000, name -> null).read(yaml, "test.yaml", List.of());
            return experiment.plan(
                    seed, experiment.target() instanceof Experiment.Mock mock ? mock.at(9001) : experiment.target());
        } catch (ExperimentException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** The plan with another population of that name. */
    public static Plan with(Plan plan, String population, UnaryOperator<Population> altered) {
        return new Plan(
                        plan.schema(),
                        plan.experiment(),
                        plan.seed(),
                        plan.durationMicros(),
                        plan.injectors(),
                        plan.nodes(),
                        plan.endpoint(),
                        plan.serving(),
                        plan.extensions(),
                        plan.capacity(),
                        plan.populations().stream()
                                .map(each -> each.name().equals(population) ? altered.apply(each) : each)
                                .toList(),
                        plan.faults(),
                        plan.restarts(),
                        plan.limits(),
                        plan.expectations(),
                        plan.confidence())
                .balanced(plan.balance());
    }

    /** The plan whose population of that name follows the policies of others in it, in equal parts. */
    public static Plan mixed(Plan plan, String population, String... others) {
        Mix mix = new Mix(Stream.of(others)
                .map(other -> plan.population(other)
                        .orElseThrow()
                        .reconnect()
                        .policies()
                        .get(0))
                .map(policy -> new Mix.Part(policy, 1))
                .toList());
        return with(plan, population, each -> with(each, each.ready(), each.ping(), mix));
    }

    /** The population with another dialogue, pings and policies. */
    public static Population with(Population population, @Nullable Dialogue ready, @Nullable Ping ping, Mix reconnect) {
        return new Population(
                population.index(),
                population.name(),
                population.clients(),
                population.arrivals(),
                population.request(),
                population.timeouts(),
                population.offer(),
                population.require(),
                population.on1010(),
                ready,
                population.holdMicros(),
                population.message(),
                ping,
                reconnect);
    }

    /** The statistics of an undisturbed run. */
    public static Statistics of(Plan plan) {
        return of(plan, QUIET, row -> row);
    }

    /** The statistics of a run whose rows are altered on their way; null drops a row. */
    public static Statistics of(Plan plan, HarnessJournal harness, UnaryOperator<JournalRow> alter) {
        JournalPass pass = new JournalPass(plan, harness);
        new VirtualFleet(plan, (node, row) -> {
                    JournalRow altered = alter.apply(row);
                    if (altered != null) {
                        pass.accept(node, altered);
                    }
                })
                .run();
        return pass.finish();
    }

    /** The statistics of a pass that has read everything. */
    public static Statistics finished(JournalPass pass) {
        return pass.finish();
    }

    /** The statistics of a run beside which processes tell of themselves; {@code more}: in order of time, an injector's. */
    public static Statistics beside(Plan plan, HarnessJournal harness, List<JournalRow> more) {
        JournalPass pass = new JournalPass(plan, harness);
        Deque<JournalRow> waiting = new ArrayDeque<>(more);
        new VirtualFleet(plan, (node, row) -> {
                    while (!waiting.isEmpty() && waiting.peek().micros() <= row.micros()) {
                        pass.accept(-1, waiting.remove());
                    }
                    pass.accept(node, row);
                })
                .run();
        return pass.finish();
    }

    /** A row with other content in the columns that say what happened. */
    static JournalRow altered(JournalRow row, long code, long value, String detail) {
        return new JournalRow(
                row.row(),
                row.micros(),
                row.population(),
                row.client(),
                row.connection(),
                row.event(),
                code,
                row.attempt(),
                value,
                detail);
    }

    /** Writes harness.csv, with some rows between the children's start and their end. */
    public static void harness(Path directory, Consumer<JournalWriter> rows) throws IOException {
        Path file = directory.resolve(HarnessJournal.FILE);
        Files.deleteIfExists(file);
        try (JournalWriter harness = new JournalWriter(file)) {
            CHILDREN.forEach(name -> child(harness, name, JournalEvent.CHILD_STARTED, "4711"));
            rows.accept(harness);
            CHILDREN.forEach(name -> child(harness, name, JournalEvent.CHILD_EXITED, "planned"));
            harness.add(3_600_000_000L, JournalEvent.RUN_ENDED, JournalWriter.NONE, null);
        }
    }

    private static void child(JournalWriter harness, String name, JournalEvent event, String more) {
        String role = name.startsWith("node") ? HarnessJournal.NODE : HarnessJournal.INJECTOR;
        long micros = event == JournalEvent.CHILD_STARTED ? -1 : 3_600_000_000L;
        long none = JournalWriter.NONE;
        harness.add(micros, "", 0, none, event, none, none, none, role + " " + name + " " + more);
    }

    /** Writes an undisturbed run as a run directory, for what reads one; at most a few thousand clients. */
    public static void write(Plan plan, Path directory) throws IOException {
        plan.write(directory.resolve("plan.json"));
        for (String child : CHILDREN) {
            new LatencyLog(directory.resolve(child + ".hlog")).close();
        }
        harness(directory, harness -> {});
        try (JournalWriter clients = new JournalWriter(directory.resolve("clients-0.csv"));
                JournalWriter node = new JournalWriter(directory.resolve("node-0.csv"))) {
            new VirtualFleet(plan, (of, row) -> {
                        boolean added = (of < 0 ? clients : node)
                                .add(
                                        row.micros(),
                                        row.population(),
                                        row.client(),
                                        row.connection(),
                                        row.event(),
                                        row.code(),
                                        row.attempt(),
                                        row.value(),
                                        row.detail());
                        if (!added) {
                            throw new AssertionError("the journal's ring is too small for this test");
                        }
                    })
                    .run();
        }
    }
}
