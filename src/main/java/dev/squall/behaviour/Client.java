package dev.squall.behaviour;

import static dev.squall.behaviour.Link.NEVER;

import dev.squall.fault.Faults;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known so far of one client, or of all that did not say who they are. Times are microseconds. */
final class Client {

    /** Who has been silent for less has not given up, whatever its waits were before. */
    static final long GAVE_UP_MICROS = 60_000_000;

    /** So many times the longest wait, or the longest time in which it was not seen, must pass too. */
    static final int GAVE_UP_WAITS = 3;

    /** A ping that has been out for less may still be answered. */
    static final long PONG_MICROS = 5_000_000;

    private static final String OTHER_FAULTS = "other";
    private static final String ONE_EACH = "it had several connections at once, so nobody knows which one came back"
            + " (tell them apart: --identify)";
    private static final String UNIDENTIFIED = "they did not say who they are";

    /** Why it is away, and how it goes about coming back. */
    private static final class Away {
        final long since;
        final int code;
        final long upMicros;
        final @Nullable Link lost;
        final List<Long> waits = new ArrayList<>();
        boolean returned;
        boolean trying;
        /** An attempt may have been hidden, so its waits are not known one by one any more. */
        boolean broken;

        long failed = NEVER;

        /** {@code lost}: the connection that it lost; null if it left with 1010, or never had one. */
        Away(long since, int code, long upMicros, @Nullable Link lost) {
            this.since = since;
            this.code = code;
            this.upMicros = upMicros;
            this.lost = lost;
        }

        long quietSince() {
            return failed == NEVER ? since : failed;
        }
    }

    final String key;
    private final boolean identified;
    private long asked;
    private long opened;
    private long rejected;
    private long unanswered;
    private int sound;
    private int atOnce;
    private long tcpEndedByClient;
    private long tcpEndedByServer;
    private final Map<Integer, Long> losses = new HashMap<>(4);
    private final Map<Integer, Long> leaves = new HashMap<>(4);
    private final Map<String, Long> struck = new HashMap<>(4);
    private long answeredSame;
    private long answeredOther;
    private long answeredNot;
    private long answersUntold;
    private final Recent answers = new Recent();
    private long returned;
    private final ArrayDeque<Delay> delays = new ArrayDeque<>(4);
    private long unkept;
    private final ArrayDeque<List<Long>> outages = new ArrayDeque<>(2);
    private int waits;
    private long longestWait;
    private long leftWith1010;
    private long returnedAfter1010;
    private final Recent after1010 = new Recent();
    private long pings;
    private long pongs;
    private final Recent rtt = new Recent();
    private @Nullable Away away;
    private @Nullable Link newest;

    Client(String key, boolean identified) {
        this.key = key;
        this.identified = identified;
    }

    void asks(long micros, Downtimes downtimes) {
        asked++;
        Away trip = away;
        if (trip == null) {
            return;
        }
        // Rows of two event loops may overtake one another: nobody waits for less than nothing.
        long now = Math.max(micros, trip.quietSince());
        Downtimes.Span hidden = downtimes.hidden(trip.quietSince(), now);
        boolean seen = hidden.to() == hidden.from();
        trip.broken |= !seen;
        if (!trip.returned) {
            trip.returned = true;
            comesBack(trip, now, hidden);
        }
        if (trip.failed != NEVER && !trip.broken && waits < Behaviours.MOST_DELAYS) {
            trip.waits.add(now - trip.failed);
            waits++;
        }
        longestWait = Math.max(longestWait, now - trip.quietSince());
        trip.failed = NEVER;
        trip.trying = true;
    }

    private void comesBack(Away trip, long now, Downtimes.Span hidden) {
        if (trip.lost == null) {
            returnedAfter1010++;
            after1010.add(now - trip.since);
            return;
        }
        returned++;
        delays.add(new Delay(
                trip.code, now - trip.since, hidden.from() - trip.since, hidden.to() - trip.since, trip.upMicros));
        if (delays.size() > Behaviours.MOST_DELAYS) {
            delays.remove();
            unkept++;
        }
    }

    void rejected(long now) {
        rejected++;
        fails(now);
    }

    private void fails(long now) {
        Away trip = away;
        if (trip == null) {
            trip = new Away(now, 0, 0, null);
            trip.returned = true; // It never had a connection that it could have lost.
            away = trip;
        }
        trip.failed = Math.max(now, trip.since);
        trip.trying = false;
    }

