package dev.squall.stats;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values, with those that never came kept as infinite ones, so that a quantile does not improve because clients are lost.
 * They are its own, or those of its parts, of which it keeps no copy.
 */
public final class Samples {

    private final List<Samples> parts;
    private long[] values = {};
    private int size;
    private long never;
    private boolean sorted = true;

    /** What those would have been at least that went away before they came. */
    private @Nullable Samples gone;

    /** None as yet. */
    Samples() {
        this(List.of());
    }

    /** Those of all parts, now and later; none of its own, if there is a part. */
    Samples(List<Samples> parts) {
        this.parts = List.copyOf(parts);
    }

    void add(long value) {
        own();
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(16, size + (size >> 1)));
        }
        values[size++] = value;
        sorted = false;
    }

    /** Adds one that never came. */
    void addNever() {
        own();
        never++;
    }

    /** Adds one that went away before it came: it counts as one that never came, but may have been as little as this. */
    void addGone(long least) {
        addNever();
        if (gone == null) {
            gone = new Samples();
        }
        gone.add(least);
    }

    private void own() {
        if (!parts.isEmpty()) {
            throw new IllegalStateException("values belong to a part");
        }
    }

    /** The same if each of those that went away had come at that moment: what was in truth is between the two. */
    public Samples atBest() {
        if (!parts.isEmpty()) {
            return new Samples(parts.stream().map(Samples::atBest).toList());
        }
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
        parts.forEach(part -> part.forEach(action));
    }

    /** How many there are, those that never came included. */
    public long count() {
        return came() + never();
    }

    private long came() {
        return size + parts.stream().mapToLong(Samples::came).sum();
    }

    /** How many never came. */
    public long never() {
        return never + parts.stream().mapToLong(Samples::never).sum();
    }

    /**
     * The ceil(p n)-th smallest value; infinite if that one never came, empty if there is none.
     *
     * @param p in (0, 1]
     */
    public OptionalDouble quantile(double p) {
        long count = count();
        if (count == 0) {
            return OptionalDouble.empty();
        }
        // The small step back keeps 0.999 * 1000 from being 999.0000000000001.
        long rank = Math.max(1, (long) Math.ceil(p * count - 1e-9));
        return rank > came() ? OptionalDouble.of(Double.POSITIVE_INFINITY) : OptionalDouble.of(ofRank(rank));
    }

    /** The smallest value that has this many up to it. */
    private long ofRank(long rank) {
        if (parts.isEmpty()) {
            sort();
            return values[(int) rank - 1];
        }
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (Samples part : parts) {
            if (part.came() > 0) {
                low = Math.min(low, part.ofRank(1));
                high = Math.max(high, part.ofRank(part.came()));
            }
        }
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (upTo(middle) >= rank) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** How many came that are not larger. */
    private long upTo(long value) {
        sort();
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (values[middle] <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        long sum = low;
        for (Samples part : parts) {
            sum += part.upTo(value);
        }
        return sum;
    }

    /** The mean; infinite if one never came, empty if there is none. */
    public OptionalDouble mean() {
        if (count() == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(never() > 0 ? Double.POSITIVE_INFINITY : sum() / came());
    }

    private double sum() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += values[i];
        }
        for (Samples part : parts) {
            sum += part.sum();
        }
        return sum;
    }

    private void sort() {
        if (!sorted) {
            Arrays.parallelSort(values, 0, size);
            sorted = true;
        }
    }
}
