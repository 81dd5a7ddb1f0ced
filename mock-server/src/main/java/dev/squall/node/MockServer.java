package dev.squall.node;

import dev.squall.behaviour.Clientele;
import dev.squall.fault.FaultWindow;
import dev.squall.journal.Rows;
import dev.squall.plan.Plan;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.role.RunClock;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server that echoes every message, negotiates permessage-deflate, and has the faults of a plan. For a test of
 * your own:
 *
 * <pre>{@code
 * try (MockServer server = MockServer.on("127.0.0.1", 9001)) {
 *     server.start();
 *     ...
 * }
 * }</pre>
 *
 * <p>Choose a port below the ephemeral range (32768 on Linux): in it, a client that dials while nothing listens can come
 * to be connected to itself, and then the server cannot listen again.
 */
public final class MockServer implements AutoCloseable {

    /** How long those who are still connected at the end have for their closing handshake. */
    static final long LEAVE_MILLIS = 2_000;

    private static final long LISTEN_SECONDS = 10;
    private static final int MAX_LOOPS = 2;
    private final Plan.Node node;
    private final int stopCode;
    private final NodeJournal journal;
    private final CompletableFuture<Throwable> failed = new CompletableFuture<>();
    private final ScheduledExecutorService timetable;
    private final Vertx vertx;
    private final List<Worker> workers = new ArrayList<>();
    private final FaultBoard faults;
    private final Handshakes handshakes;
    private final Listener listener;
    private final ListeningSockets sockets;
    private final Restarts restarts;
    private final @Nullable LiveView view;
    private final @Nullable ServerControl control;
    private final AtomicBoolean closed = new AtomicBoolean();
    private long listeningNanos;

