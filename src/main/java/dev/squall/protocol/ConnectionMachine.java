package dev.squall.protocol;

import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;

/**
 * The life of one client as a pure function: {@code next(state, event, code, rules)}.
 *
 * <p>A state is one long, so that ten million clients are an array: phase (4 bits), failed tries since a connection last
 * proved itself (20), losses so far (20), the last close code (14), and whether the client has dropped its requirement (1),
 * its present connection has proved itself (1), and any has (1). Nothing here knows a socket, a clock or a random source: who
 * drives the machine reads the phase after each step and does what it asks for (dial, wait, close).
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
    private static final long PROVED = 1L << 59;
    private static final long EVER_PROVED = 1L << 60;
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

    /**
     * Failed tries since a connection last proved itself (or since the arrival); one that was lost before it did is one
     * of them.
     */
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

    /**
     * The k of the policy's delay: 0 for the first retry after a loss, or after a client's very first failure; -1 for one
     * that the policy makes at once.
     */
    public static int retry(long state, ReconnectPolicy policy) {
        int failures = failures(state);
        if (policy.reaction(code(state)) == Reaction.AT_ONCE) {
            return failures - 1;
        }
        return (state & EVER_PROVED) == 0 ? Math.max(0, failures - 1) : failures;
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
                    return rules.policy().stableMicros() == 0 ? proved(open, rules) : open;
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
                    long ready = in(state, Phase.READY);
                    return rules.policy().stableMicros() == 0 ? proved(ready, rules) : ready;
                }
                break;
            case STABLE:
                if (phase == Phase.OPEN || phase == Phase.READY) {
                    return proved(state, rules);
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
        return rules.policy().failedTries() == FailedTries.FATAL
                ? in(withFailures(state, Math.min(COUNT_MASK, failures(state) + 1L)), Phase.GAVE_UP)
                : unproved(state, rules);
    }

    /** A try has not led to a connection that proved itself. */
    private static long unproved(long state, ClientRules rules) {
        int failures = (int) Math.min(COUNT_MASK, failures(state) + 1L);
        // An unlimited policy never gives up, however long it has failed.
        boolean exhausted =
                failures >= rules.policy().attempts() && rules.policy().attempts() != ReconnectPolicy.UNLIMITED;
        boolean hopeless =
                rules.policy().failedTries() == FailedTries.RETRIED_ONCE_PROVED && (state & EVER_PROVED) == 0;
        return in(withFailures(state, failures), exhausted || hopeless ? Phase.GAVE_UP : Phase.WAITING);
    }

    private static long left(long state, ClientRules rules) {
        if (rules.stopsAfter1010()) {
            return in(state, Phase.FINISHED);
        }
        return unproved(rules.on1010() == On1010.RETRY_WITHOUT ? state | RELAXED : state, rules);
    }

    private static long lost(long state, ClientRules rules) {
        long losses = Math.min(COUNT_MASK, losses(state) + 1L);
        long counted = (state & ~(COUNT_MASK << LOSSES_SHIFT) & ~PROVED) | (losses << LOSSES_SHIFT);
        if (rules.policy().reaction(code(state)) == Reaction.STOP) {
            return in(counted, Phase.GAVE_UP);
        }
        return (state & PROVED) == 0 ? unproved(counted, rules) : in(counted, Phase.WAITING);
    }

    /** The connection has proved itself, unless its policy asks for more than it has done. */
    private static long proved(long state, ClientRules rules) {
        boolean wanting = rules.policy().provedWhenReady() && phase(state) == Phase.OPEN;
        return wanting ? state : withFailures(state, 0) | PROVED | EVER_PROVED;
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
