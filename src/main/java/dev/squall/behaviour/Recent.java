package dev.squall.behaviour;

import java.util.Arrays;

/** Times in microseconds: how many, the longest of all, and the latest of them. */
final class Recent {

    /** How many of the latest are kept. */
    static final int KEPT = 100;

    private long[] latest = new long[4];
    private long count;
    private long longest;

    void add(long micros) {
        int place = (int) (count++ % KEPT);
        if (place == latest.length) {
            latest = Arrays.copyOf(latest, Math.min(KEPT, place * 2));
        }
        latest[place] = micros;
        longest = Math.max(longest, micros);
    }

    Times times() {
        return new Times(
                count,
                longest,
                Arrays.stream(latest, 0, (int) Math.min(count, KEPT))
                        .sorted()
                        .boxed()
                        .toList());
    }
}
