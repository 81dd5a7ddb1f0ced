package dev.squall.stats;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How often each of a few things happened. To count the same thing again allocates nothing. */
final class Counts<K extends Comparable<K>> {

    private static final class Count {
        private long value;
    }

    private final Map<K, Count> counts = new TreeMap<>();
    private @Nullable K last;
    private Count ofLast = new Count();

    void add(K what) {
        add(what, 1);
    }

    void add(K what, long times) {
        if (what != last) { // Who counts often counts the same object.
            ofLast = counts.computeIfAbsent(what, first -> new Count());
            last = what;
        }
        ofLast.value += times;
    }

    void addAll(Counts<K> others) {
        others.counts.forEach((what, count) -> add(what, count.value));
    }

    /** By what was counted, in its order. */
    Map<K, Long> byWhat() {
        Map<K, Long> all = new TreeMap<>();
        counts.forEach((what, count) -> all.put(what, count.value));
        return all;
    }
}
