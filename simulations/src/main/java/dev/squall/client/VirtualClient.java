package dev.squall.client;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.journal.JournalEvent;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Draw;
import dev.squall.plan.Plan;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.ConnectionMachine;
import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.quantity.Quantity;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client, or in the closed model one place that is always taken by one: drives its {@link ConnectionMachine}, waits where
 * the machine says so, and writes its rows. What happens on the wire is the {@link Connection}'s, which reports here.
 *
 * <p>It is its own timer task, and it has one timer: what it is for follows from the phase, or it is for the end of the
 * client's stay. Everything is on its loop.
 */
final class VirtualClient implements Runnable, Client {

    /** Why an attempt came later than its policy wanted. */
    private static final String LIMITED = "limited";

    /** Why a client has ended: the run is over, its stay is, or it lacks an extension and stops. */
    private static final String END = "end";

    private static final String LEFT = "left";
    private static final String LEFT_FOR_1010 = "1010";
    private static final String GAVE_UP = "gave-up";

    private final LoopClients home;
    private final Cohort cohort;
    private final int ordinal;
    private final Observer observer;
    private ClientRules rules;
    private long state = ConnectionMachine.initial();

    /** When the present or next attempt was to begin; latencies count from here, however late it really began. */
    private long intended;

    private long openedAt;

    /** Since when it has been away: from its arrival, or from its learning of a loss; {@link Observer#PRESENT} else. */
    private long awaySince = Observer.PRESENT;

    /** The close code with which it went away; 0 for one that has only arrived. */
    private int awayAfter;

    /** When its stay is over; {@link Plan.Restart#NEVER} before it was ready. */
    private long leavesAt = Plan.Restart.NEVER;

    /** How many clients had this place before it. */
    private int incarnation;

    /** When the limit on attempts lets it dial. */
    private long reserved;

    /** The delay that the policy chose last, which the next may depend on. */
    private long delay;

    private int connections;
    private boolean finishing;
    private @Nullable Connection connection;
    private @Nullable ScheduledFuture<?> timer;

    VirtualClient(LoopClients home, Cohort cohort, int ordinal, Observer observer) {
        this.home = home;
        this.cohort = cohort;
        this.ordinal = ordinal;
        this.rules = cohort.rules(Draw.who(cohort.client(ordinal), 0));
        this.observer = observer;
    }

    /** Its turn in the closing phase, from 0 over all clients of the injector. */
    int rank() {
        return cohort.firstRank + ordinal;
    }

    /** Its place among all clients that dial the same server. */
    int place() {
        return cohort.place(ordinal);
    }

    /** The number of its TLS session, from 0: its own, and of none of those who had its place before. */
    int session() {
        return Math.floorMod(rank() + (long) incarnation * home.fleet.size(), Integer.MAX_VALUE);
    }

    Cohort cohort() {
        return cohort;
    }

    LoopClients home() {
        return home;
    }

    private Plan thePlan() {
        return home.fleet.plan;
    }

    private int index() {
        return cohort.client(ordinal);
    }

    private long who() {
        return Draw.who(index(), incarnation);
    }

    private Phase phase() {
        return ConnectionMachine.phase(state);
    }

    private void step(Event event, int code) {
        Phase before = phase();
        state = ConnectionMachine.next(state, event, code, rules);
        home.fleet.tally.move(before, phase());
    }

    /** A row; where it belongs to no connection, {@code ofConnection} is NONE. */
    private void row(
            long micros,
            long ofConnection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            @Nullable String detail) {
        home.fleet.journal.add(micros, cohort.name(), index(), ofConnection, event, code, attempt, value, detail);
    }

    // ---- time

    /** Schedules the arrival. */
    void plan() {
        intended = thePlan().arrivalMicros(cohort.population, index());
        wake(intended - home.micros());
    }

    /** Lets it arrive at once, outside of any plan. */
    void planNow() {
        intended = home.micros();
        wake(0);
    }

    /** Sets the timer anew, in microseconds from now, or for the end of the stay if that comes before. */
    void wake(long micros) {
        noTimer();
        long due = mayDepart() ? Math.min(micros, leavesAt - home.micros()) : micros;
        timer = home.loop.schedule(this, Math.max(0, due), TimeUnit.MICROSECONDS);
    }

