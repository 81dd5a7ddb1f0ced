package dev.squall.stats;

import dev.squall.fault.FaultWindow;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Rotation;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What clients did, as figures: told of each step of each client, it counts and times them for all clients, each population
 * and each policy. Who tells may be the journals of a run ({@link JournalPass}) or a prediction. Steps of one client come in
 * order of time; those of different clients may be out of order as long as the second in which they fall is told.
 *
 * <p>Clients are numbers from 0, one population after the other; times are microseconds since the start. What restarts did
 * is kept by {@link RestartCases}.
 */
public final class Measures {

    private Seen lastSeen = new Seen(0, Seen.CLOSE, "");

    private static final int PLANNED = 0;
    private static final int CONNECTING = 1;
    private static final int OPEN = 2;
    private static final int WAITING = 3;
    private static final int GAVE_UP = 4;
    private static final int FINISHED = 5;

    private static final long PHASE = 7;

    /** It has given up what it required. */
    private static final long RELAXED = 8;

    /** A restart ended its last connection. */
    private static final long LOST_TO_RESTART = 16;

    /** It has left with 1010, and not yet said what it does next. */
    private static final long LEFT_WITH_1010 = 32;

    /** The 1010 rates divide by its present handshake. */
    private static final long JUDGED = 64;

    /** Connections that it lost to restarts, and attempts that it made on its way back, each up to {@link #MOST}. */
    private static final int DROPS = 16;

    private static final int RECONNECTS = 40;
    private static final long MOST = (1 << 23) - 1;

    private static final long NEVER = Long.MIN_VALUE;

    /** The cause of a failed try that ended in the client's own 1010. */
    public static final String LEFT_FOR_1010 = "1010";

    /** Who ended a connection, where it was no restart. */
    public static final int NO_RESTART = RestartCases.NO_RESTART;

    /** A node's capacity did: it completed the handshake only to send the client away. */
    public static final int TURNED_AWAY = RestartCases.TURNED_AWAY;

    private final Plan plan;
    private final long end;
    private final Scope all;
    private final List<Scope> populations = new ArrayList<>();
    private final Clients clients;
    private final List<RestartFinder.Found> found;
    private final RestartCases cases;

    /** By population, then by the policy that a client of it follows. */
    private final List<List<List<Scope>>> scopesOf = new ArrayList<>();

    private final List<Set<String>> required = new ArrayList<>();

    /** By population, what a response that fails the connection makes of all that its clients offer. */
    private final List<Map<String, Negotiation.Outcome>> unoffered = new ArrayList<>();

    private final Map<String, List<String>> reasons = new HashMap<>();
    /** What is known of a client, side by side, for memory is slow: its phase, flags, and two counts. */
    private final long[] marks;

    private final int[] policy;
    private final long[] openSince;
    private final long[] readySince;
    private final long[] firstReady;
    /** The node that each client has dialled last; empty where each has its own. */
    private final int[] dialled;

    private final Spread spread;
    /** How many of the restarts that were found have counted who was untouched. */
    private int counted;

    private boolean frozen;

    /** Of a plan's clients against our own nodes, up to the end of its load. */
    public Measures(Plan plan) {
        this(plan, each -> {});
    }

    /**
     * The same.
     *
     * @param settled hears of each client that lost its connection to a restart, when that is over
     */
    public Measures(Plan plan, Consumer<Case> settled) {
        this(plan, plan.durationMicros(), List.of(), settled);
    }

    /**
     * Of a plan's clients.
     *
     * @param end when the load ends
     * @param found the restarts of the plan's endpoint
     * @param settled hears of each client that lost its connection to a restart, when that is over
     */
    Measures(Plan plan, long end, List<RestartFinder.Found> found, Consumer<Case> settled) {
        this.plan = plan;
        this.end = end;
        this.found = found;
        this.clients = new Clients(plan);
        int count = clients.count();
        policy = new int[plan.populations().stream().allMatch(p -> p.followers().isEmpty()) ? 0 : count];
        for (Population population : plan.populations()) {
            Negotiation negotiation = population.negotiation();
            populations.add(scope(population.name(), population.clients(), negotiation, byPolicy(population)));
            unoffered.add(negotiation.offered().stream()
                    .collect(Collectors.toUnmodifiableMap(Extension::name, offer -> Negotiation.Outcome.UNOFFERED)));
            required.add(negotiation.required().stream().map(Extension::name).collect(Collectors.toUnmodifiableSet()));
        }
        all = scope("", count, null, populations);
        for (Scope population : populations) {
            scopesOf.add(
                    population.parts().isEmpty()
                            ? List.of(List.of(all, population))
                            : population.parts().stream()
                                    .map(own -> List.of(all, population, own))
                                    .toList());
        }
        cases = new RestartCases(
                plan, count, all.restarts, (client, restart, code, lost, learned, first, back, fate, attempts) -> {
                    int population = clients.population(client);
                    settled.accept(new Case(
                            population,
                            clients.within(population, client),
                            restart,
                            code,
                            lost,
                            learned,
                            first,
                            back,
                            fate,
                            attempts));
                });
        marks = new long[count];
        openSince = filled(count);
        readySince = filled(count);
        firstReady = filled(count);
        dialled = new int[plan.balance().moves() ? count : 0];
        spread = new Spread(plan.nodes().size());
    }

