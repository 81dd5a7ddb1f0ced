package dev.squall.injector;

import dev.squall.gatling.GatlingRun;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Plan;
import dev.squall.role.ChildLink;
import dev.squall.role.ChildOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The injector process.
 *
 * <p>Exit codes: 0 the orderly end, 1 it cannot begin, 3 standard input ended, 4 the journal cannot be written, 70 a
 * defect.
 */
public final class InjectorMain {

    /** How long the journal may take to reach the file once the harness has gone, in milliseconds. */
    private static final long LAST_ROWS_MILLIS = 800;

    private InjectorMain() {}

    public static void main(String... args) {
        PrintStream toHarness = System.out;
        // Standard output is the line to the harness, and Gatling prints a greeting.
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        System.setProperty("logback.configurationFile", "squall-injector-logback.xml");
        ChildLink link = new ChildLink(System.in, toHarness);
        int code;
        try {
            code = run(link, args);
        } catch (IllegalArgumentException | IOException e) {
            link.error(String.valueOf(e.getMessage()));
            code = Injector.CANNOT_BEGIN;
        } catch (InterruptedException | RuntimeException | Error e) {
            e.printStackTrace();
            link.error("defect: " + e);
            code = Injector.DEFECT;
        }
        System.exit(code);
    }

    private static int run(ChildLink link, String... args) throws IOException, InterruptedException {
        ChildOptions options = ChildOptions.parse(args);
        Plan plan = Plan.read(options.plan());
        GatlingRun.prepare(Injector.eventLoops(plan), options.gatling() != null);
        try (JournalWriter journal = new JournalWriter(options.journal());
                LatencyLog latencies = new LatencyLog(options.latencies())) {
            var unused = link.stopped().thenRun(() -> stopAtOnce(journal));
            return new Injector(options, plan, link, journal, latencies).run();
        } catch (IOException e) {
            link.error(String.valueOf(e.getMessage()));
            return Injector.CANNOT_WRITE;
        }
    }

    /** The harness has gone or is in a hurry: nothing may hold this up, neither a slow disk nor a shutdown hook. */
    private static void stopAtOnce(JournalWriter journal) {
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                journal.close();
            } catch (IOException e) {
                // Whole rows up to here are in the file; there is nobody left to tell.
            }
        });
        var unused = written.completeOnTimeout(null, LAST_ROWS_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((done, failure) -> Runtime.getRuntime().halt(Injector.STOPPED));
    }
}
