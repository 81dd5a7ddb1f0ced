package dev.squall.export;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Plan;
import dev.squall.stats.Case;
import dev.squall.stats.Scope;
import dev.squall.stats.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * {@value #FILE}: one interval of the whole run for each tag, in microseconds; what never came counts as an hour. Tags are
 * {@code outage}, {@code time-to-recover}, {@code detection}, {@code time-to-first-attempt} with {@code .all},
 * {@code .POPULATION} or {@code .restart-N.node-K} behind them, {@code handshake.all} and {@code handshake.POPULATION}.
 */
final class TimeLogs implements Consumer<Case>, AutoCloseable {

    static final String FILE = "times.hlog";

    private final Plan plan;
    private final LatencyLog log;

    TimeLogs(Plan plan, Path folder) throws IOException {
        this.plan = plan;
        this.log = new LatencyLog(folder.resolve(FILE));
    }

    @Override
    public void accept(Case each) {
        boolean back = each.backMicros() != Case.NEVER;
        record(each, "detection", each.lostMicros(), each.learnedMicros());
        if (each.firstMicros() != Case.NEVER || !back) {
            record(each, "time-to-first-attempt", each.learnedMicros(), each.firstMicros());
        }
        record(each, "time-to-recover", each.learnedMicros(), each.backMicros());
        record(each, "outage", each.lostMicros(), each.backMicros());
    }

    private void record(Case each, String time, long from, long to) {
        String population = plan.populations().get(each.population()).name();
        String restart = "restart-" + each.restart().restart().index() + ".node-"
                + each.restart().node();
        for (String of : new String[] {"all", population, restart}) {
            LatencyLog.Series series = log.series(time + "." + of);
            if (to == Case.NEVER) {
                series.recordNever(1);
            } else {
                series.record(to - from);
            }
        }
    }

    /** Adds what is not of restarts, and writes all. */
    void write(Statistics statistics) {
        handshakes("all", statistics.all());
        statistics.populations().forEach(scope -> handshakes(scope.name(), scope));
        log.flush(0, statistics.endMicros());
    }

    private void handshakes(String of, Scope scope) {
        LatencyLog.Series series = log.series("handshake." + of);
        scope.handshakeTime().forEach(series::record);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
