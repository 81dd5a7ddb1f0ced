package dev.squall.stats;

import dev.squall.plan.Plan;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.CloseCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who lost a connection to which restart, and what became of it: one case for each client and restart. Holds an object
 * only for each client that is on its way back, or is back and may yet turn out not to be.
 */
final class RestartCases {

    /** A client on its way back. */
    private static final class Disruption {
        final int client;
        final int code;
        final int figures;
        final List<Scope> scopes;
        final long lost;
        final long learned;
        final @Nullable Disruption earlier;
        long attempts;
        long first = Case.NEVER;
        boolean readyAgain;

        Disruption(
                int client,
                int code,
                int figures,
                List<Scope> scopes,
                long lost,
                long learned,
                @Nullable Disruption earlier) {
            this.client = client;
            this.code = code;
            this.figures = figures;
            this.scopes = scopes;
            this.lost = lost;
            this.learned = learned;
            this.earlier = earlier;
        }

        /** Whether it, or one before it that is not over, is of the restart at this place. */
        boolean isOf(int place) {
            return figures == place || earlier != null && earlier.isOf(place);
        }

        /** Those of the smallest scope, which the others are made of. */
        RestartFigures own() {
            return scopes.get(scopes.size() - 1).restarts.get(figures);
        }

        void each(Consumer<RestartFigures> action) {
            for (int i = 0; i < scopes.size(); i++) {
                action.accept(scopes.get(i).restarts.get(figures));
            }
        }
    }

    /**
     * A client that is ready again but may yet turn out not to be back, and since when: its node may send it away again, or
     * it may lose its connection before {@code heldMicros} and has relapsed then.
     */
    private record Recovery(Disruption disruption, long micros, long heldMicros) {

        /** The same of a client that cannot relapse any more. */
        Recovery held() {
            return new Recovery(disruption, micros, NO_HOLD);
        }
    }

    /**
     * How an open connection was lost, by other than its client's own Close.
     *
     * @param node the node it was connected to
     * @param by the restart whose Close it was; {@link #TURNED_AWAY}; {@link #NO_RESTART} if the node's journal does not say
     * @param opened when it was opened
     * @param wasReady whether it has become ready
     * @param last when it was lost, as far as the two sides know
     * @param learned when the client knew
     * @param dropped when it ceased to be of use, by which a hold is judged: of a quiet connection the last byte says
     *     nothing, so that it is {@code learned} unless the node's Close or the client's impatience tells of an earlier time
     * @param seen what the client saw
     */
    record Loss(int node, int by, long opened, boolean wasReady, long last, long learned, long dropped, Seen seen) {

        /** The code that the client saw. */
        int code() {
            return seen.code();
        }
    }

    /** Opened, but its dialogue was not done before the connection ended. */
    static final String NOT_READY = "not-ready";

    private static final int NOWHERE = -1;
    private static final long NO_HOLD = Long.MIN_VALUE;

    /** Who closed a connection, where it was no restart. */
    static final int NO_RESTART = -1;

    /** The node's capacity did: it completed the handshake only to send the client away. */
    static final int TURNED_AWAY = -2;

    private static final String TRY_AGAIN_LATER = String.valueOf(CloseCode.TRY_AGAIN_LATER.code());

    /** Hears how each case ended. */
    interface Sink {
        void settled(
                int client,
                RestartFigures restart,
                int code,
                long lost,
                long learned,
                long first,
                long back,
                Case.Fate fate,
                long attempts);
    }

    private final List<RestartFigures> all;

    /** By node, where its restarts stand, in order of time. */
    private final int[][] ofNode;

    private final Sink sink;
    private final boolean turnsAway;
    private final int clients;

    /** By client; empty until one is lost. */
    private @Nullable Disruption[] disruptions = {};

    private final Int2ObjectHashMap<Recovery> tentative = new Int2ObjectHashMap<>();

