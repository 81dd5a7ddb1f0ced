package dev.squall.cli;

import dev.squall.run.Harness;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** Ctrl-C and its like. Once: the run ends in order. Twice: at once; children end with their standard input. */
final class Interruption {

    private boolean came;
    private @Nullable Harness running;

    /** Waits for signals from now on. */
    static Interruption awaited() {
        Interruption interruption = new Interruption();
        for (String signal : List.of("INT", "TERM", "HUP")) {
            Signal.handle(new Signal(signal), s -> interruption.comes());
        }
        return interruption;
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
