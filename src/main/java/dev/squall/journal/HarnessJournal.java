package dev.squall.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the harness itself saw: children that were lost, kills by plan, an interruption. It is read before the other
 * journals, because it says which there must be and how to read them.
 *
 * @param interruptedMicros up to when the run can be judged, if a signal, a lost child or the harness's death ended it;
 *     {@link Long#MAX_VALUE} if nothing did
 * @param kills nodes killed because the plan says so
 * @param commands commands that restarted a foreign server, in order
 * @param lost children that ended though nobody wanted it
 * @param children every child that was started, in that order
 * @param pressed how busy the machine was, second by second; empty if nobody knows
 * @param polled the answers, and the lack of one, of what was polled beside the run
 * @param steady what was found of each expectation on the steady state, in their order; empty if it was not judged
 * @param exits when and how the server that the harness started ended by itself
 * @param aborts conditions that ended the run
 * @param damage what is wrong with this journal itself, or that the harness died; empty if nothing
 */
public record HarnessJournal(
        long interruptedMicros,
        List<Kill> kills,
        List<Command> commands,
        List<Lost> lost,
        List<Child> children,
        List<Pressed> pressed,
        List<Polled> polled,
        List<Steady> steady,
        List<Exit> exits,
        List<Abort> aborts,
        List<String> damage) {

    /** A journal of a run beside which nothing was polled. */
    public HarnessJournal(
            long interruptedMicros,
            List<Kill> kills,
            List<Command> commands,
            List<Lost> lost,
            List<Child> children,
            List<Pressed> pressed,
            List<String> damage) {
        this(
                interruptedMicros,
                kills,
                commands,
                lost,
                children,
                pressed,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                damage);
    }

    /** A journal of a run in which nobody looked at the machine. */
    public HarnessJournal(
            long interruptedMicros,
            List<Kill> kills,
            List<Command> commands,
            List<Lost> lost,
            List<Child> children,
            List<String> damage) {
        this(interruptedMicros, kills, commands, lost, children, List.of(), damage);
    }

    /** The file's name in a run directory. */
    public static final String FILE = "harness.csv";

    /** The roles of children. The detail of a CHILD row is the role, the child's name, and what more there is to say. */
    public static final String NODE = "node";

    /** The role of what owns a server that the harness starts. */
    public static final String TARGET = "target";

    /** The role of an injector. */
    public static final String INJECTOR = "injector";

    private static final String PLANNED = "planned";
    private static final int TAIL_BYTES = 8192;

    /** The end of a server that nobody wanted. */
    public record Exit(long micros, String how) {}

    /** A condition that held: its place in the plan, and the value by which it did. */
    public record Abort(long micros, int condition, double observed) {}

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

    /** The share of all processors that was in use in the second before, in thousandths. */
    public record Pressed(long micros, int busyPermille) {}

    /**
     * A poll of what stands beside the run.
     *
     * @param poll its number, from 0
     * @param value the answer; NaN if there was none
     * @param why there was none; empty if there was one
     */
    public record Polled(String name, long poll, double value, String why) {

        private static Polled of(JournalRow row) {
            return new Polled(row.population(), row.value(), Double.parseDouble(row.detail()), "");
        }
    }

    /**
     * What was found of an expectation on the steady state.
     *
     * @param held whether it holds, as far as one can know
     * @param observed the value, in the metric's unit; NaN if there was none
     * @param note what there is to say of it; may be empty
     */
    public record Steady(boolean held, double observed, String note) {

        /** How it is told in a row. */
        public String detail() {
            return (observed + " " + note).strip();
        }

        private static Steady of(JournalRow row) {
            String[] words = row.detail().split(" ", 2);
            return new Steady(row.code() == 1, Double.parseDouble(words[0]), words.length > 1 ? words[1] : "");
        }
    }

    /** A child that was lost; {@code micros}: the time of its last whole row, or when it was missed if it has none. */
    public record Lost(String role, int index, long micros, String how) {}

    /**
     * A child, by the name of its files.
     *
     * @param killedMicros when the plan killed it; {@link Long#MAX_VALUE} if it did not
     * @param ended whether it ended in order, so that its files are whole
     */
    public record Child(String name, long killedMicros, boolean ended) {

        /** Whether the plan killed it: then its last second may be missing. */
        public boolean killed() {
            return killedMicros != Long.MAX_VALUE;
        }

        /** Its journal, compressed or not. */
        public Path journal(Path directory) {
            return HarnessJournal.journal(directory, name);
        }

        /** Whether a file of this name is its own. */
        public boolean wrote(String file) {
            return file.equals(name + ".hlog")
                    || file.equals(name + ".csv")
                    || file.equals(name + ".csv" + JournalBytes.COMPRESSED);
        }

        /** Its interval log. */
        public Path latencies(Path directory) {
            return directory.resolve(name + ".hlog");
        }
    }

    /**
     * Reads it.
     *
     * @throws IOException if it is missing, no journal of this version, or names no child
     */
    public static HarnessJournal read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            throw new IOException(file + ": missing (expected: the harness's journal, which every run has)");
        }
        long interrupted = Long.MAX_VALUE;
        boolean ended = false;
        long misread = 0;
        List<Kill> kills = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        List<Lost> lost = new ArrayList<>();
        Map<String, Child> children = new LinkedHashMap<>();
        List<Pressed> pressed = new ArrayList<>();
        List<Polled> polled = new ArrayList<>();
        List<Steady> steady = new ArrayList<>();
        List<Exit> exits = new ArrayList<>();
        List<Abort> aborts = new ArrayList<>();
        List<String> damage = new ArrayList<>();
        try (JournalReader reader = new JournalReader(file)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                String[] words = (row.detail() + "  ").split(" ", 3);
                String name = words[1];
                switch (row.event()) {
                    case INTERRUPTED -> interrupted = Math.min(interrupted, row.micros());
                    case RUN_ENDED -> ended = true;
                    case PROCESSORS -> pressed.add(new Pressed(row.micros(), (int) row.value()));
                    case OBSERVED, STEADY, ABORTED -> {
                        try {
                            if (row.event() == JournalEvent.STEADY) {
                                steady.add(Steady.of(row));
                            } else if (row.event() == JournalEvent.ABORTED) {
                                aborts.add(
                                        new Abort(row.micros(), (int) row.client(), Double.parseDouble(row.detail())));
                            } else {
                                polled.add(Polled.of(row));
                            }
                        } catch (NumberFormatException e) {
                            misread++;
                        }
                    }
                    case UNOBSERVED -> polled.add(new Polled(row.population(), row.value(), Double.NaN, row.detail()));
                    case COMMAND_STARTED ->
                        commands.add(new Command(
                                (int) row.value(),
                                row.micros(),
                                Command.RUNNING,
                                Command.NO_EXIT,
                                "it had not ended when the run did"));
                    case COMMAND_ENDED -> ended(commands, row);
                    case TARGET_EXITED -> exits.add(new Exit(row.micros(), row.detail()));
                    case CHILD_STARTED -> children.put(name, new Child(name, Long.MAX_VALUE, false));
                    case CHILD_KILLED -> {
                        kills.add(new Kill((int) row.client(), (int) row.value(), row.micros()));
                        children.put(name, new Child(name, row.micros(), false));
                    }
                    case CHILD_EXITED -> {
                        String how = words[2].strip();
                        if (!how.equals(PLANNED)) {
                            // What its clients did after its last row is not known, though it may have lived on.
                            long last = Math.min(row.micros(), lastMicros(directory, name, row.micros()));
                            lost.add(new Lost(words[0], (int) row.client(), last, how));
                            interrupted = Math.min(interrupted, last);
                        } else {
                            children.computeIfPresent(
                                    name, (n, child) -> new Child(n, child.killedMicros(), !child.killed()));
                        }
                    }
                    default -> {}
                }
            }
            long bad = reader.missing() + reader.malformed() + reader.late() + misread;
            if (bad > 0) {
                damage.add(FILE + " has " + bad + " missing or damaged rows");
            }
        }
        if (children.isEmpty()) {
            throw new IOException(file + ": names no child (expected: the journal of a harness that started a run)");
        }
        if (!ended) {
            damage.add("the harness died during the run, or could not write " + FILE);
            interrupted = Math.min(interrupted, newest(directory, children.values()));
        }
        return new HarnessJournal(
                interrupted,
                List.copyOf(kills),
                List.copyOf(commands),
                List.copyOf(lost),
                List.copyOf(children.values()),
                List.copyOf(pressed),
                List.copyOf(polled),
                List.copyOf(steady),
                List.copyOf(exits),
                List.copyOf(aborts),
                List.copyOf(damage));
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

    /** The time of the last whole row of the children's journals: nobody knows what came after. */
    private static long newest(Path directory, Iterable<Child> children) throws IOException {
        long newest = 0;
        for (Child child : children) {
            newest = Math.max(newest, lastMicros(directory, child.name(), 0));
        }
        return newest;
    }

    /** The time of the last whole row of a child's journal. */
    private static long lastMicros(Path directory, String child, long ifNone) throws IOException {
        Path file = journal(directory, child);
        if (!Files.exists(file)) {
            return ifNone;
        }
        String[] lines = new String(JournalBytes.tail(file, TAIL_BYTES), StandardCharsets.UTF_8).split("\n", -1);
        for (int i = lines.length - 2; i > 0; i--) {
            String[] columns = lines[i].split(",", 3);
            if (columns.length == 3 && columns[1].matches("-?[0-9]{1,18}")) {
                return Long.parseLong(columns[1]);
            }
        }
        return ifNone;
    }

    private static Path journal(Path directory, String child) {
        Path compressed = directory.resolve(child + ".csv" + JournalBytes.COMPRESSED);
        return Files.exists(compressed) ? compressed : directory.resolve(child + ".csv");
    }
}
