package dev.squall.cli;

import dev.squall.quantity.Quantity;
import dev.squall.run.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Function;

/** How a run stands: one line that is written over on a terminal, else a plain line every few seconds. */
final class StatusLine {

    private static final long PLAIN_MICROS = 5_000_000;
    private static final long QUIET_MICROS = 60_000_000;

    /** What is left is not told where it is more: a week. */
    private static final long LONG_MICROS = 7L * 24 * 3600 * 1_000_000;

    private final PrintWriter out;
    private final boolean terminal;
    private final Function<Progress, String> text;
    private final long plainMicros;
    private long nextPlain;
    private boolean starting;
    private boolean shown;

    /** {@code text} tells it in words. */
    StatusLine(PrintWriter out, boolean terminal, Function<Progress, String> text) {
        this(out, terminal, PLAIN_MICROS, text);
    }

    private StatusLine(PrintWriter out, boolean terminal, long plainMicros, Function<Progress, String> text) {
        this.out = out;
        this.terminal = terminal;
        this.plainMicros = plainMicros;
        this.text = text;
    }

    /** A plain line a minute, also on a terminal; the first after a minute. */
    static StatusLine quiet(PrintWriter err, Function<Progress, String> text) {
        StatusLine line = new StatusLine(err, false, QUIET_MICROS, text);
        line.nextPlain = QUIET_MICROS;
        return line;
    }

    /** On standard error. */
    static StatusLine on(PrintWriter err, Function<Progress, String> text) {
        return new StatusLine(err, Boolean.getBoolean("squall.terminal"), text);
    }

    void show(Progress progress) {
        if (progress.phase() == Progress.Phase.JUDGING) {
            return; // The summary follows.
        }
        if (starting && !progress.isStarting()) {
            nextPlain = plainMicros == QUIET_MICROS ? QUIET_MICROS : 0; // Times count from the run's beginning now.
        }
        starting = progress.isStarting();
        String line = starting
                ? "starting: " + progress.ready() + " of " + progress.processes() + " processes are ready"
                : text.apply(progress);
        if (terminal) {
            out.print("\r" + line + "\033[K");
            shown = true;
        } else if (progress.elapsedMicros() >= nextPlain) {
            nextPlain = progress.elapsedMicros() - Math.floorMod(progress.elapsedMicros(), plainMicros) + plainMicros;
            out.println(line);
        }
        out.flush();
    }

    /** Of a run. */
    static String ofRun(Progress progress) {
        long elapsed = Math.max(0, progress.elapsedMicros());
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT,
                "%3d s  open %,d  waiting %,d  recovered %,d",
                elapsed / 1_000_000,
                progress.count("open"),
                progress.count("waiting") + progress.count("connecting"),
                progress.count("recovered")));
        progress.closesByCode()
                .forEach((code, count) -> line.append(String.format(Locale.ROOT, "  %s: %,d", code, count)));
        if (progress.count("secured") > 0) {
            line.append(String.format(
                    Locale.ROOT, "  tls %,d (%,d resumed)", progress.count("secured"), progress.count("resumed")));
        }
        long left = progress.durationMicros() - elapsed;
        line.append(left > 0 ? "  " + Quantity.DURATION.format(left / 1_000_000 * 1e6) + " left" : "  closing");
        return line.toString();
    }

    /** Of a server. */
    static String ofServer(Progress progress) {
        long left = progress.durationMicros() - Math.max(0, progress.elapsedMicros());
        return String.format(
                Locale.ROOT,
                "%3d s  open %,d  accepted %,d  rejected %,d  closed %,d%s",
                Math.max(0, progress.elapsedMicros()) / 1_000_000,
                progress.count("open"),
                progress.count("accepted"),
                progress.count("rejected"),
                progress.count("closed"),
                left > LONG_MICROS ? "" : "  " + Quantity.DURATION.format(left / 1_000_000 * 1e6) + " left");
    }

    /** Ends the line on a terminal, so that what follows begins a new one. */
    void end() {
        if (shown) {
            out.print("\r\033[K");
            out.flush();
        }
    }
}
