package dev.squall.stats;

import dev.squall.behaviour.Behaviours;
import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import dev.squall.behaviour.Delay;
import dev.squall.behaviour.Judgement;
import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalReader;
import dev.squall.journal.JournalRow;
import dev.squall.journal.LatencyReader;
import dev.squall.journal.MergedJournals;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;

/**
 * The measures of a node that served clients which are not ours.
 *
 * @param endMicros until when they were watched: the plan's duration, or earlier where the node ended before
 * @param interrupted whether it did
 * @param clientele what each client did
 * @param trust how far all this can be believed
 */
public record Served(long endMicros, boolean interrupted, Clientele clientele, Trust trust) implements Evidence {

    /** A node writes a row at least each second: one whose last row is older than this ended before its time. */
    private static final long SILENCE_MICROS = 2_000_000;

    /**
     * Reads the journals of a serve's run directory.
     *
     * @param progress hears now and then which share of them is read, in 0..1
     * @throws IOException if it has none, or one of another version
     */
    public static Served read(Path directory, Plan plan, DoubleConsumer progress) throws IOException {
        List<Path> files = files(directory, ".csv");
        if (files.isEmpty()) {
            throw new IOException(
                    directory + ": no node-0.csv (expected: a run directory of squall serve, as runs/serve/latest)");
        }
        Trust trust = new Trust();
        Behaviours behaviours = new Behaviours();
        long newest = 0;
        try (MergedJournals journals = new MergedJournals(files)) {
            MergedJournals.RowSink sink = (node, row) -> {
                count(trust, node, row);
                if (row.micros() < plan.durationMicros()) {
                    behaviours.add(row); // What follows is the node's own end.
                }
            };
            journals.forEach(sink, progress);
            for (JournalReader reader : journals.readers()) {
                newest = Math.max(newest, reader.newestMicros());
                trust.missingRows += reader.missing();
                trust.malformedRows += reader.malformed();
                trust.lateRows += reader.late();
                damage(trust, reader.file(), reader.cut(), reader.whole());
            }
        }
        for (Path file : files(directory, ".hlog")) {
            LatencyReader reader = new LatencyReader(file);
            reader.forEach(interval -> {
                if ("stall".equals(interval.getTag())) {
                    trust.nodeStalls.add(interval);
                }
            });
            damage(trust, file, reader.cut() || reader.damaged(), reader.whole());
        }
        if (Files.exists(directory.resolve(HarnessJournal.FILE))) {
            HarnessJournal harness = HarnessJournal.read(directory);
            harness.lost().forEach(lost -> trust.lostChildren.add(lost.role() + " " + lost.index() + " " + lost.how()));
        }
        boolean interrupted =
                newest < plan.durationMicros() - SILENCE_MICROS && plan.durationMicros() != Plan.WITHOUT_END_MICROS;
        long end = Math.min(newest, plan.durationMicros());
        return new Served(end, interrupted, behaviours.at(end), trust);
    }

    private static void count(Trust trust, int node, JournalRow row) {
        switch (row.event()) {
            case STALL -> trust.stall(node, row.micros(), row.value());
            case DROPPED -> trust.dropped += row.value();
            default -> {} // Of clients, or of no matter here.
        }
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> MergedJournals.node(file) >= 0
                            && String.valueOf(file.getFileName()).endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static void damage(Trust trust, Path file, boolean cut, boolean whole) {
        if (cut || !whole) {
            trust.damage.add(file.getFileName() + (cut ? " ends in the middle of a line" : " lacks its last lines"));
        }
    }

    /** The clients of this key, or all that identified themselves for an empty one. */
    public List<ClientBehaviour> clients(String key) {
        return key.isEmpty()
                ? clientele.clients()
                : clientele.client(key).map(List::of).orElse(List.of());
    }

    /**
     * How long clients took to dial again, those that never did included.
     *
     * @param least where that is not known: the shortest that it can have been, else the longest
     */
    public static Samples delays(List<ClientBehaviour> clients, boolean least) {
        Samples samples = new Samples();
        for (ClientBehaviour client : clients) {
            ClientBehaviour.Reconnecting reconnecting = client.reconnecting();
            for (Delay delay : reconnecting.delays()) {
                samples.add(least ? delay.leastMicros() : delay.micros());
            }
            if (reconnecting.isLost()) {
                if (least && reconnecting.gaveUp().answer() != Judgement.Answer.YES) {
                    samples.add(reconnecting.awayMicros());
                } else {
                    samples.addNever();
                }
            }
        }
        return samples;
    }

    /** From our pings to the pongs of these clients, the latest of each. */
    public static Samples pongs(List<ClientBehaviour> clients) {
        Samples samples = new Samples();
        clients.forEach(client -> client.pings().rtt().latest().forEach(samples::add));
        return samples;
    }
}