    /**
     * Of the restarts of a plan.
     *
     * @param clients how many clients there are
     * @param all the figures of all clients; those of a population stand at the same places of its scope
     */
    RestartCases(Plan plan, int clients, List<RestartFigures> all, Sink sink) {
        this.clients = clients;
        this.sink = sink;
        Plan.Capacity capacity = plan.capacity();
        this.all = all;
        this.ofNode = new int[Math.max(1, plan.nodes().size())][];
        Arrays.setAll(
                ofNode,
                node -> IntStream.range(0, all.size())
                        .filter(place -> all.get(place).node() == node)
                        .toArray());
        this.turnsAway = capacity != null && capacity.whenFull() == WhenFull.TRY_AGAIN_LATER;
    }

    /**
     * The figures that a scope keeps: one for each node of each restart, in order of time.
     *
     * @param found the restarts of a foreign server, which its plan does not know
     * @param parts the scopes of which this one is made, if it is
     */
    static List<RestartFigures> figures(Plan plan, List<RestartFinder.Found> found, List<Scope> parts) {
        List<RestartFigures> figures = new ArrayList<>();
        found.forEach(each -> figures.add(new RestartFigures(each, at(parts, figures.size()))));
        for (Plan.Restart restart : plan.restarts()) {
            boolean begun = found.stream()
                    .anyMatch(f -> f.command() != null && f.command().restart() == restart.index());
            if (!begun) {
                // Those that were found have numbers of their own.
                Plan.Restart numbered = found.isEmpty()
                        ? restart
                        : restart.at(figures.size(), restart.atMicros(), restart.deadlineMicros());
                restart.nodes()
                        .forEach(node -> figures.add(new RestartFigures(numbered, node, at(parts, figures.size()))));
            }
        }
        return figures;
    }

    private static List<RestartFigures> at(List<Scope> parts, int place) {
        return parts.stream().map(part -> part.restarts.get(place)).toList();
    }

    /** Where a node's figures of a restart stand; {@link #NOWHERE} if nowhere. */
    int place(int restart, int node) {
        for (int i : ofNode[node]) {
            if (all.get(i).restart().index() == restart) {
                return i;
            }
        }
        return NOWHERE;
    }

    /**
     * A client dials this node; {@code limited}: later than its policy wanted, for the limit's sake.
     *
     * @return whether it is on its way back from a restart
     */
    boolean attempted(int client, List<Scope> scopes, int node, long micros, boolean limited) {
        int storm = underWay(node, micros);
        if (storm >= 0) {
            for (int i = 0; i < scopes.size(); i++) {
                scopes.get(i).restarts.get(storm).attempt(micros);
            }
        }
        for (int i = 0; limited && i < all.size(); i++) {
            int place = i;
            if (isUnderWay(all.get(i), node, micros)) {
                scopes.forEach(scope -> scope.restarts.get(place).limited++);
            }
        }
        Disruption last = disruption(client);
        for (Disruption d = last; d != null; d = d.earlier) {
            if (d.attempts++ == 0) {
                d.first = micros;
                d.own().timeToFirstAttempt.add(micros - d.learned);
            }
            RestartFigures from = all.get(d.figures);
            if (from.node() != node && isUnderWay(from, from.node(), micros)) {
                d.each(figures -> figures.attempt(micros)); // Behind a balancer its storm breaks over other nodes.
            }
        }
        return last != null;
    }

    /** The latest restart of a node whose deadline has not passed; -1 if there is none. */
    private int underWay(int node, long micros) {
        int latest = -1;
        for (int i : ofNode[node]) {
            RestartFigures figures = all.get(i);
            if (isUnderWay(figures, node, micros) && (latest < 0 || figures.begun >= all.get(latest).begun)) {
                latest = i;
            }
        }
        return latest;
    }

    private static boolean isUnderWay(RestartFigures figures, int node, long micros) {
        return figures.node() == node
                && figures.hasBegun()
                && micros >= figures.begun
                && micros < figures.restart().dueMicros();
    }

    /** A try of a client has failed. */
    void failed(int client, String cause) {
        for (Disruption d = disruption(client); d != null; d = d.earlier) {
            for (int i = 0; i < d.scopes.size(); i++) {
                d.scopes.get(i).restarts.get(d.figures).failed.add(cause);
            }
        }
    }

