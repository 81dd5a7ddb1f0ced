package dev.squall.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.HdrHistogram.Recorder;

/**
 * One process's HdrHistogram interval log: what is too frequent for a row an event (echoes, stalls). Values are
 * microseconds, tags are {@code echo.POPULATION}, {@code stall}.
 */
public final class LatencyLog implements AutoCloseable {

    /** The largest value, and what stands for one that never came. An hour, in microseconds. */
    public static final long MAX_MICROS = 3_600_000_000L;

    private static final int DIGITS = 3;

    private final PrintStream out;
    private final HistogramLogWriter writer;
    private final Map<String, Series> series = new ConcurrentHashMap<>();

    /** The values of one tag. Recording is wait-free and allocates nothing. */
    public static final class Series {
        private final Recorder recorder = new Recorder(MAX_MICROS, DIGITS);
        private Histogram interval = recorder.getIntervalHistogram();

        private Series(String tag) {
            interval.setTag(tag);
        }

        /** Adds some that never came: each counts as {@link #MAX_MICROS}, which readers take for infinite. */
        public void recordNever(long count) {
            if (count > 0) {
                recorder.recordValueWithCount(MAX_MICROS, count);
            }
        }

        /** Adds a value in microseconds; negative ones count as 0. */
        public void record(long micros) {
            recorder.recordValue(Math.max(0, Math.min(MAX_MICROS, micros)));
        }
    }

    /** Opens a log; it must not exist. */
    public LatencyLog(Path file) throws IOException {
        out = new PrintStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                false,
                StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(out);
        writer.outputLogFormatVersion();
        writer.outputLegend();
        out.flush();
    }

    /** The series of a tag, made at the first call. */
    public Series series(String tag) {
        return series.computeIfAbsent(tag, Series::new);
    }

    /** Writes what was recorded since the last call; call it once a second, from one thread. */
    public synchronized void flush(long fromMicros, long toMicros) {
        series.forEach((tag, one) -> {
            one.interval = one.recorder.getIntervalHistogram(one.interval);
            one.interval.setTag(tag);
            if (one.interval.getTotalCount() > 0) {
                writer.outputIntervalHistogram(fromMicros / 1e6, toMicros / 1e6, one.interval, 1.0);
            }
        });
        out.flush();
    }

    /** Whether writing has failed, as on a full disk. */
    public boolean failed() {
        return out.checkError();
    }

    @Override
    public synchronized void close() {
        out.close();
    }
}