    /**
     * Counts who was untouched by the restarts that have begun by now, whom no arrival has given another policy since. Those
     * that were found stand first in each scope, in order of time.
     */
    private void untouched(long micros) {
        while (counted < found.size() && found.get(counted).restart().atMicros() <= micros) {
            int place = counted++;
            found.get(place).untouched().stream()
                    .forEach(client -> scopes(client).forEach(scope -> scope.restarts.get(place).untouched++));
        }
    }

    /** A scope of these parts; {@code negotiation}: null has the extensions of all parts. */
    private Scope scope(String name, int planned, @Nullable Negotiation negotiation, List<Scope> parts) {
        Scope scope = new Scope(name, planned, end, parts, RestartCases.figures(plan, found, parts));
        List<String> names = negotiation == null
                ? parts.stream()
                        .flatMap(part -> part.extensions.keySet().stream())
                        .toList()
                : negotiation.offered().stream().map(Extension::name).toList();
        names.forEach(extension -> scope.extensions.computeIfAbsent(extension, this::extension));
        return scope;
    }

    /** Of a population with a mix: the scopes of those who follow each policy. */
    private List<Scope> byPolicy(Population population) {
        List<String> followers = population.followers();
        if (followers.isEmpty()) {
            return List.of();
        }
        int[] planned = new int[followers.size()];
        for (int i = 0; i < population.clients(); i++) {
            int place = plan.policyPlace(population, i);
            policy[clients.number(population.index(), i)] = place;
            planned[place]++;
        }
        List<Scope> scopes = new ArrayList<>();
        for (int i = 0; i < planned.length; i++) {
            scopes.add(scope(followers.get(i), planned[i], population.negotiation(), List.of()));
        }
        return scopes;
    }

    private ExtensionFigures extension(String name) {
        List<FaultWindow> windows =
                plan.faults().stream().filter(f -> f.withholds(name)).toList();
        return new ExtensionFigures(
                name,
                windows.size() == 1 && windows.get(0).isIndependent()
                        ? windows.get(0).probability()
                        : Double.NaN);
    }

    private static long[] filled(int size) {
        long[] array = new long[size];
        Arrays.fill(array, NEVER);
        return array;
    }

    // ---- what is asked

    /** The clients as numbers. */
    public Clients clients() {
        return clients;
    }

    /** The measures of all clients. */
    public Scope all() {
        return all;
    }

    /** The measures of each population, in the plan's order. */
    public List<Scope> populations() {
        return populations;
    }

    /** The open connections over the nodes. */
    public Spread spread() {
        return spread;
    }

    /** Whether the load has ended, so that nothing counts any more. */
    boolean frozen() {
        return frozen;
    }

    List<Scope> scopes(int client) {
        return scopesOf.get(clients.population(client)).get(policy.length == 0 ? 0 : policy[client]);
    }

    /** The smallest of them, which the others are made of. */
    private Scope own(int client) {
        List<Scope> scopes = scopes(client);
        return scopes.get(scopes.size() - 1);
    }

    /** The node of a client's present connection. */
    int node(int client) {
        if (plan.endpoint() != null) {
            return 0;
        }
        if (dialled.length > 0) {
            return dialled[client];
        }
        int population = clients.population(client);
        return plan.node(population, clients.within(population, client)).index();
    }

    private int phase(int client) {
        return (int) (marks[client] & PHASE);
    }

    private boolean is(int client, long flag) {
        return (marks[client] & flag) != 0;
    }

    /** One more of what is counted at this place. */
    private void count(int client, int place) {
        if ((marks[client] >>> place & MOST) < MOST) {
            marks[client] += 1L << place;
        }
    }

    boolean isPlanned(int client) {
        return phase(client) == PLANNED;
    }

