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
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Negotiation;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.HdrHistogram.Histogram;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * The merged pass: rows of all journals in order of time go in, {@link Statistics} come out. What clients did is for the
 * {@link Measures}; here the two ends of each connection are held against each other, and the rows against what can be: by
 * the {@link Ledger}, the {@link RowOrder} and {@link Trust}. Holds a few primitive arrays by client.
 */
public final class JournalPass {

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
    private static final String LIMITED = "limited";
    private static final String TIMEOUT = "timeout";
    private static final String BY_FAULT = "fault";

    private final Plan plan;
    private final HarnessJournal harness;
    private final @Nullable NodeNames nodeNames;
    private Seen lastSeen = new Seen(0, Seen.CLOSE, "");
    private final long end;
    private final Measures measures;
    private final Clients clients;
    private final Ledger ledger;
    private final RowOrder order;
    private final Trust trust = new Trust();
    private final Map<String, Map<String, Negotiation.Outcome>> outcomes = new HashMap<>();
    private final int[] connection;
    private final long[] chosenDelay;
    private final int[] nodeCloseConnection;
    private final long[] nodeCloseAt;
    private final int[] nodeCloseBy;
    private final Long2LongHashMap clientReceivedFirst = new Long2LongHashMap(NEVER);
    private final Long2LongHashMap nodeReceivedFirst = new Long2LongHashMap(NEVER);
    /** Clients that closed their last connection by themselves with 1000 while the load went on. */
    private final BitSet leaving = new BitSet();

    /** Nodes that were killed or lost. */
    private final BitSet died = new BitSet();

    /** Connections to those that their clients have given up for another, and that are not settled. */
    private final LongHashSet unsettledOfDied = new LongHashSet();

