package dev.squall.stats;

import dev.squall.fault.Conduct;
import dev.squall.fault.ConnectionFault;
import dev.squall.fault.FaultWindow;
import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalReader;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.journal.LatencyReader;
import dev.squall.journal.MergedJournals;
import dev.squall.plan.Balance;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Rotation;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * The merged pass: rows of all journals in order of time go in, {@link Statistics} come out. Holds a few primitive arrays
 * by client; what restarts did is kept by {@link RestartCases}, and the Close frames by the {@link Ledger}.
 */
public final class JournalPass {

    private static final byte PLANNED = 0;
    private static final byte CONNECTING = 1;
    private static final byte OPEN = 2;
    private static final byte WAITING = 3;
    private static final byte GAVE_UP = 4;
    private static final byte FINISHED = 5;

    private static final long NEVER = Long.MIN_VALUE;

    /** A time beyond this, half an hour, counts as this: a damaged row may say anything. */
    private static final long LONGEST = LatencyLog.MAX_MICROS / 2;

    /** A killed process wrote a row a second, and up to a second of rows may be gone with it. */
    private static final long KILLED_SILENCE_MICROS = 2_500_000;

    /** The tags of a latency log: round trips of a population's messages and pings, and how event loops stood still. */
    static final String ECHO = "echo.";

    static final String PING = "ping.";
    static final String STALL = "stall";

    private static final String LEFT = "left";
    private static final String LEFT_FOR_1010 = "1010";
    private static final String LIMITED = "limited";
    private static final String TIMEOUT = "timeout";
    private static final String BY_FAULT = "fault";

    private final Plan plan;
    private final HarnessJournal harness;
    private final long end;
    private final Scope all;
    private final List<Scope> populations = new ArrayList<>();
    private final Clients clients;
    private final List<RestartFinder.Found> found;
    private final RestartCases cases;
    private final Ledger ledger;
    private final RowOrder order;
    private final Trust trust = new Trust();
    private final Map<String, Map<String, Negotiation.Outcome>> outcomes = new HashMap<>();
    private final Map<String, List<String>> reasons = new HashMap<>();
    /** By population, then by the policy that a client of it follows. */
    private final List<List<List<Scope>>> scopesOf = new ArrayList<>();

    private final List<Set<String>> required = new ArrayList<>();

    /** By population, what a response that fails the connection makes of all that its clients offer. */
    private final List<Map<String, Negotiation.Outcome>> unoffered = new ArrayList<>();

    private final byte[] phase;
    private final int[] policy;
    private final int[] connection;
    private final long[] openSince;
    private final long[] readySince;
    private final long[] readyTotal;
    private final long[] firstReady;
    private final long[] chosenDelay;
    private final int[] nodeCloseConnection;
    private final long[] nodeCloseAt;
    private final int[] nodeCloseBy;
    private final Long2LongHashMap clientReceivedFirst = new Long2LongHashMap(NEVER);
    private final Long2LongHashMap nodeReceivedFirst = new Long2LongHashMap(NEVER);
    private final long[] openNow;
    private final long[] readyNow;
    private long sampledSecond;
    private final BitSet relaxed = new BitSet();
    /** Clients whose last connection a restart of the foreign server ended. */
    private final BitSet lostToRestart = new BitSet();

    /** Clients that closed their last connection by themselves with 1000 while the load went on. */
    private final BitSet leaving = new BitSet();

    /** Clients that have left with 1010, until they say what they do next. */
    private final BitSet leftWith1010 = new BitSet();

    /** Clients whose present handshake the 1010 rates divide by. */
    private final BitSet judged = new BitSet();

    /** The node that each client has dialled last; empty where each has its own. */
    private final int[] dialled;

    /** Nodes that were killed or lost. */
    private final BitSet died = new BitSet();

    /** Connections to those that their clients have given up for another, and that are not settled. */
    private final LongHashSet unsettledOfDied = new LongHashSet();

    private final Map<String, ProcessFigures> processes = new LinkedHashMap<>();
    private final Spread spread;
    private final int[] drops;
    private final int[] reconnects;

    /** When a fault is to end a connection, at the earliest. */
    private final Long2LongHashMap departures = new Long2LongHashMap(NEVER);

    private boolean frozen;
    private long outcomesUnmatched;

    /** Begins a pass over a run against our own nodes. */
    public JournalPass(Plan plan, HarnessJournal harness) {
        this(plan, harness, List.of(), each -> {});
    }