    /** Nothing of the phase is due: the timer is for the end of the stay, if there is one. */
    private void rest() {
        if (leavesAt == Plan.Restart.NEVER) {
            noTimer();
        } else {
            wake(Plan.WITHOUT_END_MICROS);
        }
    }

    /** Whether the end of its stay concerns it: it has a stay, and no connection that is ending by itself. */
    private boolean mayDepart() {
        return leavesAt != Plan.Restart.NEVER
                && switch (phase()) {
                    case CONNECTING, WAITING, OPEN, READY -> true;
                    case PLANNED, LEAVING, CLOSING, GAVE_UP, FINISHED -> false;
                };
    }

    private void noTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void run() {
        timer = null;
        try {
            wakeUp(home.micros());
        } catch (RuntimeException | Error e) {
            home.fleet.defective(e); // Netty would keep it in a future that nobody looks at.
            throw e;
        }
    }

    private void wakeUp(long now) {
        if (now >= leavesAt && mayDepart()) {
            depart(now);
            return;
        }
        switch (phase()) {
            case PLANNED -> arrive(now);
            case WAITING -> {
                step(Event.DIAL, 0);
                dial(now);
            }
            case CONNECTING, LEAVING, CLOSING -> {
                if (connection == null) {
                    dialHeld(now); // Nothing else waits here without a connection.
                } else {
                    connection.overdue();
                }
            }
            case OPEN, READY -> {
                Dialogue dialogue = cohort.population.ready();
                if (connection != null && phase() == Phase.OPEN && !finishing && dialogue != null) {
                    // It is as good as lost to its owner.
                    connection.leave(
                            Dialogue.TOO_LATE, "not ready within " + Quantity.DURATION.format(dialogue.withinMicros()));
                } else if (connection != null) {
                    connection.leave(CloseCode.NORMAL_CLOSURE.code(), ""); // Its turn in the closing phase has come.
                }
            }
            case GAVE_UP, FINISHED -> {
                // A wake-up that was on its way when the client ended.
            }
        }
    }

    private void arrive(long now) {
        home.fleet.tally.arrived.increment();
        step(Event.ARRIVE, 0);
        awaySince = intended;
        awayAfter = 0;
        row(now, NONE, JournalEvent.ARRIVED, NONE, incarnation, now - intended, null);
        dial(now);
    }

    /** Dials, or waits until the limit of attempts a second lets it. */
    private void dial(long now) {
        long held = home.fleet.pace.reserve(now);
        if (held > 0) {
            reserved = now + held;
            wake(held);
        } else {
            dial(now, null);
        }
    }

    /** Its place in the line has come; who missed it by a stall must stand in line again, or all would dial at once. */
    private void dialHeld(long now) {
        long missed = now - reserved;
        long held = missed > Pace.BURST_MICROS ? home.fleet.pace.reserve(now) : 0;
        if (held > 0) {
            reserved = now + held;
            wake(held);
        } else {
            dial(now, LIMITED);
        }
    }

    private void dial(long now, @Nullable String held) {
        connections++;
        home.fleet.tally.attempts.increment();
        Target target = home.fleet.target(cohort.population.index(), index(), connections, now);
        String how = held == null ? target.name : held; // Nobody limits attempts at nodes.
        row(now, connections, JournalEvent.CONNECTING, NONE, ConnectionMachine.failures(state), now - intended, how);
        SocketChannel channel;
        try {
            channel = home.fleet.sockets.newChannel();
        } catch (ChannelException e) {
            failed(NONE, Cause.of(e)); // No descriptor left.
            return;
        }
        home.fleet.dialled(target);
        connection = new Connection(this, channel, target);
        wake(cohort.population.timeouts().connectMicros());
        connection.dial();
    }

    // ---- reports of the connection

    /** The name of the present connection: unique in the run together with population and client. */
    int connectionOrdinal() {
        return connections;
    }

    int clientIndex() {
        return index();
    }

    /** The negotiation by which the present handshake is judged. */
    Negotiation negotiation() {
        return cohort.negotiation(ConnectionMachine.relaxed(state));
    }

    /** A 101 has been judged, and something had been offered. */
    void negotiated(String outcomes) {
        row(home.micros(), connections, JournalEvent.NEGOTIATED, 101, NONE, NONE, outcomes);
    }

