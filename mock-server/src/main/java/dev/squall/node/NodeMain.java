package dev.squall.node;

import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Plan;
import dev.squall.role.ChildLink;
import dev.squall.role.ChildOptions;
import dev.squall.role.RunClock;
import dev.squall.role.Vitals;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A node process of a run: the child's side of the harness's contract around a {@link MockServer}. */
public final class NodeMain {

    private static final int OK = 0;
    private static final int CANNOT_START = 1;
    private static final int STOPPED = 3;
    private static final int JOURNAL_FAILED = 4;
    private static final int DEFECT = 70;

    /** How often the journal is asked whether it can still write. */
    private static final long WATCH_MILLIS = 500;

    /** A stop at once leaves so much time for the rows of what was open, and then for the journal to write them. */
    private static final long STOP_MILLIS = 400;

    /** An orderly end waits so long for the journal, which has a bound of its own below this. */
    private static final long FLUSH_MILLIS = 35_000;

    /** The root logger; held, for the JDK forgets the settings of a logger that nobody holds. */
    private static final Logger LOG = Logger.getLogger("");

    private final ChildOptions options;
    private final Plan plan;
    private final ChildLink link;
    private final MockServer server;
    private final JournalWriter journal;
    private final LatencyLog latencies;

    private NodeMain(
            ChildOptions options,
            Plan plan,
            ChildLink link,
            MockServer server,
            JournalWriter journal,
            LatencyLog latencies) {
        this.options = options;
        this.plan = plan;
        this.link = link;
        this.server = server;
        this.journal = journal;
        this.latencies = latencies;
    }

    /** Something that stands beside a node that serves, and ends with its process. */
    @FunctionalInterface
    public interface Companion {

        /**
         * Begins, before the node is ready.
         *
         * @throws IOException if it cannot, which is nobody's defect
         */
        void begin(MockServer server, Plan.Serving serving) throws IOException;
    }

    /** Runs a node; the arguments are those of {@link ChildOptions}. */
    public static void main(String... args) {
        System.exit(run((server, serving) -> {}, args));
    }

    /** Runs a node and what stands beside it; returns the exit code. */
    public static int run(Companion companion, String... args) {
        quietLogs();
        ChildLink link = new ChildLink(System.in, System.out);
        try {
            ChildOptions options = ChildOptions.parse(args);
            Plan plan = Plan.read(options.plan());
            JournalWriter journal = new JournalWriter(options.journal());
            LatencyLog latencies = new LatencyLog(options.latencies());
            if (plan.serving() == null) {
                Rehearsal.run(plan.nodes().get(options.index()).host());
            }
            MockServer server = MockServer.of(plan, options.index(), journal::add);
            if (options.afterRestart() < 0) {
                server.listen();
            }
            if (plan.serving() != null) {
                companion.begin(server, plan.serving());
            }
            link.ready(plan.nodes().get(options.index()).toString());
            return new NodeMain(options, plan, link, server, journal, latencies).serve();
        } catch (IOException | IllegalArgumentException e) {
            link.error(String.valueOf(e.getMessage()));
            return CANNOT_START;
        } catch (RuntimeException | Error e) {
            return defect(link, e); // Event loops are no daemons: without an exit the process would stay.
        }
    }

    /** Standard output is the harness's; of Vert.x and Netty it is enough to hear warnings, on standard error. */
    private static void quietLogs() {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.JULLogDelegateFactory");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        LOG.setLevel(Level.WARNING);
    }

    private static int defect(ChildLink link, Throwable defect) {
        link.error("defect: " + defect);
        defect.printStackTrace();
        return DEFECT;
    }

    private int serve() {
        CompletableFuture<Void> stopped = link.stopped();
        RunClock clock = await(link.started(), stopped);
        if (clock == null) {
            return halt(null);
        }
        Vitals vitals = new Vitals(clock, journal, latencies, link, server::status);
        server.begin(clock, options.afterRestart(), vitals::beat);
        if (plan.steady() == null) {
            server.inject(options.afterRestart());
        } else {
            var unused = link.injecting()
                    .thenRun(() -> server.inject(options.afterRestart()))
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            server.fail(failure);
                        }
                    });
        }
        CompletableFuture<Void> finishing = link.finishing();
        CompletableFuture<Throwable> failed = server.failed();
        CompletableFuture<Object> end = CompletableFuture.anyOf(finishing, stopped, failed);
        while (!isDone(end)) {
            Exception full = vitals.failure();
            if (full != null) {
                link.error(String.valueOf(full.getMessage()));
                return JOURNAL_FAILED;
            }
        }
        if (stopped.isDone()) {
            return halt(vitals);
        }
        if (failed.isDone()) {
            return failed(failed.join(), vitals);
        }
        return finish(vitals);
    }

    /** The value, or null if the harness is gone first. */
    private static @Nullable RunClock await(CompletableFuture<RunClock> started, CompletableFuture<Void> stopped) {
        CompletableFuture.anyOf(started, stopped).join();
        return stopped.isDone() ? null : started.join();
    }

    private static boolean isDone(CompletableFuture<Object> end) {
        try {
            end.get(WATCH_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** The clients have left, or should have: takes leave of the rest. */
    private int finish(Vitals vitals) {
        CompletableFuture<Void> stopped = link.stopped();
        CompletableFuture.anyOf(server.leave(), stopped)
                .completeOnTimeout(null, MockServer.LEAVE_MILLIS, TimeUnit.MILLISECONDS)
                .join();
        if (stopped.isDone()) {
            return halt(vitals);
        }
        MockServer.within(server.stop(), STOP_MILLIS);
        vitals.close();
        return closeFiles(FLUSH_MILLIS) ? OK : JOURNAL_FAILED;
    }

    /** The harness is gone or in a hurry. */
    private int halt(@Nullable Vitals vitals) {
        MockServer.within(server.stop(), STOP_MILLIS);
        if (vitals != null) {
            vitals.close();
        }
        closeFiles(STOP_MILLIS);
        return STOPPED;
    }

    private int failed(Throwable failure, Vitals vitals) {
        int code;
        if (failure instanceof IOException) {
            link.error(String.valueOf(failure.getMessage()));
            code = CANNOT_START;
        } else {
            code = defect(link, failure);
        }
        MockServer.within(server.stop(), STOP_MILLIS);
        vitals.close();
        closeFiles(STOP_MILLIS);
        return code;
    }

    private boolean closeFiles(long millis) {
        CompletableFuture<Boolean> closed = CompletableFuture.supplyAsync(() -> {
            try (journal;
                    latencies) {
                return true;
            } catch (IOException e) {
                link.error(String.valueOf(e.getMessage()));
                return false;
            }
        });
        return closed.completeOnTimeout(false, millis, TimeUnit.MILLISECONDS).join();
    }
}
