package dev.squall.export;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.squall.plan.Plan;
import dev.squall.stats.Case;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** {@value #FILE}: a row for each client and restart, in the order in which they were settled. Times are seconds since the start. */
final class Recoveries implements Consumer<Case>, AutoCloseable {

    static final String FILE = "recoveries.csv";

    private final Plan plan;
    private final CsvWriter csv;

    Recoveries(Plan plan, Path folder) throws IOException {
        this.plan = plan;
        this.csv = CsvWriter.builder().build(folder.resolve(FILE));
        csv.writeRecord(
                "population",
                "client",
                "restart",
                "node",
                "code",
                "lost_s",
                "learned_s",
                "first_attempt_s",
                "back_s",
                "outcome",
                "attempts",
                "outage_s");
    }

    @Override
    public void accept(Case each) {
        boolean back = each.backMicros() != Case.NEVER;
        csv.writeRecord(List.of(
                plan.populations().get(each.population()).name(),
                String.valueOf(each.client()),
                String.valueOf(each.restart().restart().index()),
                String.valueOf(each.restart().node()),
                String.valueOf(each.code()),
                Seconds.of(each.lostMicros()),
                Seconds.of(each.learnedMicros()),
                Seconds.of(each.firstMicros()),
                Seconds.of(each.backMicros()),
                each.fate().word(),
                String.valueOf(each.attempts()),
                back ? Seconds.of(each.backMicros() - each.lostMicros()) : ""));
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
