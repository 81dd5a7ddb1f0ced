package dev.squall.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
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
 * @param commands commands that restarted a foreign server, in order
 * @param lost children that ended though nobody wanted it
 * @param damage what is wrong with this journal itself, or that the harness died; empty if nothing
 */
public record HarnessJournal(
        long interruptedMicros, List<Kill> kills, List<Command> commands, List<Lost> lost, List<String> damage) {

    /** The file's name in a run directory. */
    public static final String FILE = "harness.csv";

    /** The roles of children, as CHILD rows have them in front of their detail. */
    public static final String NODE = "node";

    /** The role of an injector. */
    public static final String INJECTOR = "injector";

    private static final int TAIL_BYTES = 8192;

    /** A node killed by a restart of the plan. */
    public record Kill(int node, int restart, long micros) {}

    /**
     * A command that was to restart a foreign server.
     *
     * @param restart the index in the plan
     * @param endMicros {@link #RUNNING} if the run ended first
     * @param exitCode of a command that ended by itself, else {@link #NO_EXIT}
     * @param failure why it did not do its work; empty if it did
     */
    public record Command(int restart, long startMicros, long endMicros, int exitCode, String failure) {

        /** The end of a command that never ended. */
        public static final long RUNNING = Long.MAX_VALUE;

        /** The exit code of a command that did not start, or was stopped. */
        public static final int NO_EXIT = -1;

        /** Its output, in the run directory. */
        public static String output(int restart) {
            return "restart-" + restart + ".log";
        }
    }

    /** A child that was lost. */
    public record Lost(String role, int index, long micros, String how) {}

    /** Reads it; an absent one (a predicted run) tells of nothing. */
    public static HarnessJournal read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        long interrupted = Long.MAX_VALUE;
        boolean ended = false;
        List<Kill> kills = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        List<Lost> lost = new ArrayList<>();
        List<String> damage = new ArrayList<>();
        if (!Files.exists(file)) {
            return new HarnessJournal(interrupted, kills, commands, lost, damage);
        }
        try (JournalReader reader = new JournalReader(file)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                switch (row.event()) {
                    case INTERRUPTED -> interrupted = Math.min(interrupted, row.micros());
                    case RUN_ENDED -> ended = true;
                    case CHILD_KILLED -> kills.add(new Kill((int) row.client(), (int) row.value(), row.micros()));
                    case COMMAND_STARTED ->
                        commands.add(new Command(
                                (int) row.value(),
                                row.micros(),
                                Command.RUNNING,
                                Command.NO_EXIT,
                                "it had not ended when the run did"));
                    case COMMAND_ENDED -> ended(commands, row);
                    case CHILD_EXITED -> {
                        String[] words = row.detail().split(" ", 2);
                        if (words.length == 2 && words[1].startsWith("lost")) {
                            lost.add(new Lost(words[0], (int) row.client(), row.micros(), words[1]));
                        }
                    }
                    default -> {}
                }
            }
            long bad = reader.missing() + reader.malformed();
            if (bad > 0) {
                damage.add(FILE + " has " + bad + " missing or damaged rows");
            }
        }
        if (!ended) {
            damage.add("the harness died during the run");
            interrupted = Math.min(interrupted, newest(directory));
        }
        return new HarnessJournal(
                interrupted, List.copyOf(kills), List.copyOf(commands), List.copyOf(lost), List.copyOf(damage));
    }

    private static void ended(List<Command> commands, JournalRow row) {
        commands.replaceAll(command -> command.restart() == row.value()
                ? new Command(
                        command.restart(),
                        command.startMicros(),
                        row.micros(),
                        row.code() == JournalWriter.NONE ? Command.NO_EXIT : (int) row.code(),
                        row.detail())
                : command);
    }

    /** The time of the last whole row of the clients' and nodes' journals: nobody knows what came after. */
    private static long newest(Path directory) throws IOException {
        long newest = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "{node,clients}-*.csv")) {
            for (Path file : files) {
                newest = Math.max(newest, lastMicros(file));
            }
        }
        return newest;
    }

    private static long lastMicros(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(TAIL_BYTES, bytes.length())];
            bytes.seek(bytes.length() - tail.length);
            bytes.readFully(tail);
            String[] lines = new String(tail, StandardCharsets.UTF_8).split("\n", -1);
            for (int i = lines.length - 2; i > 0; i--) {
                String[] columns = lines[i].split(",", 3);
                if (columns.length == 3 && columns[1].matches("-?[0-9]{1,18}")) {
                    return Long.parseLong(columns[1]);
                }
            }
            return 0;
        }
    }
}
