package dev.squall.node;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import dev.squall.quantity.Quantity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The timetable of a node's restarts. It runs on a thread of its own, so that a busy event loop does not put it off.
 *
 * <p>What happens to a handshake that is under way when a restart begins: one that waits for its turn, and any request
 * that still comes in over a TCP connection of the time before, is answered 503 (with {@code listenWhileDraining}: from
 * the end of the drain window). A TCP connection without a request is ended at the end of the window if then nothing
 * listens. One whose 101 is written in that instant gets its Close like the others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // watched() looks at how each chain of steps ends.
final class Restarts {

    /** How long a port may be in use by another before a node gives up to listen again. */
    static final long BIND_MILLIS = 5_000;

    /** How many restarts may be under way or still to come. */
    static final int MAX_PENDING = 10_000;

    private static final long BIND_RETRY_MILLIS = 20;

    private final Plan plan;
    private final NodeJournal journal;
    private final List<Worker> workers;
    private final Handshakes handshakes;
    private final Listener listener;
    private final ScheduledExecutorService timetable;
    private final Consumer<Throwable> failures;

    /** Those that are not over, in the order in which they were taken. */
    private final List<Plan.Restart> pending = new ArrayList<>();

    /** Those whose time has come while another is under way. */
    private final ArrayDeque<Plan.Restart> due = new ArrayDeque<>();

    private @Nullable UnderWay underWay;
    private int taken;

    /** A restart that has begun; {@code downtime} completes when it need no longer be down, {@code over} when it listens. */
    private record UnderWay(Plan.Restart restart, CompletableFuture<Void> downtime, CompletableFuture<Void> over) {
        UnderWay(Plan.Restart restart) {
            this(restart, new CompletableFuture<>(), new CompletableFuture<>());
        }
    }

    Restarts(
            Plan plan,
            NodeJournal journal,
            List<Worker> workers,
            Handshakes handshakes,
            Listener listener,
            ScheduledExecutorService timetable,
            Consumer<Throwable> failures) {
        this.plan = plan;
        this.journal = journal;
        this.workers = workers;
        this.handshakes = handshakes;
        this.listener = listener;
        this.timetable = timetable;
        this.failures = failures;
    }

    /**
     * Plans the restarts that a node carries out itself: not the kills, and none up to {@code after}, the restart for whose
     * end this node waits before it listens (-1: it listens already). They follow one another: where a busy machine makes
     * one late, the next waits for it, for a port cannot be closed before it is open.
     */
    synchronized void schedule(int node, int after) {
        taken = plan.restarts().size();
        if (after >= 0) {
            Plan.Restart killed = plan.restarts().get(after);
            pending.add(killed);
            begin(killed, one -> {
                endDowntime(one, killed);
                return one.downtime().thenCompose(ended -> listen(killed));
            });
        }
        for (Plan.Restart restart : plan.restarts()) {
            if (restart.index() > after && !restart.kill() && restart.nodes().contains(node)) {
                take(restart);
            }
        }
    }

    /**
     * Takes one more restart, at its time or, where that has passed, now; its index and its nodes do not matter. From any
     * thread.
     *
     * @return the restart as it will be, with its index and time
     * @throws IllegalArgumentException if it is a kill, which nobody can do to himself
     * @throws IllegalStateException if its downtime overlaps with that of another; the message says until when
     */
    synchronized Plan.Restart add(Plan.Restart asked) {
        if (asked.kill()) {
            throw new IllegalArgumentException("kill: true (expected: false, for a node cannot kill itself)");
        }
        Plan.Restart restart = asked.at(taken, Math.max(asked.atMicros(), journal.micros()), asked.deadlineMicros());
        for (Plan.Restart other : pending) {
            if (restart.atMicros() < other.listeningMicros() && other.atMicros() < restart.listeningMicros()) {
                throw new IllegalStateException("at: " + time(restart.atMicros())
                        + (restart.isForGood() ? ", for good" : " to " + time(restart.listeningMicros()))
                        + " (expected: no other restart then; one begins at " + time(other.atMicros())
                        + (other.isForGood()
                                ? " and is for good"
                                : " and listens again at " + time(other.listeningMicros()))
                        + ")");
            }
        }
        if (pending.size() >= MAX_PENDING) {
            throw new IllegalStateException(
                    "restarts: " + pending.size() + " still to come (expected: at most " + MAX_PENDING + ")");
        }
        taken++;
        take(restart);
        return restart;
    }

