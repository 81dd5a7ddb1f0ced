package dev.squall.target;

import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Expansion;
import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.protocol.WebSocketUri;
import dev.squall.role.ChildLink;
import dev.squall.role.ChildOptions;
import dev.squall.role.RunClock;
import dev.squall.role.Vitals;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The process that owns a server under test: it starts it, restarts it when it is told, and takes it away with itself. */
public final class TargetMain {

    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int STOPPED = 3;
    private static final int DEFECT = 70;

    /** How often it looks for an order, and whether the server has ended by itself. */
    private static final long WATCH_MILLIS = 100;

    private final ChildLink link;
    private final Server server;
    private volatile boolean removing;

    private TargetMain(ChildLink link, ChildOptions options, Plan.Endpoint endpoint, Launch launch) throws IOException {
        this.link = link;
        this.server = server(options, endpoint, launch);
    }

    /** Runs it; the arguments are those of {@link ChildOptions}. */
    public static void main(String... args) {
        System.exit(run(args));
    }

    private static int run(String... args) {
        ChildLink link = new ChildLink(System.in, System.out);
        try {
            ChildOptions options = ChildOptions.parse(args);
            Plan.Endpoint endpoint = Plan.read(options.plan()).endpoint();
            Launch launch = endpoint == null ? null : endpoint.launch();
            if (endpoint == null || launch == null) {
                throw new IllegalArgumentException("the plan launches no server");
            }
            try (JournalWriter journal = new JournalWriter(options.journal());
                    LatencyLog latencies = new LatencyLog(options.latencies())) {
                return new TargetMain(link, options, endpoint, launch).own(journal, latencies, launch);
            }
        } catch (IOException | IllegalArgumentException e) {
            link.error(String.valueOf(e.getMessage()));
            return CANNOT_START;
        } catch (RuntimeException | Error e) {
            link.error("defect: " + e);
            e.printStackTrace();
            return DEFECT;
        }
    }

    private Server server(ChildOptions options, Plan.Endpoint endpoint, Launch launch) throws IOException {
        ProcessHandle harness = ProcessHandle.current().parent().orElseThrow(() -> new IOException("no harness"));
        // Unique among the runs of this machine: its name, its second, and who runs it.
        Path run = options.out().toAbsolutePath().normalize();
        int names = run.getNameCount();
        String mark = run.subpath(Math.max(0, names - 2), names).toString().replace('/', '-') + "-" + harness.pid();
        WebSocketUri uri = endpoint.uri(new Expansion(System::getenv));
        ServerLog log = new ServerLog(options.out().resolve(Launch.LOG));
        UndoLog undo = UndoLog.of(options.out(), harness);
        Readiness readiness = new Readiness(launch.ready(), uri, log, this::await);
        if (launch instanceof Launch.Program program) {
            return new ProgramServer(program, readiness, log, undo, mark, this::await);
        }
        return launch instanceof Launch.Container container
                ? new ContainerServer(container, readiness, log, undo, mark, this::await)
                : new ComposeServer((Launch.Compose) launch, readiness, log, undo, mark, this::await);
    }

    /** Waits, unless the harness is gone; while it cleans up, whether or not. */
    private void await(long micros) throws Stopped {
        CompletableFuture<Void> until = removing ? new CompletableFuture<>() : link.stopped();
        try {
            until.get(micros, TimeUnit.MICROSECONDS);
            throw new Stopped();
        } catch (TimeoutException waited) {
            return; // The usual case.
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private int own(JournalWriter journal, LatencyLog latencies, Launch launch) throws IOException {
        boolean gently = false;
        try {
            try {
                server.start();
            } catch (IOException e) {
                throw new IOException(launch.described() + ": " + e.getMessage(), e);
            }
            link.ready(launch.described());
            RunClock clock = begun();
            try (Vitals vitals = new Vitals(clock, journal, latencies, link, () -> "up=1")) {
                carryOut(vitals);
            }
            gently = true;
            return OK;
        } catch (Stopped hurry) {
            return STOPPED;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            removing = true;
            server.remove(gently);
        }
    }

    private RunClock begun() throws Stopped {
        CompletableFuture.anyOf(link.started(), link.stopped()).join();
        if (!link.started().isDone()) {
            throw new Stopped();
        }
        return link.started().join();
    }

    /** Until the harness wants the end. */
    private void carryOut(Vitals vitals) throws IOException, Stopped, InterruptedException {
        while (!link.finishing().isDone()) {
            if (link.stopped().isDone()) {
                throw new Stopped();
            }
            Exception full = vitals.failure();
            if (full != null) {
                throw new IOException(full.getMessage(), full);
            }
            ChildLink.Order order = link.orders().poll(WATCH_MILLIS, TimeUnit.MILLISECONDS);
            if (order != null) {
                restart(order);
            } else {
                String end = server.takeEnd();
                if (end != null) {
                    link.gone(System.nanoTime(), end);
                }
            }
        }
    }

    private void restart(ChildLink.Order order) throws Stopped {
        int code = Server.NO_EXIT;
        String failure = "";
        try {
            code = server.restart(order);
        } catch (IOException | IllegalArgumentException e) {
            failure = String.valueOf(e.getMessage()); // Its clients feel it, and the report tells it.
        }
        link.restarted(new ChildLink.Restarted(System.nanoTime(), code, failure));
    }
}
