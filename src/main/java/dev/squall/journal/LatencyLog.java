package dev.squall.journal;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * One process's HdrHistogram interval log: what is too frequent for a row an event (echoes, pongs, stalls).
 * Values are microseconds, tags are {@code echo.POPULATION}, {@code ping.POPULATION}, {@code stall}.
 */
public final class LatencyLog implements AutoCloseable {

    /** The largest value, and what stands for one that never came. An hour, in microseconds. */
    public static final long MAX_MICROS = 3_600_000_000L;

    private static final int DIGITS = 3;

    /** The comment that ends a log which was closed in order, with its number of intervals. */
    static final String ENDED = "[Ended after %d intervals]";

    private final File file;
    private final PrintStream out;
    private final HistogramLogWriter writer;
    private final Map<String, Series> series = new ConcurrentHashMap<>();
    private long intervals;

    /** Remembers why writing failed, which a PrintStream does not tell. */
    private static final class File extends FilterOutputStream {
        private final Path path;
        private volatile @Nullable IOException failure;

        File(Path path, OutputStream out) {
            super(out);
            this.path = path;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = new IOException(path + ": " + e.getMessage(), e);
                throw e;
            }
        }
    }

    /** The values of one tag. Recording is wait-free and allocates nothing. */
    public static final class Series {
        private final Recorder recorder = new Recorder(MAX_MICROS, DIGITS);
        private Histogram interval = recorder.getIntervalHistogram();

        private Series(String tag) {
            interval.setTag(tag);
        }

        /** One that belongs to no log. */
        public static Series unlogged(String tag) {
            return new Series(tag);
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

    /**
     * Opens a log.
     *
     * @throws IOException if the file exists already or cannot be written, as on a full disk
     */
    public LatencyLog(Path path) throws IOException {
        file = new File(path, Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        out = new PrintStream(file, false, StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(out);
        writer.outputLogFormatVersion();
        writer.outputLegend();
        out.flush();
        if (file.failure != null) {
            close();
        }
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
                intervals++;
            }
        });
        out.flush();
    }

    /** Why writing failed, as on a full disk; null while it works. */
    public @Nullable IOException failure() {
        return file.failure;
    }

    /** Ends it with a line that says how many intervals it has. */
    @Override
    public synchronized void close() throws IOException {
        writer.outputComment(String.format(Locale.ROOT, ENDED, intervals));
        out.close();
        IOException failed = file.failure;
        if (failed != null) {
            throw failed;
        }
    }
}
