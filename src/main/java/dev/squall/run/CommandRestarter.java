package dev.squall.run;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Restarts a server by the user's own command. What it says goes to a file of the run directory and not through a pipe: a
 * server that it starts in the background outlives the run. While it has not ended well, how it left the server is to be undone.
 */
final class CommandRestarter implements Restarter {

    /** Between asking a command to end and making it. */
    private static final long GRACE_MICROS = 2_000_000;

    private static final long RUNNING = Long.MAX_VALUE;

    private final Plan.ForeignRestarts ways;
    private final Path directory;
    private final LongSupplier micros;
    private final Reaper reaper;
    private final UndoLog undo;
    private final Step.Command step;
    private final Consumer<String> log;
    private final Expansion expansion = new Expansion(System::getenv);
    private @Nullable Process process;
    private long startedMicros;
    /** When the process ended, exactly: it is noticed later. */
    private volatile long endedMicros;

    private boolean stopped;
    /** Whether the step stands in the log: it does from the first restart until one ends well. */
    private boolean toUndo;

    /** {@code micros}: the time of the run. */
    CommandRestarter(
            Plan.ForeignRestarts ways,
            Path directory,
            LongSupplier micros,
            Reaper reaper,
            UndoLog undo,
            Consumer<String> log) {
        this.ways = ways;
        this.directory = directory;
        this.micros = micros;
        this.reaper = reaper;
        this.undo = undo;
        this.step = new Step.Command(ways.command(), ways.undo(), ways.timeoutMicros());
        this.log = log;
    }

    @Override
    public @Nullable End begin(Plan.Restart next) throws IOException {
        stopped = false;
        startedMicros = micros.getAsLong();
        Process started;
        try {
            List<String> words = new ArrayList<>();
            ways.command().forEach(word -> words.add(expansion.expand(word)));
            if (!toUndo) {
                undo.add(step);
                toUndo = true;
            }
            started = new ProcessBuilder(words)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(directory
                            .resolve(HarnessJournal.Command.output(next.index()))
                            .toFile())
                    .start();
        } catch (IOException e) {
            // The message of the exception itself names the program, which may have been expanded from a secret.
            Throwable reason = e.getCause() == null ? e : e.getCause();
            return failed("it could not be started: " + reason.getMessage());
        } catch (IllegalArgumentException e) {
            // A file that it refers to has gone since the experiment was read.
            return failed(String.valueOf(e.getMessage()));
        }
        endedMicros = RUNNING;
        process = started;
        var unused = started.onExit().thenRun(() -> endedMicros = micros.getAsLong());
        reaper.watch(started.pid());
        log.accept("restart " + next.index() + ": command started, process " + started.pid());
        return null;
    }

    /** It did nothing to the server. */
    private End failed(String why) throws IOException {
        endedWell();
        return new End(micros.getAsLong(), JournalWriter.NONE, why);
    }

    private void endedWell() throws IOException {
        if (toUndo) {
            undo.undone(step);
            toUndo = false;
        }
    }

    @Override
    public @Nullable End ended() throws IOException {
        Process running = process;
        if (running == null) {
            return null;
        }
        long now = micros.getAsLong();
        if (endedMicros != RUNNING) {
            process = null;
            int code = running.exitValue();
            if (stopped) {
                return new End(
                        endedMicros,
                        JournalWriter.NONE,
                        "stopped after its timeout of " + Quantity.DURATION.format(ways.timeoutMicros()));
            }
            if (code == 0) {
                endedWell();
            }
            return new End(endedMicros, code, code == 0 ? null : "exit code " + code);
        }
        if (now - startedMicros > ways.timeoutMicros() + GRACE_MICROS) {
            running.destroyForcibly();
        } else if (now - startedMicros > ways.timeoutMicros()) {
            stopped = true;
            running.destroy();
        }
        return null;
    }

    @Override
    public void stop() throws InterruptedException {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        if (!running.waitFor(GRACE_MICROS, TimeUnit.MICROSECONDS)) {
            running.destroyForcibly();
        }
    }
}
