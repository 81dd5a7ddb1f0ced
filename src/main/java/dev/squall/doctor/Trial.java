package dev.squall.doctor;

import dev.squall.machine.Kernel;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.run.Progress;
import dev.squall.run.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Less than a minute of an experiment with some thousand clients, one node and one injector, on loopback: what each client
 * takes is what both processes and the kernel have more than without one.
 */
public final class Trial {

    /** Clients where nothing else is said: beside fewer, what a process takes by itself is not small. */
    public static final int CLIENTS = 4000;

    private static final long SECOND = 1_000_000;

    /** Nobody comes before this, so that what the processes take without a client is seen. */
    private static final long BASE_MICROS = 2 * SECOND;

    private static final long ARRIVALS_PER_SECOND = 1000;
    private static final long SETTLE_MICROS = 3 * SECOND;

    /** Every client has said something by then: compression takes nothing before. */
    private static final long MESSAGE_MICROS = 4 * SECOND;

    private static final long DRAIN_MICROS = SECOND;
    private static final long RETURN_MICROS = 8 * SECOND;

    /** With a smaller share of the clients open at once, what was measured is no client's. */
    private static final double ENOUGH = 0.9;

    /** A small young generation: in a large one clients would hide in pages that were touched before they came. */
    private static final List<String> FLAGS = List.of("-Xms16m", "-Xmn4m");

    private final Plan plan;
    private final Map<Cost, Double> found;

    private Trial(Plan plan, Map<Cost, Double> found) {
        this.plan = plan;
        this.found = found;
    }

    /**
     * Carries one out. It loads nothing but a node of its own on loopback, and leaves nothing.
     *
     * @param plan of the experiment, at a port that is free
     * @param clients how many, at least 1
     * @param onHarness is given the harness before anything starts, so that a signal can interrupt it
     * @param progress hears once a second how it stands
     * @throws RunException if the experiment is against a server that is not ours, or too few clients got there
     */
    public static Trial of(Home home, Plan plan, int clients, Consumer<Harness> onHarness, Consumer<Progress> progress)
            throws RunException, IOException, InterruptedException {
        Plan scaled = scaled(plan, clients);
        Path out = Files.createTempDirectory("squall-trial-");
        try {
            Checkup.of(home, out, scaled).admit();
            Meter meter = new Meter(new Kernel(Path.of("/")));
            AtomicReference<@Nullable Harness> running = new AtomicReference<>();
            Harness.run(
                    home.with(FLAGS),
                    new Harness.Request(scaled, "", "", List.of(), List.of(), out, false, false),
                    harness -> {
                        running.set(harness);
                        onHarness.accept(harness);
                    },
                    status -> {
                        Harness harness = running.get();
                        if (harness != null && !status.isStarting()) {
                            Map<String, Long> processes = harness.processes();
                            meter.sample(
                                    status,
                                    processes.getOrDefault("clients-0", 0L),
                                    processes.getOrDefault("node-0", 0L),
                                    scaled.clients());
                        }
                        progress.accept(status);
                    });
            if (meter.open() < ENOUGH * scaled.clients()) {
                throw new RunException(String.format(
                        Locale.ROOT,
                        "trial: %,d of %,d clients were open at once (expected: nearly all; squall run tells what"
                                + " becomes of them, doctor without --trial has the shipped table)",
                        meter.open(),
                        scaled.clients()));
            }
            return new Trial(scaled, meter.found(journalBytes(out)));
        } finally {
            delete(out);
        }
    }

    /** What it found, over the shipped table. */
    Costs costs() {
        return Costs.SHIPPED.tried(found);
    }

    /**
     * What will be tried, in words.
     *
     * @throws RunException if the experiment is against a server that is not ours
     */
    public static String described(Plan plan, int clients) throws RunException {
        return words(scaled(plan, clients));
    }

    private static String words(Plan scaled) {
        return String.format(
                Locale.ROOT,
                "%,d clients at one node on loopback, for %d s, %s and no other fault",
                scaled.clients(),
                scaled.durationMicros() / SECOND,
                scaled.restarts().isEmpty() ? "no restart" : "one restart");
    }

    @Override
    public String toString() {
        return words(plan) + ", on Java " + Runtime.version();
    }

    /** The same populations in the same parts, soon there and soon talking; of all faults one restart, if there is any. */
    static Plan scaled(Plan plan, int clients) throws RunException {
        if (plan.nodes().isEmpty()) {
            throw new RunException("--trial: the target is a server of yours (expected: target.mock; a trial loads"
                    + " nothing but a node of its own)");
        }
        long arrive = Math.max(SECOND, clients * SECOND / ARRIVALS_PER_SECOND);
        Arrivals arrivals = new Arrivals(
                List.of(new Arrivals.Stage(BASE_MICROS, 0, 0), new Arrivals.Stage(arrive, 1, 1)), false, false, null);
        boolean talking = false;
        List<Population> populations = new ArrayList<>();
        for (Population each : plan.populations()) {
            Message message = each.message();
            talking |= message != null;
            populations.add(new Population(
                    each.index(),
                    each.name(),
                    (int) Math.max(1, Math.round((double) each.clients() * clients / plan.clients())),
                    arrivals,
                    each.request(),
                    each.timeouts(),
                    each.offer(),
                    each.require(),
                    each.on1010(),
                    each.ready(),
                    each.holdMicros(),
                    message == null ? null : soon(message),
                    each.ping(),
                    each.reconnect()));
        }
        long settled = BASE_MICROS + arrive + (talking ? MESSAGE_MICROS : 0) + SETTLE_MICROS;
        List<Plan.Restart> restarts = plan.restarts().stream()
                .limit(1)
                .map(restart -> restart(restart, settled))
                .toList();
        return new Plan(
                Plan.SCHEMA,
                plan.experiment(),
                plan.seed(),
                restarts.isEmpty() ? settled : settled + DRAIN_MICROS + RETURN_MICROS + (talking ? MESSAGE_MICROS : 0),
                1,
                plan.nodes().subList(0, 1),
                null,
                null,
                plan.extensions(),
                null,
                plan.replies(),
                plan.balance(),
                populations,
                List.of(),
                restarts,
                plan.limits(),
                List.of(),
                plan.confidence(),
                List.of(),
                null,
                null,
                List.of());
    }

    private static Message soon(Message message) {
        return new Message(
                Math.min(message.everyMicros(), MESSAGE_MICROS),
                false,
                message.binary(),
                message.bytes(),
                message.text(),
                message.feed());
    }

    /** A kill becomes a restart with its code, by default 1012: what its clients take is the same. */
    private static Plan.Restart restart(Plan.Restart restart, long at) {
        return new Plan.Restart(
                0,
                at,
                DRAIN_MICROS,
                null,
                SECOND,
                RETURN_MICROS,
                restart.code(),
                restart.whileDown(),
                restart.retryAfterMicros(),
                false,
                false,
                List.of(0));
    }

    private static long journalBytes(Path out) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Trial::isJournal).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static boolean isJournal(Path file) {
        return String.valueOf(file.getFileName()).matches("(clients|node)-0\\.csv.*") && Files.isRegularFile(file);
    }

    private static void delete(Path out) throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
