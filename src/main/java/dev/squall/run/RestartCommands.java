package dev.squall.run;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Restarts the foreign server as planned, by the user's own command; one at a time. What it says goes to a file of the run
 * directory and not through a pipe: a server that it starts in the background outlives the run.
 */
final class RestartCommands {

    /** Between asking a command to end and making it. */
    private static final long GRACE_MICROS = 2_000_000;

    private static final long RUNNING = Long.MAX_VALUE;

    private final Plan.ForeignRestarts ways;
    private final Queue<Plan.Restart> due;
    private final Path directory;
    private final JournalWriter journal;
    private final LongSupplier micros;
    private final Reaper reaper;
    private final Consumer<String> log;
    private final Expansion expansion = new Expansion(System::getenv);
    private Plan.@Nullable Restart restart;
    private @Nullable Process process;
    private long startedMicros;
    /** When the process ended, exactly: it is noticed later. */
    private volatile long endedMicros;

    private boolean stopped;

    /** {@code micros}: the time of the run. */
    RestartCommands(
            Plan plan,
            Path directory,
            JournalWriter journal,
            LongSupplier micros,
            Reaper reaper,
            Consumer<String> log) {
        Plan.Endpoint endpoint = plan.endpoint();
        this.ways = endpoint == null ? new Plan.ForeignRestarts(List.of(), 0, 0, 0) : endpoint.restarts();
        this.due = new ArrayDeque<>(endpoint == null ? List.of() : plan.restarts());
        this.directory = directory;
        this.journal = journal;
        this.micros = micros;
        this.reaper = reaper;
        this.log = log;
    }

    /** When the next one is due; {@link Long#MAX_VALUE} if none is. */
    long nextMicros() {
        Plan.Restart next = due.peek();
        return next == null || process != null ? Long.MAX_VALUE : next.atMicros();
    }

    /** Notices how things stand, and begins what is due; {@code mayBegin}: whether the load goes on, else no more begins. */
    void tick(boolean mayBegin) throws IOException {
        notice();
        if (!mayBegin) {
            due.clear();
        }
        Plan.Restart next = due.peek();
        if (process == null && next != null && micros.getAsLong() >= next.atMicros()) {
            due.remove();
            begin(next);
        }
    }

    private void begin(Plan.Restart next) throws IOException {
        restart = next;
        stopped = false;
        startedMicros = micros.getAsLong();
        row(startedMicros, JournalEvent.COMMAND_STARTED, JournalWriter.NONE, null);
        Process started;
        try {
            List<String> words = new ArrayList<>();
            ways.command().forEach(word -> words.add(expansion.expand(word)));
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
            ended(micros.getAsLong(), JournalWriter.NONE, "it could not be started: " + reason.getMessage());
            return;
        } catch (IllegalArgumentException e) {
            // A file that it refers to has gone since the experiment was read.
            ended(micros.getAsLong(), JournalWriter.NONE, String.valueOf(e.getMessage()));
            return;
        }
        endedMicros = RUNNING;
        process = started;
        var unused = started.onExit().thenRun(() -> endedMicros = micros.getAsLong());
        reaper.watch(started.pid());
        log.accept("restart " + next.index() + ": command started, process " + started.pid());
    }

    private void notice() {
        Process running = process;
        if (running == null) {
            return;
        }
        long now = micros.getAsLong();
        if (endedMicros != RUNNING) {
            int code = running.exitValue();
            ended(
                    endedMicros,
                    code,
                    stopped
                            ? "stopped after its timeout of " + Quantity.DURATION.format(ways.timeoutMicros())
                            : code == 0 ? null : "exit code " + code);
        } else if (now - startedMicros > ways.timeoutMicros() + GRACE_MICROS) {
            running.destroyForcibly();
        } else if (now - startedMicros > ways.timeoutMicros()) {
            stopped = true;
            running.destroy();
        }
    }

    private void ended(long at, long code, @Nullable String failure) {
        row(at, JournalEvent.COMMAND_ENDED, stopped ? JournalWriter.NONE : code, failure);
        log.accept("command ended with " + (failure == null ? "code 0" : failure));
        process = null;
    }

    private void row(long at, JournalEvent event, long code, @Nullable String detail) {
        Plan.Restart of = restart;
        journal.add(
                at,
                "",
                JournalWriter.NONE,
                JournalWriter.NONE,
                event,
                code,
                JournalWriter.NONE,
                of == null ? JournalWriter.NONE : of.index(),
                detail);
    }

    /** Stops a command that still runs: no fault outlives the load. */
    void stop() throws InterruptedException {
        notice();
        Process running = process;
        if (running == null) {
            return;
        }
        due.clear();
        running.destroy();
        if (!running.waitFor(GRACE_MICROS, TimeUnit.MICROSECONDS)) {
            running.destroyForcibly();
        }
        log.accept("the restart's command was stopped with the run");
    }
}
