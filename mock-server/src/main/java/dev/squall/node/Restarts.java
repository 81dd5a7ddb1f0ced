package dev.squall.node;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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

    private static final long BIND_RETRY_MILLIS = 20;

    private final Plan plan;
    private final NodeJournal journal;
    private final List<Worker> workers;
    private final Handshakes handshakes;
    private final Listener listener;
    private final ScheduledExecutorService timetable;
    private final Consumer<Throwable> failures;

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
    void schedule(int node, int after) {
        CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
        if (after >= 0) {
            Plan.Restart killed = plan.restarts().get(after);
            before = watched(at(killed.listeningMicros()).thenCompose(due -> listen(killed)));
        }
        for (Plan.Restart restart : plan.restarts()) {
            if (restart.index() > after && !restart.kill() && restart.nodes().contains(node)) {
                CompletableFuture<Void> last = before;
                before = watched(
                        at(restart.atMicros()).thenCompose(due -> last).thenCompose(listening -> carryOut(restart)));
            }
        }
    }

    /** One more restart, whose time counts from now. */
    int add(Plan.Restart restart) throws Control.RefusedException {
        throw new Control.RefusedException("restart " + restart + " (expected: a restart of the file of faults)");
    }

    /** Ends a downtime. */
    void listenNow() {}

    private CompletableFuture<Void> watched(CompletableFuture<Void> step) {
        return step.whenComplete((done, failure) -> {
            if (failure != null) {
                failures.accept(failure instanceof CompletionException ? failure.getCause() : failure);
            }
        });
    }

    /** Completes when the port listens again. */
    private CompletableFuture<Void> carryOut(Plan.Restart restart) {
        boolean accepts = restart.listenWhileDraining();
        journal.restartBegun(restart.index(), accepts ? "listen-while-draining" : "drain");
        CompletableFuture<Void> closed = accepts ? CompletableFuture.completedFuture(null) : down(restart);
        Worker.Manner manner = accepts ? Worker.Manner.SERVE_AND_CLOSE : whileDown(restart);
        List<CompletableFuture<List<Worker.Place>>> asked = new ArrayList<>();
        for (Worker worker : workers) {
            CompletableFuture<List<Worker.Place>> places = new CompletableFuture<>();
            asked.add(places);
            worker.execute(() -> places.complete(worker.begin(restart, manner, handshakes)));
        }
        CompletableFuture<Void> handedOut = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenRunAsync(
                        () -> handOut(
                                restart,
                                asked.stream()
                                        .flatMap(places -> places.join().stream())
                                        .toList()),
                        timetable);
        CompletableFuture<Void> drained =
                at(restart.drainedMicros()).thenCompose(due -> handedOut).thenCompose(due -> drained(restart));
        return at(restart.listeningMicros())
                .thenCompose(due -> drained)
                .thenCompose(due -> closed)
                .thenCompose(due -> again(restart));
    }

    /** Spreads the Closes evenly over the drain window, in the plan's order over all event loops. */
    private void handOut(Plan.Restart restart, List<Worker.Place> places) {
        long begun = journal.nanos(restart.atMicros());
        List<Worker.Place> order = new ArrayList<>(places);
        order.sort(Comparator.comparingLong(Worker.Place::key));
        double step = restart.drainMicros() * 1e3 / Math.max(1, order.size());
        Map<Worker, ArrayDeque<Worker.Due>> shares = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            Worker.Place place = order.get(i);
            shares.computeIfAbsent(place.worker(), worker -> new ArrayDeque<>())
                    .add(new Worker.Due(place.connection(), begun + (long) ((i + 0.5) * step)));
        }
        shares.forEach((worker, share) -> worker.execute(() -> worker.drain(restart, share)));
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
        handshakes.clearQueue();
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
