package dev.squall.run;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.observe.Observers;
import dev.squall.plan.Observation;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what is observed beside a run, and tells it to who judges the run as it goes on.
 *
 * @param micros the time of the run
 * @param steady who judges the steady state; null: nobody
 * @param abort who looks whether the run must end
 */
record ObservationRows(
        JournalWriter journal,
        LongSupplier micros,
        @Nullable SteadyCheck steady,
        AbortCheck abort) implements Observers.Observer {

    private static final double WHOLE = 1e15;

    @Override
    public void answered(Observation observation, long poll, double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < WHOLE;
        row(observation, JournalEvent.OBSERVED, poll, whole ? Long.toString((long) value) : Double.toString(value));
        abort.answered(observation, poll, value);
        if (steady != null) {
            steady.answered(observation, poll, value);
        }
    }

    @Override
    public void missed(Observation observation, long poll, String why) {
        row(observation, JournalEvent.UNOBSERVED, poll, why);
        abort.missed(observation, poll, why);
        if (steady != null) {
            steady.missed(observation, poll, why);
        }
    }

    private void row(Observation observation, JournalEvent event, long poll, String detail) {
        long none = JournalWriter.NONE;
        journal.add(micros.getAsLong(), observation.name(), none, none, event, none, none, poll, detail);
    }
}
