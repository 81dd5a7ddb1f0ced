package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalReader;
import dev.squall.journal.MergedJournals;
import dev.squall.plan.Plan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/**
 * The measures of a run.
 *
 * @param plan what was to happen
 * @param endMicros when the load ended: the plan's duration, or earlier where the run was interrupted
 * @param interrupted whether it was
 * @param all the measures of all clients
 * @param populations those of each population, in the plan's order
 * @param ledger every Close frame held against its other end
 * @param outcomesUnmatched handshakes on whose extensions the node and the client disagree
 * @param trust how far all this can be believed
 */
public record Statistics(
        Plan plan,
        long endMicros,
        boolean interrupted,
        Scope all,
        List<Scope> populations,
        Ledger ledger,
        long outcomesUnmatched,
        Trust trust) {

    /** Reads the journals of a run directory. */
    public static Statistics read(Path directory, Plan plan) throws IOException {
        HarnessJournal harness = HarnessJournal.read(directory);
        JournalPass pass = new JournalPass(plan, harness, found(directory, plan, harness));
        try (MergedJournals journals = new MergedJournals(directory)) {
            journals.forEach(pass::accept);
            for (JournalReader reader : journals.readers()) {
                pass.journalRead(reader);
            }
        }
        histograms(directory, pass);
        return pass.finish();
    }

    /** The restarts of a foreign server; none of our own nodes, which tell of theirs. */
    private static List<RestartFinder.Found> found(Path directory, Plan plan, HarnessJournal harness)
            throws IOException {
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null) {
            return List.of();
        }
        RestartFinder finder = new RestartFinder(plan, endpoint, harness, JournalPass.end(plan, harness));
        try (MergedJournals journals = new MergedJournals(directory)) {
            journals.forEach((node, row) -> finder.accept(row));
        }
        return finder.found();
    }

    private static void histograms(Path directory, JournalPass pass) throws IOException {
        List<Path> logs = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.hlog")) {
            stream.forEach(logs::add);
        }
        logs.sort(null);
        for (Path log : logs) {
            String name = String.valueOf(log.getFileName());
            byte[] bytes = Files.readAllBytes(log);
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--; // A killed process leaves a cut last line.
            }
            boolean damaged = false;
            try (HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(bytes, 0, whole))) {
                while (reader.hasNext()) {
                    if (reader.nextIntervalHistogram() instanceof Histogram interval) {
                        pass.histogram(name.startsWith("node-"), interval);
                    }
                }
            } catch (RuntimeException e) {
                damaged = true; // The library's way to say that a line is no interval.
            }
            pass.histogramsRead(log, damaged, whole < bytes.length);
        }
    }

    /** The scope of this population, or of all clients for an empty name. */
    public Scope scope(String population) {
        return population.isEmpty()
                ? all
                : populations.stream()
                        .filter(s -> s.name().equals(population))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(population + ": no such population"));
    }
}