    /** A client is ready; {@code holdMicros}: who loses its connection within that time has relapsed; 0: nobody. */
    void ready(int client, long now, long holdMicros) {
        Disruption d = taken(client);
        if (d == null) {
            return;
        }
        Plan.Restart restart = all.get(d.figures).restart();
        // A node may accept and close this connection too: it is one case, and perhaps not yet over.
        boolean maySendAway = turnsAway || restart.listenWhileDraining() && now < restart.drainedMicros();
        if (maySendAway || holdMicros > 0) {
            tentative.put(client, new Recovery(d, now, holdMicros > 0 ? now + holdMicros : NO_HOLD));
        } else {
            recovered(d, now);
        }
    }

    private void recovered(Disruption last, long now) {
        readyAgain(last, now);
        for (Disruption d = last; d != null; d = d.earlier) {
            Case.Fate fate = now <= all.get(d.figures).restart().dueMicros() ? Case.Fate.RECOVERED : Case.Fate.LATE;
            settled(d, fate, now);
            d.each(fate::count);
            RestartFigures own = d.own();
            own.outage.add(now - d.lost);
            own.timeToRecover.add(now - d.learned);
            own.attemptsPerRecovery.add(d.attempts);
            own.back.add(now - own.begun);
        }
    }

    /** A client was ready, whether or not that held: each of its cases counts that once, if it was in time. */
    private static void readyAgain(Disruption last, long micros) {
        for (Disruption d = last; d != null; d = d.earlier) {
            boolean first = !d.readyAgain;
            d.readyAgain = true;
            // Who was late the first time will not be in time the second.
            d.each(figures ->
                    figures.ready += first && micros <= figures.restart().dueMicros() ? 1 : 0);
        }
    }

    /** The restart to which a loss belongs; {@link #NOWHERE} if to none. */
    private int placeOf(Loss loss) {
        return loss.by() >= 0
                ? place(loss.by(), loss.node())
                : loss.by() == TURNED_AWAY ? NOWHERE : attributed(loss.node(), loss.opened(), loss.learned());
    }

    /** Whether a loss belongs to a restart. */
    boolean isOfRestart(Loss loss) {
        return placeOf(loss) != NOWHERE;
    }

    /**
     * An open client learns that its connection is gone.
     *
     * @return when it was lost
     */
    long lost(int client, List<Scope> scopes, Loss loss) {
        Recovery before = tentative.remove(client);
        int place = placeOf(loss);
        if (before != null) {
            lostAgain(client, before, loss, place);
        } else if (!loss.wasReady()) {
            failed(client, loss.by() == TURNED_AWAY ? TRY_AGAIN_LATER : NOT_READY);
        }
        if (place == NOWHERE) {
            return loss.last();
        }
        long lost = lostAt(all.get(place), loss.last());
        if (!isOnItsWay(client, place)) {
            Disruption d = new Disruption(client, loss.code(), place, scopes, lost, loss.learned(), disruption(client));
            disrupted(client, d);
            d.each(figures -> figures.lost(loss.seen(), loss.learned()));
            d.own().detection.add(loss.learned() - lost);
        }
        return lost;
    }

    /** A client that was ready again has lost its connection: to the restart at {@code place}, if to any. */
    private void lostAgain(int client, Recovery before, Loss loss, int place) {
        Disruption d = before.disruption;
        if (loss.by() == TURNED_AWAY) {
            disrupted(client, d); // It was not back at all.
            failed(client, TRY_AGAIN_LATER);
        } else if (loss.dropped() < before.heldMicros) {
            // Also where another restart did it: this client has come back from neither.
            relapsed(client, before);
        } else if (d.isOf(place)) {
            readyAgain(d, before.micros);
            disrupted(client, d); // Lost again to the same restart: the same case goes on.
        } else {
            recovered(d, before.micros);
        }
    }

    private void relapsed(int client, Recovery before) {
        readyAgain(before.disruption, before.micros);
        disrupted(client, before.disruption);
        for (Disruption d = before.disruption; d != null; d = d.earlier) {
            d.each(figures -> figures.relapsed++);
        }
    }

    /**
     * An open client sent the first Close: an end and no loss, unless the server made it do so.
     *
     * @param broken whether the server has broken the protocol
     */
    void left(int client, boolean wasReady, boolean broken, long micros, int code) {
        Recovery before = tentative.get(client);
        if (before != null) {
            if (broken && micros < before.heldMicros) {
                tentative.remove(client);
                relapsed(client, before);
            } else {
                tentative.put(client, before.held()); // What comes after is of another connection.
            }
        } else if (!wasReady && code != CloseCode.NORMAL_CLOSURE.code()) {
            failed(client, NOT_READY);
        }
    }