    private MockServer(Plan plan, int index, Rows rows) throws IOException {
        this.node = plan.nodes().get(index);
        this.stopCode = plan.serving() == null
                ? CloseCode.GOING_AWAY.code()
                : plan.serving().stopCode();
        this.view = plan.serving() == null ? null : new LiveView(rows, this::fail);
        this.journal = new NodeJournal(view == null ? rows : view);
        this.timetable = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread thread = new Thread(task, "squall-timetable");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy()); // A server that stops in the middle of a restart ends it so.
        InetAddress host = InetAddress.getByName(node.host());
        int loops = loops(plan);
        this.sockets = new ListeningSockets();
        this.vertx = Vertx.builder().with(options(loops)).withTransport(sockets).build();
        vertx.exceptionHandler(this::fail);
        this.faults = new FaultBoard(plan, index, journal, workers, timetable);
        Plan.Relay relay = plan.relay();
        this.handshakes = new Handshakes(
                plan,
                faults,
                relay == null ? null : new Upstream(plan, relay.upstream(), sockets.channelFactory(false)));
        for (int i = 0; i < loops; i++) {
            workers.add(new Worker(VertxInternals.newLoop(vertx), plan, journal, faults, this::fail));
        }
        this.listener = new Listener(vertx, sockets, workers, handshakes, host, node.port(), relay);
        this.restarts = new Restarts(plan, journal, workers, handshakes, listener, timetable, this::fail);
        this.control = view == null ? null : new ServerControl(plan, journal, faults, restarts, workers, view);
    }

    /**
     * A server without faults.
     *
     * @param host an address of this machine, as 127.0.0.1
     * @param port from 1 to 65535
     * @throws IOException if the host is not known
     */
    public static MockServer on(String host, int port) throws IOException {
        return of(
                Plan.ofServer(
                        0,
                        Plan.WITHOUT_END_MICROS,
                        new Plan.Node(0, host, port),
                        new Plan.Serving(null, 0, host, 0),
                        List.of(Extension.PERMESSAGE_DEFLATE),
                        null,
                        List.of(),
                        List.of(),
                        List.of()),
                0);
    }

    /**
     * A node of a plan, with its faults; the plan's time begins at {@link #start}.
     *
     * @param index which of the plan's nodes
     * @throws IOException if the node's host is not known
     */
    public static MockServer of(Plan plan, int index) throws IOException {
        return of(plan, index, Rows.NOWHERE);
    }

    /** A node that writes down what it does. */
    static MockServer of(Plan plan, int index, Rows rows) throws IOException {
        return new MockServer(plan, index, rows);
    }

    /** One loop where the machine is shared with many, as nodes and injectors are; else two. */
    private static int loops(Plan plan) {
        int processors = Runtime.getRuntime().availableProcessors();
        return Math.max(1, Math.min(MAX_LOOPS, processors / (2 * plan.nodes().size())));
    }

    /** Few threads, no files, no watch over blocked threads: the heartbeat tells more. */
    private static VertxOptions options(int loops) {
        return new VertxOptions()
                .setEventLoopPoolSize(loops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
                .setMaxEventLoopExecuteTime(1)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.DAYS)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }

    /**
     * Listens and serves; the plan's time begins.
     *
     * @throws IOException if the port is in use or cannot be opened
     */
    public MockServer start() throws IOException {
        listen();
        begin(new RunClock(System.nanoTime()), -1, late -> {});
        inject(-1);
        return this;
    }

    /** Opens the port; upgrade requests are answered 503 until {@link #begin}. */
    void listen() throws IOException {
        try {
            listeningNanos = listener.open().get(LISTEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(node + ": did not listen within " + LISTEN_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(node + ": interrupted", e);
        }
    }

    /**
     * Serves, as yet without faults.
     *
     * @param afterRestart the restart in which this node takes the place of a killed one; -1 for a node that listens already
     * @param beats takes the lateness of each event loop's heartbeats, in microseconds
     */
    void begin(RunClock clock, int afterRestart, LongConsumer beats) {
        journal.begin(clock);
        if (afterRestart < 0) {
            journal.listening(journal.micros(listeningNanos), -1);
            handshakes.listening();
            workers.forEach(worker -> worker.execute(worker::serve));
        }
        workers.forEach(worker -> worker.execute(() -> worker.beat(beats)));
    }

    /**
     * Carries the plan's faults out, each at its time; once, after {@link #begin}, from any thread.
     *
     * @param afterRestart as for {@link #begin}: the restart for whose end it waits before it listens
     */
    void inject(int afterRestart) {
        faults.begin();
        restarts.schedule(node.index(), afterRestart);
    }

    /** It cannot go on; an {@link IOException} is nobody's defect. From any thread. */
    public void fail(@Nullable Throwable failure) {
        failed.complete(failure == null ? new IllegalStateException("failed") : failure);
    }

    /** Completes with the reason why this server cannot go on; an {@link IOException} is nobody's defect. */
    CompletableFuture<Throwable> failed() {
        return failed;
    }

    /**
     * How to see and steer it while it runs.
     *
     * @throws IllegalStateException if it serves clients of a run, where everything goes by the plan
     */
    public Control control() {
        if (control == null) {
            throw new IllegalStateException("a node of a run is not controlled (expected: a plan with serving)");
        }
        return control;
    }

    /**
     * Adds a fault, whose times count from now.
     *
     * @throws Control.RefusedException if there are too many
     * @throws IllegalStateException if it serves clients of a run
     */
    public Control.ActiveFault inflict(FaultWindow window) throws Control.RefusedException {
        control();
        return ServerControl.told(faults.inflict(window));
    }

    /**
     * Waits until something holds of its clients, and gives what is known of them then; at the latest after this time.
     *
     * @throws IllegalStateException if it serves clients of a run
     */
    public Clientele await(Predicate<Clientele> condition, Duration atMost) throws InterruptedException {
        if (view == null) {
            throw new IllegalStateException("a node of a run tells its journal (expected: a plan with serving)");
        }
        return view.await(journal::micros, condition, atMost.toNanos());
    }

    /** Why it cannot go on, if that is so: a defect, or a port that somebody else took. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failed.getNow(null));
    }

    /** The address that it listens on. */
    public String host() {
        return node.host();
    }

    /** The port that it listens on. */
    public int port() {
        return node.port();
    }

    /** The port that it listens on where its plan left the choice to the kernel (port 0). */
    int boundPort() {
        return sockets.port();
    }

    /** How many connections are open. */
    public long open() {
        return journal.open();
    }

    /** The pairs of the status line. */
    String status() {
        return journal.status();
    }

    /** Its restarts, for those who make some while it runs. */
    Restarts restarts() {
        return restarts;
    }

    /** Takes leave of those who are still here, with 1001 unless its plan says otherwise, and completes when all are gone. */
    CompletableFuture<Void> leave() {
        timetable.shutdownNow();
        List<CompletableFuture<Void>> left = new ArrayList<>();
        left.add(listener.close());
        for (Worker worker : workers) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            left.add(gone);
            worker.execute(() -> worker.leave(stopCode, "end", handshakes, gone));
        }
        return CompletableFuture.allOf(left.toArray(CompletableFuture[]::new));
    }

    /** Ends every connection without a Close, and completes when that is written down. */
    CompletableFuture<Void> stop() {
        if (closed.get()) {
            return CompletableFuture.completedFuture(null);
        }
        timetable.shutdownNow();
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        steps.add(listener.close());
        for (Worker worker : workers) {
            CompletableFuture<Void> stopped = new CompletableFuture<>();
            steps.add(stopped);
            worker.execute(() -> {
                worker.stop();
                stopped.complete(null);
            });
        }
        return CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new));
    }

    /** Whether it was done within the time. */
    static boolean within(CompletableFuture<Void> step, long millis) {
        try {
            step.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sends 1001 to those who are still connected, waits up to 2 s for their answers, and stops. */
    @Override
    public void close() {
        if (closed.get()) {
            return;
        }
        within(leave(), LEAVE_MILLIS);
        within(stop(), LEAVE_MILLIS);
        closed.set(true);
        if (view != null) {
            view.close();
        }
        within(vertx.close().toCompletionStage().toCompletableFuture(), LEAVE_MILLIS);
    }
}
