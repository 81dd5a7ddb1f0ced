package dev.squall.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the harness itself saw: children that were lost, kills by plan, an interruption. It is read before the other
 * journals, because it says how to read them.
 *
 * @param interruptedMicros when the run was interrupted; {@link Long#MAX_VALUE} if it was not
 * @param kills nodes killed because the plan says so
 * @param lost children that ended though nobody wanted it
 */
public record HarnessJournal(long interruptedMicros, List<Kill> kills, List<Lost> lost) {

    /** The file's name in a run directory. */
    public static final String FILE = "harness.csv";

    /** The roles of children, as CHILD rows have them in front of their detail. */
    public static final String NODE = "node";

    /** The role of an injector. */
    public static final String INJECTOR = "injector";

    /** A node killed by a restart of the plan. */
    public record Kill(int node, int restart, long micros) {}

    /** A child that was lost. */
    public record Lost(String role, int index, long micros, String how) {}

    /** Reads it; an absent one (a predicted run) tells of nothing. */
    public static HarnessJournal read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        long interrupted = Long.MAX_VALUE;
        List<Kill> kills = new ArrayList<>();
        List<Lost> lost = new ArrayList<>();
        if (Files.exists(file)) {
            try (JournalReader reader = new JournalReader(file)) {
                for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                    switch (row.event()) {
                        case INTERRUPTED -> interrupted = Math.min(interrupted, row.micros());
                        case CHILD_KILLED -> kills.add(new Kill((int) row.client(), (int) row.value(), row.micros()));
                        case CHILD_EXITED -> {
                            String[] words = row.detail().split(" ", 2);
                            if (words.length == 2 && words[1].startsWith("lost")) {
                                lost.add(new Lost(words[0], (int) row.client(), row.micros(), words[1]));
                            }
                        }
                        default -> {}
                    }
                }
            }
        }
        return new HarnessJournal(interrupted, List.copyOf(kills), List.copyOf(lost));
    }
}
