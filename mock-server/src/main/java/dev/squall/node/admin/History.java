package dev.squall.node.admin;

import dev.squall.node.Control;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The counts of the last minutes, for the page's charts. Used on the admin's loop only. */
final class History {

    /** How often the counts are taken. */
    static final long STEP_MILLIS = 1000;

    /** Ten minutes. */
    private static final int MAX_SAMPLES = 600;

    /** The counts at one time; microseconds since the start of the run. */
    record Sample(long micros, long open, long accepted, long rejected, long closed) {}

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    void add(Control.Counts counts) {
        if (samples.size() == MAX_SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(
                new Sample(counts.micros(), counts.open(), counts.accepted(), counts.rejected(), counts.closed()));
    }

    /** Those taken after this time, in order. */
    List<Sample> after(long micros) {
        List<Sample> later = new ArrayList<>();
        for (Sample sample : samples) {
            if (sample.micros() > micros) {
                later.add(sample);
            }
        }
        return later;
    }
}