    /**
     * The handshake is complete, with all that the client requires.
     *
     * @param node of a foreign server, as its answer says; null: nobody asks
     */
    void opened(List<Extension> negotiated, @Nullable String node) {
        int attempt = ConnectionMachine.failures(state);
        step(Event.ACCEPTED, 0);
        home.fleet.tally.opened.increment();
        long now = home.micros();
        openedAt = now;
        observer.opened(negotiated);
        row(now, connections, JournalEvent.OPENED, NONE, attempt, now - intended, node);
        Dialogue dialogue = cohort.population.ready();
        if (isReady() || dialogue == null) {
            ready(now, attempt);
        } else {
            wake(dialogue.withinMicros());
        }
    }

    /** Whether it is of use to its owner. */
    boolean isReady() {
        return phase() == Phase.READY;
    }

    /** The message came that it waited for. */
    void dialogueDone() {
        step(Event.DIALOGUE_DONE, 0);
        ready(home.micros(), ConnectionMachine.failures(state));
    }

    /** Whether it makes use of what a message says. */
    boolean wantsText() {
        return phase() == Phase.OPEN || observer.wantsMessages();
    }

    /** A text came, and {@link #wantsText}. */
    void told(String text) {
        observer.message(text, home.micros());
    }

    private void ready(long now, int attempt) {
        row(now, connections, JournalEvent.READY, NONE, attempt, now - intended, null);
        if (ConnectionMachine.losses(state) > 0) {
            home.fleet.tally.recovered.increment();
        }
        long since = awaySince;
        awaySince = Observer.PRESENT;
        observer.ready(awayAfter, since, now);
        if (finishing) {
            return; // Its turn in the closing phase is what the timer is for.
        }
        if (leavesAt == Plan.Restart.NEVER && cohort.population.arrivals().stay() != null) {
            leavesAt = now + thePlan().stayMicros(cohort.population, who());
        }
        rest();
    }

    /** The handshake is complete, but a required extension is missing: the client is about to send 1010. */
    void lacking(String reason) {
        observer.lacking(reason, intended, home.micros());
        home.fleet.tally.failed(LEFT_FOR_1010);
        step(Event.LACKING, 0);
    }

    /** The attempt ended before it was open; code: HTTP status or NONE. */
    void failed(long code, String cause) {
        failed(code, cause, null);
    }

    /** The same of an answer that may have said Retry-After. */
    void failed(long code, String cause, @Nullable String retryAfter) {
        long now = home.micros();
        int attempt = ConnectionMachine.failures(state);
        endConnection();
        row(now, connections, JournalEvent.FAILED, code, attempt, now - intended, cause);
        home.fleet.tally.failed(cause);
        observer.failed(cause, now);
        step(Event.FAILED, 0);
        settle(now, retryAfter);
    }

    void closeReceived(int code, String reason) {
        row(home.micros(), connections, JournalEvent.CLOSE_RECEIVED, code, NONE, NONE, reason);
    }

    /** A Close of {@code ofConnection}, handed over at {@code micros}, has been written: perhaps a while ago. */
    void closeSent(long micros, int ofConnection, int code, String reason) {
        row(micros, ofConnection, JournalEvent.CLOSE_SENT, code, NONE, NONE, reason);
    }

    /** The connection's first Close came or is being sent. */
    void closing(int code) {
        if (phase() != Phase.LEAVING) {
            away(home.micros(), code);
            forgetFailuresIfStable();
            step(Event.CLOSE, code);
        }
    }

    /** TCP ended; code: of the first Close, else 1006; detail: who and how. */
    void closed(int code, long lastByteMicros, String detail) {
        long now = home.micros();
        endConnection();
        row(now, connections, JournalEvent.CLOSED, code, NONE, Math.max(0, now - lastByteMicros), detail);
        home.fleet.tally.closed(code);
        if (phase() != Phase.LEAVING) {
            away(now, code);
            observer.lost(code, detail, now);
        }
        if (finishing || now >= leavesAt) {
            boolean leftFor1010 = phase() == Phase.LEAVING && rules.stopsAfter1010();
            step(Event.FINISH, 0);
            finished(now, leftFor1010 ? LEFT_FOR_1010 : finishing ? END : LEFT);
        } else {
            forgetFailuresIfStable();
            step(Event.CLOSED, code);
            settle(now, null);
        }
    }