    /** Whether it is open, as far as its own steps say. */
    boolean isOpen(int client) {
        return phase(client) == OPEN;
    }

    boolean isReady(int client) {
        return readySince[client] != NEVER;
    }

    /** Whether a restart of the foreign server ended its last connection. */
    boolean isLostToRestart(int client) {
        return is(client, LOST_TO_RESTART);
    }

    /** Whether it has given up what it required. */
    boolean isRelaxed(int client) {
        return is(client, RELAXED);
    }

    /** Whether it requires an extension, and still does. */
    boolean requires(int client, String extension) {
        return !is(client, RELAXED) && required.get(clients.population(client)).contains(extension);
    }

    /** Reads what is soon needed of a client, so that it is near when it is: a sum that says nothing. */
    public long lookAhead(int client) {
        return marks[client] + cases.lookAhead(client);
    }

    /** The same of one whose connection ends. */
    public long lookAheadOfClose(int client) {
        return openSince[client] + readySince[client];
    }

    // ---- what happened to a client

    /** A client arrives: in the closed model perhaps where another has ended, of which the counts are settled. */
    public void arrived(int client, int incarnation, long micros) {
        if (!frozen && phase(client) != PLANNED) {
            settle(client, false, micros);
            if (policy.length > 0) {
                untouched(micros);
                int population = clients.population(client);
                policy[client] = plan.policyPlace(
                        plan.populations().get(population), Draw.who(clients.within(population, client), incarnation));
            }
            marks[client] &= PHASE;
        }
        enter(client, CONNECTING, micros);
    }

    /** A client dials this node; {@code limited}: later than its policy wanted, for the limit's sake. */
    public void connecting(int client, int node, boolean limited, long micros) {
        enter(client, CONNECTING, micros);
        if (dialled.length > 0) {
            dialled[client] = node;
        }
        marks[client] &= ~(JUDGED | LOST_TO_RESTART);
        if (frozen) {
            return;
        }
        List<Scope> scopes = scopes(client);
        for (int i = 0; i < scopes.size(); i++) {
            Scope scope = scopes.get(i);
            scope.series().add(scope.series().attempts, micros);
            scope.attempts++;
        }
        if (cases.attempted(client, scopes, node, micros, limited)) {
            count(client, RECONNECTS);
        }
    }

    /**
     * A response had these outcomes; none of a response that fails the connection for what nobody offered.
     *
     * @param inWindow whether a withhold window covered it
     */
    public void negotiated(int client, Map<String, Negotiation.Outcome> outcomes, boolean inWindow) {
        if (frozen) {
            return;
        }
        int population = clients.population(client);
        boolean[] lacksRequired = {false};
        (outcomes.isEmpty() ? unoffered.get(population) : outcomes).forEach((name, outcome) -> {
            boolean isRequired = requires(client, name);
            boolean counts = (inWindow || plan.withholds().isEmpty()) && isRequired;
            if (counts) {
                marks[client] |= JUDGED;
            }
            lacksRequired[0] |=
                    isRequired && (outcome == Negotiation.Outcome.MISSING || outcome == Negotiation.Outcome.MISMATCHED);
            for (Scope scope : scopes(client)) {
                scope.extension(name).ifPresent(figures -> figures.handshake(outcome, inWindow, counts));
            }
        });
        if (lacksRequired[0] && plan.populations().get(population).on1010() == On1010.RETRY_WITHOUT) {
            marks[client] |= RELAXED;
        }
    }

    /** A node withheld an extension that the client requires. */
    public void withheld(int client, String extension) {
        if (!frozen && requires(client, extension)) {
            for (Scope scope : scopes(client)) {
                scope.extension(extension).ifPresent(figures -> figures.withheldByNode++);
            }
        }
    }

    /** A handshake is complete, this long after the client meant to dial. */
    public void opened(int client, long handshakeMicros, long micros) {
        enter(client, OPEN, micros);
        if (frozen) {
            return;
        }
        openSince[client] = micros;
        for (Scope scope : scopes(client)) {
            scope.series().add(scope.series().opened, micros);
        }
        own(client).handshakeTime.add(handshakeMicros);
    }

    /** The dialogue is done. */
    public void ready(int client, long micros) {
        if (frozen) {
            return;
        }
        if (readySince[client] == NEVER) {
            for (Scope scope : scopes(client)) {
                scope.series().ready(micros, 1);
            }
        }
        readySince[client] = micros;
        if (firstReady[client] == NEVER) {
            firstReady[client] = micros;
        }
        cases.ready(
                client,
                micros,
                plan.populations().get(clients.population(client)).holdMicros());
    }

