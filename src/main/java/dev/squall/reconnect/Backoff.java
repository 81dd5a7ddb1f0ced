package dev.squall.reconnect;

/** How long a client waits before each retry: pure functions of the retry's number, the delay before it and random bits. */
public sealed interface Backoff permits Exponential, Decorrelated, Steps {

    /**
     * The delay before a retry, in microseconds.
     *
     * @param retry 0 for the first, then 1, 2, ...
     * @param previousMicros the delay before the last retry; of no matter to the first
     * @param clientBits 64 random bits of this client, the same at each attempt
     * @param attemptBits 64 random bits of this attempt
     */
    double micros(int retry, long previousMicros, long clientBits, long attemptBits);

    /** The longest delay before the first retry, in microseconds. */
    double longestFirstMicros();
}
