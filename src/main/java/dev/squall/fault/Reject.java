package dev.squall.fault;

/**
 * Refuses the handshake with a status.
 *
 * @param status 300 to 599: below, it would be no answer, or no refusal
 * @param retryAfterSeconds Retry-After, in whole seconds (RFC 9110 section 10.2.3); 0: none
 */
public record Reject(int status, long retryAfterSeconds) implements HandshakeFault {

    private static final int LEAST = 300;
    private static final int MOST = 599;
    private static final int UNAVAILABLE = 503;

    static final Kind KIND = new Kind(
            "reject",
            Reject.class,
            "status",
            "refuses the handshake with an HTTP status",
            "{reject: 503, retry-after: 5s, to: 30s}",
            Reject::read);

    public Reject {
        if (status < LEAST || status > MOST) {
            throw new IllegalArgumentException("status: " + status + " (expected: " + LEAST + " to " + MOST + ")");
        }
    }

    private static Fault read(Settings settings) {
        long status = settings.whole("status", LEAST, MOST, UNAVAILABLE);
        long micros = settings.duration("retry-after");
        return new Reject((int) status, (micros + 999_999) / 1_000_000);
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Answer answer(double chance) {
        return Answer.refused(status, retryAfterSeconds);
    }

    @Override
    public String toString() {
        return "reject " + status + (retryAfterSeconds == 0 ? "" : " with Retry-After " + retryAfterSeconds);
    }
}