    void opened(Link link, long now) {
        link.opened = now;
        link.sound = true;
        opened++;
        sound++;
        atOnce = Math.max(atOnce, sound);
        newest = link;
        Away trip = away;
        if (trip != null && !trip.waits.isEmpty()) {
            outages.add(trip.waits);
        }
        away = null;
    }

    /** Whether its end is a loss: not of one that a fault struck and that the client has replaced by another. */
    private boolean counts(Link link) {
        return !identified || link.sound || link == newest;
    }

    private void unsound(Link link) {
        if (link.sound) {
            link.sound = false;
            sound--;
        }
    }

    void struck(Link link, String fault) {
        // What befell the handshake only, the client does not answer for by ending TCP later.
        link.struck |= Faults.harms(fault.split(" ", 2)[0]);
        // A client that is stalled may want another connection before this one ends.
        unsound(link);
        link.unread |= fault.startsWith("stall") && !fault.endsWith("pings");
        count(struck, fault, OTHER_FAULTS);
    }

    void closeSent(Link link, long now, int code, boolean atTheEnd) {
        boolean counts = counts(link);
        unsound(link);
        if (link.closeReceived || link.closedByUs != NEVER) {
            return; // The echo of the client's.
        }
        link.closedByUs = now;
        link.sentCode = code;
        if (counts && !atTheEnd) {
            loses(link, now, code);
        }
    }

    void closeReceived(Link link, long now, int code) {
        unsound(link);
        if (link.closeReceived) {
            return;
        }
        link.closeReceived = true;
        if (link.closedByUs == NEVER) {
            leaves(now, code);
            return;
        }
        answers.add(Math.max(0, now - link.closedByUs));
        if (code == link.sentCode) {
            answeredSame++;
        } else {
            answeredOther++;
        }
    }

    /** TCP ended; {@code by}: who sent the first Close, or network; {@code how}: as the node puts it. */
    void closed(Link link, long now, int code, String by, String how) {
        boolean counts = counts(link);
        unsound(link);
        boolean nodeStops = how.equals("stopped");
        boolean endedByUs = how.equals("timeout") || how.equals("fault") || how.equals("clean");
        settlePings(link, now);
        if (!link.isOpen()) {
            if (!nodeStops) {
                unanswered++;
                fails(now);
            }
            return;
        }
        if (!nodeStops) {
            tcpEndedByServer += endedByUs ? 1 : 0;
            tcpEndedByClient += endedByUs ? 0 : 1;
        }
        if (link.closedByUs != NEVER) {
            if (!link.closeReceived) {
                boolean untold = nodeStops || how.equals("fault") || link.unread;
                answersUntold += untold ? 1 : 0;
                answeredNot += untold ? 0 : 1;
            }
            if (nodeStops) {
                forgive(link);
            }
        } else if (!link.closeReceived && !nodeStops) {
            // Nobody knows why a client ends TCP by itself, unless something was done to it.
            if (counts && (by.equals("server") || endedByUs || link.struck)) {
                loses(link, now, code);
            } else {
                leaves(now, code);
            }
        }
    }

    private void loses(Link link, long now, int code) {
        count(losses, code, ClientBehaviour.OTHER_CODES);
        replace(new Away(now, code, Math.max(0, now - link.opened), link));
    }

    /** The node ended before anybody could see whether it would come back from this loss. */
    private void forgive(Link link) {
        Away trip = away;
        if (trip != null && trip.lost == link && !trip.returned) {
            losses.merge(losses.containsKey(trip.code) ? trip.code : ClientBehaviour.OTHER_CODES, -1L, Long::sum);
            losses.values().removeIf(count -> count == 0);
            away = null;
        }
    }

    private void leaves(long now, int code) {
        count(leaves, code, ClientBehaviour.OTHER_CODES);
        boolean mandatory = code == CloseCode.MANDATORY_EXTENSION.code();
        leftWith1010 += mandatory ? 1 : 0;
        replace(mandatory ? new Away(now, code, 0, null) : null);
    }

    private void replace(@Nullable Away next) {
        Away trip = away;
        if (trip != null && trip.lost != null && !trip.returned) {
            atOnce = Math.max(atOnce, 2); // It lost two, and nobody knows which one the next is for.
        }
        away = next;
    }

