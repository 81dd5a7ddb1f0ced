package dev.squall.node;

import dev.squall.journal.JournalWriter;
import dev.squall.plan.Draw;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.role.Vitals;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One event loop, its connections, and how it treats those who come. All but the constructor runs on that loop. */
@SuppressWarnings("FutureReturnValueIgnored") // Tasks report their failures themselves.
final class Worker {

    /** How a worker treats an upgrade request. */
    enum Manner {
        /** The run has not begun. */
        NOT_STARTED,
        /** It serves. */
        SERVE,
        /** It serves, and closes with the restart's code before the drain window ends. */
        SERVE_AND_CLOSE,
        /** It answers 503. */
        UNAVAILABLE,
        /** It never answers. */
        BLACK_HOLE
    }

    private static final long SECOND_MICROS = 1_000_000;
    /** What may be kept of frames that are not whole: sixteen of the longest. */
    private static final long ARRIVING_BYTES = 16L * Listener.MAX_MESSAGE_BYTES;

    /** The part of the JVM's memory that may be kept for peers that do not read; a peer's share is some 100 KB. */
    private static final int LEAVING_SHARE = 16;

    private static final long MIN_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ContextInternal context;
    private final EventLoop loop;
    private final Plan plan;
    private final NodeJournal journal;
    private final Consumer<Throwable> failures;
    private final FaultBoard faults;
    private final Replies replies;
    private final Connections connections = new Connections();
    private final HeldBytes arriving = new HeldBytes(ARRIVING_BYTES);
    private final HeldBytes leaving = new HeldBytes(Runtime.getRuntime().maxMemory() / LEAVING_SHARE);
    private volatile Manner manner = Manner.NOT_STARTED;
    private long jitters;
    private volatile Plan.@Nullable Restart restart;

    /** Those of it that are still to be sent. */
    private ArrayDeque<Due> closes = new ArrayDeque<>();

    private final AtomicLong echoed = new AtomicLong();
    private @Nullable CompletableFuture<Void> empty;

    Worker(ContextInternal context, Plan plan, NodeJournal journal, FaultBoard faults, Consumer<Throwable> failures) {
        this.context = context;
        this.loop = context.nettyEventLoop();
        this.plan = plan;
        this.journal = journal;
        this.faults = faults;
        this.replies = new Replies(plan.replies(), new Expansion(System::getenv));
        this.failures = failures;
    }

    /** Runs it on the loop, in the order of the calls. The one method for other threads, with {@link #call}. */
    void execute(Runnable task) {
        loop.execute(guarded(task));
    }

    /** Runs it on the loop after this time. */
    ScheduledFuture<?> after(long nanos, Runnable task) {
        return loop.schedule(guarded(task), nanos, TimeUnit.NANOSECONDS);
    }

    private Runnable guarded(Runnable task) {
        return () -> run(task);
    }

