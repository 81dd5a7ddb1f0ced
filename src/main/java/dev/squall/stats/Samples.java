package dev.squall.stats;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values, with those that never came kept as infinite ones, so that a quantile does not improve because clients are lost.
 */
public final class Samples {

    private long[] values = new long[16];
    private int size;
    private long never;
    private boolean sorted = true;

    /** What those would have been at least that went away before they came. */
    private @Nullable Samples gone;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
        sorted = false;
    }

    /** Adds those of another. */
    void addAll(Samples others) {
        values = Arrays.copyOf(values, Math.max(values.length, size + others.size));
        System.arraycopy(others.values, 0, values, size, others.size);
        size += others.size;
        sorted = false;
        never += others.never;
        if (others.gone != null) {
            gone = gone == null ? new Samples() : gone;
            gone.addAll(others.gone);
        }
    }

    /** Adds one that never came. */
    void addNever() {
        never++;
    }

    /** Adds one that went away before it came: it counts as one that never came, but may have been as little as this. */
    void addGone(long least) {
        never++;
        if (gone == null) {
            gone = new Samples();
        }
        gone.add(least);
    }

    /** The same if each of those that went away had come at that moment: what was in truth is between the two. */
    public Samples atBest() {
        if (gone == null) {
            return this;
        }
        Samples best = new Samples();
        best.values = Arrays.copyOf(values, size + gone.size);
        System.arraycopy(gone.values, 0, best.values, size, gone.size);
        best.size = size + gone.size;
        best.never = never - gone.size;
        best.sorted = false;
        return best;
    }

    /** Passes those that came, in any order. */
    public void forEach(LongConsumer action) {
        for (int i = 0; i < size; i++) {
            action.accept(values[i]);
        }
    }

    /** How many there are, those that never came included. */
    public long count() {
        return size + never;
    }

    /** How many never came. */
    public long never() {
        return never;
    }

    /**
     * The ceil(p n)-th smallest value; infinite if that one never came, empty if there is none.
     *
     * @param p in (0, 1]
     */
    public OptionalDouble quantile(double p) {
        if (count() == 0) {
            return OptionalDouble.empty();
        }
        // The small step back keeps 0.999 * 1000 from being 999.0000000000001.
        long rank = Math.max(1, (long) Math.ceil(p * count() - 1e-9));
        if (rank > size) {
            return OptionalDouble.of(Double.POSITIVE_INFINITY);
        }
        sort();
        return OptionalDouble.of(values[(int) rank - 1]);
    }

    /** The mean; infinite if one never came, empty if there is none. */
    public OptionalDouble mean() {
        if (count() == 0) {
            return OptionalDouble.empty();
        }
        if (never > 0) {
            return OptionalDouble.of(Double.POSITIVE_INFINITY);
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += values[i];
        }
        return OptionalDouble.of(sum / size);
    }

    private void sort() {
        if (!sorted) {
            Arrays.sort(values, 0, size);
            sorted = true;
        }
    }
}
