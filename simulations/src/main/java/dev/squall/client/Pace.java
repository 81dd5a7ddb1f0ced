package dev.squall.client;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The limit on attempts a second of one injector: a leaky bucket, so that no second, wherever it begins, has more attempts
 * than the limit, and a tenth of them may come at once. Event loops share it without a lock.
 */
final class Pace {

    private static final long SECOND = 1_000_000;
    /** How far ahead of its turn an attempt may be, and how late its turn may be taken. */
    static final long BURST_MICROS = SECOND / 10;

    /** Between two attempts; 0: no limit. */
    private final long intervalMicros;

    private final long burstMicros;

    /** When the next attempt would be due if none came early. */
    private final AtomicLong next = new AtomicLong(Long.MIN_VALUE / 2);

    /** {@code limit} in attempts a second; 0: none. */
    Pace(double limit) {
        // Within a second and the head start there are 1 + (second + burst) / interval attempts.
        burstMicros = limit > 2 ? BURST_MICROS : 0;
        intervalMicros = limit == 0
                ? 0
                : limit > 2
                        ? (long) Math.ceil((SECOND + BURST_MICROS) / (limit - 1))
                        : (long) Math.ceil(SECOND / limit);
    }

    /** Takes a place in the line: how many microseconds from {@code now} the attempt must wait. */
    long reserve(long now) {
        if (intervalMicros == 0) {
            return 0;
        }
        while (true) {
            long due = next.get();
            long at = Math.max(now, due - burstMicros);
            if (next.compareAndSet(due, Math.max(at, due) + intervalMicros)) {
                return at - now;
            }
        }
    }
}