    /** Runs it now. Netty would keep to itself what a task or a listener throws. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            failed(e);
        }
    }

    /** Runs it in the loop's context. */
    <T> Future<T> call(Supplier<Future<T>> task) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(ignored -> task.get().onComplete(promise));
        return promise.future();
    }

    /** A defect: the process must not go on. */
    void failed(Throwable defect) {
        failures.accept(defect);
    }

    /** Calls with each heartbeat's lateness in microseconds. */
    void beat(LongConsumer beats) {
        beat(beats, System.nanoTime());
    }

    private void beat(LongConsumer beats, long due) {
        long now = System.nanoTime();
        beats.accept((now - due) / 1000);
        long step = TimeUnit.MILLISECONDS.toNanos(Vitals.BEAT_MILLIS);
        long next = Math.max(due + step, now); // After a stall one late beat tells it all.
        after(next - now, () -> beat(beats, next));
    }

    Manner manner() {
        return manner;
    }

    /** The closing timeout of a connection, in microseconds. */
    long closingMicros() {
        return plan.limits().nodeClosingMicros();
    }

    /** What Retry-After says: the seconds until the port listens again, at least 1; 0 where there is nothing to say. */
    long retryAfterSeconds() {
        Plan.Restart now = restart;
        if (now == null) {
            return 1;
        }
        if (now.retryAfterMicros() > 0) {
            return now.retryAfterMicros() / SECOND_MICROS;
        }
        long micros = now.listeningMicros() - journal.micros();
        return now.isForGood() ? 0 : Math.max(1, (micros + SECOND_MICROS - 1) / SECOND_MICROS);
    }

    // Connections.

    void accepted(Channel channel) {
        Connection connection = new Connection(this, journal);
        VertxInternals.join(channel, connection);
        connections.add(connection);
        connection.limitRequest(plan.limits().handshakeMicros());
    }

    /** What is said beyond the echo. */
    Replies replies() {
        return replies;
    }

    /** What is kept of frames that are not whole. */
    HeldBytes arriving() {
        return arriving;
    }

    /** What is kept for peers that do not read. */
    HeldBytes leaving() {
        return leaving;
    }

    /** A handshake is complete. */
    void opened(Connection connection) {
        Plan.Restart now = restart;
        if (manner == Manner.SERVE_AND_CLOSE && now != null) {
            // It comes within the drain window: its Close falls on a place of its own in what is left of it.
            double place = Draw.unit(closeOrder(now, connection));
            long due = journal.nanos(now.closeMicros(place, journal.micros()));
            after(due - System.nanoTime(), () -> close(connection, now));
        } else if (manner != Manner.SERVE) {
            close(connection, now); // Its 101 was on the way when the restart began.
        }
        faults.opened(connection);
        long pings = pingMicros();
        if (pings > 0) {
            connection.ping(pings);
        }
    }

    void ended(Connection connection) {
        connections.remove(connection);
        if (empty != null && connections.size() == 0) {
            empty.complete(null);
        }
    }

    /** Everybody whose handshake is complete and who has no Close yet. */
    void forEachOpen(Consumer<Connection> action) {
        connections.forEach(one -> {
            if (one.mustBeClosed()) {
                action.accept(one);
            }
        });
    }

    /** A message came, which is echoed. */
    void echoes() {
        echoed.lazySet(echoed.get() + 1); // Only this loop writes it.
    }

    /** Messages echoed. From any thread. */
    long echoed() {
        return echoed.get();
    }

    /** Where the server stands. From any thread. */
    Control.State state() {
        Plan.Restart now = restart;
        if (manner == Manner.SERVE || now == null) {
            return manner == Manner.SERVE ? Control.State.SERVING : Control.State.DOWN;
        }
        return journal.micros() < now.drainedMicros() ? Control.State.DRAINING : Control.State.DOWN;
    }

    /** Open connections of a greater number than {@code after}, one more than {@code limit} at most. */
    List<Control.OpenConnection> connections(long after, int limit) {
        PriorityQueue<Connection> first = new PriorityQueue<>(
                Comparator.comparingInt((Connection one) -> one.identity().connection())
                        .reversed());
        forEachOpen(one -> {
            if (one.identity().connection() > after) {
                first.add(one);
                if (first.size() > limit + 1) {
                    first.remove();
                }
            }
        });
        return first.stream().map(Connection::told).toList();
    }

    private long pingMicros() {
        Plan.Serving serving = plan.serving();
        return serving == null ? 0 : serving.pingMicros();
    }

    // Restarts.

    /** A connection and its place in the order of a restart's Closes. */
    record Place(Worker worker, Connection connection, long key) {}

    /** A Close that is due, in nanoseconds of the monotonic clock. */
    record Due(Connection connection, long nanos) {}

    /** Serves from now on; drops those that it left without an answer. */
    void serve() {
        connections.forEach(one -> {
            if (one.isUnanswered()) {
                one.end(Ending.STOPPED);
            }
        });
        manner = Manner.SERVE;
        restart = null;
    }

    /** A restart begins: treats those who come as it says. Returns who is to be closed. */
    List<Place> begin(Plan.Restart begun, Manner meanwhile, Handshakes handshakes) {
        restart = begun;
        manner = meanwhile;
        if (meanwhile != Manner.SERVE_AND_CLOSE) {
            refuseWaiting(handshakes);
        }
        List<Place> places = new ArrayList<>(connections.size());
        connections.forEach(one -> {
            if (one.mustBeClosed()) {
                places.add(new Place(this, one, closeOrder(begun, one)));
            }
        });
        return places;
    }

    /** Sends these Closes, which stand in order of time; now it is known how long that takes. */
    void drain(Plan.Restart begun, ArrayDeque<Due> share) {
        restart = begun;
        closes = share;
        send(begun);
    }

    private void send(Plan.Restart begun) {
        if (restart != begun) {
            return; // Its window has ended, and with it all its Closes are sent.
        }
        long now = System.nanoTime();
        Due next = closes.peek();
        while (next != null && next.nanos() - now <= 0) {
            close(next.connection(), begun);
            closes.remove();
            next = closes.peek();
        }
        if (next != null) {
            long wait = Math.max(MIN_STEP_NANOS, next.nanos() - now);
            after(wait, () -> send(begun));
        }
    }

    /** The drain window ends: everyone still without a Close has it now, in order, and no handshake is pending. */
    void drained(Plan.Restart begun, Manner meanwhile, Handshakes handshakes) {
        manner = meanwhile;
        refuseWaiting(handshakes);
        closes.forEach(due -> close(due.connection(), begun));
        closes.clear();
        connections.forEach(one -> close(one, begun));
    }

    /** Ends every TCP connection that has not asked for anything. */
    void dropSilent() {
        connections.forEach(one -> {
            if (one.isSilent()) {
                one.end(Ending.STOPPED);
            }
        });
    }

    private void refuseWaiting(Handshakes handshakes) {
        connections.forEach(one -> {
            HttpServerRequest waiting = one.waiting();
            if (waiting != null) {
                handshakes.refuse(this, one, waiting);
            }
        });
    }

    private void close(Connection connection, Plan.@Nullable Restart begun) {
        if (begun != null) {
            connection.sendClose(begun.code(), "restart", begun.index());
        }
    }

    /** A number in [0, 1) for the jitter of a write. */
    double chance() {
        return plan.jitter(jitters++);
    }

    private long closeOrder(Plan.Restart begun, Connection connection) {
        Identity who = connection.identity();
        return plan.closeOrder(begun, who.index(), who.drawn(), who.connection());
    }

    // The end.

    /** Takes leave of every connection; completes {@code left} when none is left. */
    void leave(int code, String reason, Handshakes handshakes, CompletableFuture<Void> left) {
        manner = Manner.UNAVAILABLE;
        refuseWaiting(handshakes);
        connections.forEach(one -> {
            if (one.isSilent() || one.isUnanswered()) {
                one.end(Ending.STOPPED);
            } else {
                one.sendClose(code, reason, JournalWriter.NONE);
            }
        });
        empty = left;
        if (connections.size() == 0) {
            left.complete(null);
        }
    }

    /** Ends every connection now, and writes its row. */
    void stop() {
        manner = Manner.NOT_STARTED;
        connections.forEach(Connection::stop);
    }
}
