package dev.squall.predict;

import dev.squall.fault.Answer;
import dev.squall.fault.Conduct;
import dev.squall.fault.FaultWindow;
import dev.squall.plan.Balancer;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Draw;
import dev.squall.plan.HandshakeQueue;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.WhenFull;
import dev.squall.plan.WhileDown;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.ConnectionMachine;
import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.stats.Clients;
import dev.squall.stats.Measures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.DoubleConsumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clients and nodes of a plan on virtual time. A client is some numbers in arrays and one entry in the {@link Calendar}:
 * when it next reaches its node, hears of an attempt, or leaves. What follows from a step at once (a refused try, then
 * the wait for the next) is told at once, unless something may come between.
 */
final class Simulation {

    /** What is known of a client, side by side, for memory is slow: in the order in which it is needed. */
    private static final int STATE = 0;

    private static final int DUE = 1;
    private static final int DIALS = 2;
    private static final int DELAY = 3;

    /** How often it has dialled. */
    private static final int CONNECTION = 4;

    /** What it will hear, while it waits for that, and above it how long it is ready to wait; else since when it is open. */
    private static final int OUTCOME = 5;

    private static final int LEAVES_AT = 6;

    /** The node that it dials, and below it which client has its place. */
    private static final int NODE = 7;

    private static final int FIELDS = 8;

    private static final int NOWHERE = -1;

    /** What lies further ahead is an entry of its own, so that the account stays in order to within a second. */
    private static final long AT_ONCE_MICROS = 500_000;

    private static final int UNAVAILABLE = 503;

    /** In microseconds. */
    private static final long MILLI = 1_000;

    private enum Step {
        BEGIN,
        DRAINED,
        LISTEN
    }

    /** A fault's window begins, or one of its moments comes. */
    private record Strike(long micros, FaultWindow window, int moment) {}

    private record NodeStep(long micros, int order, Step step, int node, Plan.Restart restart)
            implements Comparable<NodeStep> {
        @Override
        public int compareTo(NodeStep other) {
            int byTime = Long.compare(micros, other.micros);
            return byTime != 0 ? byTime : Integer.compare(order, other.order);
        }
    }

    private final Plan plan;
    private final Clients clients;
    private final Account account;
    private final long oneWay;
    private final Model.@Nullable Bench bench;
    private final Responses responses;
    private final Balancer balancer;
    private final Outcomes outcomes = new Outcomes();
    private final Calendar calendar;
    private final PriorityQueue<NodeStep> steps = new PriorityQueue<>();
    private final List<Closes> closes = new ArrayList<>();
    private final Node[] nodes;
    private final List<List<ClientRules>> rules = new ArrayList<>();
    private final long[] numbers;

    /** The node of each client's open connection; {@link #NOWHERE} of one that has none. */
    private final int[] openAt;

    private final boolean moves;
    private final boolean stays;

    /** What faults make of the handshakes that they delay. */
    private final Int2ObjectHashMap<Responses.Struck> delayed = new Int2ObjectHashMap<>();

    private final Departures departures;
    private final PriorityQueue<Strike> strikes = new PriorityQueue<>(Comparator.comparingLong(Strike::micros)
            .thenComparingInt(each -> each.window().index()));
    private final long end;

    /** The time of the entry that has come. */
    private long current;

    /** When the machine that carries them all has done what it was given. */
    private double free;

    private int orders;

    /** Keeps the compiler from leaving out what was read only to be near. */
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private long seen;

    private long taken;

