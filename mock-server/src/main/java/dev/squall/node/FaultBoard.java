package dev.squall.node;

import dev.squall.fault.Answer;
import dev.squall.fault.ConnectionFault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.HandshakeFault;
import dev.squall.fault.Withhold;
import dev.squall.plan.Plan;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The faults of a node, those of its plan and those that came live, but for the restarts. Whom a fault strikes depends on
 * the clock that a handshake or an opening reads, not on a timer; only what strikes connections that are open already has one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A task that fails ends the node through its worker.
final class FaultBoard {

    /** Faults that a node has at a time. */
    static final int MOST_FAULTS = 1_000;

    private final Plan plan;
    private final int node;
    private final NodeJournal journal;
    private final List<Worker> workers;
    private final ScheduledExecutorService timetable;
    private final CopyOnWriteArrayList<Posting> faults = new CopyOnWriteArrayList<>();
    private final AtomicInteger next;
    private final boolean keepsRequests;

    FaultBoard(Plan plan, int node, NodeJournal journal, List<Worker> workers, ScheduledExecutorService timetable) {
        this.plan = plan;
        this.node = node;
        this.journal = journal;
        this.workers = workers;
        this.timetable = timetable;
        this.next = new AtomicInteger(plan.faults().size());
        this.keepsRequests = plan.serving() != null
                || plan.faults().stream().anyMatch(window -> window.match().looksAtRequest());
    }

    /** Whether a fault may, now or later, look at the text of a request. */
    boolean keepsRequests() {
        return keepsRequests;
    }

    /** The plan's faults begin: from now on the journal's clock is the run's. */
    void begin() {
        plan.faults().stream().filter(window -> window.match().at(node)).forEach(this::add);
    }

    /**
     * One more fault, whose times count from now.
     *
     * @throws Control.RefusedException if there are too many
     */
    Posting inflict(FaultWindow window) throws Control.RefusedException {
        if (faults.size() >= MOST_FAULTS) {
            throw new Control.RefusedException(
                    "faults: " + faults.size() + " (expected: fewer than " + MOST_FAULTS + "; lift some)");
        }
        return add(window.later(next.getAndIncrement(), journal.micros()));
    }

    private Posting add(FaultWindow window) {
        Posting fault = new Posting(window);
        faults.add(fault);
        if (window.moments()) {
            at(window.fromMicros(), fault, () -> {
                journal.faultBegun(window);
                moment(fault, 0);
            });
        } else {
            at(window.fromMicros(), fault, () -> {
                journal.faultBegun(window);
                strikeOpen(fault, 0);
            });
            if (window.toMicros() != FaultWindow.OPEN_END) {
                at(window.toMicros(), fault, () -> lift(fault));
            }
        }
        return fault;
    }

    private void moment(Posting fault, int index) {
        strikeOpen(fault, index);
        FaultWindow window = fault.window();
        long following = window.fromMicros() + (index + 1L) * window.everyMicros();
        if (window.everyMicros() > 0 && following < window.toMicros()) {
            at(following, fault, () -> moment(fault, index + 1));
        } else {
            // Whom it struck stays struck.
            if (faults.remove(fault)) {
                journal.faultEnded(window);
            }
        }
    }

    private void strikeOpen(Posting fault, int moment) {
        if (fault.window().fault() instanceof ConnectionFault) {
            workers.forEach(worker -> worker.execute(() -> worker.forEachOpen(one -> strike(fault, moment, one))));
        }
    }

    /** Runs it then, unless the fault is lifted before. */
    private void at(long micros, Posting fault, Runnable task) {
        Runnable unlessLifted = () -> {
            if (faults.contains(fault)) {
                workers.get(0).run(task); // Which ends the node if it fails.
            }
        };
        timetable.schedule(unlessLifted, journal.nanos(micros) - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** The faults that it has, in the order in which they came. */
    List<Posting> postings() {
        return List.copyOf(faults);
    }

    /** Lifts the fault of this index; false if there is none. */
    boolean lift(int index) {
        return faults.stream()
                .filter(fault -> fault.window().index() == index)
                .findFirst()
                .map(this::lift)
                .orElse(false);
    }

    /** Lifts all of them. */
    void clear() {
        faults.forEach(this::lift);
    }

    private boolean lift(Posting fault) {
        if (!faults.remove(fault)) {
            return false;
        }
        journal.faultEnded(fault.window());
        workers.forEach(worker -> worker.execute(() -> worker.forEachOpen(one -> one.lift(fault))));
        return true;
    }

    /**
     * What faults make of a handshake.
     *
     * @param answer how it is answered
     * @param covered the offered extensions for which a withhold window covered the decision
     */
    record Handshake(Answer answer, Set<String> covered) {}

    /** What the faults of this moment make of a handshake. */
    Handshake handshake(Connection connection, Set<String> offered) {
        if (faults.isEmpty()) {
            return UNTOUCHED;
        }
        long now = journal.micros();
        Identity who = connection.identity();
        Answer answer = Answer.NORMAL;
        Set<String> covered = new HashSet<>();
        for (Posting fault : faults) {
            FaultWindow window = fault.window();
            if (window.fault() instanceof HandshakeFault handshake
                    && window.covers(now)
                    && handshake.concerns(offered)
                    && window.match().matches(connection.request())) {
                if (handshake instanceof Withhold withhold) {
                    covered.add(withhold.extension());
                }
                if (drawn(window, 0, who) && fault.take()) {
                    answer = answer.and(
                            handshake.answer(plan.chance(window, who.index(), who.drawn(), who.connection())));
                    journal.struck(who, window);
                }
            }
        }
        return new Handshake(answer, covered);
    }

    private static final Handshake UNTOUCHED = new Handshake(Answer.NORMAL, Set.of());

    /** A connection opened: the windows of this moment strike it. */
    void opened(Connection connection) {
        if (!faults.isEmpty()) {
            long now = journal.micros();
            for (Posting fault : faults) {
                if (fault.window().covers(now)) {
                    strike(fault, 0, connection);
                }
            }
        }
    }

    private void strike(Posting fault, int moment, Connection connection) {
        FaultWindow window = fault.window();
        if (window.fault() instanceof ConnectionFault
                && !connection.hasMet(fault)
                && (window.moments() || faults.contains(fault))
                && window.match().matches(connection.request())) {
            boolean strikes = drawn(window, moment, connection.identity()) && fault.take();
            if (strikes) {
                journal.struck(
                        connection.identity(), window); // Before what it does, which may be the connection's end.
            }
            if (strikes || !window.moments()) {
                connection.met(fault, strikes); // Whom a moment spares the next one draws anew.
            }
        }
    }

    private boolean drawn(FaultWindow window, int moment, Identity who) {
        return plan.strikes(window, moment, who.index(), who.drawn(), who.connection());
    }
}