    private final Map<String, ProcessFigures> processes = new LinkedHashMap<>();
    /** When a fault is to end a connection, at the earliest. */
    private final Long2LongHashMap departures = new Long2LongHashMap(NEVER);

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
        this.end = end(plan, harness);
        this.measures = new Measures(plan, end, found, settled);
        this.clients = measures.clients();
        int count = clients.count();
        ledger = new Ledger(plan.endpoint() == null, this::describe);
        Plan.Endpoint endpoint = plan.endpoint();
        nodeNames = endpoint == null || endpoint.identifyNode() == null ? null : new NodeNames(count);
        order = new RowOrder(plan, count);
        connection = new int[count];
        chosenDelay = filled(count);
        nodeCloseConnection = new int[count];
        nodeCloseAt = new long[count];
        nodeCloseBy = new int[count];
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
            measures.begun(kill.restart(), kill.node(), kill.micros());
        }
    }

    /** When the load ends: as planned, or when the run was interrupted. */
    static long end(Plan plan, HarnessJournal harness) {
        return Math.max(0, Math.min(plan.durationMicros(), harness.interruptedMicros()));
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
        boolean present = !plan.balance().moves() || Connections.connection(key) == connection[client];
        return String.format(
                Locale.ROOT,
                "%s/%d/%d (clients-%d.csv%s)",
                plan.populations().get(population).name(),
                within,
                Connections.connection(key),
                within % plan.injectors(),
                present ? ", node-" + measures.node(client) + ".csv" : "");
    }

    /** Takes the next row in order of time; {@code node} is the index of the node that wrote it, -1 for an injector. */
    public void accept(int node, JournalRow row) {
        if (!measures.frozen() && row.micros() >= end) {
            loadEnded();
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
                    TARGET_EXITED,
                    ABORTED,
                    CHILD_STARTED,
                    CHILD_READY,
                    CHILD_EXITED,
                    CHILD_KILLED,
                    INTERRUPTED,
                    RUN_ENDED -> {}
            case FAULT_BEGUN, FAULT_ENDED -> {}
            case RESTART_BEGUN -> measures.begun((int) row.value(), node, row.micros());
            case LISTENING -> measures.listening((int) row.value(), node, row.micros());
            default -> acceptOfClient(node, row);
        }
    }

    /** The closing phase is outside of times, and what disturbs it with it. */
    private void ofLoad(JournalRow row, Runnable count) {
        if (!measures.frozen() && row.micros() >= 0 && row.value() >= 0) {
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
            order.ofClient(client, its, within, row, isServed(client, row.micros()));
            acceptFromClient(client, key, row);
        }
    }

    /** Whether a node's journal tells of what came then: not the last seconds of one that was killed. */
    private boolean isServed(int client, long micros) {
        return ledger.twoSided()
                && (harness.kills().isEmpty()
                        || harness.kills().stream()
                                .noneMatch(kill -> kill.node() == measures.node(client)
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
                if (!measures.frozen() && row.detail().contains("=withheld")) {
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
                    measures.sentByRestart(client, nodeCloseBy[client], node, (int) row.code());
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
        for (String pair : detail.split(" ")) {
            if (pair.endsWith("=withheld")) {
                measures.withheld(client, pair.substring(0, pair.indexOf('=')));
            }
        }
    }

    private void acceptFromClient(int client, long key, JournalRow row) {
        switch (row.event()) {
            case ARRIVED -> {
                trust.arrived = true;
                if (row.value() > Trust.LATE_ARRIVAL_MICROS) {
                    trust.lateArrivals++;
                }
                measures.arrived(client, (int) row.attempt(), row.micros());
            }
            case CONNECTING -> connecting(client, row);
            case NEGOTIATED -> negotiated(client, key, row);
            case OPENED -> {
                trust.answered = true;
                if (nodeNames != null) {
                    nodeNames.opened(client, row.detail());
                }
                measures.opened(client, row.value(), row.micros());
            }
            case READY -> measures.ready(client, row.micros());
            case FAILED -> measures.failed(client, row.detail(), row.micros());
            case CLOSE_SENT -> closeSent(client, key, row);
            case CLOSE_RECEIVED -> closeReceived(client, key, row);
            case CLOSED -> closed(client, key, row);
            case WAITING -> {
                chosenDelay[client] = Math.min(LONGEST, row.value());
                measures.waiting(client, row.micros());
            }
            case GAVE_UP -> measures.gaveUp(client, row.micros());
            case FINISHED -> {
                if (row.detail().equals(Measures.LEFT_FOR_1010)) {
                    measures.leftFor1010(client, row.micros());
                } else if (row.detail().equals(LEFT)) {
                    measures.left(client, row.micros());
                } else {
                    measures.finished(client, row.micros());
                }
            }
            default -> trust.malformedRows++; // No row of a client.
        }
    }

    private void connecting(int client, JournalRow row) {
        int node = dials(client, row);
        connection[client] = (int) row.connection();
        leaving.clear(client);
        boolean limited = row.detail().equals(LIMITED);
        measures.connecting(client, node, limited, row.micros());
        if (measures.frozen()) {
            return;
        }
        if (chosenDelay[client] >= 0 && !limited) {
            trust.dialled(row.micros(), chosenDelay[client], Math.max(0, Math.min(LONGEST, row.value())));
        }
        chosenDelay[client] = NEVER;
        trust.limited += limited ? 1 : 0;
    }

    /** The node that a client dials: one whose node can change says which. */
    private int dials(int client, JournalRow row) {
        int last = measures.node(client);
        if (!plan.balance().moves()) {
            return last;
        }
        long before = Connections.key(client, connection[client]);
        if (died.get(last) && ledger.isOpen(before)) {
            unsettledOfDied.add(before);
        }
        int node = Balance.node(row.detail(), plan.nodes().size());
        if (node < 0) {
            trust.malformedRows++;
            return last;
        }
        return node;
    }

    private void negotiated(int client, long key, JournalRow row) {
        trust.answered = true;
        Map<String, Negotiation.Outcome> found = outcomes(row.detail());
        boolean lacked = ledger.takeLacking(key);
        // A node that was killed just now may not have written its row.
        boolean excused = diedAround(measures.node(client), row.micros());
        // One that failed for an extension which nobody offered says nothing of those that it did offer.
        boolean told = ledger.twoSided() && !excused && !found.isEmpty();
        if (told && lacked != found.containsValue(Negotiation.Outcome.MISSING)) {
            outcomesUnmatched++;
        }
        boolean inWindow = !plan.withholds().isEmpty()
                && (ledger.twoSided()
                        ? ledger.inWindow(key)
                        : plan.withholds().stream().anyMatch(w -> w.covers(row.micros())));
        measures.negotiated(client, found, inWindow);
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

    private void closeSent(int client, long key, JournalRow row) {
        int code = (int) row.code();
        ledger.clientSent(key, code);
        sent(nodeReceivedFirst, key, row.micros());
        if (code == CloseCode.MANDATORY_EXTENSION.code()) {
            measures.leavesWith1010(client, row.detail(), row.micros());
        } else if (measures.isOpen(client) && connection[client] == row.connection() && !measures.frozen()) {
            leaving.set(client, code == CloseCode.NORMAL_CLOSURE.code());
            measures.leaves(client, code, isProtocolError(code), row.micros());
        }
    }

    private void closeReceived(int client, long key, JournalRow row) {
        if (ledger.twoSided() && !ledger.hasNodeSent(key)) {
            clientReceivedFirst.put(key, row.micros());
        }
        ledger.clientReceived(key, (int) row.code());
        if (measures.isOpen(client) && connection[client] == row.connection()) {
            lost(client, row.micros(), row.micros(), row.micros(), (int) row.code(), Seen.CLOSE);
        }
    }

    private void closed(int client, long key, JournalRow row) {
        String[] words = row.detail().split(" ", 2);
        int code = (int) row.code();
        String how = words.length > 1 ? words[1] : "";
        ledger.clientEnded(key, Ledger.End.of(how));
        boolean current = connection[client] == row.connection();
        boolean closedByNode = current && nodeCloseConnection[client] == row.connection();
        boolean byRestart = current
                && (ledger.twoSided() ? closedByNode && nodeCloseBy[client] >= 0 : measures.isLostToRestart(client));
        String ofServer = byRestart
                ? "restart"
                : closedByNode && nodeCloseBy[client] == RestartCases.TURNED_AWAY ? WhenFull.REASON : "server";
        long departed = departures.remove(key);
        boolean byFault = departed != NEVER && row.micros() >= departed && !byRestart;
        Scope.Close close = new Scope.Close(
                code,
                words[0],
                cause(words[0], code, how, ofServer, byFault, current && leaving.get(client), row.micros()));
        measures.closed(client, close, row.micros());
        if (measures.isOpen(client) && current) {
            long last = row.micros() - Math.max(0, row.value());
            lost(client, last, row.micros(), how.equals(TIMEOUT) ? last : row.micros(), code, how);
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

    /** One object for all that saw the same of the same node, one after the other. */
    private Seen seen(int client, int code, String how) {
        String node = nodeNames == null ? "" : nodeNames.of(client);
        if (lastSeen.code() != code
                || !lastSeen.how().equals(how)
                || !lastSeen.node().equals(node)) {
            lastSeen = new Seen(code, how, node);
        }
        return lastSeen;
    }

    /**
     * An open client learns that its connection is gone; {@code last} is when it last heard of the server, and {@code dropped}
     * when the server let it go.
     */
    private void lost(int client, long last, long learned, long dropped, int code, String how) {
        if (measures.frozen()) {
            return;
        }
        boolean closedByNode = nodeCloseConnection[client] == connection[client] && nodeCloseAt[client] > 0;
        long known = closedByNode ? Math.min(learned, nodeCloseAt[client]) : last;
        measures.lost(
                client,
                new RestartCases.Loss(
                        measures.node(client),
                        closedByNode ? nodeCloseBy[client] : RestartCases.NO_RESTART,
                        measures.openSince(client),
                        measures.isReady(client),
                        known,
                        learned,
                        closedByNode ? known : dropped,
                        seen(client, code, how)));
    }

    /** The load has ended; an injector that was lost took its clients with it. */
    private void loadEnded() {
        BitSet lostShares = new BitSet();
        for (HarnessJournal.Lost lost : harness.lost()) {
            if (lost.role().equals(HarnessJournal.INJECTOR) && lost.micros() <= end) {
                lostShares.set(lost.index());
            }
        }
        IntPredicate gone =
                client -> lostShares.get(clients.within(clients.population(client), client) % plan.injectors());
        for (int client = 0; client < clients.count(); client++) {
            if (measures.isPlanned(client) && !gone.test(client) && isOverdue(client, clients.population(client))) {
                trust.neverArrived++;
            }
        }
        measures.loadEnded(gone);
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
            List.of(measures.all(), measures.populations().get(index)).forEach(action);
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
        for (int client = 0; client < clients.count(); client++) {
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
        if (!measures.frozen()) {
            loadEnded();
        }
        ledger.finish(new Ledger.Killed() {
            @Override
            public boolean node(long key) {
                int client = Connections.client(key);
                boolean present = !plan.balance().moves() || Connections.connection(key) == connection[client];
                return present ? died.get(measures.node(client)) : unsettledOfDied.contains(key);
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
                measures.all(),
                List.copyOf(measures.populations()),
                measures.spread(),
                ledger,
                outcomesUnmatched,
                trust,
                List.copyOf(processes.values()),
                observed(),
                harness.steady(),
                harness.exits(),
                harness.aborts(),
                false);
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
