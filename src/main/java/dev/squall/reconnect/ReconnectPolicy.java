package dev.squall.reconnect;

import java.util.List;

/**
 * When a client that lost its connection, or failed to make one, tries again.
 *
 * <p>The policy draws nothing itself: random bits are arguments, and so is the delay before.
 *
 * @param name the policy's name, or "inline"
 * @param backoff the delays
 * @param attempts failed tries since the last loss after which the client gives up; 0 never tries again
 * @param stableMicros how long a connection must stay open before it has proved itself, so that the failed tries are
 *     forgotten, in microseconds; one that is lost before is another failed try
 * @param provedWhenReady whether it must have finished its dialogue, too
 * @param failedTries whether failed tries are followed by others
 * @param stopOn the close codes after which the client stays away; 1010 is its own
 * @param atOnceOn the close codes after which it comes back without a delay; stopOn comes first
 * @param retryAfter whether a refused client waits at least as long as the server's Retry-After says
 */
public record ReconnectPolicy(
        String name,
        Backoff backoff,
        int attempts,
        long stableMicros,
        boolean provedWhenReady,
        FailedTries failedTries,
        List<CodeRange> stopOn,
        List<CodeRange> atOnceOn,
        boolean retryAfter) {

    /** As many failed tries as the connection machine can count; in effect, no limit. */
    public static final int UNLIMITED = (1 << 20) - 1;

    /** A failed try is never followed by another at once, by any policy: least delay in microseconds. */
    public static final long MIN_DELAY_AFTER_FAILURE_MICROS = 10_000;

    /** The longest delay before any retry, in microseconds: a week, longer than any run. */
    public static final long MAX_DELAY_MICROS = 7L * 24 * 3600 * 1_000_000;

    /** The client's own close code for want of an extension (RFC 6455 section 7.4.1). */
    private static final int MANDATORY_EXTENSION = 1010;

    public ReconnectPolicy {
        stopOn = List.copyOf(stopOn);
        atOnceOn = List.copyOf(atOnceOn);
        require(attempts >= 0 && attempts <= UNLIMITED, "attempts", attempts, "0.." + UNLIMITED);
        require(stableMicros >= 0, "stable-after", stableMicros + "us", ">= 0s");
    }

    /** One that comes back after every loss and every failed try, after {@link Exponential} delays. */
    public ReconnectPolicy(
            String name,
            long minMicros,
            long maxMicros,
            double growth,
            long capMicros,
            Jitter jitter,
            boolean drawOnce,
            int attempts,
            long stableMicros) {
        this(
                name,
                new Exponential(new Span(minMicros, maxMicros), growth, capMicros, jitter, drawOnce, Span.ZERO),
                attempts,
                stableMicros,
                false,
                FailedTries.RETRIED,
                List.of(),
                List.of(),
                false);
    }

    static void require(boolean holds, String field, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** Whether a client of this policy tries again at all. */
    public boolean reconnects() {
        return attempts > 0;
    }

    /** What a client of this policy does about a loss with this close code. */
    public Reaction reaction(int code) {
        if (!reconnects() || has(stopOn, code)) {
            return Reaction.STOP;
        }
        return has(atOnceOn, code) ? Reaction.AT_ONCE : Reaction.RETRY;
    }

    /** Whether a client of this policy stays away for good once it has left with 1010. */
    public boolean stopsAfter1010() {
        return reaction(MANDATORY_EXTENSION) == Reaction.STOP;
    }

    /** By index: an iterator for each of a client's losses would be an allocation. */
    private static boolean has(List<CodeRange> ranges, int code) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).has(code)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The delay before a retry, in microseconds.
     *
     * @param retry 0 for the first after a loss, then 1, 2, ...; -1 for one that comes at once
     * @param afterFailure whether the retry follows a failed try rather than a loss
     * @param previousMicros the delay before the last retry
     * @param clientBits 64 random bits of this client, the same at each attempt
     * @param attemptBits 64 random bits of this attempt
     */
    public long delayMicros(int retry, boolean afterFailure, long previousMicros, long clientBits, long attemptBits) {
        double micros = retry < 0 ? 0 : backoff.micros(retry, previousMicros, clientBits, attemptBits);
        long delay = (long) Math.min(MAX_DELAY_MICROS, micros);
        return afterFailure ? Math.max(delay, MIN_DELAY_AFTER_FAILURE_MICROS) : delay;
    }

    /** The longest delay before the first retry after a loss with this close code, in microseconds. */
    public long longestFirstDelayMicros(int code) {
        return reaction(code) == Reaction.AT_ONCE ? 0 : (long) Math.min(MAX_DELAY_MICROS, backoff.longestFirstMicros());
    }

    /** A number in [0, 1) from the upper half of the bits. */
    static double upperUnit(long bits) {
        return (bits >>> 32) * 0x1p-32;
    }

    /** A number in [0, 1) from the lower half of the bits. */
    static double lowerUnit(long bits) {
        return (bits & 0xffff_ffffL) * 0x1p-32;
    }
}
