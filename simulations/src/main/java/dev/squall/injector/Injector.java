package dev.squall.injector;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.squall.client.Fleet;
import dev.squall.client.Identity;
import dev.squall.gatling.GatlingRun;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Plan;
import dev.squall.role.ChildLink;
import dev.squall.role.ChildOptions;
import dev.squall.role.RunClock;
import dev.squall.role.Vitals;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One injector from its plan to its last row. Every wait in it ends: by a limit of the plan or by a constant here. */
final class Injector {

    static final int OK = 0;
    static final int CANNOT_BEGIN = 1;
    static final int STOPPED = 3;
    static final int CANNOT_WRITE = 4;
    static final int DEFECT = 70;

    private static final long GATLING_BEGINS_SECONDS = 300;
    private static final long GATLING_ENDS_SECONDS = 10;

    /** What the end may take beyond duration and closing phase before something is wrong. */
    private static final long GRACE_MICROS = 10_000_000;

    private static final long WATCH_MILLIS = 200;

    private final ChildOptions options;
    private final Plan plan;
    private final ChildLink link;
    private final JournalWriter journal;
    private final LatencyLog latencies;

    Injector(ChildOptions options, Plan plan, ChildLink link, JournalWriter journal, LatencyLog latencies) {
        this.options = options;
        this.plan = plan;
        this.link = link;
        this.journal = journal;
        this.latencies = latencies;
    }

    /** Event loops: this injector's part of the processors. */
    static int eventLoops(Plan plan) {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, plan.injectors()));
    }

    /** Runs to the orderly end or to a failure, and returns the process's exit code. */
    int run() throws IOException, InterruptedException {
        Fleet fleet = new Fleet(
                plan,
                options.index(),
                new Identity(Identity.ownAgent(), runName()),
                journal::add,
                latencies::series,
                GatlingRun.sockets());
        long descriptors = descriptors();
        if (descriptors < fleet.size() + Plan.RESERVED_DESCRIPTORS) {
            link.error("descriptors: " + descriptors + " (expected: >= " + (fleet.size() + Plan.RESERVED_DESCRIPTORS)
                    + " for " + fleet.size() + " clients; raise `ulimit -n` or use more injectors)");
            return CANNOT_BEGIN;
        }
        Rehearsal.run();
        CompletableFuture<Integer> gatling = startGatling(fleet);
        if (!await(CompletableFuture.anyOf(fleet.entered(), gatling), GATLING_BEGINS_SECONDS, TimeUnit.SECONDS)
                || !fleet.entered().isDone()) {
            link.error("Gatling did not begin: "
                    + (gatling.isDone()
                            ? "it ended with " + outcome(gatling)
                            : "no client within " + GATLING_BEGINS_SECONDS + " s"));
            return CANNOT_BEGIN;
        }
        link.ready("clients=" + fleet.size());
        RunClock clock = link.started().join(); // Unbounded by design: the main ends the process if the harness goes.
        Vitals vitals = new Vitals(clock, journal, latencies, link, fleet::status);
        int code;
        try {
            fleet.start(clock, vitals::beat);
            var unused = link.finishing().thenRun(fleet::finish);
            code = watch(fleet, clock, vitals);
        } finally {
            vitals.close();
        }
        if (code == OK && !await(gatling, GATLING_ENDS_SECONDS, TimeUnit.SECONDS)) {
            link.error("Gatling did not end within " + GATLING_ENDS_SECONDS + " s of the last client");
            return DEFECT;
        }
        return code;
    }

    /** The run's directory, by its last two names. */
    private String runName() {
        Path directory = options.out().toAbsolutePath().normalize();
        return directory.getNameCount() < 2
                ? directory.toString()
                : directory
                        .subpath(directory.getNameCount() - 2, directory.getNameCount())
                        .toString();
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    private CompletableFuture<Integer> startGatling(Fleet fleet) {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        if (fleet.size() == 0) {
            status.complete(0); // More injectors than clients; Gatling refuses a run without virtual users.
            return status;
        }
        Path records = options.gatling();
        InjectorSimulation.use(fleet, records != null);
        Thread thread = new Thread(
                () -> {
                    try {
                        status.complete(
                                records == null
                                        ? GatlingRun.run(InjectorSimulation.class)
                                        : GatlingRun.run(
                                                InjectorSimulation.class,
                                                records,
                                                runName() + ", injector " + options.index()));
                    } catch (IOException e) {
                        status.completeExceptionally(e);
                    } catch (RuntimeException | Error e) {
                        status.completeExceptionally(e);
                        throw e;
                    }
                },
                "squall-gatling");
        thread.setDaemon(true);
        thread.start();
        return status;
    }

    /** Waits for the end of the run: of its time, though all clients may have ended before. */
    private int watch(Fleet fleet, RunClock clock, Vitals vitals) throws InterruptedException {
        CompletableFuture<Void> over = CompletableFuture.allOf(fleet.ended(), duration(clock));
        CompletableFuture<Object> end = CompletableFuture.anyOf(over, fleet.defect());
        long limit = plan.durationMicros() + plan.limits().closingPhaseMicros() + GRACE_MICROS;
        while (!await(end, WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
            Exception failure = vitals.failure();
            if (failure != null) {
                link.error(String.valueOf(failure.getMessage()));
                return CANNOT_WRITE;
            }
            if (clock.micros() > limit) {
                link.error("clients are left after the closing phase: " + fleet.status());
                return DEFECT;
            }
        }
        Throwable defect = fleet.defect().getNow(null);
        if (defect != null) {
            throw new IllegalStateException("a client broke", defect);
        }
        return OK;
    }

    /** Completes at the plan's duration, or as soon as the harness wants an end. */
    private CompletableFuture<Void> duration(RunClock clock) {
        CompletableFuture<Void> time = new CompletableFuture<>();
        time.completeOnTimeout(null, Math.max(0, plan.durationMicros() - clock.micros()), TimeUnit.MICROSECONDS);
        var unused = link.finishing().thenRun(() -> time.complete(null));
        return time;
    }

    private static Object outcome(CompletableFuture<Integer> gatling) {
        return gatling.handle((status, failure) -> failure == null ? "status " + status : failure)
                .join();
    }

    /** Whether the future completed in time, however it did. */
    private static boolean await(CompletableFuture<?> future, long time, TimeUnit unit) throws InterruptedException {
        try {
            future.get(time, unit);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