    /** A try has failed. */
    public void failed(int client, String cause, long micros) {
        if (frozen) {
            return;
        }
        for (Scope scope : scopes(client)) {
            scope.series().add(scope.series().failed, micros);
            scope.failed.add(cause);
        }
        cases.failed(client, cause);
    }

    /** A client sends 1010 with this reason. */
    public void leavesWith1010(int client, String reason, long micros) {
        if (frozen) {
            return;
        }
        boolean counts = is(client, JUDGED);
        for (Scope scope : scopes(client)) {
            for (String name : lacking(reason)) {
                scope.extension(name).ifPresent(figures -> figures.left(counts));
            }
        }
        failed(client, LEFT_FOR_1010, micros);
        marks[client] |= LEFT_WITH_1010;
    }

    /** The extensions that the reason of a 1010 names; the reason may be cut at its largest size. */
    private List<String> lacking(String reason) {
        return reasons.computeIfAbsent(reason, text -> {
            List<String> names = new ArrayList<>();
            for (String part : text.split(",")) {
                names.add(part.split(";", 2)[0].strip());
            }
            return names;
        });
    }

    /**
     * An open client sends the first Close.
     *
     * @param broken whether the server has broken the protocol
     */
    public void leaves(int client, int code, boolean broken, long micros) {
        if (frozen) {
            return;
        }
        cases.left(client, readySince[client] != NEVER, broken, micros, code);
        lostReadiness(client, micros);
        if (code == CloseCode.NORMAL_CLOSURE.code()) {
            endLife(client, micros); // However long the server takes to answer.
        }
        enter(client, WAITING, micros);
    }

    /** An open client learns that it has lost its connection. */
    void lost(int client, RestartCases.Loss loss) {
        if (frozen) {
            return;
        }
        long lost = cases.lost(client, scopes(client), loss);
        boolean byRestart = cases.isOfRestart(loss);
        if (byRestart) {
            marks[client] |= LOST_TO_RESTART;
            count(client, DROPS);
        }
        lostReadiness(client, lost, loss.learned());
        enter(client, WAITING, loss.learned());
    }

    /** A loss that a node told of, or that both ends knew at once. */
    public void lost(int client, int restart, int code, long lostMicros, long learnedMicros) {
        lost(
                client,
                new RestartCases.Loss(
                        node(client),
                        restart,
                        openSince[client],
                        readySince[client] != NEVER,
                        lostMicros,
                        learnedMicros,
                        lostMicros,
                        closed(code)));
    }

    /** One object for each code, for a prediction tells of many. */
    private Seen closed(int code) {
        return lastSeen.code() == code ? lastSeen : (lastSeen = new Seen(code, Seen.CLOSE, ""));
    }

    /** When its present connection was opened. */
    public long openSince(int client) {
        return openSince[client];
    }

    private void lostReadiness(int client, long micros) {
        lostReadiness(client, micros, micros);
    }

    /** It was of no use any more from {@code lost} on, and knows it at {@code learned}. */
    private void lostReadiness(int client, long lost, long learned) {
        if (readySince[client] != NEVER) {
            long ready = Math.max(0, lost - readySince[client]);
            for (Scope scope : scopes(client)) {
                scope.series().ready(learned, -1);
                scope.readyMicros += ready;
            }
            readySince[client] = NEVER;
        }
    }

    /** A connection has ended, how is told. */
    public void closed(int client, Scope.Close close, long micros) {
        for (Scope scope : scopes(client)) {
            scope.closes.add(close);
            if (!frozen) {
                scope.series().closed(close.code(), micros);
            }
        }
    }

    /** A client waits for its next try. */
    public void waiting(int client, long micros) {
        enter(client, WAITING, micros);
        after1010(client, is(client, RELAXED) ? "retriedWithout" : "retried");
    }

    /** Its policy allows no further try. */
    public void gaveUp(int client, long micros) {
        enter(client, GAVE_UP, micros);
        after1010(client, "gaveUp");
        gone(client, Case.Fate.GAVE_UP);
    }

    /** It lacks an extension, and has left for good. */
    public void leftFor1010(int client, long micros) {
        enter(client, FINISHED, micros);
        after1010(client, "stopped");
        gone(client, Case.Fate.LEFT_WITH_1010);
    }

    /** Its stay is over, and what the server does no longer concerns it. */
    public void left(int client, long micros) {
        enter(client, FINISHED, micros);
        if (!frozen) {
            endLife(client, micros);
            cases.departed(client, micros);
        }
    }