    /** A client has ended for good: who was ready again was back. */
    void ended(int client) {
        Recovery before = tentative.remove(client);
        if (before != null) {
            recovered(before.disruption, before.micros);
        }
    }

    private boolean isOnItsWay(int client, int place) {
        Disruption d = disruption(client);
        return d != null && d.isOf(place);
    }

    /** Reads what is soon needed of a client. */
    long lookAhead(int client) {
        Disruption d = disruption(client);
        return d == null ? 0 : d.attempts;
    }

    private @Nullable Disruption disruption(int client) {
        return disruptions.length == 0 ? null : disruptions[client];
    }

    private void disrupted(int client, Disruption disruption) {
        if (disruptions.length == 0) {
            disruptions = new Disruption[clients];
        }
        disruptions[client] = disruption;
    }

    /** It is not on its way any longer. */
    private @Nullable Disruption taken(int client) {
        Disruption d = disruption(client);
        if (d != null) {
            disruptions[client] = null;
        }
        return d;
    }

    private static long lostAt(RestartFigures figures, long last) {
        if (figures.restart().kill()) {
            return figures.begun; // Nobody tells of a kill: the harness knows when it was.
        }
        // Who heard nothing of a foreign server for long had not lost it for that before it restarted.
        return figures.source() == RestartFigures.Source.PLAN ? last : Math.max(last, figures.begun);
    }

    /** The restart to which a loss without a restart's Close belongs; {@link #NOWHERE} if to none. */
    private int attributed(int node, long opened, long learned) {
        int place = NOWHERE;
        for (int i : ofNode[node]) {
            RestartFigures each = all.get(i);
            if (!each.hasBegun() || learned < each.begun) {
                continue;
            }
            if (each.restart().kill()) {
                if (opened < each.begun) {
                    return i; // It was open at the kill, however late it learns of it.
                }
            } else if (learned <= each.until()) {
                place = i;
            }
        }
        return place;
    }

    /** A client will not come back: its outage never ends. */
    void gone(int client, Case.Fate fate) {
        for (Disruption d = taken(client); d != null; d = d.earlier) {
            never(d, fate);
        }
    }

    /** A client leaves because its stay is over: unless it is late already, nobody knows whether it would have been back. */
    void departed(int client, long now) {
        Recovery before = tentative.remove(client);
        if (before != null) {
            recovered(before.disruption, before.micros);
        }
        for (Disruption d = taken(client); d != null; d = d.earlier) {
            if (now > all.get(d.figures).restart().dueMicros()) {
                never(d, Case.Fate.LATE);
                continue;
            }
            settled(d, Case.Fate.LEFT, Case.NEVER);
            d.each(Case.Fate.LEFT::count);
            RestartFigures own = d.own();
            own.outage.addGone(now - d.lost);
            own.timeToRecover.addGone(now - d.learned);
            own.back.addGone(now - own.begun);
            if (d.attempts == 0) {
                own.timeToFirstAttempt.addGone(now - d.learned);
            }
        }
    }

    private void settled(Disruption d, Case.Fate fate, long back) {
        d.each(figures -> figures.attempts += d.attempts);
        sink.settled(d.client, all.get(d.figures), d.code, d.lost, d.learned, d.first, back, fate, d.attempts);
    }

    private void never(Disruption d, Case.Fate fate) {
        settled(d, fate, Case.NEVER);
        d.each(fate::count);
        RestartFigures own = d.own();
        own.outage.addNever();
        own.timeToRecover.addNever();
        own.back.addNever();
        if (d.attempts == 0) {
            own.timeToFirstAttempt.addNever();
        }
    }

    /** The load has ended: who is on the way never came back within the run. */
    void end() {
        for (Disruption last : disruptions) {
            for (Disruption d = last; d != null; d = d.earlier) {
                never(d, Case.Fate.LATE);
            }
        }
        disruptions = new Disruption[0];
        tentative.values().forEach(recovery -> recovered(recovery.disruption, recovery.micros));
        tentative.clear();
    }
}