    Simulation(Plan plan, Model model, Clients clients, Account account) {
        this.plan = plan;
        this.clients = clients;
        this.account = account;
        this.oneWay = model.roundTripMicros() / 2;
        this.bench = model.bench();
        this.responses = new Responses(plan);
        this.balancer = new Balancer(plan);
        this.end = plan.durationMicros();
        this.calendar = new Calendar(end, this::lookAhead);
        this.nodes = new Node[plan.nodes().size()];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = new Node(i, model, plan.capacity());
        }
        int count = clients.count();
        numbers = new long[Math.multiplyExact(count, FIELDS)];
        departures = new Departures(plan, count);
        openAt = new int[count];
        Arrays.fill(openAt, NOWHERE);
        moves = plan.balance().moves();
        stays = plan.populations().stream().anyMatch(p -> p.arrivals().stay() != null);
        for (int client = 0; client < count; client++) {
            numbers[client * FIELDS + LEAVES_AT] = Calendar.NEVER;
        }
        for (Population population : plan.populations()) {
            rules.add(population.reconnect().policies().stream()
                    .map(population::rules)
                    .toList());
        }
    }

    // ---- the loop

    /**
     * Runs to the end.
     *
     * @param progress hears now and then which share of the time is over
     */
    void run(DoubleConsumer progress) {
        for (int client = 0; client < clients.count(); client++) {
            int population = clients.population(client);
            arriveAt(
                    client, plan.arrivalMicros(plan.populations().get(population), clients.within(population, client)));
        }
        for (Plan.Restart restart : plan.restarts()) {
            for (int node : restart.nodes()) {
                nodes[node].expect(restart);
                add(restart.atMicros(), Step.BEGIN, node, restart);
            }
        }
        for (FaultWindow window : departures.windows()) {
            strikes.add(new Strike(window.fromMicros(), window, 0));
        }
        while (true) {
            if (++taken % Prediction.STEPS == 0) {
                progress.accept((double) current / end);
            }
            Closes closing = nextCloses();
            NodeStep step = steps.peek();
            Strike strike = strikes.peek();
            long closes = closing == null ? Calendar.NEVER : closing.micros();
            long struck = strike == null ? Calendar.NEVER : strike.micros();
            long other = Math.min(Math.min(closes, struck), step == null ? Calendar.NEVER : step.micros());
            long due = Math.min(calendar.micros(other), closes);
            long micros = due == Calendar.NEVER ? due : Math.max(due, (long) free);
            if (step != null && step.micros() <= micros) {
                steps.remove();
                take(step);
            } else if (strike != null && struck <= micros && struck < end) {
                strikes.remove();
                take(strike);
            } else if (micros >= end) {
                break;
            } else if (closing != null && closes == due) {
                current = micros;
                close(closing, closing.take(), micros);
            } else {
                current = micros;
                wake(calendar.take(), due, micros);
            }
        }
        finish();
    }

    private @Nullable Closes nextCloses() {
        Closes first = null;
        for (int i = 0; i < closes.size(); i++) { // A few: as many as nodes drain at once.
            Closes each = closes.get(i);
            if (first == null || each.micros() < first.micros()) {
                first = each;
            }
        }
        return first;
    }

    /**
     * Reads something of each client whose turn comes soon. Clients come in random order, so each is a few cache misses; read
     * one after the other here, where nothing waits for them, they overlap.
     */
    private void lookAhead(long[] entries, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            int client = (int) entries[i];
            sum += numbers[client * FIELDS] + account.lookAhead(client);
        }
        seen = sum;
    }

    private void lookAheadOfClose(long[] entries, int from, int to) {
        lookAhead(entries, from, to);
        long sum = 0;
        for (int i = from; i < to; i++) {
            int client = (int) entries[i];
            sum += openAt[client] + account.lookAheadOfClose(client);
        }
        seen += sum;
    }

    /** The machine that carries them all spends this time, after what it spends already. */
    private void spend(long micros, double cost) {
        if (bench != null) {
            free = Math.max(free, micros) + cost;
        }
    }

    // ---- nodes

    private void add(long micros, Step step, int node, Plan.Restart restart) {
        if (micros < end) {
            steps.add(new NodeStep(micros, orders++, step, node, restart));
        }
    }

    private void take(NodeStep step) {
        Node node = nodes[step.node()];
        Plan.Restart restart = step.restart();
        switch (step.step()) {
            case BEGIN -> begin(node, restart, step.micros());
            case DRAINED -> {
                node.drained();
                closes.removeIf(each -> each.node() == node.index() && each.micros() == Calendar.NEVER);
            }
            case LISTEN -> {
                node.listen(step.micros());
                account.listening(restart, node.index(), step.micros());
            }
        }
    }

    /** A fault strikes who is open. */
    private void take(Strike strike) {
        FaultWindow window = strike.window();
        for (int client = 0; client < openAt.length; client++) {
            if (openAt[client] != NOWHERE) {
                strike(window, strike.moment(), client, strike.micros());
            }
        }
        long next = strike.micros() + window.everyMicros();
        if (window.moments() && window.everyMicros() > 0 && next < window.toMicros()) {
            strikes.add(new Strike(next, window, strike.moment() + 1));
        }
    }

    private void strike(FaultWindow window, int moment, int client, long micros) {
        int population = clients.population(client);
        int own = clients.within(population, client);
        int connection = connection(client);
        if (departures.strikes(window, moment, node(client), population, own, client, connection, micros)) {
            account.struck(client, node(client), connection, window, micros);
            if (departures.micros(client) < numbers[client * FIELDS + DUE]) {
                schedule(client, departures.micros(client));
            }
        }
    }

    /** A fault ends a connection. */
    private void endByFault(int client, long micros) {
        Conduct.Departure departure = Departures.of(departures.window(client));
        switch (departure.ending()) {
            case CLOSE -> closeByNode(client, departure.code(), Measures.NO_RESTART, Account.End.FAULT_CLOSE, micros);
            case RESET -> cut(client, Account.End.FAULT_RESET, micros + oneWay);
            case FIN -> cut(client, Account.End.FAULT_FIN, micros + oneWay);
        }
    }

    private void begin(Node node, Plan.Restart planned, long micros) {
        int[] open = new int[1024];
        int size = 0;
        for (int client = 0; client < openAt.length; client++) {
            if (openAt[client] == node.index()) {
                open = size == open.length ? Arrays.copyOf(open, size * 2) : open;
                open[size++] = client;
            }
        }
        Plan.Restart restart = planned;
        account.begun(planned, node.index(), micros);
        if (planned.kill()) {
            node.begin(planned);
            for (int i = 0; i < size; i++) {
                cut(open[i], Account.End.KILLED, micros + oneWay);
            }
        } else {
            long[] keys = new long[size];
            for (int i = 0; i < size; i++) {
                int population = clients.population(open[i]);
                keys[i] =
                        plan.closeOrder(planned, population, clients.within(population, open[i]), connection(open[i]));
            }
            Closes closing = new Closes(planned, node.index(), open, keys, size, this::lookAheadOfClose);
            restart = closing.restart();
            closes.add(closing);
            node.begin(restart);
            add(restart.drainedMicros(), Step.DRAINED, node.index(), restart);
        }
        if (!restart.isForGood()) {
            add(restart.listeningMicros(), Step.LISTEN, node.index(), restart);
        }
    }

    /** A restart's Close is due. */
    private void close(Closes closing, int client, long micros) {
        if (openAt[client] == closing.node()
                && openSince(client) < closing.restart().atMicros()) {
            closeByRestart(client, closing.restart(), micros);
        }
    }

    private void closeByRestart(int client, Plan.Restart restart, long micros) {
        Model.Bench machine = bench;
        spend(micros, machine == null ? 0 : machine.closeMicros());
        closeByNode(client, restart.code(), restart.index(), Account.End.RESTART, micros);
    }

    private void closeByNode(int client, int code, int restart, Account.End how, long micros) {
        account.closedByNode(client, node(client), connection(client), code, restart, how, oneWay, micros);
        lost(client, code, micros + oneWay, micros + 3 * oneWay);
    }

    private void cut(int client, Account.End how, long micros) {
        account.cut(client, node(client), connection(client), how, micros);
        lost(client, CloseCode.ABNORMAL_CLOSURE.code(), micros, micros);
    }

    /** An open client learns that its connection is to end, and it has ended. */
    private void lost(int client, int code, long learned, long over) {
        ClientRules its = rules(client);
        if (learned - openSince(client) >= its.policy().stableMicros()) {
            move(client, Event.STABLE, 0, its);
        }
        move(client, Event.CLOSE, code, its);
        released(client);
        if (over >= leavesAt(client)) {
            move(client, Event.FINISH, 0, its);
            left(client, over);
        } else {
            move(client, Event.CLOSED, code, its);
            settle(client, over, 0, its);
        }
    }

    private void released(int client) {
        balancer.ended(node(client));
        openAt[client] = NOWHERE;
        departures.forget(client);
    }

    // ---- a client's entry has come

    private void wake(int client, long due, long micros) {
        int at = client * FIELDS;
        if (numbers[at + DUE] != due) {
            return; // It was for something that has been overtaken.
        }
        numbers[at + DUE] = Calendar.NEVER;
        Phase phase = phase(client);
        if (phase != Phase.PLANNED && micros >= leavesAt(client)) {
            depart(client, phase, micros);
            return;
        }
        switch (phase) {
            case PLANNED -> {
                move(client, Event.ARRIVE, 0, rules(client));
                account.arrived(client, incarnation(client), micros - oneWay);
                dial(client, micros);
            }
            case WAITING -> {
                move(client, Event.DIAL, 0, rules(client));
                dial(client, micros);
            }
            case CONNECTING -> {
                Outcome pending = outcomes.of((int) numbers[client * FIELDS + OUTCOME]);
                if (pending == Outcome.SYN) {
                    reach(client, micros);
                } else if (pending == Outcome.REQUEST) {
                    asked(client, micros, patience(client));
                } else if (pending == Outcome.STOPPED) {
                    stopped(client, micros);
                } else {
                    hear(client, pending, micros);
                }
            }
            case OPEN, READY -> {
                if (micros >= departures.micros(client)) {
                    endByFault(client, micros);
                    return;
                }
                Plan.Restart restart = nodes[node(client)].restart();
                if (restart == null) {
                    return;
                }
                if (restart.kill()) {
                    cut(client, Account.End.KILLED, micros); // Its 101 was on the way.
                } else {
                    closeByRestart(client, restart, micros); // It came while its node drained.
                }
            }
            default -> throw new IllegalStateException("nothing is due in " + phase);
        }
    }

    private void schedule(int client, long micros) {
        long due = Math.min(micros, leavesAt(client));
        numbers[client * FIELDS + DUE] = due;
        calendar.add(due, client);
    }

    private void arriveAt(int client, long micros) {
        numbers[client * FIELDS + STATE] = ConnectionMachine.initial();
        numbers[client * FIELDS + DIALS] = micros;
        numbers[client * FIELDS + DUE] = micros + oneWay;
        calendar.add(micros + oneWay, client);
    }

    /** A client dials: its SYN reaches the node now. */
    private void dial(int client, long micros) {
        numbers[client * FIELDS + CONNECTION]++;
        int population = clients.population(client);
        int own = clients.within(population, client);
        long dialled = micros - oneWay;
        int node = balancer.node(population, own, connection(client), dialled);
        numbers[client * FIELDS + NODE] = (long) node << 32 | incarnation(client);
        balancer.dialled(node);
        int failures = ConnectionMachine.failures(numbers[client * FIELDS + STATE]);
        long intended = numbers[client * FIELDS + DIALS];
        account.dialled(client, node, connection(client), failures, dialled - intended, dialled);
        Model.Bench machine = bench;
        spend(micros, machine == null ? 0 : machine.dialMicros());
        reach(client, micros);
    }

    /** Its SYN, perhaps not the first, reaches the node. */
    private void reach(int client, long micros) {
        Node node = nodes[node(client)];
        Plan.Restart restart = node.restart();
        if (node.isDown() && restart != null) {
            meetsDowntime(client, node, restart, micros);
            return;
        }
        long accepted = node.accept(micros);
        if (accepted == Node.DROPPED) {
            again(client, micros);
            return;
        }
        // Its kernel has connected it, whether or not the node has accepted it.
        long patience = micros + oneWay + population(client).timeouts().handshakeMicros();
        long stops = node.stops();
        if (accepted >= stops) {
            boolean isReset = stops + oneWay < patience;
            later(client, isReset ? Outcome.RESET : Outcome.TIMEOUT, isReset ? stops + oneWay : patience);
            return;
        }
        long asks = accepted + 2 * oneWay; // SYN-ACK, and the request.
        if (bench == null) {
            asked(client, asks, patience);
        } else {
            request(client, asks, patience);
        }
    }

    private void meetsDowntime(int client, Node node, Plan.Restart restart, long micros) {
        switch (restart.kill() ? WhileDown.REFUSE : restart.whileDown()) {
            case REFUSE -> later(client, Outcome.REFUSED, micros + oneWay);
            case UNAVAILABLE -> {
                account.asked(client, node.index(), connection(client), null, micros + 2 * oneWay);
                stopped(client, micros + 2 * oneWay);
            }
            case BLACK_HOLE -> {
                account.asked(client, node.index(), connection(client), null, micros + 2 * oneWay);
                long patience = micros + oneWay + population(client).timeouts().handshakeMicros();
                long dropped = restart.listeningMicros();
                boolean isDropped = dropped < Calendar.NEVER - oneWay && dropped + oneWay < patience;
                later(client, isDropped ? Outcome.DROPPED : Outcome.TIMEOUT, isDropped ? dropped + oneWay : patience);
            }
        }
    }

    /** Its node stops, or has stopped, before it has an answer: it refuses who waits, unless it was killed. */
    private void stopped(int client, long micros) {
        Node node = nodes[node(client)];
        Plan.Restart restart = node.restart();
        boolean killed = restart != null && restart.kill();
        later(
                client,
                killed ? Outcome.DROPPED : outcomes.refused(UNAVAILABLE, node.retryAfterSeconds(micros)),
                micros + oneWay);
    }

    /** Its SYN was not answered: it is sent again after 1, 3, 7 s, until its client gives up. */
    private void again(int client, long micros) {
        long first = intended(client) + oneWay;
        long patience = intended(client) + population(client).timeouts().connectMicros();
        long next = micros + Math.max(Model.SYN_TIMEOUT_MICROS, micros - first + Model.SYN_TIMEOUT_MICROS);
        if (next - oneWay >= patience) {
            later(client, Outcome.TIMEOUT, patience);
        } else {
            pending(client, Outcome.SYN, next);
        }
    }

    /** When the present attempt was to begin. */
    private long intended(int client) {
        return numbers[client * FIELDS + DIALS];
    }

    /** Its request is with the node, which answers it by {@code patience}, or the client gives up. */
    private void asked(int client, long micros, long patience) {
        Model.Bench machine = bench;
        Responses.Struck struck = delayed.remove(client);
        if (struck == null) {
            spend(micros, machine == null ? 0 : machine.handshakeMicros());
        }
        Node node = nodes[node(client)];
        if (node.isDown() || waitsInVain(client, node, micros, micros, patience)) {
            account.asked(client, node.index(), connection(client), null, micros);
            if (node.isDown()) {
                stopped(client, micros);
            }
            return;
        }
        if (struck == null) {
            int population = clients.population(client);
            int own = clients.within(population, client);
            struck = responses.struck(node.index(), population, own, connection(client), micros);
            long until = micros + struck.answer().delayMicros();
            if (until > micros) {
                if (waitsInVain(client, node, micros, until, patience)) {
                    account.asked(client, node.index(), connection(client), null, micros);
                } else {
                    delayed.put(client, struck);
                    request(client, until, patience);
                }
                return;
            }
        }
        answer(client, node, struck, micros, patience);
    }

    /** The node answers it, once what stands behind its handshake has taken it. */
    private void answer(int client, Node node, Responses.Struck struck, long micros, long patience) {
        Answer answer = struck.answer();
        if (answer.isRefusal()) {
            account.asked(client, node.index(), connection(client), null, micros);
            later(client, outcomes.refused(answer.status(), answer.retryAfterSeconds()), micros + oneWay);
            return;
        }
        long wait = node.waitMicros(micros);
        Plan.Capacity capacity = plan.capacity();
        WhenFull full =
                wait != HandshakeQueue.FULL ? null : capacity == null ? WhenFull.UNAVAILABLE : capacity.whenFull();
        if (full == WhenFull.UNAVAILABLE || full == WhenFull.HANG) {
            account.asked(client, node.index(), connection(client), null, micros);
            boolean hangs = full == WhenFull.HANG;
            later(
                    client,
                    hangs ? Outcome.TIMEOUT : outcomes.refused(UNAVAILABLE, 0),
                    hangs ? patience : micros + oneWay);
            return;
        }
        long until = full == null ? micros + wait : micros;
        if (waitsInVain(client, node, micros, until, patience)) {
            // The node answers a client that has given up, too.
            boolean answers = until < node.stops();
            account.asked(client, node.index(), connection(client), answers ? response(client, struck) : null, micros);
            return;
        }
        Response response = response(client, struck);
        account.asked(client, node.index(), connection(client), response, micros);
        later(client, outcomes.answered(response, full == WhenFull.TRY_AGAIN_LATER), until + oneWay);
    }

    private Response response(int client, Responses.Struck struck) {
        boolean relaxed = ConnectionMachine.relaxed(numbers[client * FIELDS + STATE]);
        return responses.of(clients.population(client), relaxed, struck);
    }

    /**
     * Whether a client will not be answered {@code until} then, for it gives up before, or its node stops; what it will hear
     * is then arranged.
     */
    private boolean waitsInVain(int client, Node node, long micros, long until, long patience) {
        long stops = Math.max(micros, node.stops());
        if (until + oneWay > patience && patience - oneWay <= stops) {
            later(client, Outcome.TIMEOUT, patience);
            return true;
        }
        if (until >= stops) {
            pending(client, Outcome.STOPPED, stops);
            return true;
        }
        return false;
    }

    /** Its request is with the node, which will turn to it then. */
    private void request(int client, long micros, long patience) {
        pending(client, Outcome.REQUEST, micros);
        numbers[client * FIELDS + OUTCOME] |= (patience - intended(client)) / MILLI << Integer.SIZE;
    }

    /** By when it wants an answer to its request, to the millisecond. */
    private long patience(int client) {
        return intended(client) + (numbers[client * FIELDS + OUTCOME] >>> Integer.SIZE) * MILLI;
    }

    private void pending(int client, Outcome what, long micros) {
        numbers[client * FIELDS + OUTCOME] = outcomes.number(what);
        schedule(client, micros);
    }

    /** A client hears this then: at once, if nothing comes between. */
    private void later(int client, Outcome what, long micros) {
        NodeStep step = steps.peek();
        Strike strike = strikes.peek();
        long until =
                Math.min(step == null ? end : Math.min(end, step.micros()), strike == null ? end : strike.micros());
        boolean atOnce = micros < until && !stays && bench == null && micros < current + AT_ONCE_MICROS;
        if (atOnce) {
            hear(client, what, micros);
        } else {
            pending(client, what, micros);
        }
    }

    /** A client hears what became of its attempt. */
    private void hear(int client, Outcome what, long micros) {
        Response response = what.response();
        if (response == null) {
            fail(client, what.cause(), what.status(), what.retryAfterMicros(), micros);
            return;
        }
        account.answered(client, connection(client), response, micros);
        switch (response.worst()) {
            case NEGOTIATED -> open(client, what.turnedAway(), micros);
            case UNOFFERED -> fail(client, "unoffered-extension", 0, 0, micros);
            case MISSING, MISMATCHED -> lacks(client, response, micros);
        }
    }

    private void fail(int client, String cause, int status, long retryAfter, long micros) {
        ClientRules its = rules(client);
        int failures = ConnectionMachine.failures(numbers[client * FIELDS + STATE]);
        account.failed(client, connection(client), cause, status, failures, micros - intended(client), micros);
        balancer.ended(node(client));
        move(client, Event.FAILED, 0, its);
        settle(client, micros, its.policy().retryAfter() ? retryAfter : 0, its);
    }

    private void lacks(int client, Response response, long micros) {
        ClientRules its = rules(client);
        int code = CloseCode.MANDATORY_EXTENSION.code();
        move(client, Event.LACKING, 0, its);
        account.leaves(
                client, node(client), connection(client), code, response.reason(), Account.End.LACKING, oneWay, micros);
        balancer.ended(node(client));
        move(client, Event.CLOSED, code, its);
        settle(client, micros + 2 * oneWay, 0, its);
    }

    private void open(int client, boolean turnedAway, long micros) {
        ClientRules rules = rules(client);
        int population = clients.population(client);
        int failures = ConnectionMachine.failures(numbers[client * FIELDS + STATE]);
        long since = micros - intended(client);
        move(client, Event.ACCEPTED, 0, rules);
        account.opened(client, connection(client), failures, since, micros);
        openAt[client] = node(client);
        numbers[client * FIELDS + OUTCOME] = micros;
        Dialogue dialogue = plan.populations().get(population).ready();
        long talked = micros;
        if (dialogue != null) {
            talked += 2 * oneWay;
            if (2 * oneWay > dialogue.withinMicros()) {
                long late = micros + dialogue.withinMicros();
                if (late < end) {
                    leave(client, Dialogue.TOO_LATE, Account.End.NOT_READY, late);
                }
                return;
            }
            move(client, Event.DIALOGUE_DONE, 0, rules);
        }
        if (talked < end) {
            account.ready(client, connection(client), failures, talked - intended(client), talked);
        }
        if (turnedAway) {
            closeByNode(client, CloseCode.TRY_AGAIN_LATER.code(), Measures.NO_RESTART, Account.End.CAPACITY, talked);
            return;
        }
        Population its = plan.populations().get(population);
        if (leavesAt(client) == Calendar.NEVER && its.arrivals().stay() != null) {
            numbers[client * FIELDS + LEAVES_AT] = talked + plan.stayMicros(its, who(client));
        }
        schedule(client, closesAt(client, population, micros, talked));
        for (FaultWindow window : departures.windows()) {
            if (window.covers(micros)) {
                strike(window, 0, client, micros);
            }
        }
    }

    /** When a node that drains closes the connection of who comes meanwhile: at a place of its own in what is left. */
    private long closesAt(int client, int population, long micros, long ready) {
        Plan.Restart restart = nodes[node(client)].restart();
        if (restart == null) {
            return Calendar.NEVER;
        }
        int own = clients.within(population, client);
        double place = Draw.unit(plan.closeOrder(restart, population, own, connection(client)));
        return Math.max(ready, restart.closeMicros(place, micros));
    }

    /** An open client begins the closing handshake, and tries again. */
    private void leave(int client, int code, Account.End how, long micros) {
        ClientRules its = rules(client);
        account.leaves(client, node(client), connection(client), code, "", how, oneWay, micros);
        move(client, Event.CLOSE, code, its);
        released(client);
        move(client, Event.CLOSED, code, its);
        settle(client, micros + 2 * oneWay, 0, its);
    }

    /** Its stay is over. */
    private void depart(int client, Phase phase, long micros) {
        if (phase == Phase.OPEN || phase == Phase.READY) {
            int code = CloseCode.NORMAL_CLOSURE.code();
            account.leaves(client, node(client), connection(client), code, "", Account.End.LEFT, oneWay, micros);
            released(client);
            move(client, Event.FINISH, 0, rules(client));
            left(client, micros + 2 * oneWay);
        } else {
            if (phase == Phase.CONNECTING) {
                balancer.ended(node(client));
                delayed.remove(client);
            }
            move(client, Event.FINISH, 0, rules(client));
            left(client, micros);
        }
    }

    private void left(int client, long micros) {
        account.left(client, micros);
        succeed(client, true, micros);
    }

    /** After an ended connection: waits, at least as long as the server asked for, or ends. */
    private void settle(int client, long micros, long retryAfter, ClientRules its) {
        int at = client * FIELDS;
        long state = numbers[at + STATE];
        int failures = ConnectionMachine.failures(state);
        switch (ConnectionMachine.phase(state)) {
            case WAITING -> {
                ReconnectPolicy policy = its.policy();
                int population = clients.population(client);
                long delay = plan.delayMicros(
                        plan.populations().get(population),
                        who(client),
                        ConnectionMachine.losses(state),
                        failures,
                        ConnectionMachine.retry(state, policy),
                        numbers[at + DELAY]);
                numbers[at + DELAY] = delay;
                long wait = Math.max(delay, retryAfter);
                account.waiting(client, failures, wait, micros);
                numbers[at + DIALS] = micros + wait;
                schedule(client, micros + wait + oneWay);
            }
            case GAVE_UP -> {
                account.gaveUp(client, failures, micros);
                succeed(client, false, micros);
            }
            case FINISHED -> {
                account.leftFor1010(client, micros);
                succeed(client, false, micros);
            }
            default -> throw new IllegalStateException("settles in " + ConnectionMachine.phase(state));
        }
    }

    /** In the closed model the next client comes to this place. */
    private void succeed(int client, boolean left, long micros) {
        Population population = population(client);
        if (population.arrivals().closed()) {
            long gap = plan.successionMicros(population, who(client), left);
            numbers[client * FIELDS + NODE]++;
            numbers[client * FIELDS + DELAY] = 0;
            numbers[client * FIELDS + LEAVES_AT] = Calendar.NEVER;
            arriveAt(client, micros + gap);
        }
    }

    // ---- the end

    private void finish() {
        for (int client = 0; client < openAt.length; client++) {
            Phase phase = phase(client);
            boolean onItsWay = phase == Phase.PLANNED || phase == Phase.WAITING;
            long dialled = numbers[client * FIELDS + DIALS];
            if (onItsWay && dialled < end && numbers[client * FIELDS + DUE] == dialled + oneWay && free <= dialled) {
                // Its SYN is on the way.
                if (phase == Phase.PLANNED) {
                    account.arrived(client, incarnation(client), dialled);
                }
                numbers[client * FIELDS + CONNECTION]++;
                account.dialled(
                        client,
                        balancer.node(
                                clients.population(client),
                                clients.within(clients.population(client), client),
                                connection(client),
                                dialled),
                        connection(client),
                        ConnectionMachine.failures(numbers[client * FIELDS + STATE]),
                        0,
                        dialled);
                phase = Phase.CONNECTING;
            }
            account.finishes(client, openAt[client], connection(client), phase, oneWay);
        }
        account.loadEnded();
        for (int client = 0; client < openAt.length; client++) {
            if (openAt[client] != NOWHERE) {
                account.countedAtEnd(client);
            }
        }
    }

    // ---- a client

    private void move(int client, Event event, int code, ClientRules its) {
        int at = client * FIELDS + STATE;
        numbers[at] = ConnectionMachine.next(numbers[at], event, code, its);
    }

    private Phase phase(int client) {
        return ConnectionMachine.phase(numbers[client * FIELDS + STATE]);
    }

    private Population population(int client) {
        return plan.populations().get(clients.population(client));
    }

    private ClientRules rules(int client) {
        int population = clients.population(client);
        List<ClientRules> its = rules.get(population);
        return its.size() == 1
                ? its.get(0)
                : its.get(plan.policyPlace(plan.populations().get(population), who(client)));
    }

    private int node(int client) {
        if (moves) {
            return (int) (numbers[client * FIELDS + NODE] >>> 32);
        }
        int population = clients.population(client);
        return plan.node(population, clients.within(population, client)).index();
    }

    private int connection(int client) {
        return (int) numbers[client * FIELDS + CONNECTION];
    }

    private long openSince(int client) {
        return numbers[client * FIELDS + OUTCOME];
    }

    private int incarnation(int client) {
        return (int) numbers[client * FIELDS + NODE];
    }

    private long who(int client) {
        return Draw.who(clients.within(clients.population(client), client), incarnation(client));
    }

    private long leavesAt(int client) {
        return numbers[client * FIELDS + LEAVES_AT];
    }
}
