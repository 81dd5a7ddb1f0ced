package dev.squall.predict;

import org.jspecify.annotations.Nullable;

/**
 * What a client hears of an attempt.
 *
 * @param cause why it failed, as a journal spells it; empty if it did not
 * @param status of the answer; 0 where there is none
 * @param retryAfterMicros what the answer's Retry-After asks for
 * @param response the 101; null if it failed
 * @param turnedAway whether the node completes the handshake only to send the client away
 */
record Outcome(
        String cause,
        int status,
        long retryAfterMicros,
        @Nullable Response response,
        boolean turnedAway) {

    static final Outcome REFUSED = failed("refused");
    static final Outcome TIMEOUT = failed("timeout");

    /** The node drops who has waited in vain through its downtime. */
    static final Outcome DROPPED = failed("eof");

    /** Its SYN found no place, and is sent again. */
    static final Outcome SYN = failed("syn");

    /** Its request is with the node. */
    static final Outcome REQUEST = failed("request");

    /** Its node stops before it has an answer. */
    static final Outcome STOPPED = failed("stopped");

    /** Nobody had accepted it when its node stopped. */
    static final Outcome RESET = failed("reset");

    private static Outcome failed(String cause) {
        return new Outcome(cause, 0, 0, null, false);
    }

    /** Another status than 101. */
    static Outcome refused(int status, long retryAfterMicros) {
        return new Outcome("http-" + status, status, retryAfterMicros, null, false);
    }

    /** A 101. */
    static Outcome answered(Response response, boolean turnedAway) {
        return new Outcome("", 0, 0, response, turnedAway);
    }
}
