package dev.squall.undo;

import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The steps of a run that are not taken back, in a file of its directory: {@value #FILE}, which is there only while there are
 * any. One process writes it at a time.
 */
public final class UndoLog {

    /** Its name in a run directory. */
    public static final String FILE = "undo.json";

    /** The label of every container that a run starts; its value names the run. */
    public static final String LABEL = "dev.squall.run";

    /** The variable by which a run knows the processes that it started, and theirs; its value names the run. */
    public static final String VARIABLE = "SQUALL_RUN";

    private static final String SCHEMA = "squall/undo/1";

    /** The file: the harness that owns the steps, by process id and start, and the steps in the order in which they were done. */
    private record Content(String schema, long owner, long ownerStart, List<Step> steps) {}

    private final Path file;
    private final ProcessHandle owner;
    private final List<Step> steps = new ArrayList<>();

    private UndoLog(Path file, ProcessHandle owner) {
        this.file = file;
        this.owner = owner;
    }

    /**
     * That of a run that begins, with nothing to take back.
     *
     * @param owner the harness
     */
    public static UndoLog of(Path directory, ProcessHandle owner) {
        return new UndoLog(directory.resolve(FILE), owner);
    }

    /** Whether there is anything to take back. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    /**
     * That of a run whose processes have ended.
     *
     * @throws IOException if the file is damaged
     */
    public static UndoLog read(Path directory) throws IOException {
        UndoLog log = new UndoLog(directory.resolve(FILE), ProcessHandle.current());
        if (isIn(directory)) {
            log.steps.addAll(JsonFile.read(log.file, SCHEMA, Content.class).steps());
        }
        return log;
    }

    /**
     * The process id of the harness whose run still goes on, so that its steps are its own; 0 if it has ended.
     *
     * @throws IOException if the file is damaged
     */
    public static long owner(Path directory) throws IOException {
        if (!isIn(directory)) {
            return 0;
        }
        Content content = JsonFile.read(directory.resolve(FILE), SCHEMA, Content.class);
        return ProcessHandle.of(content.owner())
                        .filter(process -> startOf(process) == content.ownerStart())
                        .isPresent()
                ? content.owner()
                : 0;
    }

    /** An id may be used again, but not with the same start. */
    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    /** The steps, the last one first: the order in which they are taken back. */
    public synchronized List<Step> toUndo() {
        List<Step> reversed = new ArrayList<>(steps);
        Collections.reverse(reversed);
        return reversed;
    }

    /**
     * Writes a step down that will be done next.
     *
     * @throws IOException if it cannot be written: then it must not be done
     */
    public synchronized void add(Step step) throws IOException {
        steps.add(step);
        write();
    }

    /** The same step, of which more is known now. */
    public synchronized void replace(Step step, Step known) throws IOException {
        steps.replaceAll(each -> each.equals(step) ? known : each);
        write();
    }

    /** A step has been taken back. */
    public synchronized void undone(Step step) throws IOException {
        steps.remove(step);
        write();
    }

    private void write() throws IOException {
        if (steps.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            TextFile.write(file, JsonFile.text(new Content(SCHEMA, owner.pid(), startOf(owner), List.copyOf(steps))));
        }
    }
}
