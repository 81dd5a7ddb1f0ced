package dev.squall.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How far the reading of a run's journals is, where it takes long: one line on a terminal, else one every few seconds. */
final class ReadingLine {

    private static final long UNTOLD_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long TERMINAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PrintWriter out;
    private final boolean terminal;
    private final String verb;
    private final LongSupplier clock;
    private long next;
    private boolean shown;

    /** Begins now, by a clock of nanoseconds. */
    ReadingLine(PrintWriter out, boolean terminal, LongSupplier clock) {
        this(out, terminal, "reading", clock);
    }

    private ReadingLine(PrintWriter out, boolean terminal, String verb, LongSupplier clock) {
        this.verb = verb;
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
        next = clock.getAsLong() + UNTOLD_NANOS;
    }

    /** On standard error. */
    static ReadingLine on(PrintWriter err) {
        return new ReadingLine(err, Boolean.getBoolean("squall.terminal"), System::nanoTime);
    }

    /** The same of something else that takes long. */
    static ReadingLine on(PrintWriter err, String verb) {
        return new ReadingLine(err, Boolean.getBoolean("squall.terminal"), verb, System::nanoTime);
    }

    /** A share of the journals, in 0..1, is read. */
    void show(double share) {
        long now = clock.getAsLong();
        if (now - next < 0) {
            return;
        }
        next = now + (terminal ? TERMINAL_NANOS : PLAIN_NANOS);
        String line = verb + " " + (int) (share * 100) + "%";
        if (terminal) {
            out.print("\r" + line + "\033[K");
            shown = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Takes the line from a terminal. */
    void end() {
        if (shown) {
            out.print("\r\033[K");
            out.flush();
        }
    }
}
