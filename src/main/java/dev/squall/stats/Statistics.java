package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalReader;
import dev.squall.journal.LatencyReader;
import dev.squall.journal.MergedJournals;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The measures of a run.
 *
 * @param plan what was to happen
 * @param endMicros when the load ended: the plan's duration, or earlier where the run was interrupted
 * @param interrupted whether it was
 * @param all the measures of all clients
 * @param populations those of each population, in the plan's order
 * @param spread the open connections over the nodes
 * @param ledger every Close frame held against its other end
 * @param outcomesUnmatched handshakes on whose extensions the node and the client disagree
 * @param trust how far all this can be believed
 * @param processes what each process took, in the order in which they were started
 * @param observed what was observed beside it, in the plan's order
 * @param steady what was found of each expectation on the steady state, in their order; empty if it was not judged
 * @param exits when and how a server that the harness started ended by itself
 * @param aborts conditions that ended it
 * @param predicted whether all this is a prediction, in which nothing was sent
 */
public record Statistics(
        Plan plan,
        long endMicros,
        boolean interrupted,
        Scope all,
        List<Scope> populations,
        Spread spread,
        Ledger ledger,
        long outcomesUnmatched,
        Trust trust,
        List<ProcessFigures> processes,
        List<Observed> observed,
        List<HarnessJournal.Steady> steady,
        List<HarnessJournal.Exit> exits,
        List<HarnessJournal.Abort> aborts,
        boolean predicted)
        implements Evidence {

    /** Those of a prediction: what clients did, and nothing of frames, processes and what stands beside a run. */
    public static Statistics predicted(Plan plan, Measures measures) {
        return new Statistics(
                plan,
                plan.durationMicros(),
                false,
                measures.all(),
                List.copyOf(measures.populations()),
                measures.spread(),
                new Ledger(false, connection -> ""),
                0,
                new Trust(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                true);
    }

    /**
     * Reads the journals of a run directory.
     *
     * @param progress hears now and then which share of them is read, in 0..1
     */
    public static Statistics read(Path directory, Plan plan, DoubleConsumer progress) throws IOException {
        return read(directory, plan, progress, each -> {});
    }

    /**
     * Reads as {@link #read(Path, Plan, DoubleConsumer)} does.
     *
     * @param settled hears of each client that lost its connection to a restart, when that is over
     */
    public static Statistics read(Path directory, Plan plan, DoubleConsumer progress, Consumer<Case> settled)
            throws IOException {
        HarnessJournal harness = HarnessJournal.read(directory);
        // Only the files of children: a copy that somebody keeps beside one would be counted twice.
        List<Path> files = harness.children().stream()
                .map(child -> child.journal(directory))
                .filter(Files::exists)
                .toList();
        JournalPass pass = new JournalPass(
                plan, harness, found(files, plan, harness, share -> progress.accept(share / 2)), settled);
        missing(harness, child -> child.journal(directory), pass);
        try (MergedJournals journals = new MergedJournals(files)) {
            // A foreign server's journals are read twice.
            boolean again = plan.endpoint() != null;
            ProcessFigures[] processes = journals.readers().stream()
                    .map(reader -> pass.process(reader.file()))
                    .toArray(ProcessFigures[]::new);
            journals.forEach(
                    (node, row) -> {
                        pass.accept(node, row);
                        processes[journals.source()].take(row, pass.end());
                    },
                    share -> progress.accept(again ? (1 + share) / 2 : share));
            for (JournalReader reader : journals.readers()) {
                pass.journalRead(reader);
            }
        }
        missing(harness, child -> child.latencies(directory), pass);
        for (HarnessJournal.Child child : harness.children()) {
            Path file = child.latencies(directory);
            if (!Files.exists(file)) {
                continue;
            }
            LatencyReader reader = new LatencyReader(file);
            reader.forEach(interval -> pass.histogram(file, interval));
            pass.latenciesRead(reader);
        }
        return pass.finish();
    }

    /** The restarts of a foreign server; none of our own nodes, which tell of theirs. */
    private static List<RestartFinder.Found> found(
            List<Path> files, Plan plan, HarnessJournal harness, DoubleConsumer progress) throws IOException {
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null) {
            return List.of();
        }
        RestartFinder finder = new RestartFinder(plan, endpoint, harness, JournalPass.end(plan, harness));
        try (MergedJournals journals = new MergedJournals(files)) {
            journals.forEach((node, row) -> finder.accept(row), progress);
        }
        return finder.found();
    }

    private static void missing(HarnessJournal harness, Function<HarnessJournal.Child, Path> file, JournalPass pass) {
        harness.children().stream()
                .map(file)
                .filter(path -> !Files.exists(path))
                .forEach(pass::missing);
    }

    /** What was observed by this name. */
    public Optional<Observed> observed(String name) {
        return observed.stream()
                .filter(each -> each.observation().name().equals(name))
                .findFirst();
    }

    /** Whether the steady state was found not to hold, so that nothing went wrong on purpose. */
    public boolean isUnsteady() {
        return steady.stream().anyMatch(each -> !each.held());
    }

    /** The scope of this population, or of the followers of a policy in it, or of all clients for an empty name. */
    public Scope scope(String population) {
        return population.isEmpty()
                ? all
                : populations.stream()
                        .flatMap(s -> Stream.concat(Stream.of(s), s.parts().stream()))
                        .filter(s -> s.name().equals(population))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(population + ": no such population"));
    }
}