    void pinged(Link link, long now) {
        link.pings++;
        link.lastPing = now;
    }

    void ponged(Link link, long micros) {
        link.pongs++;
        rtt.add(Math.max(0, micros));
    }

    private void settlePings(Link link, long now) {
        pings += told(link, now);
        pongs += Math.min(link.pongs, link.pings);
    }

    /** How many of a connection's pings it is known of whether they were answered. */
    private static long told(Link link, long now) {
        long answered = Math.min(link.pongs, link.pings);
        long open = link.pings - answered;
        if (open > 0 && link.struck) {
            return answered;
        }
        return link.pings - (open > 0 && now - link.lastPing < PONG_MICROS ? 1 : 0);
    }

    private static <K> void count(Map<K, Long> counts, K key, K other) {
        counts.merge(counts.size() < Behaviours.MOST_CODES || counts.containsKey(key) ? key : other, 1L, Long::sum);
    }

    /** What is known of it now; {@code links}: its connections that have not ended. */
    ClientBehaviour behaviour(long now, Downtimes downtimes, List<Link> links) {
        long pingsTold = pings;
        long pongsCame = pongs;
        for (Link link : links) {
            pingsTold += told(link, now);
            pongsCame += Math.min(link.pongs, link.pings);
        }
        return new ClientBehaviour(
                key,
                new ClientBehaviour.Connections(
                        asked, opened, rejected, unanswered, atOnce, tcpEndedByClient, tcpEndedByServer),
                losses,
                leaves,
                new ClientBehaviour.CloseAnswers(
                        answeredSame, answeredOther, answeredNot, answersUntold, answers.times()),
                reconnecting(now, downtimes),
                new ClientBehaviour.Mandatory(leftWith1010, returnedAfter1010, after1010.times()),
                new ClientBehaviour.Pings(pingsTold, pongsCame, rtt.times()),
                struck);
    }

    private ClientBehaviour.Reconnecting reconnecting(long now, Downtimes downtimes) {
        String untold = !identified ? UNIDENTIFIED : atOnce > 1 ? ONE_EACH : "";
        if (!untold.isEmpty()) {
            Judgement unknown = Judgement.unknown(untold);
            return new ClientBehaviour.Reconnecting(untold, 0, 0, List.of(), 0, -1, unknown, unknown, 1, unknown);
        }
        List<List<Long>> seen = new ArrayList<>();
        outages.forEach(outage -> seen.add(List.copyOf(outage)));
        Away trip = away;
        if (trip != null && !trip.waits.isEmpty()) {
            seen.add(List.copyOf(trip.waits));
        }
        List<Delay> kept = List.copyOf(delays);
        return new ClientBehaviour.Reconnecting(
                "",
                losses.values().stream().mapToLong(Long::longValue).sum(),
                returned,
                kept,
                unkept,
                trip != null && !trip.trying && !leftForGood(trip) ? silence(trip, now, downtimes) : -1,
                gaveUp(trip, now, downtimes),
                Retries.grew(seen),
                Retries.factor(seen),
                Retries.spread(kept, seen));
    }

    /** Nobody may ask a client to come back after its own 1010. */
    private static boolean leftForGood(Away trip) {
        return trip.lost == null && !trip.returned;
    }

    private static long silence(Away trip, long now, Downtimes downtimes) {
        long from = trip.quietSince();
        return Math.max(0, now - from - downtimes.hiddenMicros(from, now));
    }

    private Judgement gaveUp(@Nullable Away trip, long now, Downtimes downtimes) {
        if (losses.isEmpty() && trip == null && rejected + unanswered == 0) {
            return Judgement.unknown("it lost no connection");
        }
        if (trip == null || trip.trying) {
            return Judgement.no("it came back each time");
        }
        if (leftForGood(trip)) {
            return Judgement.unknown("it left by itself, with 1010");
        }
        long silence = silence(trip, now, downtimes);
        long hidden = downtimes.hiddenMicros(trip.quietSince(), now);
        long patience = Math.max(GAVE_UP_MICROS, GAVE_UP_WAITS * Math.max(longestWait, hidden));
        String quiet = Quantity.DURATION.format(silence);
        return silence > patience
                ? Judgement.yes("no attempt for " + quiet)
                : Judgement.unknown("no attempt within the " + quiet + " that were watched (it takes "
                        + Quantity.DURATION.format(patience) + ")");
    }
}
