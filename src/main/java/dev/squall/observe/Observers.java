package dev.squall.observe;

import dev.squall.plan.Expansion;
import dev.squall.plan.Observation;
import java.util.List;
import java.util.function.LongSupplier;

/** All that is polled beside a run, each at its own pace and on its own thread. */
public final class Observers implements AutoCloseable {

    /** Is told what each poll came to, on any thread; the poll's number counts from 0 at the start of the run. */
    public interface Observer {

        void answered(Observation observation, long poll, double value);

        /** {@code why}: in a few words, and nothing that may be a secret. */
        void missed(Observation observation, long poll, String why);
    }

    private final List<Watch> watches;

    private Observers(List<Watch> watches) {
        this.watches = watches;
    }

    /**
     * Begins to poll; the first polls are due at time 0.
     *
     * @param endMicros no poll is due then or later
     * @param micros the time of the run, which may be before its start
     */
    public static Observers begin(
            List<Observation> observations,
            long endMicros,
            Expansion expansion,
            LongSupplier micros,
            Observer observer) {
        List<Watch> watches = observations.stream()
                .map(each -> new Watch(each, each.polls(endMicros), expansion, micros, observer))
                .toList();
        watches.forEach(Watch::begin);
        return new Observers(watches);
    }

    /** Ends it at once; what is under way is not told any more. */
    @Override
    public void close() {
        watches.forEach(Watch::close);
    }
}
