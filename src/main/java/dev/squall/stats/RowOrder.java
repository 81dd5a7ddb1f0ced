package dev.squall.stats;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.CloseCode;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.Locale;

/**
 * Whether each row can follow the one before it: of a client from its arrival to its end, of a connection at its node from
 * the request on. A row that was never written, or tells of what cannot have been, is so found without its number; and
 * a client that waits otherwise than its policy says. What is found costs the run its trust.
 *
 * <p>Holds some 30 bytes a client.
 */
final class RowOrder {

    private static final byte PLANNED = 0;
    private static final byte ARRIVED = 1;
    private static final byte CONNECTING = 2;
    private static final byte NEGOTIATED = 3;
    private static final byte OPENED = 4;
    private static final byte READY = 5;
    private static final byte CLOSING = 6;
    private static final byte CLOSED = 7;
    private static final byte FAILED = 8;
    private static final byte WAITING = 9;
    private static final byte ENDED = 10;
    private static final String[] WORDS = {
        "planned",
        "ARRIVED",
        "CONNECTING",
        "NEGOTIATED",
        "OPENED",
        "READY",
        "a Close",
        "CLOSED",
        "FAILED",
        "WAITING",
        "its end"
    };

    /** Beside the step: which Closes this connection has seen, and whether it was open. */
    private static final int SENT = 16;

    private static final int RECEIVED = 32;
    private static final int WAS_OPEN = 64;
    private static final int STEP = 15;

    /** A timer's clock is not the journal's. */
    private static final long EARLY_MICROS = 1_000;

    private static final String CLEAN = " clean";

    private final Plan plan;
    private final byte[] steps;
    private final int[] connections;
    private final int[] losses;
    private final int[] incarnations;
    private final long[] delays;
    private final short[] codes;
    private final int[] asked;
    private final byte[] answered;
    private long violations;
    private String first = "";

    RowOrder(Plan plan, int clients) {
        this.plan = plan;
        steps = new byte[clients];
        connections = new int[clients];
        losses = new int[clients];
        incarnations = new int[clients];
        delays = new long[clients];
        codes = new short[clients];
        asked = new int[clients];
        answered = new byte[clients];
    }

    /**
     * A client's row.
     *
     * @param within its index within its population
     * @param served whether a node's journal should know the connection
     */
    void ofClient(int client, Population population, int within, JournalRow row, boolean served) {
        int now = steps[client];
        int step = now & STEP;
        int next = next(client, population, row, step, now);
        if (next < 0) {
            violated(population, within, row, row.event() + " after " + WORDS[step]);
            next = forced(row.event(), step, now);
        } else if (row.event() == JournalEvent.WAITING && !isDelay(client, population, within, row)) {
            violated(
                    population,
                    within,
                    row,
                    "WAITING " + row.value() + " us, which is not the delay that its policy and the seed give");
        } else if (row.event() == JournalEvent.CONNECTING && row.value() < -EARLY_MICROS) {
            violated(population, within, row, "CONNECTING " + -row.value() + " us before its delay was over");
        } else if (served && row.event() == JournalEvent.OPENED && asked[client] != row.connection()) {
            violated(population, within, row, "OPENED, though no node accepted it");
        }
        steps[client] = (byte) next;
    }

    /** The step after a row, with its flags; -1 if the row cannot follow. */
    private int next(int client, Population population, JournalRow row, int step, int now) {
        boolean sameConnection = row.connection() == connections[client];
        return switch (row.event()) {
            case ARRIVED -> {
                boolean first = step == PLANNED;
                incarnations[client] = row.attempt() == JournalWriter.NONE ? 0 : (int) row.attempt();
                losses[client] = 0;
                delays[client] = 0;
                codes[client] = 0;
                yield first || step == ENDED && population.arrivals().closed() ? ARRIVED : -1;
            }
            case CONNECTING -> {
                boolean following = row.connection() == connections[client] + 1L;
                connections[client] = (int) row.connection();
                yield following && (step == ARRIVED || step == WAITING) ? CONNECTING : -1;
            }
            case NEGOTIATED -> sameConnection && step == CONNECTING ? NEGOTIATED : -1;
            case OPENED -> {
                int before = population.offer().isEmpty() ? CONNECTING : NEGOTIATED;
                yield sameConnection && step == before ? OPENED | WAS_OPEN : -1;
            }
            case READY -> sameConnection && step == OPENED ? READY | WAS_OPEN : -1;
            case FAILED -> sameConnection && (step == CONNECTING || step == NEGOTIATED) ? FAILED : -1;
            case CLOSE_SENT -> {
                if (row.connection() < connections[client] || step == CLOSED) {
                    yield now; // Its write took until the connection was gone; the ledger holds it against the node.
                }
                boolean leaves = step == NEGOTIATED && row.code() == CloseCode.MANDATORY_EXTENSION.code();
                yield leaves || isOpen(population, step) ? CLOSING | now & ~STEP | SENT : -1;
            }
            case CLOSE_RECEIVED ->
                sameConnection && (isOpen(population, step) || step == NEGOTIATED)
                        ? CLOSING | now & ~STEP | RECEIVED
                        : -1;
            case CLOSED -> {
                losses[client] += (now & WAS_OPEN) != 0 ? 1 : 0;
                codes[client] = (short) row.code();
                // One that left with 1010 may find TCP gone before its Close is written.
                boolean ended = sameConnection && (isOpen(population, step) || step == NEGOTIATED);
                boolean told = !row.detail().endsWith(CLEAN) || (now & (SENT | RECEIVED)) == (SENT | RECEIVED);
                yield ended && told ? CLOSED : -1;
            }
            case WAITING -> step == CLOSED || step == FAILED ? WAITING : -1;
            case GAVE_UP -> step == CLOSED || step == FAILED ? ENDED : -1;
            case FINISHED ->
                step == ARRIVED || step == CONNECTING || step == NEGOTIATED || step == CLOSED || step == WAITING
                        ? ENDED
                        : -1;
            default -> now;
        };
    }

