package dev.squall.fault;

import dev.squall.quantity.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * How a server behaves on an open connection.
 *
 * @param reads whether it reads what the client sends
 * @param answersPings whether it answers pings (RFC 6455 section 5.5.2)
 * @param answersClose whether it answers the client's Close (RFC 6455 section 5.5.1)
 * @param latencyMicros how long all that it sends is on its way
 * @param jitterMicros how much longer at most, drawn for each write; what was sent first still arrives first
 * @param bytesPerSecond how fast it sends; 0: as fast as it can
 * @param departure how and when it ends the connection; null: not by itself
 */
public record Conduct(
        boolean reads,
        boolean answersPings,
        boolean answersClose,
        long latencyMicros,
        long jitterMicros,
        long bytesPerSecond,
        @Nullable Departure departure) {

    /** Without a fault. */
    public static final Conduct NORMAL = new Conduct(true, true, true, 0, 0, 0, null);

    /** How a server ends a connection. */
    public enum Ending {
        /** With a Close. */
        CLOSE,
        /** With an RST, without a Close. */
        RESET,
        /** With a FIN, without a Close. */
        FIN
    }

    /**
     * The end that a fault makes of a connection.
     *
     * @param code of the Close
     * @param reason of the Close
     * @param afterMicros how long after the fault struck; with messages 0: by them alone
     * @param afterMessages after how many more messages of the client, if that comes first; 0: by time alone
     */
    public record Departure(Ending ending, int code, String reason, long afterMicros, long afterMessages) {

        /** When, for people. */
        @Override
        public String toString() {
            return (afterMicros == 0 ? "" : " after " + Quantity.DURATION.format(afterMicros))
                    + (afterMessages == 0
                            ? ""
                            : (afterMicros == 0 ? " after " : " or ")
                                    + (afterMessages == 1 ? "a message" : afterMessages + " messages"));
        }
    }

    /** A delay and its jitter, for people. */
    static String slowness(long micros, long jitterMicros) {
        return Quantity.DURATION.format(micros)
                + (jitterMicros == 0 ? "" : " to " + Quantity.DURATION.format(micros + jitterMicros));
    }

    static Conduct departing(Departure departure) {
        return new Conduct(true, true, true, 0, 0, 0, departure);
    }

    static Conduct slow(long latencyMicros, long jitterMicros, long bytesPerSecond) {
        return new Conduct(true, true, true, latencyMicros, jitterMicros, bytesPerSecond, null);
    }

    /** Both at once: latencies add up, the lower rate holds, and of two departures the first. */
    public Conduct and(Conduct other) {
        return new Conduct(
                reads && other.reads,
                answersPings && other.answersPings,
                answersClose && other.answersClose,
                latencyMicros + other.latencyMicros,
                jitterMicros + other.jitterMicros,
                bytesPerSecond == 0 || other.bytesPerSecond == 0
                        ? bytesPerSecond + other.bytesPerSecond
                        : Math.min(bytesPerSecond, other.bytesPerSecond),
                departure != null ? departure : other.departure);
    }

    /** Whether what it sends goes out later than it could. */
    public boolean slows() {
        return latencyMicros > 0 || jitterMicros > 0 || bytesPerSecond > 0;
    }
}
