package dev.squall.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.squall.plan.Plan;
import dev.squall.stats.Quantile;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Runs;
import dev.squall.stats.Statistics;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {

    private static final Plan PLAN = Runs.plan("""
            name: exported
            duration: 40s
            load:
              quitters: {clients: 20, reconnect: {delay: 1s, attempts: 2}}
              phones: {clients: 200, reconnect: guide}
              slow: {clients: 30, reconnect: {delay: 12s..13s}}
            faults: [{restart: {at: 10s, drain: 1s, downtime: 4s, deadline: 5s}}]
            """, 42);

    @TempDir
    private Path directory;

    private Statistics statistics;

    @BeforeEach
    void run() throws IOException {
        Runs.write(PLAN, directory);
        statistics = Statistics.read(directory, PLAN, share -> {});
    }

    private List<NamedCsvRecord> csv(String file) throws IOException {
        try (CsvReader<NamedCsvRecord> reader =
                CsvReader.builder().ofNamedCsvRecord(directory.resolve("export").resolve(file))) {
            return reader.stream().toList();
        }
    }

    private void export(Export format, boolean again) throws IOException {
        format.write(directory, directory.resolve("export"), again, share -> {});
    }

    @Test
    void eachClientThatARestartAffectedHasARowWithWhatBecameOfIt() throws IOException {
        export(Export.CSV, false);

        RestartFigures restart = statistics.all().restarts().get(0);
        Map<String, Long> outcomes = new HashMap<>();
        List<NamedCsvRecord> rows = csv("recoveries.csv");
        rows.forEach(row -> outcomes.merge(row.getField("outcome"), 1L, Long::sum));
        assertThat(rows).hasSize((int) restart.affected());
        assertThat(outcomes)
                .isEqualTo(
                        Map.of("recovered", restart.recovered(), "late", restart.late(), "gave-up", restart.gaveUp()));
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.getField("code")).isEqualTo("1012");
            boolean back = !row.getField("back_s").isEmpty();
            assertThat(row.getField("outage_s").isEmpty()).isEqualTo(!back);
            if (back) {
                assertThat(number(row, "lost_s"))
                        .isLessThanOrEqualTo(number(row, "learned_s"))
                        .isLessThan(number(row, "back_s"));
                assertThat(number(row, "first_attempt_s")).isBetween(number(row, "learned_s"), number(row, "back_s"));
            }
        });
        double longest = rows.stream()
                .filter(row -> !row.getField("outage_s").isEmpty())
                .mapToDouble(row -> number(row, "outage_s"))
                .sorted()
                .toArray()[(int) Math.ceil(0.5 * rows.size()) - 1];
        assertThat(longest * 1e6)
                .as("the median")
                .isCloseTo(Quantile.P50.of(restart.outage()), withinPercentage(0.001));
    }

    private static double number(NamedCsvRecord row, String field) {
        return Double.parseDouble(row.getField(field));
    }

    @Test
    void theSeriesHaveARowForEachSecondAndPopulation() throws IOException {
        export(Export.CSV, false);

        List<NamedCsvRecord> rows = csv("series.csv");
        assertThat(rows).hasSize(40 * 4);
        assertThat(rows.get(9).getFields()).startsWith("9", "", "250", "250");
        assertThat(rows.stream()
                        .filter(row -> row.getField("population").equals("phones"))
                        .mapToLong(row -> Long.parseLong(row.getField("closed_1012")))
                        .sum())
                .isEqualTo(200);
    }

    @Test
    void hdrHistogramsOwnReaderReadsTheTimesAndWhatNeverCameIsAnHour() throws IOException {
        export(Export.HDR, false);

        Map<String, AbstractHistogram> read = new HashMap<>();
        try (HistogramLogReader reader = new HistogramLogReader(
                directory.resolve("export").resolve("times.hlog").toFile())) {
            while (reader.hasNext()) {
                // At the comment that ends the log it has none.
                if (reader.nextIntervalHistogram() instanceof AbstractHistogram each) {
                    read.put(each.getTag(), each);
                }
            }
        }

        RestartFigures restart = statistics.all().restarts().get(0);
        AbstractHistogram outage = read.get("outage.all");
        assertThat(outage.getTotalCount()).isEqualTo(restart.affected());
        assertThat((double) outage.getValueAtPercentile(50))
                .isCloseTo(Quantile.P50.of(restart.outage()), withinPercentage(0.1));
        assertThat(outage.getMaxValueAsDouble()).isGreaterThanOrEqualTo(3_600_000_000.0);
        assertThat(read.get("outage.restart-0.node-0").getTotalCount()).isEqualTo(restart.affected());
        assertThat(read.get("outage.phones").getTotalCount()).isEqualTo(200);
        assertThat(read.get("handshake.all").getTotalCount())
                .isEqualTo(statistics.all().handshakeTime().count());
        assertThat(read).containsKeys("detection.all", "time-to-recover.all", "time-to-first-attempt.all");
    }

    @Test
    void whatIsThereIsWrittenOverOnlyIfThatIsAskedFor() throws IOException {
        export(Export.CSV, false);
        Path series = directory.resolve("export").resolve("series.csv");
        Files.writeString(series, "mine");

        assertThatThrownBy(() -> export(Export.CSV, false)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(series).hasContent("mine");
        export(Export.CSV, true);
        assertThat(Files.readString(series)).startsWith("second,population,");
    }
}
