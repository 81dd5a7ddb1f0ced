package dev.squall.export;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.squall.stats.Scope;
import dev.squall.stats.Series;
import dev.squall.stats.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** {@value #FILE}: a row for each second and population, and one for all clients, whose population is empty. */
record SeriesTable(Statistics statistics) {

    static final String FILE = "series.csv";

    /** Writes it. */
    void write(Path folder) throws IOException {
        Set<Integer> codes = statistics.all().series().closedByCode().keySet();
        try (CsvWriter csv = CsvWriter.builder().build(folder.resolve(FILE))) {
            csv.writeRecord(Stream.concat(
                            Stream.of("second", "population", "open", "ready", "attempts", "opened", "failed"),
                            codes.stream().map(code -> "closed_" + code))
                    .toList());
            for (Scope scope : scopes()) {
                write(csv, scope, codes);
            }
        }
    }

    private List<Scope> scopes() {
        return Stream.concat(Stream.of(statistics.all()), statistics.populations().stream())
                .toList();
    }

    private static void write(CsvWriter csv, Scope scope, Set<Integer> codes) {
        Series series = scope.series();
        List<long[]> columns = new ArrayList<>(
                List.of(series.open(), series.ready(), series.attempts(), series.opened(), series.failed()));
        int seconds = columns.get(0).length;
        codes.forEach(code -> columns.add(series.closedByCode().getOrDefault(code, new long[seconds])));
        for (int second = 0; second < seconds; second++) {
            List<String> row = new ArrayList<>(List.of(String.valueOf(second), scope.name()));
            for (long[] column : columns) {
                row.add(String.valueOf(column[second]));
            }
            csv.writeRecord(row);
        }
    }
}
