package dev.squall.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A search carried out, one trial after the other.
 *
 * @param axis what is varied
 * @param most trials
 * @param seed of the first trial; each has the next
 */
public record Study(Axis axis, int most, long seed) {

    /** What carries a trial out: a run, or a predicted one. */
    @FunctionalInterface
    public interface Trials<E extends Exception> {
        /** Tries a value; empty if somebody ended it. */
        Optional<Trial> carryOut(double value, long seed) throws E;
    }

    /** Who hears of each trial. */
    @FunctionalInterface
    public interface Listener {
        /** {@code bracket} is what is known of the edge after it: two ends, NaN for one that nothing bounds. */
        void tried(int number, Trial trial, double[] bracket);
    }

    /** What came of it. */
    public record Done(Answer answer, List<Trial> trials) {
        public Done {
            trials = List.copyOf(trials);
        }
    }

    /** Tries until the search is over. */
    public <E extends Exception> Done carryOut(Trials<E> trials, Listener listener) throws E {
        Search search = new Search(axis, most);
        List<Trial> done = new ArrayList<>();
        for (OptionalDouble next = search.next(); next.isPresent(); next = search.next()) {
            Optional<Trial> trial = trials.carryOut(next.getAsDouble(), seed + done.size());
            if (trial.isEmpty()) {
                search.interrupt();
            } else {
                done.add(trial.get());
                search.tell(trial.get().outcome());
                listener.tried(done.size(), trial.get(), search.bracket());
            }
        }
        return new Done(search.answer().orElseThrow(), done);
    }
}