    private static String time(long micros) {
        return Quantity.DURATION.format(micros);
    }

    /**
     * Ends the downtime of the restart that is under way, also of one for good; one that still drains will have none. From
     * any thread.
     *
     * @return completes when the port listens; at once if no restart is under way
     */
    synchronized CompletableFuture<Void> listenNow() {
        UnderWay one = underWay;
        if (one == null) {
            return CompletableFuture.completedFuture(null);
        }
        timetable.execute(() -> one.downtime().complete(null));
        return one.over();
    }

    private void take(Plan.Restart restart) {
        pending.add(restart);
        watched(at(restart.atMicros()).thenRun(() -> isDue(restart)));
    }

    /** As {@link #listenNow}, and forgets the restarts that are still to come. From any thread. */
    synchronized CompletableFuture<Void> reset() {
        UnderWay one = underWay;
        pending.removeIf(
                restart -> one == null || restart.index() != one.restart().index());
        due.clear();
        return listenNow();
    }

    private synchronized void isDue(Plan.Restart restart) {
        if (pending.contains(restart)) {
            due.add(restart);
            next();
        }
    }

    private synchronized void next() {
        Plan.Restart first = underWay == null ? due.poll() : null;
        if (first != null) {
            begin(first, this::carryOut);
        }
    }

    private synchronized void begin(Plan.Restart restart, Function<UnderWay, CompletableFuture<Void>> steps) {
        UnderWay one = new UnderWay(restart);
        underWay = one;
        watched(steps.apply(one).thenRun(() -> over(one)));
    }

    private synchronized void over(UnderWay one) {
        pending.removeIf(restart -> restart.index() == one.restart().index());
        underWay = null;
        next();
        one.over().complete(null);
    }

    /** The downtime ends at its time, unless {@link #listenNow} ends it before. */
    private void endDowntime(UnderWay one, Plan.Restart restart) {
        if (!restart.isForGood()) {
            watched(at(restart.listeningMicros()).thenRun(() -> one.downtime().complete(null)));
        }
    }

    private CompletableFuture<Void> watched(CompletableFuture<Void> step) {
        return step.whenComplete((done, failure) -> {
            if (failure != null) {
                failures.accept(failure instanceof CompletionException ? failure.getCause() : failure);
            }
        });
    }