    /** Whether a connection in this step can be closed: without a dialogue it is ready as soon as it is open. */
    private static boolean isOpen(Population population, int step) {
        return step == READY || step == CLOSING || step == OPENED && population.ready() != null;
    }

    /** Where a client is after a row that could not follow, so that one lost row is found once. */
    private static int forced(JournalEvent event, int step, int now) {
        return switch (event) {
            case ARRIVED -> ARRIVED;
            case CONNECTING -> CONNECTING;
            case NEGOTIATED -> NEGOTIATED;
            case OPENED -> OPENED | WAS_OPEN;
            case READY -> READY | WAS_OPEN;
            case FAILED -> FAILED;
            case CLOSE_SENT -> CLOSING | now & ~STEP | SENT;
            case CLOSE_RECEIVED -> CLOSING | now & ~STEP | RECEIVED;
            case CLOSED -> CLOSED;
            case WAITING -> WAITING;
            case GAVE_UP, FINISHED -> ENDED;
            default -> step;
        };
    }

    /** The delay is a function of the plan, of how often the client has failed, and of what its last Close was. */
    private boolean isDelay(int client, Population population, int within, JournalRow row) {
        long who = Draw.who(within, incarnations[client]);
        ReconnectPolicy policy = plan.policy(population, who);
        int failures = (int) row.attempt();
        long before = delays[client];
        delays[client] = row.value();
        boolean atOnce = policy.reaction(codes[client]) == Reaction.AT_ONCE;
        // One that was never open counts its first failure as no retry yet; that its rows do not say.
        for (int retry = failures; retry >= failures - 1 && (retry >= 0 || atOnce); retry--) {
            long delay = plan.delayMicros(population, who, losses[client], failures, retry, before);
            if (row.value() == delay || policy.retryAfter() && row.value() > delay) {
                delays[client] = delay;
                return true;
            }
        }
        return false;
    }

    /** A node's row of a connection. */
    void ofNode(int client, Population population, int within, JournalRow row) {
        if (row.event() == JournalEvent.ACCEPTED) {
            asked[client] = (int) row.connection();
            answered[client] = (byte) (population.offer().isEmpty() ? 1 : 0);
        } else if (row.connection() > asked[client]) {
            violated(population, within, row, "the node's " + row.event() + " without its ACCEPTED");
            asked[client] = (int) row.connection();
            answered[client] = 1;
        } else if (row.connection() == asked[client]) {
            if (row.event() == JournalEvent.NEGOTIATED) {
                answered[client] = 1;
            } else if (isOfOpen(row) && answered[client] == 0) {
                violated(population, within, row, "the node's " + row.event() + " without its NEGOTIATED");
                answered[client] = 1;
            }
        }
    }

    private static boolean isOfOpen(JournalRow row) {
        return row.event() == JournalEvent.CLOSE_SENT || row.event() == JournalEvent.CLOSE_RECEIVED;
    }

    /** The journals have ended, and this client's was written to its end. */
    void finish(int client, Population population, int within) {
        int step = steps[client] & STEP;
        if (step != PLANNED && step != ENDED) {
            violated(population.name() + "/" + within + ": the last that is known of it is " + WORDS[step]);
        }
    }

    private void violated(Population population, int within, JournalRow row, String what) {
        violated(population.name() + "/" + within
                + (row.connection() > 0 ? "/" + row.connection() : "")
                + String.format(Locale.ROOT, " at %.6f s: ", row.micros() / 1e6) + what);
    }

    private void violated(String what) {
        violations++;
        if (first.isEmpty()) {
            first = what;
        }
    }

    /** Rows that cannot be. */
    long violations() {
        return violations;
    }

    /** The first of them, for people; empty if there is none. */
    String first() {
        return first;
    }
}
