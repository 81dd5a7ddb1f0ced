package dev.squall.stats;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Counts by second of the run. */
public final class Series {

    private final long endMicros;
    private final int seconds;
    private final long[] open;
    private final long[] ready;
    final long[] attempts;
    final long[] opened;
    final long[] failed;
    final Map<Integer, long[]> closedByCode = new TreeMap<>();

    /** Counts up to the end of the load, in microseconds. */
    Series(long endMicros) {
        this.endMicros = endMicros;
        seconds = (int) Math.max(1, (endMicros + 999_999) / 1_000_000);
        open = new long[seconds];
        ready = new long[seconds];
        attempts = new long[seconds];
        opened = new long[seconds];
        failed = new long[seconds];
    }

    void add(long[] counts, long micros) {
        counts[second(micros)]++;
    }

    /** So many more clients are open. */
    void open(long micros, int more) {
        changed(open, micros, more);
    }

    /** So many more clients are ready. */
    void ready(long micros, int more) {
        changed(ready, micros, more);
    }

    private void changed(long[] counts, long micros, int more) {
        if (micros < endMicros) {
            counts[second(micros)] += more;
        }
    }

    /** Until now seconds have held changes, so that they could be told in any order. */
    void loadEnded() {
        Arrays.parallelPrefix(open, Long::sum);
        Arrays.parallelPrefix(ready, Long::sum);
    }

    void closed(int code, long micros) {
        closedByCode.computeIfAbsent(code, c -> new long[seconds])[second(micros)]++;
    }

    int second(long micros) {
        return (int) Math.max(0, Math.min(seconds - 1, micros / 1_000_000));
    }

    /** Clients open at the end of each second. */
    public long[] open() {
        return Arrays.copyOf(open, seconds);
    }

    /** Clients ready at the end of each second: of the open ones those whose dialogue is done. */
    public long[] ready() {
        return Arrays.copyOf(ready, seconds);
    }

    public long[] attempts() {
        return Arrays.copyOf(attempts, seconds);
    }

    public long[] opened() {
        return Arrays.copyOf(opened, seconds);
    }

    public long[] failed() {
        return Arrays.copyOf(failed, seconds);
    }

    /** Connections ended, by close code. */
    public Map<Integer, long[]> closedByCode() {
        return closedByCode;
    }
}