    /** Completes when the port listens again. */
    private CompletableFuture<Void> carryOut(UnderWay one) {
        Plan.Restart restart = one.restart();
        boolean accepts = restart.listenWhileDraining();
        journal.restartBegun(restart);
        CompletableFuture<Void> closed = accepts ? CompletableFuture.completedFuture(null) : down(restart);
        Worker.Manner manner = accepts ? Worker.Manner.SERVE_AND_CLOSE : whileDown(restart);
        List<CompletableFuture<List<Worker.Place>>> asked = new ArrayList<>();
        for (Worker worker : workers) {
            CompletableFuture<List<Worker.Place>> places = new CompletableFuture<>();
            asked.add(places);
            worker.execute(() -> places.complete(worker.begin(restart, manner, handshakes)));
        }
        CompletableFuture<Plan.Restart> handedOut = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        all -> handOut(
                                restart,
                                asked.stream()
                                        .flatMap(places -> places.join().stream())
                                        .toList()),
                        timetable);
        return handedOut.thenCompose(known -> {
            endDowntime(one, known);
            return at(known.drainedMicros())
                    .thenCompose(drained -> drained(known))
                    .thenCompose(free -> closed)
                    .thenCompose(free -> one.downtime())
                    .thenCompose(ended -> again(known));
        });
    }

    /**
     * Spreads the Closes over the drain window, in the plan's order over all event loops. Returns the restart with the window
     * that it takes.
     */
    private Plan.Restart handOut(Plan.Restart planned, List<Worker.Place> places) {
        Plan.Restart restart = planned.closing(places.size());
        pendingAs(restart);
        List<Worker.Place> order = new ArrayList<>(places);
        order.sort(Comparator.comparingLong(Worker.Place::key));
        Map<Worker, ArrayDeque<Worker.Due>> shares = new HashMap<>();
        workers.forEach(worker -> shares.put(worker, new ArrayDeque<>()));
        for (int i = 0; i < order.size(); i++) {
            Worker.Place place = order.get(i);
            Objects.requireNonNull(shares.get(place.worker()))
                    .add(new Worker.Due(place.connection(), journal.nanos(restart.closeMicros(i, order.size()))));
        }
        shares.forEach((worker, share) -> worker.execute(() -> worker.drain(restart, share)));
        return restart;
    }

    private synchronized void pendingAs(Plan.Restart known) {
        pending.replaceAll(restart -> restart.index() == known.index() ? known : restart);
    }

    /** Completes when the port is free, if it is to be. */
    private CompletableFuture<Void> drained(Plan.Restart restart) {
        CompletableFuture<Void> closed =
                restart.listenWhileDraining() ? down(restart) : CompletableFuture.completedFuture(null);
        workers.forEach(worker -> worker.execute(() -> {
            worker.drained(restart, whileDown(restart), handshakes);
            if (restart.whileDown() == WhileDown.REFUSE) {
                worker.dropSilent();
            }
        }));
        return closed;
    }

    /** The node stops to serve; completes when the port is free, if it is to be. */
    private CompletableFuture<Void> down(Plan.Restart restart) {
        return switch (restart.whileDown()) {
            case REFUSE -> listener.close();
            case UNAVAILABLE, BLACK_HOLE -> CompletableFuture.completedFuture(null);
        };
    }

    /** Where nothing listens, a request can still come over TCP of the time before. */
    private static Worker.Manner whileDown(Plan.Restart restart) {
        return switch (restart.whileDown()) {
            case REFUSE, UNAVAILABLE -> Worker.Manner.UNAVAILABLE;
            case BLACK_HOLE -> Worker.Manner.BLACK_HOLE;
        };
    }

    private CompletableFuture<Void> again(Plan.Restart restart) {
        return switch (restart.whileDown()) {
            case REFUSE -> listen(restart);
            case UNAVAILABLE, BLACK_HOLE -> {
                handshakes.listening();
                workers.forEach(worker -> worker.execute(worker::serve));
                journal.listening(journal.micros(), restart.index());
                yield CompletableFuture.completedFuture(null);
            }
        };
    }

    private CompletableFuture<Void> listen(Plan.Restart restart) {
        CompletableFuture<Void> listening = new CompletableFuture<>();
        listen(restart, System.nanoTime(), listening);
        return listening;
    }

    private void listen(Plan.Restart restart, long since, CompletableFuture<Void> listening) {
        // Before the first new connection can ask.
        handshakes.listening();
        workers.forEach(worker -> worker.execute(() -> {
            worker.dropSilent();
            worker.serve();
        }));
        listener.open().whenComplete((boundNanos, failure) -> {
            if (failure == null) {
                journal.listening(journal.micros(boundNanos), restart.index());
                listening.complete(null);
            } else if (Listener.isInUse(failure)
                    && System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(BIND_MILLIS)) {
                timetable.schedule(() -> listen(restart, since, listening), BIND_RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                listening.completeExceptionally(failure);
            }
        });
    }

    /** Completes at this time of the run, on the timetable's thread. */
    private CompletableFuture<Void> at(long micros) {
        CompletableFuture<Void> due = new CompletableFuture<>();
        long nanos = journal.nanos(micros) - System.nanoTime();
        timetable.schedule(() -> due.complete(null), nanos, TimeUnit.NANOSECONDS);
        return due;
    }
}