    private void away(long now, int code) {
        if (awaySince == Observer.PRESENT && !finishing && now < leavesAt) {
            awaySince = now;
            awayAfter = code;
        }
    }

    /** The policy's stable-after, looked at when it matters rather than by a timer. */
    private void forgetFailuresIfStable() {
        boolean open = phase() == Phase.OPEN || phase() == Phase.READY;
        if (open && home.micros() - openedAt >= rules.policy().stableMicros()) {
            step(Event.STABLE, 0);
        }
    }

    private void endConnection() {
        noTimer();
        if (connection != null) {
            home.fleet.connectionEnded(connection.target());
        }
        connection = null;
    }

    /** After an ended connection: waits, at least as long as the server asked for if the policy honours that, or ends. */
    private void settle(long now, @Nullable String retryAfter) {
        int failures = ConnectionMachine.failures(state);
        switch (phase()) {
            case WAITING -> {
                delay = thePlan()
                        .delayMicros(
                                cohort.population,
                                who(),
                                ConnectionMachine.losses(state),
                                failures,
                                ConnectionMachine.retry(state, rules.policy()),
                                delay);
                long wait = rules.policy().retryAfter()
                        ? Math.max(delay, RetryAfter.micros(retryAfter, Instant.now()))
                        : delay;
                intended = now + wait;
                row(now, NONE, JournalEvent.WAITING, NONE, failures, wait, null);
                wake(wait); // At once means: as the loop's next task, so that nothing here recurs.
            }
            case GAVE_UP -> {
                row(now, NONE, JournalEvent.GAVE_UP, NONE, failures, NONE, null);
                observer.ended(awayAfter, awaySince, now, GAVE_UP);
                end();
            }
            case FINISHED -> finished(now, LEFT_FOR_1010);
            default -> throw new IllegalStateException("settles in phase " + phase());
        }
    }

    // ---- the end

    /** The stay is over: an open client says so, any other just ends. */
    private void depart(long now) {
        if (phase() == Phase.CONNECTING || phase() == Phase.WAITING) {
            cutShort(now, LEFT);
        } else if (connection != null) {
            connection.leave(CloseCode.NORMAL_CLOSURE.code(), "");
        }
    }

    /** Ends a client that has no open connection. */
    private void cutShort(long now, String why) {
        if (connection != null) {
            connection.abandon();
        }
        endConnection();
        step(Event.FINISH, 0);
        finished(now, why);
    }

    /** The closing phase has begun; an open client leaves after {@code delayMicros}. */
    void finish(long delayMicros) {
        finishing = true;
        leavesAt = Plan.Restart.NEVER;
        switch (phase()) {
            case PLANNED -> {
                noTimer();
                state = ConnectionMachine.next(state, Event.FINISH, 0, rules);
                // It never arrived: no row, and it does not count.
                end();
            }
            case CONNECTING, WAITING -> cutShort(home.micros(), END);
            case OPEN, READY -> wake(delayMicros);
            case LEAVING, CLOSING, GAVE_UP, FINISHED -> {
                // The connection is about to end by itself, or has ended.
            }
        }
    }

    @Override
    public boolean say(String text) {
        return connection != null && connection.say(text);
    }

    @Override
    public void leave(int code, String reason) {
        if (connection != null && (phase() == Phase.OPEN || phase() == Phase.READY)) {
            finishing = true;
            connection.leave(code, reason);
        } else {
            finish(0);
        }
    }

    /** The closing phase is over: drops the connection if there still is one. */
    void abort() {
        if (connection != null) {
            connection.abort();
        }
    }

    private void finished(long now, String why) {
        row(now, NONE, JournalEvent.FINISHED, NONE, NONE, NONE, why);
        observer.ended(awayAfter, awaySince, now, why);
        end();
    }

    private void end() {
        if (cohort.population.arrivals().closed() && !finishing) {
            succeed();
            return;
        }
        try {
            observer.gone();
        } finally {
            home.fleet.clientEnded();
        }
    }

    /** The next client comes to this place, a new one in everything but the count of its connections. */
    private void succeed() {
        long gap = thePlan().successionMicros(cohort.population, who(), home.micros() >= leavesAt);
        incarnation++;
        rules = cohort.rules(who());
        state = ConnectionMachine.initial();
        delay = 0;
        leavesAt = Plan.Restart.NEVER;
        intended = home.micros() + gap;
        wake(gap);
    }
}
