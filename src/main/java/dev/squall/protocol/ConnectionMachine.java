package dev.squall.protocol;

import dev.squall.reconnect.ReconnectPolicy;

/**
 * The life of one client as a pure function: {@code next(state, event, code, rules)}.
 *
 * <p>A state is one long, so that ten million clients are an array: phase (4 bits), failed tries since the last loss (20),
 * losses so far (20), the last close code (14), and whether the client has dropped its requirement (1). Nothing here knows
 * a socket, a clock or a random source: who drives the machine reads the phase after each step and does what it asks for
 * (dial, wait, close).
 */
public final class ConnectionMachine {

    /** Where a client stands. {@link #next} never leaves GAVE_UP or FINISHED but by FINISH. */
    public enum Phase {
        /** Not yet arrived. */
        PLANNED,
        /** Dialling, or waiting for the handshake response. */
        CONNECTING,
        /** The handshake is complete and every required extension was negotiated; the dialogue goes on. */
        OPEN,
        /** The dialogue is done: the client is of use to its owner. */
        READY,
        /** A required extension is missing: the client sent 1010 and waits for the connection to end. Never open. */
        LEAVING,
        /** Was open; a Close has been seen and the connection is about to end. */
        CLOSING,
        /** Between two connections. */
        WAITING,
        /** Will not come back: its policy allows no further try. */
        GAVE_UP,
        /** Ended on purpose: left with 1010 for good, or the run is over. */
        FINISHED
    }

    /** What can happen to a client. */
    public enum Event {
        /** Its planned arrival has come. */
        ARRIVE,
        /** The delay of its policy is over. */
        DIAL,
        /** 101, and every required extension was negotiated as required. */
        ACCEPTED,
        /** 101, but a required extension is missing or has other parameters. */
        LACKING,
        /** The try failed before it was open: refused, timeout, another status, a response that fails the connection. */
        FAILED,
        /** The dialogue after the handshake is done. */
        DIALOGUE_DONE,
        /** The connection has been open for the policy's stable-after. */
        STABLE,
        /** A Close frame came from the server, or the client sent one of its own. */
        CLOSE,
        /** The connection is gone; the code is 1006 if no Close frame was seen. */
        CLOSED,
        /** The run is over for this client. */
        FINISH
    }

    private static final Phase[] PHASES = Phase.values();

    private static final int FAILURES_SHIFT = 4;
    private static final int LOSSES_SHIFT = 24;
    private static final int CODE_SHIFT = 44;
    private static final long RELAXED = 1L << 58;
    private static final long COUNT_MASK = (1L << 20) - 1;
    private static final long CODE_MASK = (1L << 14) - 1;
    private static final long PHASE_MASK = 0xf;

    private ConnectionMachine() {}

    /** The state of a client that has not arrived. */
    public static long initial() {
        return Phase.PLANNED.ordinal();
    }

    /** The phase of a state. */
    public static Phase phase(long state) {
        return PHASES[(int) (state & PHASE_MASK)];
    }

    /** Failed tries since the last loss (or since the arrival). */
    public static int failures(long state) {
        return (int) ((state >>> FAILURES_SHIFT) & COUNT_MASK);
    }

    /** How often the client has lost an open connection; the random values of its delays depend on it. */
    public static int losses(long state) {
        return (int) ((state >>> LOSSES_SHIFT) & COUNT_MASK);
    }

    /** The code of the last Close that the client saw or sent, 1006 for none; 0 before the first. */
    public static int code(long state) {
        return (int) ((state >>> CODE_SHIFT) & CODE_MASK);
    }

    /** Whether the client has given up its requirement (on-1010: retry-without). */
    public static boolean relaxed(long state) {
        return (state & RELAXED) != 0;
    }

    /** The k of the policy's delay: 0 for the first retry after a loss, or after a client's very first failure. */
    public static int retry(long state) {
        int failures = failures(state);
        return losses(state) == 0 ? Math.max(0, failures - 1) : failures;
    }

