package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyLogTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("clients-0.hlog");
    }

    private List<Histogram> read() throws IOException {
        List<Histogram> intervals = new ArrayList<>();
        HistogramLogReader reader = new HistogramLogReader(file.toFile());
        while (reader.hasNext()) {
            EncodableHistogram interval = reader.nextIntervalHistogram();
            if (interval != null) { // Null where only comments are left.
                intervals.add((Histogram) interval);
            }
        }
        reader.close();
        return intervals;
    }

    @Test
    void eachIntervalHoldsWhatWasRecordedInItUnderItsTag() throws IOException {
        try (LatencyLog log = new LatencyLog(file)) {
            log.series("echo.phones").record(500);
            log.series("echo.phones").record(700);
            log.flush(0, 1_000_000);
            log.series("echo.phones").record(900);
            log.flush(1_000_000, 2_000_000);
        }

        List<Histogram> intervals = read();
        assertThat(intervals).extracting(Histogram::getTag).containsOnly("echo.phones");
        assertThat(intervals).extracting(Histogram::getTotalCount).containsExactly(2L, 1L);
        assertThat(intervals.get(0).getMaxValue()).isEqualTo(700);
        assertThat(intervals.get(1).getMinValue()).isEqualTo(900);
        assertThat(intervals.get(1).getStartTimeStamp()).isEqualTo(1000);
    }

    @Test
    void aSecondWithoutValuesTakesNoLine() throws IOException {
        try (LatencyLog log = new LatencyLog(file)) {
            log.series("stall");
            log.flush(0, 1_000_000);
        }

        assertThat(read()).isEmpty();
    }

    @Test
    void aValueBeyondTheRangeCountsAsItsEnd() throws IOException {
        try (LatencyLog log = new LatencyLog(file)) {
            log.series("stall").record(Long.MAX_VALUE);
            log.series("stall").record(-5);
            log.flush(0, 1_000_000);
        }

        Histogram interval = read().get(0);
        assertThat(interval.getTotalCount()).isEqualTo(2);
        assertThat(interval.getValueAtPercentile(0)).isZero();
        assertThat(interval.valuesAreEquivalent(interval.getMaxValue(), LatencyLog.MAX_MICROS))
                .isTrue();
    }

    @Test
    void aLogIsNeverWrittenOver() throws IOException {
        Files.writeString(file, "another run's");

        assertThatThrownBy(() -> new LatencyLog(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("another run's");
    }
}
