package dev.squall.cli;

import dev.squall.report.RunDirectory;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.run.Progress;
import dev.squall.run.RunException;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** Ctrl-C and its like. Once: the run ends in order. Twice: at once; children end with their standard input. */
final class Interruption {

    private boolean came;
    private @Nullable Harness running;

    /** Waits for signals from now on. */
    static Interruption awaited() {
        Interruption interruption = new Interruption();
        interruption.await();
        return interruption;
    }

    /** Waits for signals from now on. */
    void await() {
        for (String signal : List.of("INT", "TERM", "HUP")) {
            Signal.handle(new Signal(signal), s -> comes());
        }
    }

    private synchronized void comes() {
        if (came) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
        }
        came = true;
        if (running != null) {
            running.interrupt();
        }
    }

    /**
     * Carries a run out that may be interrupted, judges it, and tells.
     *
     * @param onHarness is given the harness before anything starts
     * @param progress hears once a second how the run stands
     * @param status ends before the run is judged
     * @return the exit code
     */
    int carryOut(
            Harness.Request request,
            Consumer<Harness> onHarness,
            Consumer<Progress> progress,
            StatusLine status,
            boolean json,
            PrintWriter out,
            PrintWriter err)
            throws RunException, IOException, InterruptedException {
        RunDirectory directory;
        try {
            directory = Harness.run(Home.find(), request, onHarness.andThen(this::of), progress);
        } catch (RunException e) {
            if (came()) {
                err.println("squall: " + e.getMessage());
                return ExitCode.INTERRUPTED;
            }
            throw e;
        } finally {
            status.end();
        }
        if (UndoLog.isIn(directory.path())) {
            UndoLog.read(directory.path()).toUndo().forEach(step -> err.println("left behind: " + step.left()));
            err.println("next: squall rollback " + directory.path());
        }
        int code = ReportCommand.tell(directory, json, out, err);
        return came() ? ExitCode.INTERRUPTED : code;
    }

    /**
     * Carries a run out of which nobody is told here but how it stands: what is told lies in its run directory.
     *
     * @return nothing if it was interrupted
     */
    Optional<RunDirectory> carryOut(Harness.Request request, StatusLine status, PrintWriter err)
            throws RunException, IOException, InterruptedException {
        AtomicReference<@Nullable Harness> harness = new AtomicReference<>();
        carryOut(request, harness::set, status::show, status, false, new PrintWriter(Writer.nullWriter()), err);
        return came() ? Optional.empty() : Optional.ofNullable(harness.get()).map(Harness::directory);
    }

    /** This is what is to be interrupted. */
    synchronized void of(Harness harness) {
        running = harness;
        if (came) {
            harness.interrupt();
        }
    }

    /** Whether it came. */
    synchronized boolean came() {
        return came;
    }
}