    /**
     * Begins a pass.
     *
     * @param found the restarts of the plan's endpoint
     * @param settled hears of each client that lost its connection to a restart, when that is over
     */
    JournalPass(Plan plan, HarnessJournal harness, List<RestartFinder.Found> found, Consumer<Case> settled) {
        this.plan = plan;
        this.harness = harness;
        this.found = found;
        this.end = end(plan, harness);
        this.clients = new Clients(plan);
        int count = clients.count();
        policy = new int[count];
        all = scope("", count);
        cases = new RestartCases(
                plan, all.restarts, (client, restart, code, lost, learned, first, back, fate, attempts) -> {
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
        for (Population population : plan.populations()) {
            Scope scope = scope(population.name(), population.clients());
            populations.add(scope);
            scopesOf.add(byPolicy(population, scope));
            Negotiation negotiation = population.negotiation();
            for (Extension offer : negotiation.offered()) {
                scopesOf.get(population.index()).stream()
                        .flatMap(List::stream)
                        .forEach(each -> each.extensions.computeIfAbsent(offer.name(), this::extension));
            }
            unoffered.add(negotiation.offered().stream()
                    .collect(Collectors.toUnmodifiableMap(Extension::name, offer -> Negotiation.Outcome.UNOFFERED)));
            required.add(negotiation.required().stream().map(Extension::name).collect(Collectors.toUnmodifiableSet()));
        }
        ledger = new Ledger(plan.endpoint() == null, this::describe);
        order = new RowOrder(plan, count);
        phase = new byte[count];
        connection = new int[count];
        openSince = filled(count);
        readySince = filled(count);
        readyTotal = new long[count];
        firstReady = filled(count);
        chosenDelay = filled(count);
        nodeCloseConnection = new int[count];
        nodeCloseAt = new long[count];
        nodeCloseBy = new int[count];
        openNow = new long[plan.populations().size()];
        readyNow = new long[plan.populations().size()];
        dialled = new int[plan.balance().moves() ? count : 0];
        spread = new Spread(plan.nodes().size());
        drops = new int[count];
        reconnects = new int[count];
        harness.kills().forEach(kill -> died.set(kill.node()));
        harness.lost().stream()
                .filter(lost -> lost.role().equals(HarnessJournal.NODE))
                .forEach(lost -> died.set(lost.index()));
        harness.children().forEach(child -> processes.put(child.name(), new ProcessFigures(child)));
        trust.injectors = plan.injectors();
        for (HarnessJournal.Lost lost : harness.lost()) {
            trust.lostChildren.add(lost.role() + " " + lost.index() + " " + lost.how());
        }
        trust.damage.addAll(harness.damage());
        harness.pressed().stream()
                .filter(each -> each.micros() > 0 && each.micros() <= end)
                .forEach(each -> trust.processors(each.micros(), each.busyPermille()));
        for (HarnessJournal.Kill kill : harness.kills()) {
            begin(kill.restart(), kill.node(), kill.micros());
        }
    }

    /** When the load ends: as planned, or when the run was interrupted. */
    static long end(Plan plan, HarnessJournal harness) {
        return Math.max(0, Math.min(plan.durationMicros(), harness.interruptedMicros()));
    }

    private Scope scope(String name, int planned) {
        Scope scope = new Scope(name, planned, end);
        scope.restarts.addAll(RestartCases.figures(plan, found));
        return scope;
    }

    /** What the clients of a population count for, by the policy that each follows. */
    private List<List<Scope>> byPolicy(Population population, Scope scope) {
        List<String> followers = population.followers();
        if (followers.isEmpty()) {
            return List.of(List.of(all, scope));
        }
        int[] planned = new int[followers.size()];
        for (int i = 0; i < population.clients(); i++) {
            int place = plan.policyPlace(population, i);
            policy[clients.number(population.index(), i)] = place;
            planned[place]++;
        }
        List<List<Scope>> byPolicy = new ArrayList<>();
        for (int i = 0; i < planned.length; i++) {
            Scope own = scope(followers.get(i), planned[i]);
            scope.policies.add(own);
            byPolicy.add(List.of(all, scope, own));
        }
        return byPolicy;
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

    /** A connection by its name in the journals, and in whose they are. */
    private String describe(long key) {
        int client = Connections.client(key);
        int population = clients.population(client);
        int within = clients.within(population, client);
        boolean present = dialled.length == 0 || Connections.connection(key) == connection[client];
        return String.format(
                Locale.ROOT,
                "%s/%d/%d (clients-%d.csv%s)",
                plan.populations().get(population).name(),
                within,
                Connections.connection(key),
                within % plan.injectors(),
                present ? ", node-" + home(client, population) + ".csv" : "");
    }

    /** Takes the next row in order of time; {@code node} is the index of the node that wrote it, -1 for an injector. */
    public void accept(int node, JournalRow row) {
        if (!frozen) {
            if (row.micros() >= end) {
                freeze();
            } else {
                sampleOpen(row.micros());
            }
        }
        switch (row.event()) {
            case STALL -> trust.stall(node, row.micros(), row.value());
            case DROPPED -> trust.dropped += row.value();
            case GC -> ofLoad(row, () -> trust.collections.recordValue(Math.min(LONGEST, row.value())));
            case THROTTLED -> ofLoad(row, () -> trust.throttled(row.micros(), row.value()));
            case CPU,
                    PROCESSORS,
                    OBSERVED,
                    UNOBSERVED,
                    STEADY,
                    REJECTED,
                    COMMAND_STARTED,
                    COMMAND_ENDED,
                    CHILD_STARTED,
                    CHILD_READY,
                    CHILD_EXITED,
                    CHILD_KILLED,
                    INTERRUPTED,
                    RUN_ENDED -> {}
            case FAULT_BEGUN, FAULT_ENDED -> {}
            case RESTART_BEGUN -> begin((int) row.value(), node, row.micros());
            case LISTENING -> listening((int) row.value(), node, row.micros());
            default -> acceptOfClient(node, row);
        }
    }

    /** The closing phase is outside of times, and what disturbs it with it. */
    private void ofLoad(JournalRow row, Runnable count) {
        if (!frozen && row.micros() >= 0 && row.value() >= 0) {
            count.run();
        }
    }

    private void acceptOfClient(int node, JournalRow row) {
        int client = clients.of(row);
        if (client == Clients.NOBODY) {
            return; // Somebody else's connection to our node.
        }
        int population = clients.population(row.population());
        long key = Connections.key(client, Math.max(0, row.connection()));
        Population its = plan.populations().get(population);
        int within = clients.within(population, client);
        if (node >= 0) {
            order.ofNode(client, its, within, row);
            acceptFromNode(client, node, key, row);
        } else {
            order.ofClient(client, its, within, row, isServed(client, population, row.micros()));
            acceptFromClient(client, population, key, row);
        }
    }

    /** Whether a node's journal tells of what came then: not the last seconds of one that was killed. */
    private boolean isServed(int client, int population, long micros) {
        return ledger.twoSided()
                && (harness.kills().isEmpty()
                        || harness.kills().stream()
                                .noneMatch(kill -> kill.node() == home(client, population)
                                        && kill.micros() >= micros
                                        && kill.micros() - micros <= KILLED_SILENCE_MICROS));
    }

    private void acceptFromNode(int client, int node, long key, JournalRow row) {
        switch (row.event()) {
            case ACCEPTED -> {}
            case STRUCK -> {
                struck(key, row);
            }
            case NEGOTIATED -> {
                boolean lacking =
                        row.detail().contains("=withheld") || row.detail().contains("=declined");
                ledger.nodeNegotiated(key, row.value() == 1, lacking);
                if (!frozen && row.detail().contains("=withheld")) {
                    countWithheld(client, row.detail());
                }
            }
            case CLOSE_SENT -> {
                ledger.nodeSent(key, (int) row.code());
                sent(clientReceivedFirst, key, row.micros());
                nodeCloseConnection[client] = (int) row.connection();
                nodeCloseAt[client] = row.micros();
                nodeCloseBy[client] = closedBy(row);
                if (nodeCloseBy[client] >= 0) {
                    sentByRestart(client, nodeCloseBy[client], node, (int) row.code());
                }
            }
            case CLOSE_RECEIVED -> {
                if (!ledger.hasClientSent(key)) {
                    nodeReceivedFirst.put(key, row.micros());
                }
                ledger.nodeReceived(key, (int) row.code());
            }
            case CLOSED -> ledger.nodeEnded(key, Ledger.End.of(secondWord(row.detail())));
            default -> trust.malformedRows++; // No row of a node.
        }
    }

    /** A restart sends the code that it was planned with, and no other. */
    private void sentByRestart(int client, int restart, int node, int code) {
        int place = cases.place(restart, node);
        if (place >= 0 && all.restarts.get(place).code() != code) {
            scopes(clients.population(client), client).forEach(scope -> scope.restarts.get(place).miscoded++);
        }
    }

    /** The restart that sent a Close, or what else did, as {@link RestartCases} tells them apart. */
    private static int closedBy(JournalRow row) {
        if (row.value() != JournalWriter.NONE) {
            return (int) row.value();
        }
        return row.code() == CloseCode.TRY_AGAIN_LATER.code() && row.detail().equals(WhenFull.REASON)
                ? RestartCases.TURNED_AWAY
                : RestartCases.NO_RESTART;
    }

    /** A fault struck a connection; it may end it, unless its window ends before. */
    private void struck(long key, JournalRow row) {
        int index = (int) row.value();
        FaultWindow window =
                index >= 0 && index < plan.faults().size() ? plan.faults().get(index) : null;
        if (window == null
                || !(window.fault() instanceof ConnectionFault fault)
                || fault.conduct().departure() == null) {
            return;
        }
        Conduct.Departure departure = fault.conduct().departure();
        long due = row.micros() + (departure.afterMessages() > 0 ? 0 : departure.afterMicros());
        if (window.moments() || due < window.toMicros()) {
            long earlier = departures.get(key);
            departures.put(key, earlier == NEVER ? due : Math.min(earlier, due));
        }
    }

    /** A Close was sent; if it had been received before by more than clocks may differ, one of both lies. */
    private void sent(Long2LongHashMap receivedFirst, long key, long micros) {
        long received = receivedFirst.remove(key);
        if (received != NEVER && micros - received > Trust.CAUSALITY_MICROS) {
            trust.causality++;
        }
    }

    private void countWithheld(int client, String detail) {
        int population = clients.population(client);
        for (String pair : detail.split(" ")) {
            if (pair.endsWith("=withheld")) {
                String name = pair.substring(0, pair.indexOf('='));
                if (requires(client, population, name)) {
                    scopes(population, client)
                            .forEach(scope -> scope.extension(name).ifPresent(f -> f.withheldByNode++));
                }
            }
        }
    }

    private void acceptFromClient(int client, int population, long key, JournalRow row) {
        switch (row.event()) {
            case ARRIVED -> {
                trust.arrived = true;
                if (row.value() > Trust.LATE_ARRIVAL_MICROS) {
                    trust.lateArrivals++;
                }
                succeed(client, population, row);
                enter(client, population, CONNECTING);
            }
            case CONNECTING -> connecting(client, population, row);
            case NEGOTIATED -> negotiated(client, population, key, row);
            case OPENED -> opened(client, population, row);
            case READY -> ready(client, population, row);
            case FAILED -> failed(client, population, row);
            case CLOSE_SENT -> closeSent(client, population, key, row);
            case CLOSE_RECEIVED -> closeReceived(client, population, key, row);
            case CLOSED -> closed(client, population, key, row);
            case WAITING -> {
                chosenDelay[client] = Math.min(LONGEST, row.value());
                enter(client, population, WAITING);
                after1010(client, population, relaxed.get(client) ? "retriedWithout" : "retried");
            }
            case GAVE_UP -> {
                enter(client, population, GAVE_UP);
                after1010(client, population, "gaveUp");
                gone(client, Case.Fate.GAVE_UP);
            }
            case FINISHED -> {
                enter(client, population, FINISHED);
                if (row.detail().equals(LEFT_FOR_1010)) {
                    after1010(client, population, "stopped");
                    gone(client, Case.Fate.LEFT_WITH_1010);
                } else if (row.detail().equals(LEFT)) {
                    left(client, population, row.micros());
                } else if (!frozen) {
                    cases.ended(client);
                }
            }
            default -> trust.malformedRows++; // No row of a client.
        }
    }

    private List<Scope> scopes(int population, int client) {
        return scopesOf.get(population).get(policy[client]);
    }

    /** What a client did after its own 1010, if that was the last that it did. */
    private void after1010(int client, int population, String what) {
        if (leftWith1010.get(client) && !frozen) {
            leftWith1010.clear(client);
            scopes(population, client).forEach(scope -> scope.after1010.merge(what, 1L, Long::sum));
        }
    }

    private void enter(int client, int population, byte next) {
        if (frozen) {
            return;
        }
        if (next == OPEN && phase[client] != OPEN) {
            openNow[population]++;
            spread.opened(home(client, population));
        } else if (next != OPEN && phase[client] == OPEN) {
            openNow[population]--;
            spread.ended(home(client, population));
        }
        phase[client] = next;
    }

    private void connecting(int client, int population, JournalRow row) {
        enter(client, population, CONNECTING);
        dials(client, row);
        connection[client] = (int) row.connection();
        judged.clear(client);
        leaving.clear(client);
        if (frozen) {
            return;
        }
        for (Scope scope : scopes(population, client)) {
            scope.series().add(scope.series().attempts, row.micros());
            scope.attempts++;
        }
        boolean limited = row.detail().equals(LIMITED);
        if (chosenDelay[client] >= 0 && !limited) {
            trust.dialled(row.micros(), chosenDelay[client], Math.max(0, Math.min(LONGEST, row.value())));
        }
        chosenDelay[client] = NEVER;
        trust.limited += limited ? 1 : 0;
        lostToRestart.clear(client);
        boolean back =
                cases.attempted(client, scopes(population, client), home(client, population), row.micros(), limited);
        reconnects[client] += back ? 1 : 0;
    }

    /** A client whose node can change says which it dials. */
    private void dials(int client, JournalRow row) {
        if (dialled.length == 0) {
            return;
        }
        long before = Connections.key(client, connection[client]);
        if (died.get(dialled[client]) && ledger.isOpen(before)) {
            unsettledOfDied.add(before);
        }
        int node = Balance.node(row.detail(), plan.nodes().size());
        if (node < 0) {
            trust.malformedRows++;
        } else {
            dialled[client] = node;
        }
    }

    /** The node of a client's present connection. */
    private int home(int client, int population) {
        return !ledger.twoSided()
                ? 0
                : dialled.length > 0
                        ? dialled[client]
                        : plan.node(population, clients.within(population, client))
                                .index();
    }

    private boolean requires(int client, int population, String extension) {
        return !relaxed.get(client) && required.get(population).contains(extension);
    }

    private void negotiated(int client, int population, long key, JournalRow row) {
        trust.answered = true;
        Map<String, Negotiation.Outcome> found = outcomes(row.detail());
        boolean lacked = ledger.takeLacking(key);
        // A node that was killed just now may not have written its row.
        boolean excused = diedAround(home(client, population), row.micros());
        // One that failed for an extension which nobody offered says nothing of those that it did offer.
        boolean told = ledger.twoSided() && !excused && !found.isEmpty();
        if (told && lacked != found.containsValue(Negotiation.Outcome.MISSING)) {
            outcomesUnmatched++;
        }
        if (frozen) {
            return;
        }
        boolean inWindow = !plan.withholds().isEmpty()
                && (ledger.twoSided()
                        ? ledger.inWindow(key)
                        : plan.withholds().stream().anyMatch(w -> w.covers(row.micros())));
        boolean[] lacksRequired = {false};
        (found.isEmpty() ? unoffered.get(population) : found).forEach((name, outcome) -> {
            boolean isRequired = requires(client, population, name);
            boolean counts = (inWindow || plan.withholds().isEmpty()) && isRequired;
            if (counts) {
                judged.set(client);
            }
            lacksRequired[0] |=
                    isRequired && (outcome == Negotiation.Outcome.MISSING || outcome == Negotiation.Outcome.MISMATCHED);
            for (Scope scope : scopes(population, client)) {
                scope.extension(name).ifPresent(figures -> figures.handshake(outcome, inWindow, counts));
            }
        });
        if (lacksRequired[0] && plan.populations().get(population).on1010() == On1010.RETRY_WITHOUT) {
            relaxed.set(client);
        }
    }

    /** Whether a node was killed or lost within a second of this time. */
    private boolean diedAround(int node, long micros) {
        return harness.kills().stream()
                        .anyMatch(k -> k.node() == node && Math.abs(k.micros() - micros) <= JournalReader.WINDOW_MICROS)
                || harness.lost().stream()
                        .anyMatch(l -> l.role().equals(HarnessJournal.NODE)
                                && l.index() == node
                                && Math.abs(l.micros() - micros) <= JournalReader.WINDOW_MICROS);
    }

    private Map<String, Negotiation.Outcome> outcomes(String detail) {
        return outcomes.computeIfAbsent(detail, text -> {
            Map<String, Negotiation.Outcome> parsed = new LinkedHashMap<>();
            for (String pair : text.split(" ")) {
                int equals = pair.indexOf('=');
                for (Negotiation.Outcome outcome : Negotiation.Outcome.values()) {
                    if (equals > 0 && outcome.word().equals(pair.substring(equals + 1))) {
                        parsed.put(pair.substring(0, equals), outcome);
                    }
                }
            }
            return parsed;
        });
    }

    private void opened(int client, int population, JournalRow row) {
        trust.answered = true;
        enter(client, population, OPEN);
        if (frozen) {
            return;
        }
        openSince[client] = row.micros();
        for (Scope scope : scopes(population, client)) {
            scope.series().add(scope.series().opened, row.micros());
            scope.handshakeTime.add(row.value());
        }
    }

    private void ready(int client, int population, JournalRow row) {
        if (frozen) {
            return;
        }
        long now = row.micros();
        readyNow[population] += readySince[client] == NEVER ? 1 : 0;
        readySince[client] = now;
        if (firstReady[client] == NEVER) {
            firstReady[client] = now;
        }
        cases.ready(client, now, plan.populations().get(population).holdMicros());
    }

    private void failed(int client, int population, JournalRow row) {
        if (frozen) {
            return;
        }
        failedAttempt(client, population, row.micros(), row.detail());
    }

    private void failedAttempt(int client, int population, long micros, String cause) {
        for (Scope scope : scopes(population, client)) {
            scope.series().add(scope.series().failed, micros);
            scope.failed.merge(cause, 1L, Long::sum);
        }
        cases.failed(client, cause);
    }

    private void closeSent(int client, int population, long key, JournalRow row) {
        ledger.clientSent(key, (int) row.code());
        sent(nodeReceivedFirst, key, row.micros());
        if (row.code() == CloseCode.MANDATORY_EXTENSION.code() && !frozen) {
            boolean counts = judged.get(client);
            for (Scope scope : scopes(population, client)) {
                for (String name : lacking(row.detail())) {
                    scope.extension(name).ifPresent(figures -> figures.left(counts));
                }
            }
            failedAttempt(client, population, row.micros(), LEFT_FOR_1010);
            leftWith1010.set(client);
        } else if (phase[client] == OPEN && connection[client] == row.connection() && !frozen) {
            int code = (int) row.code();
            cases.left(client, readySince[client] != NEVER, isProtocolError(code), row.micros(), code);
            lostReadiness(client, population, row.micros());
            leaving.set(client, code == CloseCode.NORMAL_CLOSURE.code());
            if (code == CloseCode.NORMAL_CLOSURE.code()) {
                endLife(client, population, row.micros()); // However long the server takes to answer.
            }
            enter(client, population, WAITING);
        }
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

    private void closeReceived(int client, int population, long key, JournalRow row) {
        if (ledger.twoSided() && !ledger.hasNodeSent(key)) {
            clientReceivedFirst.put(key, row.micros());
        }
        ledger.clientReceived(key, (int) row.code());
        if (phase[client] == OPEN && connection[client] == row.connection()) {
            lost(client, population, row.micros(), row.micros(), row.micros(), (int) row.code());
        }
    }

    private void closed(int client, int population, long key, JournalRow row) {
        String[] words = row.detail().split(" ", 2);
        int code = (int) row.code();
        String how = words.length > 1 ? words[1] : "";
        ledger.clientEnded(key, Ledger.End.of(how));
        boolean current = connection[client] == row.connection();
        boolean closedByNode = current && nodeCloseConnection[client] == row.connection();
        boolean byRestart =
                current && (ledger.twoSided() ? closedByNode && nodeCloseBy[client] >= 0 : lostToRestart.get(client));
        String ofServer = byRestart
                ? "restart"
                : closedByNode && nodeCloseBy[client] == RestartCases.TURNED_AWAY ? WhenFull.REASON : "server";
        long departed = departures.remove(key);
        boolean byFault = departed != NEVER && row.micros() >= departed && !byRestart;
        Scope.Close close = new Scope.Close(
                code,
                words[0],
                cause(words[0], code, how, ofServer, byFault, current && leaving.get(client), row.micros()));
        for (Scope scope : scopes(population, client)) {
            scope.closes.merge(close, 1L, Long::sum);
            if (!frozen) {
                scope.series().closed(code, row.micros());
            }
        }
        if (phase[client] == OPEN && current) {
            long last = row.micros() - Math.max(0, row.value());
            lost(client, population, last, row.micros(), how.equals(TIMEOUT) ? last : row.micros(), code);
        }
    }

    private String cause(String by, int code, String how, String ofServer, boolean byFault, boolean left, long micros) {
        if (byFault && !by.equals("client")) {
            return BY_FAULT;
        }
        if (by.equals("network")) {
            return how;
        }
        if (by.equals("server")) {
            return ofServer;
        }
        if (code == CloseCode.MANDATORY_EXTENSION.code()) {
            return "mandatory-extension";
        }
        if (code == Dialogue.TOO_LATE) {
            return RestartCases.NOT_READY;
        }
        if (left) {
            return "left";
        }
        return micros >= end ? "end-of-run" : isProtocolError(code) ? "protocol-error" : "client";
    }

    /** Whether a client's Close says that the server has broken the protocol, or that it cannot take what it sent. */
    private static boolean isProtocolError(int code) {
        return code >= CloseCode.PROTOCOL_ERROR.code() && code <= CloseCode.MESSAGE_TOO_BIG.code();
    }

    /**
     * An open client learns that its connection is gone; {@code last} is when it last heard of the server, and {@code dropped}
     * when the server let it go.
     */
    private void lost(int client, int population, long last, long learned, long dropped, int code) {
        if (frozen) {
            return;
        }
        boolean closedByNode = nodeCloseConnection[client] == connection[client] && nodeCloseAt[client] > 0;
        long known = closedByNode ? Math.min(learned, nodeCloseAt[client]) : last;
        RestartCases.Loss loss = new RestartCases.Loss(
                home(client, population),
                closedByNode ? nodeCloseBy[client] : RestartCases.NO_RESTART,
                openSince[client],
                readySince[client] != NEVER,
                known,
                learned,
                closedByNode ? known : dropped,
                code);
        long lost = cases.lost(client, scopes(population, client), loss);
        boolean byRestart = cases.isOfRestart(loss);
        lostToRestart.set(client, byRestart);
        drops[client] += byRestart ? 1 : 0;
        lostReadiness(client, population, lost);
        enter(client, population, WAITING);
    }

    private void lostReadiness(int client, int population, long micros) {
        if (readySince[client] != NEVER) {
            readyNow[population]--;
            readyTotal[client] += Math.max(0, micros - readySince[client]);
            readySince[client] = NEVER;
        }
    }

    /** A client's stay is over, and what the server does no longer concerns it. */
    private void left(int client, int population, long micros) {
        if (!frozen) {
            endLife(client, population, micros);
            cases.departed(client, micros);
        }
    }

    /** Of a client that leaves of its own will no more time counts for its availability; of one that gave up all of it. */
    private void endLife(int client, int population, long micros) {
        if (firstReady[client] != NEVER) {
            long lived = micros - firstReady[client];
            scopes(population, client).forEach(scope -> scope.livedMicros += lived);
            firstReady[client] = NEVER;
        }
    }

    /** In the closed model a client arrives where another has ended, of which the counts are settled. */
    private void succeed(int client, int population, JournalRow arrival) {
        if (frozen || phase[client] == PLANNED) {
            return;
        }
        settle(client, population, false, arrival.micros());
        Population its = plan.populations().get(population);
        policy[client] = plan.policyPlace(its, Draw.who(clients.within(population, client), (int) arrival.attempt()));
        relaxed.clear(client);
        judged.clear(client);
        leftWith1010.clear(client);
        lostToRestart.clear(client);
        readyTotal[client] = 0;
        drops[client] = 0;
        reconnects[client] = 0;
    }

    /** A client that will not come back ends its disruptions. */
    private void gone(int client, Case.Fate fate) {
        if (!frozen) {
            cases.gone(client, fate);
        }
    }

    private void begin(int restart, int node, long micros) {
        int i = cases.place(restart, node);
        if (i >= 0) {
            forEachScope(scope -> scope.restarts.get(i).begun = micros);
        }
    }

    private void listening(int restart, int node, long micros) {
        int i = cases.place(restart, node);
        if (i >= 0) {
            forEachScope(scope -> scope.restarts.get(i).listening = micros);
        }
    }

    private void forEachScope(Consumer<Scope> action) {
        action.accept(all);
        for (Scope population : populations) {
            action.accept(population);
            population.policies.forEach(action);
        }
    }

    private void sampleOpen(long micros) {
        int second = all.series().second(micros);
        for (; sampledSecond < second; sampledSecond++) {
            recordOpen((int) sampledSecond);
        }
    }

    private void recordOpen(int second) {
        for (int i = 0; i < openNow.length; i++) {
            Series series = populations.get(i).series();
            series.open[second] = openNow[i];
            series.ready[second] = readyNow[i];
        }
        all.series().open[second] = Arrays.stream(openNow).sum();
        all.series().ready[second] = Arrays.stream(readyNow).sum();
    }

    /** The load has ended: counts of clients are taken now, and what follows is the closing phase. */
    private void freeze() {
        sampleOpen(end);
        recordOpen(all.series().second(end));
        BitSet lostShares = new BitSet();
        for (HarnessJournal.Lost lost : harness.lost()) {
            if (lost.role().equals(HarnessJournal.INJECTOR) && lost.micros() <= end) {
                lostShares.set(lost.index());
            }
        }
        for (int client = 0; client < phase.length; client++) {
            int population = clients.population(client);
            boolean lost = lostShares.get(clients.within(population, client) % plan.injectors());
            if (phase[client] == PLANNED && !lost && isOverdue(client, population)) {
                trust.neverArrived++;
            }
            if (lost && phase[client] == OPEN) {
                spread.ended(home(client, population)); // Its connection went with it.
            }
            settle(client, population, lost, end);
        }
        spread.loadEnded(plan.endpoint() == null ? new Rotation(plan).at(end) : new int[0]);
        cases.end();
        forEachScope(scope -> scope.restarts.forEach(figures -> figures.loadEnded(end)));
        frozen = true;
    }

    /** Counts a client whose time is over: at the end of the load, or, in the closed model, when the next one arrives. */
    private void settle(int client, int population, boolean injectorLost, long until) {
        boolean ready = readySince[client] != NEVER && !injectorLost;
        lostReadiness(client, population, until);
        endLife(client, population, until);
        for (Scope scope : scopes(population, client)) {
            count(scope, phase[client], injectorLost);
            scope.ready += ready ? 1 : 0;
            scope.readyMicros += readyTotal[client];
            if (phase[client] != PLANNED) {
                scope.drops.recordValue(drops[client]);
                scope.reconnects.recordValue(reconnects[client]);
            }
        }
    }

    private static void count(Scope scope, byte phase, boolean injectorLost) {
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

    private static String secondWord(String detail) {
        return detail.substring(detail.indexOf(' ') + 1);
    }

    /** When the load ends, in microseconds since the start. */
    long end() {
        return end;
    }

    /** The figures of the process that wrote this file. */
    ProcessFigures process(Path file) {
        return Objects.requireNonNull(processes.get(child(file).name()));
    }

    /** Adds an interval of a process's latency log. */
    void histogram(Path file, Histogram interval) {
        if (interval.getStartTimeStamp() * 1000 >= end) {
            return; // The closing phase is outside series and times.
        }
        String tag = String.valueOf(interval.getTag());
        if (tag.equals(STALL)) {
            (MergedJournals.node(file) >= 0 ? trust.nodeStalls : trust.stalls).add(interval);
            process(file).stalls(interval);
        } else if (tag.startsWith(ECHO)) {
            roundTrips(tag.substring(ECHO.length()), scope -> scope.echo.add(interval));
        } else if (tag.startsWith(PING)) {
            roundTrips(tag.substring(PING.length()), scope -> scope.ping.add(interval));
        }
    }

    private void roundTrips(String population, Consumer<Scope> action) {
        int index = clients.population(population);
        if (index != Clients.NOBODY) {
            List.of(all, populations.get(index)).forEach(action);
        }
    }

    /** Takes what a journal's reader counted. */
    void journalRead(JournalReader reader) {
        trust.missingRows += reader.missing();
        trust.malformedRows += reader.malformed();
        trust.lateRows += reader.late();
        HarnessJournal.Child child = end(reader.file(), reader.cut(), reader.whole());
        if (child.killed() && reader.newestMicros() < child.killedMicros() - KILLED_SILENCE_MICROS) {
            trust.damage.add(reader.file().getFileName() + " ends long before its process was killed");
        }
    }

    /** Takes what reading an interval log found out. */
    void latenciesRead(LatencyReader reader) {
        if (reader.damaged()) {
            trust.damage.add(reader.file().getFileName() + " is damaged");
        }
        end(reader.file(), reader.cut(), reader.whole());
    }

    /** A child's file is not there. */
    void missing(Path file) {
        trust.damage.add(file.getFileName() + " is missing");
    }

    private HarnessJournal.Child child(Path file) {
        String name = String.valueOf(file.getFileName());
        return harness.children().stream()
                .filter(child -> child.wrote(name))
                .findFirst()
                .orElseThrow();
    }

    /** Looks at the end of a child's file; where the plan killed the child, it is cut by right. */
    private HarnessJournal.Child end(Path file, boolean cut, boolean whole) {
        String name = String.valueOf(file.getFileName());
        HarnessJournal.Child child = child(file);
        if (cut && !child.killed()) {
            trust.damage.add(name + " ends in the middle of a line");
        } else if (child.ended() && !whole) {
            trust.damage.add(name + " lacks its last lines");
        }
        return child;
    }

    /** Whether a client should have arrived so long before the end that no stall explains why it has not. */
    private boolean isOverdue(int client, int population) {
        Population its = plan.populations().get(population);
        return plan.arrivalMicros(its, clients.within(population, client)) < end - Trust.OVERDUE_MICROS;
    }

    private boolean isLost(String role, int index) {
        return harness.lost().stream().anyMatch(l -> l.role().equals(role) && l.index() == index);
    }

    /** Every client has ended by now, but for those whose injector did before. */
    private void finishOrder() {
        for (int client = 0; client < phase.length; client++) {
            int population = clients.population(client);
            int within = clients.within(population, client);
            if (!isLost(HarnessJournal.INJECTOR, within % plan.injectors())) {
                order.finish(client, plan.populations().get(population), within);
            }
        }
        trust.impossibleRows = order.violations();
        trust.firstImpossible = order.first();
    }

    /** Ends the pass. */
    Statistics finish() {
        if (!frozen) {
            freeze();
        }
        ledger.finish(new Ledger.Killed() {
            @Override
            public boolean node(long key) {
                int client = Connections.client(key);
                boolean present = dialled.length == 0 || Connections.connection(key) == connection[client];
                return present ? died.get(home(client, clients.population(client))) : unsettledOfDied.contains(key);
            }

            @Override
            public boolean injector(long key) {
                int client = Connections.client(key);
                int share = clients.within(clients.population(client), client) % plan.injectors();
                return isLost(HarnessJournal.INJECTOR, share);
            }
        });
        outcomesUnmatched += ledger.lackingUnanswered();
        finishOrder();
        return new Statistics(
                plan,
                end,
                harness.interruptedMicros() < plan.durationMicros(),
                all,
                List.copyOf(populations),
                spread,
                ledger,
                outcomesUnmatched,
                trust,
                List.copyOf(processes.values()),
                observed(),
                harness.steady());
    }

    private List<Observed> observed() {
        Map<String, Observed> observed = new LinkedHashMap<>();
        plan.observations().forEach(each -> observed.put(each.name(), new Observed(each, 0, end)));
        for (HarnessJournal.Polled polled : harness.polled()) {
            Observed its = observed.get(polled.name());
            if (its != null && polled.why().isEmpty()) {
                its.answered(polled.poll(), polled.value());
            } else if (its != null) {
                its.missed(polled.poll(), polled.why());
            }
        }
        return List.copyOf(observed.values());
    }
}