    /** It has ended otherwise. */
    void finished(int client, long micros) {
        enter(client, FINISHED, micros);
        if (!frozen) {
            cases.ended(client);
        }
    }

    /** What a client did after its own 1010, if that was the last that it did. */
    private void after1010(int client, String what) {
        if (is(client, LEFT_WITH_1010) && !frozen) {
            marks[client] &= ~LEFT_WITH_1010;
            scopes(client).forEach(scope -> scope.after1010.add(what));
        }
    }

    /** A client that will not come back ends its disruptions. */
    private void gone(int client, Case.Fate fate) {
        if (!frozen) {
            cases.gone(client, fate);
        }
    }

    private void enter(int client, int next, long micros) {
        if (frozen) {
            return;
        }
        boolean opens = next == OPEN && phase(client) != OPEN;
        boolean ends = next != OPEN && phase(client) == OPEN;
        if (opens || ends) {
            for (Scope scope : scopes(client)) {
                scope.series().open(micros, opens ? 1 : -1);
            }
            if (opens) {
                spread.opened(node(client));
            } else {
                spread.ended(node(client));
            }
        }
        marks[client] = marks[client] & ~PHASE | next;
    }

    /** Of a client that leaves of its own will no more time counts for its availability; of one that gave up all of it. */
    private void endLife(int client, long micros) {
        if (firstReady[client] != NEVER) {
            long lived = micros - firstReady[client];
            scopes(client).forEach(scope -> scope.livedMicros += lived);
            firstReady[client] = NEVER;
        }
    }

    // ---- what happened to a node

    /** A restart of a node has begun. */
    public void begun(int restart, int node, long micros) {
        int i = cases.place(restart, node);
        if (i >= 0) {
            forEachScope(scope -> scope.restarts.get(i).begun = micros);
        }
    }

    /** A node listens again. */
    public void listening(int restart, int node, long micros) {
        int i = cases.place(restart, node);
        if (i >= 0) {
            forEachScope(scope -> scope.restarts.get(i).listening = micros);
        }
    }

    /** A restart's Close goes out; it sends the code that it was planned with, and no other. */
    void sentByRestart(int client, int restart, int node, int code) {
        int place = cases.place(restart, node);
        if (place >= 0 && all.restarts.get(place).code() != code) {
            scopes(client).forEach(scope -> scope.restarts.get(place).miscoded++);
        }
    }

    private void forEachScope(Consumer<Scope> action) {
        action.accept(all);
        for (Scope population : populations) {
            action.accept(population);
            population.parts().forEach(action);
        }
    }

    // ---- the end

    /** The load has ended, and nobody was lost with a process. */
    public void loadEnded() {
        loadEnded(client -> false);
    }

    /**
     * The load has ended: counts of clients are taken now, and what follows is the closing phase.
     *
     * @param gone which clients ended with their injector
     */
    void loadEnded(IntPredicate gone) {
        untouched(Long.MAX_VALUE);
        for (int client = 0; client < marks.length; client++) {
            boolean lost = gone.test(client);
            if (lost && phase(client) == OPEN) {
                spread.ended(node(client)); // Its connection went with it.
            }
            settle(client, lost, end);
        }
        spread.loadEnded(plan.endpoint() == null ? new Rotation(plan).at(end) : new int[0]);
        cases.end();
        forEachScope(scope -> {
            scope.restarts.forEach(figures -> figures.loadEnded(end));
            scope.series().loadEnded();
        });
        frozen = true;
    }

    /** Counts a client whose time is over: at the end of the load, or, in the closed model, when the next one arrives. */
    private void settle(int client, boolean injectorLost, long until) {
        boolean ready = readySince[client] != NEVER && !injectorLost;
        lostReadiness(client, until);
        endLife(client, until);
        for (Scope scope : scopes(client)) {
            count(scope, phase(client), injectorLost);
            scope.ready += ready ? 1 : 0;
            if (phase(client) != PLANNED) {
                scope.drops.recordValue(marks[client] >>> DROPS & MOST);
                scope.reconnects.recordValue(marks[client] >>> RECONNECTS & MOST);
            }
        }
    }

    private static void count(Scope scope, int phase, boolean injectorLost) {
        if (phase == PLANNED) {
            return;
        }
        scope.arrived++;
        if (phase == GAVE_UP) {
            scope.gaveUp++;
        } else if (phase == FINISHED) {
            scope.finished++;
        } else if (injectorLost) {
            scope.lost++;
        } else if (phase == CONNECTING) {
            scope.connecting++;
        } else if (phase == OPEN) {
            scope.open++;
        } else {
            scope.waiting++;
        }
    }
}