    /**
     * The state after an event.
     *
     * @param code the close code, for CLOSE and CLOSED; ignored otherwise
     * @throws IllegalStateException if the event cannot happen in this phase: a defect of the driver
     */
    public static long next(long state, Event event, int code, ClientRules rules) {
        Phase phase = phase(state);
        switch (event) {
            case ARRIVE:
                if (phase == Phase.PLANNED) {
                    return in(state, Phase.CONNECTING);
                }
                break;
            case DIAL:
                if (phase == Phase.WAITING) {
                    return in(state, Phase.CONNECTING);
                }
                break;
            case ACCEPTED:
                if (phase == Phase.CONNECTING) {
                    long open = in(state, rules.dialogue() ? Phase.OPEN : Phase.READY);
                    return rules.policy().stableMicros() == 0 ? withFailures(open, 0) : open;
                }
                break;
            case LACKING:
                if (phase == Phase.CONNECTING) {
                    return withCode(in(state, Phase.LEAVING), CloseCode.MANDATORY_EXTENSION.code());
                }
                break;
            case FAILED:
                if (phase == Phase.CONNECTING) {
                    return failed(state, rules);
                }
                break;
            case DIALOGUE_DONE:
                if (phase == Phase.OPEN) {
                    return in(state, Phase.READY);
                }
                break;
            case STABLE:
                if (phase == Phase.OPEN || phase == Phase.READY) {
                    return withFailures(state, 0);
                }
                break;
            case CLOSE:
                if (phase == Phase.OPEN || phase == Phase.READY) {
                    return withCode(in(state, Phase.CLOSING), code);
                }
                if (phase == Phase.CLOSING || phase == Phase.LEAVING) {
                    return state; // The first Close counts (RFC 6455 section 7.1.5); an echo or a crossing one changes
                    // nothing.
                }
                break;
            case CLOSED:
                if (phase == Phase.LEAVING) {
                    return left(state, rules);
                }
                if (phase == Phase.OPEN || phase == Phase.READY) {
                    return lost(withCode(state, code), rules);
                }
                if (phase == Phase.CLOSING) {
                    return lost(state, rules);
                }
                break;
            case FINISH:
                return phase == Phase.GAVE_UP ? state : in(state, Phase.FINISHED);
        }
        throw new IllegalStateException(event + " in phase " + phase);
    }

    private static long failed(long state, ClientRules rules) {
        int failures = (int) Math.min(COUNT_MASK, failures(state) + 1L);
        // An unlimited policy never gives up, however long it has failed.
        boolean exhausted =
                failures >= rules.policy().attempts() && rules.policy().attempts() != ReconnectPolicy.UNLIMITED;
        return in(withFailures(state, failures), exhausted ? Phase.GAVE_UP : Phase.WAITING);
    }

    private static long left(long state, ClientRules rules) {
        return switch (rules.on1010()) {
            case STOP -> in(state, Phase.FINISHED);
            case RETRY -> failed(state, rules);
            case RETRY_WITHOUT -> failed(state | RELAXED, rules);
        };
    }

    private static long lost(long state, ClientRules rules) {
        long losses = Math.min(COUNT_MASK, losses(state) + 1L);
        long counted = (state & ~(COUNT_MASK << LOSSES_SHIFT)) | (losses << LOSSES_SHIFT);
        return in(counted, rules.policy().reconnects() ? Phase.WAITING : Phase.GAVE_UP);
    }

    private static long in(long state, Phase phase) {
        return (state & ~PHASE_MASK) | phase.ordinal();
    }

    private static long withFailures(long state, long failures) {
        return (state & ~(COUNT_MASK << FAILURES_SHIFT)) | (failures << FAILURES_SHIFT);
    }

    private static long withCode(long state, int code) {
        return (state & ~(CODE_MASK << CODE_SHIFT)) | ((code & CODE_MASK) << CODE_SHIFT);
    }
}
