package dev.squall.run;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Restarts the foreign server as planned, one restart after the other, and writes down when each began and ended. */
final class RestartCommands {

    private final Queue<Plan.Restart> due;
    private final Restarter restarter;
    private final JournalWriter journal;
    private final LongSupplier micros;
    private final Consumer<String> log;
    private Plan.@Nullable Restart running;

    /** {@code micros}: the time of the run. */
    RestartCommands(Plan plan, Restarter restarter, JournalWriter journal, LongSupplier micros, Consumer<String> log) {
        this.due = new ArrayDeque<>(plan.endpoint() == null ? List.of() : plan.restarts());
        this.restarter = restarter;
        this.journal = journal;
        this.micros = micros;
        this.log = log;
    }

    /** When the next one is due; {@link Long#MAX_VALUE} if none is. */
    long nextMicros() {
        Plan.Restart next = due.peek();
        return next == null || running != null ? Long.MAX_VALUE : next.atMicros();
    }

    /** Notices how things stand, and begins what is due; {@code mayBegin}: whether the load goes on, else no more begins. */
    void tick(boolean mayBegin) throws IOException {
        notice();
        if (!mayBegin) {
            due.clear();
        }
        Plan.Restart next = due.peek();
        if (running == null && next != null && micros.getAsLong() >= next.atMicros()) {
            due.remove();
            begin(next);
        }
    }

    private void begin(Plan.Restart next) throws IOException {
        running = next;
        row(micros.getAsLong(), JournalEvent.COMMAND_STARTED, next, JournalWriter.NONE, null);
        Restarter.End failed = restarter.begin(next);
        if (failed != null) {
            ended(next, failed);
        }
    }

    private void notice() throws IOException {
        Plan.Restart restart = running;
        Restarter.End end = restart == null ? null : restarter.ended();
        if (restart != null && end != null) {
            ended(restart, end);
        }
    }

    private void ended(Plan.Restart restart, Restarter.End end) {
        row(end.micros(), JournalEvent.COMMAND_ENDED, restart, end.code(), end.failure());
        log.accept("command ended with " + (end.failure() == null ? "code 0" : end.failure()));
        running = null;
    }

    private void row(long at, JournalEvent event, Plan.Restart of, long code, @Nullable String detail) {
        journal.add(
                at, "", JournalWriter.NONE, JournalWriter.NONE, event, code, JournalWriter.NONE, of.index(), detail);
    }

    /** Stops one that goes on: no fault outlives the load. */
    void stop() throws IOException, InterruptedException {
        notice();
        due.clear();
        if (running != null) {
            restarter.stop();
            running = null;
            log.accept("the restart's command was stopped with the run");
        }
    }
}
