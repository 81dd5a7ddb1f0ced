package dev.squall.stats;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Balance;
import dev.squall.plan.Balancer;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.ConnectionMachine;
import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.Negotiation.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A whole run on virtual time: the plan, the connection machine and the policies that drive real clients, against a node
 * that answers within a millisecond. It makes the journal rows that a run would make, in order of time, and holds after
 * every step that no client is lost from the count.
 */
final class VirtualFleet {

    static final long LATENCY_MICROS = 1_000;

    private static final long SECOND_MICROS = 1_000_000;

    /** How late a client may learn that its node was killed. */
    static final long KILL_NOTICE_MICROS = 2_000_000;

    /** Takes each row; {@code node} is -1 for a client's. */
    interface Sink {
        void accept(int node, JournalRow row);
    }

    private enum Kind {
        RESTART,
        DRAINED,
        LISTENING,
        LOST,
        ARRIVE,
        DIAL,
        ANSWER,
        TALKED,
        CLOSE,
        RECEIVE,
        ENDED,
        DEPART
    }

    private record Step(long micros, long order, Kind kind, int client, int connection, int restart)
            implements Comparable<Step> {
        @Override
        public int compareTo(Step other) {
            int byTime = Long.compare(micros, other.micros);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Plan plan;
    private final Sink sink;
    private final PriorityQueue<Step> steps = new PriorityQueue<>();
    private final long[] state;
    private final int[] connection;
    private final int[] node;
    private final Balancer balancer;
    private final long[] delay;
    private final int[] populationOf;
    private final int[] incarnation;
    private final long[] leavesAt;
    /** The connection whose Close by the node is on its way. */
    private final int[] closed;

    private final int[] first;
    private final long[] inPhase = new long[Phase.values().length];
    private final boolean[] down;
    private final int[] draining;
    private final long[] servedSecond;
    private final long[] served;
    private final List<List<ClientRules>> rulesByPolicy = new ArrayList<>();
    private final List<Negotiation> negotiations = new ArrayList<>();
    private long order;
    private long row;
    long stepsTaken;
    long withheld;
    long turnedAway;
    long arrived;
    long left;

    VirtualFleet(Plan plan, Sink sink) {
        this.plan = plan;
        this.sink = sink;
        int clients = plan.clients();
        state = new long[clients];
        connection = new int[clients];
        node = new int[clients];
        balancer = new Balancer(plan);
        delay = new long[clients];
        populationOf = new int[clients];
        incarnation = new int[clients];
        leavesAt = new long[clients];
        closed = new int[clients];
        first = new int[plan.populations().size()];
        down = new boolean[plan.nodes().size()];
        draining = new int[plan.nodes().size()];
        servedSecond = new long[plan.nodes().size()];
        served = new long[plan.nodes().size()];
        Arrays.fill(draining, -1);
        Arrays.fill(leavesAt, Plan.Restart.NEVER);
        int next = 0;
        for (Population population : plan.populations()) {
            first[population.index()] = next;
            rulesByPolicy.add(population.reconnect().policies().stream()
                    .map(population::rules)
                    .toList());
            negotiations.add(population.negotiation());
            for (int i = 0; i < population.clients(); i++, next++) {
                populationOf[next] = population.index();
                state[next] = ConnectionMachine.initial();
                inPhase[Phase.PLANNED.ordinal()]++;
                add(plan.arrivalMicros(population, i), Kind.ARRIVE, next, 0, -1);
            }
        }
        for (Plan.Restart restart : plan.restarts()) {
            add(restart.atMicros(), Kind.RESTART, -1, 0, restart.index());
            add(restart.drainedMicros(), Kind.DRAINED, -1, 0, restart.index());
            if (!restart.isForGood()) {
                add(restart.listeningMicros(), Kind.LISTENING, -1, 0, restart.index());
            }
        }
    }

    void run() {
        while (!steps.isEmpty() && steps.peek().micros() < plan.durationMicros()) {
            Step step = steps.poll();
            take(step);
            stepsTaken++;
            checkCounts();
        }
        end();
    }

    private void checkCounts() {
        long arrived = state.length - inPhase[Phase.PLANNED.ordinal()];
        long counted = count(Phase.CONNECTING, Phase.LEAVING)
                + count(Phase.OPEN, Phase.READY)
                + count(Phase.WAITING, Phase.CLOSING)
                + count(Phase.GAVE_UP)
                + count(Phase.FINISHED);
        if (arrived != counted) {
            throw new AssertionError("seed " + plan.seed() + ": " + arrived + " arrived, " + counted + " counted");
        }
    }

    long count(Phase... phases) {
        long sum = 0;
        for (Phase phase : phases) {
            sum += inPhase[phase.ordinal()];
        }
        return sum;
    }

    private void add(long micros, Kind kind, int client, int of, int restart) {
        steps.add(new Step(micros, order++, kind, client, of, restart));
    }

    private void take(Step step) {
        long now = step.micros();
        int client = step.client();
        switch (step.kind()) {
            case RESTART -> restart(plan.restarts().get(step.restart()), now);
            case LISTENING -> {
                for (int node : plan.restarts().get(step.restart()).nodes()) {
                    down[node] = false;
                    draining[node] = -1;
                    emit(node, now, -1, 0, JournalEvent.LISTENING, -1, -1, step.restart(), "");
                }
            }
            case DRAINED ->
                plan.restarts().get(step.restart()).nodes().forEach(node -> {
                    down[node] = true;
                    draining[node] = -1;
                });
            case LOST -> {
                if (connection[client] == step.connection() && isOpen(client)) {
                    emit(client, now, JournalEvent.CLOSED, 1006, -1, 0, "network reset");
                    move(client, Event.CLOSED, 1006);
                    next(client, now);
                }
            }
            case ARRIVE -> {
                inPhase[phase(client).ordinal()]--;
                state[client] = ConnectionMachine.initial();
                inPhase[Phase.PLANNED.ordinal()]++;
                leavesAt[client] = Plan.Restart.NEVER;
                arrived++;
                emit(client, now, JournalEvent.ARRIVED, -1, incarnation[client], 0, "");
                move(client, Event.ARRIVE, 0);
                dial(client, now);
            }
            case DIAL -> {
                if (phase(client) == Phase.WAITING && connection[client] == step.connection()) {
                    move(client, Event.DIAL, 0);
                    dial(client, now);
                }
            }
            case ANSWER -> {
                if (phase(client) == Phase.CONNECTING && connection[client] == step.connection()) {
                    answer(client, now);
                }
            }
            case DEPART -> depart(client, now, step.connection());
            case TALKED -> talked(client, step.connection(), now);
            case CLOSE -> {
                if (connection[client] == step.connection() && isOpen(client)) {
                    Plan.Restart restart = plan.restarts().get(step.restart());
                    emitNode(client, now, JournalEvent.CLOSE_SENT, restart.code(), step.restart(), "restart");
                    closed[client] = connection[client];
                    add(now + LATENCY_MICROS / 2, Kind.RECEIVE, client, step.connection(), step.restart());
                }
            }
            case RECEIVE -> {
                boolean byRestart = step.restart() >= 0;
                int code = byRestart ? plan.restarts().get(step.restart()).code() : 1013;
                String reason = byRestart ? "restart" : "capacity";
                emit(client, now, JournalEvent.CLOSE_RECEIVED, code, -1, JournalWriter.NONE, reason);
                emit(client, now, JournalEvent.CLOSE_SENT, code, -1, JournalWriter.NONE, "");
                move(client, Event.CLOSE, code);
                add(now + LATENCY_MICROS / 2, Kind.ENDED, client, step.connection(), step.restart());
            }
            case ENDED -> {
                int code = ConnectionMachine.code(state[client]);
                emitNode(client, now, JournalEvent.CLOSE_RECEIVED, code, JournalWriter.NONE, "");
                emitNode(client, now, JournalEvent.CLOSED, code, 0, "server clean");
                emit(client, now, JournalEvent.CLOSED, code, -1, 0, "server clean");
                move(client, Event.CLOSED, code);
                next(client, now);
            }
        }
    }

    private void restart(Plan.Restart restart, long now) {
        for (int node : restart.nodes()) {
            down[node] = !restart.listenWhileDraining();
            draining[node] = restart.listenWhileDraining() ? restart.index() : -1;
            if (restart.kill()) {
                continue; // A killed node tells of nothing.
            }
            emit(node, now, -1, 0, JournalEvent.RESTART_BEGUN, -1, -1, restart.index(), "drain");
        }
        for (int client = 0; client < state.length; client++) {
            if (isOpen(client) && restart.nodes().contains(node(client))) {
                long key = plan.closeOrder(restart, populationOf[client], own(client), connection[client]);
                if (restart.kill()) {
                    long late = (long) (Draw.unit(key) * KILL_NOTICE_MICROS);
                    add(now + late, Kind.LOST, client, connection[client], restart.index());
                    continue;
                }
                int ofNode = state.length / plan.nodes().size() + 1;
                add(
                        restart.closeMicros((int) (Draw.unit(key) * ofNode), ofNode),
                        Kind.CLOSE,
                        client,
                        connection[client],
                        restart.index());
            }
        }
    }

    private void dial(int client, long now) {
        connection[client]++;
        node[client] = balancer.node(populationOf[client], own(client), connection[client], now);
        balancer.dialled(node[client]);
        String named = plan.balance().moves() ? Balance.name(node[client]) : "";
        emit(client, now, JournalEvent.CONNECTING, -1, ConnectionMachine.failures(state[client]), 0, named);
        add(now + LATENCY_MICROS, Kind.ANSWER, client, connection[client], -1);
    }

    private void answer(int client, long now) {
        if (down[node(client)]) {
            emit(client, now, JournalEvent.FAILED, -1, -1, LATENCY_MICROS, "refused");
            move(client, Event.FAILED, 0);
            next(client, now);
            return;
        }
        emitNode(client, now, JournalEvent.ACCEPTED, -1, JournalWriter.NONE, "");
        Negotiation negotiation = negotiations.get(populationOf[client]);
        if (ConnectionMachine.relaxed(state[client])) {
            negotiation = negotiation.relaxed();
        }
        boolean lacking = false;
        if (!negotiation.offered().isEmpty()) {
            boolean covered = plan.withholds().stream().anyMatch(w -> w.covers(now));
            boolean withhold = plan.withholds().stream()
                    .anyMatch(w ->
                            w.covers(now) && plan.strikes(w, 0, populationOf[client], own(client), connection[client]));
            withheld += withhold && !negotiation.required().isEmpty() ? 1 : 0;
            String name = negotiation.offered().get(0).name();
            emitNode(
                    client,
                    now,
                    JournalEvent.NEGOTIATED,
                    101,
                    covered ? 1 : 0,
                    name + (withhold ? "=withheld" : "=negotiated"));
            Negotiation.Judgement judgement = negotiation.judge(withhold ? null : negotiation.header());
            emit(client, now, JournalEvent.NEGOTIATED, 101, -1, JournalWriter.NONE, judgement.outcomes());
            lacking = judgement.worst() != Outcome.NEGOTIATED;
        }
        if (lacking) {
            move(client, Event.LACKING, 0);
            closeBoth(client, now, 1010, "permessage-deflate", "client clean");
            move(client, Event.CLOSED, 1010);
            next(client, now);
        } else {
            emit(client, now, JournalEvent.OPENED, -1, -1, LATENCY_MICROS, "");
            move(client, Event.ACCEPTED, 0);
            Population population = plan.populations().get(populationOf[client]);
            if (leavesAt[client] == Plan.Restart.NEVER && population.arrivals().stay() != null) {
                leavesAt[client] = now + plan.stayMicros(population, who(client));
                add(leavesAt[client], Kind.DEPART, client, incarnation[client], -1);
            }
            converse(client, now);
            if (isFull(node(client), now)) {
                turnedAway++;
                closed[client] = connection[client];
                emitNode(client, now, JournalEvent.CLOSE_SENT, 1013, JournalWriter.NONE, "capacity");
                add(now + LATENCY_MICROS / 2, Kind.RECEIVE, client, connection[client], -1);
                return;
            }
            int drain = draining[node(client)];
            if (drain >= 0) {
                add(plan.restarts().get(drain).drainedMicros() - 1, Kind.CLOSE, client, connection[client], drain);
            }
        }
    }

    /** Who has a dialogue is ready after a random time, of which half are too late; the others are at once. */
    private void converse(int client, long now) {
        Dialogue dialogue = population(client).ready();
        if (dialogue == null) {
            ready(client, now);
            return;
        }
        long within = dialogue.withinMicros();
        long takes = (long) (chance(client, 1) * 2 * within);
        add(now + Math.min(takes, within), Kind.TALKED, client, connection[client], -1);
    }

    private void talked(int client, int of, long now) {
        Dialogue dialogue = population(client).ready();
        if (dialogue == null || connection[client] != of || phase(client) != Phase.OPEN) {
            return;
        }
        if (chance(client, 1) < 0.5) {
            move(client, Event.DIALOGUE_DONE, 0);
            ready(client, now);
        } else {
            move(client, Event.CLOSE, Dialogue.TOO_LATE);
            closeBoth(client, now, Dialogue.TOO_LATE, "not ready", "client clean");
            move(client, Event.CLOSED, Dialogue.TOO_LATE);
            next(client, now);
        }
    }

    /** Of those who came back, and should hold it, a third lose their connection at a random time, half of them too soon. */
    private void ready(int client, long now) {
        emit(client, now, JournalEvent.READY, -1, -1, JournalWriter.NONE, "");
        long hold = population(client).holdMicros();
        if (hold > 0 && ConnectionMachine.losses(state[client]) > 0 && chance(client, 2) < 1.0 / 3) {
            add(now + (long) (chance(client, 3) * 2 * hold), Kind.LOST, client, connection[client], -1);
        }
    }

    private double chance(int client, int of) {
        return Draw.unit(Draw.bits(
                plan.seed(), Draw.Purpose.FAULT_CHANCE, populationOf[client], own(client), connection[client], of));
    }

    /** Whether a node with a capacity has spent it for this second; of those beyond it, all are sent away with 1013. */
    private boolean isFull(int node, long now) {
        Plan.Capacity capacity = plan.capacity();
        if (capacity == null) {
            return false;
        }
        if (now / SECOND_MICROS != servedSecond[node]) {
            servedSecond[node] = now / SECOND_MICROS;
            served[node] = 0;
        }
        return ++served[node] > capacity.handshakesPerSecond();
    }

    /** A closing handshake that the client begins. */
    private void closeBoth(int client, long now, int code, String reason, String how) {
        emit(client, now, JournalEvent.CLOSE_SENT, code, -1, JournalWriter.NONE, reason);
        emitNode(client, now, JournalEvent.CLOSE_RECEIVED, code, JournalWriter.NONE, reason);
        emitNode(client, now, JournalEvent.CLOSE_SENT, code, JournalWriter.NONE, "");
        emitNode(client, now, JournalEvent.CLOSED, code, 0, how);
        emit(client, now, JournalEvent.CLOSE_RECEIVED, code, -1, JournalWriter.NONE, "");
        emit(client, now, JournalEvent.CLOSED, code, -1, 0, how);
    }

    private long who(int client) {
        return Draw.who(own(client), incarnation[client]);
    }

    /** The stay is over; {@code of} is whose it was. */
    private void depart(int client, long now, int of) {
        boolean isClosing = closed[client] == connection[client] || phase(client) == Phase.CLOSING;
        if (of != incarnation[client] || isClosing && phase(client) != Phase.WAITING) {
            return; // Of somebody who has gone already, or goes when the connection has ended.
        }
        switch (phase(client)) {
            case READY -> {
                closeBoth(client, now, 1000, "", "client clean");
                balancer.ended(node[client]);
                leave(client, now);
            }
            case CONNECTING -> {
                balancer.ended(node[client]);
                leave(client, now);
            }
            case WAITING -> leave(client, now);
            default -> {}
        }
    }

    private void leave(int client, long now) {
        left++;
        move(client, Event.FINISH, 0);
        emit(client, now, JournalEvent.FINISHED, -1, -1, JournalWriter.NONE, "left");
        succeed(client, now, true);
    }

    private void succeed(int client, long now, boolean left) {
        Population population = plan.populations().get(populationOf[client]);
        if (population.arrivals().closed()) {
            long gap = plan.successionMicros(population, who(client), left);
            incarnation[client]++;
            delay[client] = 0;
            add(now + gap, Kind.ARRIVE, client, 0, -1);
        }
    }

    private void next(int client, long now) {
        balancer.ended(node[client]);
        long s = state[client];
        if (phase(client) == Phase.WAITING && now >= leavesAt[client]) {
            leave(client, now);
            return;
        }
        switch (phase(client)) {
            case WAITING -> {
                long micros = plan.delayMicros(
                        plan.populations().get(populationOf[client]),
                        who(client),
                        ConnectionMachine.losses(s),
                        ConnectionMachine.failures(s),
                        ConnectionMachine.retry(s, rules(client).policy()),
                        delay[client]);
                delay[client] = micros;
                emit(client, now, JournalEvent.WAITING, -1, ConnectionMachine.failures(s), micros, "");
                add(now + micros, Kind.DIAL, client, connection[client], -1);
            }
            case GAVE_UP -> {
                emit(client, now, JournalEvent.GAVE_UP, -1, ConnectionMachine.failures(s), JournalWriter.NONE, "");
                succeed(client, now, false);
            }
            case FINISHED -> {
                emit(client, now, JournalEvent.FINISHED, -1, -1, JournalWriter.NONE, "1010");
                succeed(client, now, false);
            }
            default -> throw new AssertionError("nothing to do in " + phase(client));
        }
    }

    private void end() {
        long now = plan.durationMicros();
        for (int client = 0; client < state.length; client++) {
            switch (phase(client)) {
                case READY, OPEN -> {
                    closeBoth(client, now, 1000, "", "client clean");
                    emit(client, now, JournalEvent.FINISHED, -1, -1, JournalWriter.NONE, "end");
                }
                case CONNECTING, WAITING, PLANNED ->
                    emit(client, now, JournalEvent.FINISHED, -1, -1, JournalWriter.NONE, "end");
                default -> {}
            }
        }
    }

    private void move(int client, Event event, int code) {
        inPhase[phase(client).ordinal()]--;
        state[client] = ConnectionMachine.next(state[client], event, code, rules(client));
        inPhase[phase(client).ordinal()]++;
    }

    private ClientRules rules(int client) {
        Population population = population(client);
        return rulesByPolicy.get(population.index()).get(plan.policyPlace(population, who(client)));
    }

    private Population population(int client) {
        return plan.populations().get(populationOf[client]);
    }

    private boolean isOpen(int client) {
        return phase(client) == Phase.OPEN || phase(client) == Phase.READY;
    }

    private Phase phase(int client) {
        return ConnectionMachine.phase(state[client]);
    }

    private int own(int client) {
        return client - first[populationOf[client]];
    }

    private int node(int client) {
        return node[client];
    }

    private void emit(int client, long now, JournalEvent event, int code, int attempt, long value, String detail) {
        emit(-1, now, client, connection[client], event, code, attempt, value, detail);
    }

    private void emitNode(int client, long now, JournalEvent event, int code, long value, String detail) {
        emit(node(client), now, client, connection[client], event, code, -1, value, detail);
    }

    private void emit(
            int node,
            long now,
            int client,
            int of,
            JournalEvent event,
            int code,
            int attempt,
            long value,
            String detail) {
        sink.accept(
                node,
                new JournalRow(
                        row++,
                        now,
                        client < 0
                                ? ""
                                : plan.populations().get(populationOf[client]).name(),
                        client < 0 ? JournalWriter.NONE : own(client),
                        client < 0 ? JournalWriter.NONE : of,
                        event,
                        code < 0 ? JournalWriter.NONE : code,
                        attempt < 0 ? JournalWriter.NONE : attempt,
                        value,
                        detail));
    }
}
