package dev.squall.reconnect;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * When a client that lost its connection, or failed to make one, tries again.
 *
 * <p>The delay before retry k (k = 0 is the first after a loss) is {@code min(cap, d * growth^k)} spread by the jitter,
 * with d uniform in [minMicros, maxMicros], drawn anew at each attempt or once a client. The policy draws nothing
 * itself: random bits are arguments.
 *
 * @param name the policy's name, or "inline"
 * @param minMicros least first delay, in microseconds, at least 0
 * @param maxMicros largest first delay, in microseconds, at least {@code minMicros}
 * @param growth factor from one delay to the next, at least 1
 * @param capMicros limit of the grown delay, in microseconds, before jitter
 * @param jitter how the grown delay is spread
 * @param drawOnce whether d is drawn once a client rather than at each attempt
 * @param attempts failed tries since the last loss after which the client gives up; 0 never tries again
 * @param stableMicros how long a connection must stay open before the failed tries are forgotten, in microseconds
 */
public record ReconnectPolicy(
        String name,
        long minMicros,
        long maxMicros,
        double growth,
        long capMicros,
        Jitter jitter,
        boolean drawOnce,
        int attempts,
        long stableMicros) {

    /** As many failed tries as the connection machine can count; in effect, no limit. */
    public static final int UNLIMITED = (1 << 20) - 1;

    /** A failed try is never followed by another at once, by any policy: least delay in microseconds. */
    public static final long MIN_DELAY_AFTER_FAILURE_MICROS = 10_000;

    private static final long SECOND = 1_000_000;

    public ReconnectPolicy {
        require(minMicros >= 0, "delay", minMicros + "us", ">= 0s");
        require(maxMicros >= minMicros, "delay", minMicros + "us.." + maxMicros + "us", "low..high");
        require(growth >= 1 && growth <= 1000, "growth", growth, "1..1000");
        require(capMicros >= 0, "cap", capMicros + "us", ">= 0s");
        require(attempts >= 0 && attempts <= UNLIMITED, "attempts", attempts, "0.." + UNLIMITED);
        require(stableMicros >= 0, "stable-after", stableMicros + "us", ">= 0s");
    }

    private static void require(boolean holds, String field, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** The policies that an experiment may name, in the order in which they are listed. */
    public static Map<String, ReconnectPolicy> named() {
        Map<String, ReconnectPolicy> all = new LinkedHashMap<>();
        // RFC 6455 section 7.2.3: a random delay of 0 to 5 s first, then truncated exponential backoff.
        add(all, "rfc6455", 5 * SECOND, 5 * SECOND, 2, 60 * SECOND, Jitter.FULL, UNLIMITED);
        // The guide that this project follows: 1 to 5 s.
        add(all, "guide", SECOND, 5 * SECOND, 1, 5 * SECOND, Jitter.NONE, UNLIMITED);
        // The registration of 1012 at IANA: a randomised delay of 5 to 30 s.
        add(all, "iana-1012", 5 * SECOND, 30 * SECOND, 1, 30 * SECOND, Jitter.NONE, UNLIMITED);
        add(all, "immediate", 0, 0, 1, 0, Jitter.NONE, UNLIMITED);
        add(all, "none", 0, 0, 1, 0, Jitter.NONE, 0);
        return all;
    }

    private static void add(
            Map<String, ReconnectPolicy> all,
            String name,
            long min,
            long max,
            double growth,
            long cap,
            Jitter jitter,
            int attempts) {
        all.put(name, new ReconnectPolicy(name, min, max, growth, cap, jitter, false, attempts, 0));
    }

    /** Whether a client of this policy tries again at all. */
    public boolean reconnects() {
        return attempts > 0;
    }

    /**
     * The delay before a retry, in microseconds.
     *
     * @param retry 0 for the first after a loss, then 1, 2, ...
     * @param afterFailure whether the retry follows a failed try rather than a loss
     * @param clientBits 64 random bits of this client, the same at each attempt
     * @param attemptBits 64 random bits of this attempt
     */
    public long delayMicros(int retry, boolean afterFailure, long clientBits, long attemptBits) {
        double first = minMicros;
        if (maxMicros > minMicros) {
            first += (maxMicros - minMicros) * highUnit(drawOnce ? clientBits : attemptBits);
        }
        double grown = growth == 1 ? first : first * Math.pow(growth, retry);
        long delay = (long) jitter.spread(Math.min(capMicros, grown), lowUnit(attemptBits));
        return afterFailure ? Math.max(delay, MIN_DELAY_AFTER_FAILURE_MICROS) : delay;
    }

    /** The longest delay before the first retry after a loss, in microseconds. */
    public long longestFirstDelayMicros() {
        return Math.min(capMicros, maxMicros);
    }

    private static double highUnit(long bits) {
        return (bits >>> 32) * 0x1p-32;
    }

    private static double lowUnit(long bits) {
        return (bits & 0xffff_ffffL) * 0x1p-32;
    }
}
