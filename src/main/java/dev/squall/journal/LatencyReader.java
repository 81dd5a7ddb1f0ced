package dev.squall.journal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/** Reads one interval log. What is wrong with it is told, never hidden: it costs the run its trust. */
public final class LatencyReader {

    private final Path file;
    private final byte[] bytes;
    private final int wholeLines;
    private long intervals;
    private boolean damaged;
    private boolean whole;

    /** Opens a log. */
    public LatencyReader(Path file) throws IOException {
        this.file = file;
        bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--; // A killed process leaves a cut last line.
        }
        wholeLines = end;
    }

    /** Passes every interval to the sink. */
    public void forEach(Consumer<Histogram> sink) {
        try (HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(bytes, 0, wholeLines))) {
            while (reader.hasNext()) {
                if (reader.nextIntervalHistogram() instanceof Histogram interval) {
                    intervals++;
                    sink.accept(interval);
                }
            }
        } catch (RuntimeException e) {
            damaged = true; // The library's way to say that a line is no interval; at other times it passes over it.
        }
        String[] lines = new String(bytes, 0, wholeLines, StandardCharsets.UTF_8).split("\n");
        String last = lines[lines.length - 1];
        whole = last.equals("#" + String.format(Locale.ROOT, LatencyLog.ENDED, intervals));
        long written = 0;
        for (String line : lines) {
            written += line.isEmpty() || line.startsWith("#") || line.startsWith("\"") ? 0 : 1;
        }
        damaged |= written != intervals;
    }

    /** The file that is read. */
    public Path file() {
        return file;
    }

    /** Whether it has lines that are no interval. */
    public boolean damaged() {
        return damaged;
    }

    /** Whether it was closed in order, and has as many intervals as it says. */
    public boolean whole() {
        return whole;
    }

    /** Whether the last line is cut, as a killed process leaves it. */
    public boolean cut() {
        return wholeLines < bytes.length;
    }
}
