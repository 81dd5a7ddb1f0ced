package dev.squall.run;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.machine.Kernel;
import dev.squall.machine.Pressure;
import dev.squall.observe.Observers;
import dev.squall.plan.Expansion;
import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.report.RunDirectory;
import dev.squall.report.RunInfo;
import dev.squall.role.RunClock;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries one plan out: nodes first, then injectors, one start for all, kills by plan, and an orderly stop. Whatever
 * happens, no child is left behind.
 */
public final class Harness {

    /** Each child for itself, from when it was started. */
    private static final long READY_SECONDS = 60;
    /** Children that get ready at once: more would only take processors from one another, and rehearse in slow motion. */
    private static final int AT_ONCE = Math.max(2, Runtime.getRuntime().availableProcessors());

    /** A start that takes longer tells how far it is. */
    private static final long SLOW_START_MICROS = 2_000_000;

    private static final long START_DELAY_MICROS = 300_000;
    private static final long TICK_MICROS = 100_000;
    private static final long STATUS_MICROS = 1_000_000;
    /** A node that takes a killed one's place is started this long before it must listen: a JVM needs about a second. */
    private static final long STAND_BY_MICROS = 6_000_000;

    private static final long INJECTOR_GRACE_MICROS = 30_000_000;
    /** Longer than a node waits for its journal to be written. */
    private static final long NODE_FINISH_MILLIS = 40_000;

    private static final long HANG_UP_MILLIS = 3_000;

    /** An image may have to be loaded from elsewhere before a server can begin to get ready. */
    private static final long PULL_SECONDS = 600;
    /** What a server may take to be gone beyond its own grace, and what undoing may take. */
    private static final long TARGET_END_MILLIS = 30_000;

    /** What nodes wait for where the steady state comes first. */
    private static final String INJECT = "inject";

    /** Roles prefer IPv4, which has cheaper sockets. */
    private static final List<String> IPV6 = List.of("-Djava.net.preferIPv4Stack=false");

    private final Home home;
    private final Plan plan;
    private final RunDirectory directory;
    private final boolean compressed;
    private final Consumer<Progress> progress;
    private final CompletableFuture<Void> interrupt = new CompletableFuture<>();
    private final UndoLog undo;
    private final List<Child> nodes = new ArrayList<>();
    private final List<Child> injectors = new ArrayList<>();
    private final Map<Integer, Child> standBys = new HashMap<>();
    private final List<Child> all = new ArrayList<>();
    private final List<Child> exited = new ArrayList<>();
    private final Queue<Child> starting = new ArrayDeque<>();
    private final PrintWriter log;
    private final JournalWriter journal;
    private final Reaper reaper;
    private final Pressure pressure = new Pressure(new Kernel(Path.of("/")));
    /** Rows of the time before the start, which wait for the run's clock. */
    private final List<Runnable> early = new ArrayList<>();

    /** What owns the server under test, where the harness starts it. */
    private @Nullable Child target;

    private RunClock clock = new RunClock(System.nanoTime());
    private boolean started;
    /** Whether faults may begin. */
    private boolean injecting;

    private int ready;

    private Harness(
            Home home,
            Plan plan,
            RunDirectory directory,
            boolean compressed,
            Consumer<Progress> progress,
            PrintWriter log,
            JournalWriter journal,
            Reaper reaper,
            UndoLog undo) {
        this.home = home;
        this.plan = plan;
        this.directory = directory;
        this.compressed = compressed;
        this.progress = progress;
        this.log = log;
        this.journal = journal;
        this.reaper = reaper;
        this.undo = undo;
    }

    /**
     * How a run was asked for.
     *
     * @param plan what will be done
     * @param source the text of the file that says so
     * @param file its name as it was given
     * @param set values put over its own
     * @param command the command line
     * @param out where run directories go
     * @param gatling whether what becomes of clients is to be in Gatling's statistics, too
     * @param compressed whether the journals of children are to be compressed
     */
    public record Request(
            Plan plan,
            String source,
            String file,
            List<String> set,
            List<String> command,
            Path out,
            boolean gatling,
            boolean compressed) {}

    /**
     * Makes the run directory and carries the run out; it returns when every child has ended.
     *
     * @param onHarness is given the harness before anything starts, so that a signal can interrupt it
     * @param progress hears once a second how the run stands
     * @return the run directory, to be judged
     * @throws RunException if the run cannot begin
     */
    public static RunDirectory run(Home home, Request request, Consumer<Harness> onHarness, Consumer<Progress> progress)
            throws RunException, IOException, InterruptedException {
        Plan plan = request.plan();
        RunDirectory directory;
        try {
            directory = RunDirectory.create(request.out(), plan.experiment(), Instant.now());
            TextFile.write(plan.serving() == null ? directory.experiment() : directory.faults(), request.source());
            plan.write(directory.plan());
        } catch (IOException e) {
            throw unwritable(e);
        }
        try (PrintWriter log =
                        new PrintWriter(Files.newBufferedWriter(directory.harnessLog(), StandardCharsets.UTF_8), true);
                Reaper reaper = Reaper.start(directory.path().resolve(UndoLog.FILE), rollback(home, plan, directory))) {
            JournalWriter journal = new JournalWriter(directory.path().resolve(HarnessJournal.FILE));
            UndoLog undo = UndoLog.of(directory.path(), ProcessHandle.current());
            Harness harness =
                    new Harness(home, plan, directory, request.compressed(), progress, log, journal, reaper, undo);
            onHarness.accept(harness);
            try (journal) {
                harness.carryOut(request);
            } catch (IOException | RunException e) {
                if (!harness.started) {
                    if (e instanceof FileSystemException file) {
                        throw unwritable(file);
                    }
                    throw e;
                }
                // Under way, so there is something to judge; the missing RUN_ENDED row, or the lost child, tells of it.
                harness.log("the harness failed: " + e);
            }
            progress.accept(harness.progress(Progress.Phase.JUDGING, harness.clock.micros(), OptionalLong.empty()));
        }
        return directory;
    }

    private static RunException unwritable(IOException e) {
        return new RunException(
                "the run directory cannot be written: " + TextFile.told(e)
                        + " (expected: --out DIR, a folder that can be written, with room)",
                e);
    }

    /** Ends the run in order, from any thread; what was measured so far is kept. */
    public void interrupt() {
        interrupt.complete(null);
    }

    private void carryOut(Request request) throws RunException, IOException, InterruptedException {
        boolean done = false;
        try {
            Launch launch = launch(plan);
            if (launch != null) {
                target = start(targetRole(launch), HarnessJournal.TARGET, 0, 1, HarnessJournal.TARGET);
                awaitReady(target);
            }
            for (Plan.Node node : plan.nodes()) {
                nodes.add(startInTurn(
                        nodeRole(plan),
                        HarnessJournal.NODE,
                        node.index(),
                        plan.nodes().size(),
                        "node-" + node.index()));
            }
            for (int i = 0; i < plan.injectors(); i++) {
                injectors.add(startInTurn(
                        "injector",
                        HarnessJournal.INJECTOR,
                        i,
                        plan.injectors(),
                        "clients-" + i,
                        recording(request.gatling(), directory, i)));
            }
            while (!starting.isEmpty()) {
                awaitReady(starting.remove());
            }
            Instant startedAt = Instant.now().plus(START_DELAY_MICROS, ChronoUnit.MICROS);
            clock = new RunClock(System.nanoTime() + START_DELAY_MICROS * 1000);
            info(request, startedAt).write(directory.info());
            started = true;
            early.forEach(Runnable::run);
            early.clear();
            all.forEach(child -> child.say(startLine(startedAt)));
            RestartCommands commands = new RestartCommands(plan, restarter(), journal, clock::micros, this::log);
            SteadyCheck steady = plan.steady() == null ? null : new SteadyCheck(plan, plan.steady());
            AbortCheck abort = new AbortCheck(plan);
            injecting = steady == null;
            try (Observers observers = Observers.begin(
                    plan.observations(),
                    plan.durationMicros(),
                    new Expansion(System::getenv),
                    clock::micros,
                    new ObservationRows(journal, clock::micros, steady, abort))) {
                load(startedAt, commands, steady, abort);
            } finally {
                commands.stop();
            }
            stopNodes();
            stopTarget();
            done = true;
        } finally {
            endAll();
            rollBack();
            early.forEach(Runnable::run); // It never started: its rows are all that there is.
            if (done || !started) {
                journal.add(clock.micros(), JournalEvent.RUN_ENDED, JournalWriter.NONE, null);
            }
        }
    }

    private static @Nullable Launch launch(Plan plan) {
        Plan.Endpoint endpoint = plan.endpoint();
        return endpoint == null ? null : endpoint.launch();
    }

    /** What restarts the server, if it is foreign. */
    private Restarter restarter() {
        Plan.Endpoint endpoint = plan.endpoint();
        Child owner = target;
        return owner != null
                ? new LaunchedRestarter(owner, this::runMicros)
                : new CommandRestarter(
                        endpoint == null ? new Plan.ForeignRestarts(List.of(), 0, 0, 0) : endpoint.restarts(),
                        directory.path(),
                        clock::micros,
                        reaper,
                        undo,
                        this::log);
    }

    private long runMicros(long nanos) {
        return Math.floorDiv(nanos - clock.startNanos(), 1000L);
    }

    /** The command that undoes what a run has left; none where a plan does nothing beyond its own processes. */
    private static List<String> rollback(Home home, Plan plan, RunDirectory directory) throws RunException {
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null
                || endpoint.launch() == null && endpoint.restarts().command().isEmpty()) {
            return List.of();
        }
        List<String> command = new ArrayList<>(home.command("rollback"));
        command.add(directory.path().toAbsolutePath().toString());
        return command;
    }

    /** Undoes what a child that did not end in order, or a command that did not end well, has left. */
    private void rollBack() throws RunException, IOException, InterruptedException {
        List<String> command = rollback(home, plan, directory);
        if (command.isEmpty() || !UndoLog.isIn(directory.path())) {
            return;
        }
        log("undoing what was left: " + String.join(" ", command));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.path().resolve("rollback.log").toFile())
                .start();
        if (!process.waitFor(undoMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        log(UndoLog.isIn(directory.path()) ? "not all of it is undone; see rollback.log" : "undone");
    }

    private long undoMillis() {
        Plan.Endpoint endpoint = plan.endpoint();
        return TARGET_END_MILLIS + (endpoint == null ? 0 : endpoint.restarts().timeoutMicros() / 1000);
    }

    /** A program inherits what its owner has in its environment, so that is the user's alone. */
    private static String targetRole(Launch launch) {
        return launch instanceof Launch.Program ? "target" : "container";
    }

    /** A node that serves clients which are not ours has more to do, and is a process of its own kind. */
    private static String nodeRole(Plan plan) {
        return plan.serving() == null ? "node" : "serve";
    }

    /** Where the run's files are. */
    public RunDirectory directory() {
        return directory;
    }

    /** The ids of its processes that run, by name. To be asked on the thread that hears of the progress. */
    public Map<String, Long> processes() {
        return all.stream().filter(Child::alive).collect(Collectors.toMap(Child::name, Child::pid));
    }

    private String startLine(Instant startedAt) {
        return "start " + ChronoUnit.MICROS.between(Instant.EPOCH, startedAt) + " " + clock.startNanos();
    }

    /** Starts a child of the beginning, once few enough others are still getting ready. */
    private Child startInTurn(String role, String kind, int index, int of, String name, String... more)
            throws RunException, IOException, InterruptedException {
        if (starting.size() >= AT_ONCE) {
            awaitReady(starting.remove());
        }
        Child child = start(role, kind, index, of, name, more);
        starting.add(child);
        return child;
    }

    private Child start(String role, String kind, int index, int of, String name, String... more)
            throws RunException, IOException {
        List<String> command = command(home, plan, directory, compressed, role, index, of, name);
        command.addAll(List.of(more));
        Child child = Child.start(kind, index, name, command, directory.path(), this::log);
        all.add(child);
        reaper.watch(child.pid());
        journal(child, JournalEvent.CHILD_STARTED, JournalWriter.NONE, String.valueOf(child.pid()));
        log(name + " started, process " + child.pid());
        return child;
    }

    private static List<String> command(
            Home home,
            Plan plan,
            RunDirectory directory,
            boolean compressed,
            String role,
            int index,
            int of,
            String name)
            throws RunException {
        Plan.Endpoint endpoint = plan.endpoint();
        Plan.Endpoint dialled = plan.relay() == null ? endpoint : plan.relay().upstream();
        boolean sixth = dialled != null && dialled.addresses().stream().anyMatch(each -> each.contains(":"));
        List<String> flags = new ArrayList<>(Heap.flags(plan, role, of, home.heap(role)));
        flags.addAll(sixth ? IPV6 : List.of());
        List<String> command = new ArrayList<>(home.command(role, flags));
        command.addAll(List.of(
                "--plan",
                directory.plan().toString(),
                "--share",
                index + "/" + of,
                "--out",
                directory.path().toString(),
                "--name",
                name));
        if (compressed) {
            command.addAll(List.of("--compress", "true"));
        }
        return command;
    }

    /** What is said to an injector besides, for Gatling's statistics. */
    private static String[] recording(boolean gatling, RunDirectory directory, int injector) {
        return gatling ? new String[] {"--gatling", directory.gatling(injector).toString()} : new String[0];
    }

    /** The commands that such a run begins with, nodes first. */
    public static List<List<String>> commands(Home home, Request request, RunDirectory directory) throws RunException {
        Plan plan = request.plan();
        List<List<String>> commands = new ArrayList<>();
        Launch launch = launch(plan);
        if (launch != null) {
            commands.add(command(
                    home, plan, directory, request.compressed(), targetRole(launch), 0, 1, HarnessJournal.TARGET));
        }
        for (Plan.Node node : plan.nodes()) {
            commands.add(command(
                    home,
                    plan,
                    directory,
                    request.compressed(),
                    nodeRole(plan),
                    node.index(),
                    plan.nodes().size(),
                    "node-" + node.index()));
        }
        for (int i = 0; i < plan.injectors(); i++) {
            List<String> command = command(
                    home, plan, directory, request.compressed(), "injector", i, plan.injectors(), "clients-" + i);
            command.addAll(List.of(recording(request.gatling(), directory, i)));
            commands.add(command);
        }
        return commands;
    }

    private void awaitReady(Child child) throws RunException, InterruptedException {
        CompletableFuture<Object> either = CompletableFuture.anyOf(child.ready(), interrupt);
        try {
            either.get(readySeconds(child), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new RunException(
                    child.name() + " was not ready within " + readySeconds(child) + " s; see " + logOf(child), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        if (interrupt.isDone()) {
            throw new RunException("interrupted before the run began");
        }
        if (child.ready().getNow("").isEmpty()) {
            child.awaitEnd(HANG_UP_MILLIS);
            if (child.error().startsWith("defect")) {
                throw new IllegalStateException(child.name() + ": " + child.error() + "; see " + logOf(child));
            }
            throw new RunException(
                    child.error().isEmpty()
                            ? child.name() + " ended with code " + child.exitCode() + "; see " + logOf(child)
                            : child.error());
        }
        ready++;
        if (clock.micros() >= SLOW_START_MICROS) {
            progress.accept(Progress.starting(
                    clock.micros(),
                    plan,
                    ready,
                    (target == null ? 0 : 1) + plan.nodes().size() + plan.injectors()));
        }
        journal(child, JournalEvent.CHILD_READY, JournalWriter.NONE, "");
        log(child.name() + " ready: " + child.ready().getNow(""));
    }

    private long readySeconds(Child child) {
        Launch launch = launch(plan);
        return child == target && launch != null
                ? PULL_SECONDS + launch.ready().timeoutMicros() / 1_000_000
                : READY_SECONDS;
    }

    private Path logOf(Child child) {
        return directory.path().resolve(child.name() + ".log");
    }

    /** From the start until every injector has ended; of a server without injectors until its time is over. */
    private void load(Instant startedAt, RestartCommands commands, @Nullable SteadyCheck steady, AbortCheck abort)
            throws RunException, IOException, InterruptedException {
        long nextStatus = 0;
        long hardEnd = plan.durationMicros() + plan.limits().closingPhaseMicros() + INJECTOR_GRACE_MICROS;
        boolean finishing = false;
        List<Plan.Restart> kills = new ArrayList<>(
                nodes.isEmpty()
                        ? List.of()
                        : plan.restarts().stream().filter(Plan.Restart::kill).toList());
        while (true) {
            long now = clock.micros();
            // Asked before the ends are noticed, so that the last end is noticed too.
            boolean running = plan.serving() == null
                    ? injectors.stream().anyMatch(Child::alive)
                    : now < plan.durationMicros() && !finishing;
            boolean unsteady = false;
            if (steady != null && !finishing && now >= steady.nextMicros()) {
                unsteady = !holds(steady, now);
            }
            if (!finishing) {
                standBy(now, startedAt);
            }
            if (!finishing && injecting) {
                kill(now, kills);
            }
            if (finishing || injecting) {
                commands.tick(!finishing && !interrupt.isDone() && now < plan.durationMicros());
            }
            noticeTarget();
            boolean lost = noticeEnds();
            IOException unwritten = journal.failure();
            String aborted = finishing || now >= plan.durationMicros() ? "" : abort(abort);
            if ((!aborted.isEmpty() || interrupt.isDone() || lost || unwritten != null || unsteady) && !finishing) {
                finishing = true;
                String why = lost
                        ? "a child was lost"
                        : unwritten != null
                                ? unwritten.getMessage()
                                : unsteady
                                        ? "the steady state did not hold"
                                        : aborted.isEmpty() ? "by a signal" : aborted;
                if (now < plan.durationMicros()) {
                    journal.add(
                            clock.micros(), // Not before the loss that it may be for.
                            JournalEvent.INTERRUPTED,
                            JournalWriter.NONE,
                            why);
                }
                log("the run ends early: " + why);
                injectors.forEach(child -> child.say("finish"));
                commands.stop();
                hardEnd = Math.min(hardEnd, now + plan.limits().closingPhaseMicros() + INJECTOR_GRACE_MICROS);
            }
            if (now >= nextStatus) {
                nextStatus = now - Math.floorMod(now, STATUS_MICROS) + STATUS_MICROS;
                OptionalLong busy = pressure.busyPermille();
                boolean closing = finishing || now >= plan.durationMicros();
                Progress stands = progress(closing ? Progress.Phase.CLOSING : Progress.Phase.RUNNING, now, busy);
                progress.accept(stands);
                if (steady != null) {
                    steady.status(now, stands.counts());
                }
                busy.ifPresent(share -> journal.add(now, JournalEvent.PROCESSORS, share, null));
            }
            if (now > hardEnd) {
                log("injectors did not end in time");
                injectors.stream().filter(Child::alive).forEach(this::lose);
                break;
            }
            if (!running) {
                break;
            }
            long nextKill = kills.isEmpty() ? Long.MAX_VALUE : kills.get(0).atMicros();
            long next = Math.min(nextKill, commands.nextMicros());
            next = steady == null ? next : Math.min(next, steady.nextMicros());
            tick(finishing, finishing ? TICK_MICROS : next - Math.max(0, now));
        }
    }

    /** Why the run must end; empty if it need not. */
    private String abort(AbortCheck check) {
        return check.held(counts())
                .map(held -> {
                    journal.add(
                            clock.micros(),
                            "",
                            held.condition(),
                            JournalWriter.NONE,
                            JournalEvent.ABORTED,
                            JournalWriter.NONE,
                            JournalWriter.NONE,
                            JournalWriter.NONE,
                            String.valueOf(held.observed()));
                    return "abort-when: " + plan.abortWhen().get(held.condition()) + ", observed " + held.observed();
                })
                .orElse("");
    }

    /** Judges the steady state, and lets the faults begin if it holds: until then no node does anything of the kind. */
    private boolean holds(SteadyCheck steady, long now) throws IOException {
        List<HarnessJournal.Steady> found = steady.judge(now, directory.path(), all, counts());
        for (int i = 0; i < found.size(); i++) {
            HarnessJournal.Steady each = found.get(i);
            long held = each.held() ? 1 : 0;
            long none = JournalWriter.NONE;
            journal.add(now, "", i, none, JournalEvent.STEADY, held, none, none, each.detail());
        }
        injecting = found.stream().allMatch(HarnessJournal.Steady::held);
        log("the steady state " + (injecting ? "holds" : "does not hold"));
        if (injecting) {
            all.stream()
                    .filter(child -> child.role().equals(HarnessJournal.NODE) && child.alive())
                    .forEach(child -> child.say(INJECT));
        }
        return injecting;
    }

    /** An injector that does not end is a lost one: nobody knows what its clients did. */
    private void lose(Child child) {
        child.kill();
        journal(child, JournalEvent.CHILD_EXITED, JournalWriter.NONE, "lost: it did not end in time");
        exited.add(child);
    }

    /** Waits a tick, but not past the next fault; an interruption ends the wait. */
    private void tick(boolean finishing, long untilNextMicros) throws InterruptedException {
        CompletableFuture<Void> waker = finishing ? new CompletableFuture<>() : interrupt;
        long micros = Math.max(1, Math.min(TICK_MICROS, untilNextMicros));
        try {
            waker.get(micros, TimeUnit.MICROSECONDS);
        } catch (TimeoutException e) {
            return; // The usual case: a tick has passed.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void standBy(long now, Instant startedAt) throws RunException, IOException {
        for (Plan.Restart restart : plan.restarts()) {
            boolean due = !nodes.isEmpty()
                    && restart.kill()
                    && now >= restart.listeningMicros() - STAND_BY_MICROS
                    && now < restart.listeningMicros();
            for (int node : restart.nodes()) {
                int key = restart.index() * plan.nodes().size() + node;
                if (due && !standBys.containsKey(key)) {
                    Child child = start(
                            "node",
                            HarnessJournal.NODE,
                            node,
                            plan.nodes().size(),
                            "node-" + node + "." + (restart.index() + 1),
                            "--after-restart",
                            String.valueOf(restart.index()));
                    child.say(startLine(startedAt));
                    if (plan.steady() != null && injecting) {
                        child.say(INJECT);
                    }
                    standBys.put(key, child);
                }
            }
        }
    }

    private void kill(long now, List<Plan.Restart> kills) {
        kills.removeIf(restart -> {
            if (now < restart.atMicros()) {
                return false;
            }
            for (int node : restart.nodes()) {
                Child old = current(node, restart);
                long at = clock.micros();
                old.killByPlan();
                journal.add(
                        at,
                        "",
                        node,
                        JournalWriter.NONE,
                        JournalEvent.CHILD_KILLED,
                        JournalWriter.NONE,
                        JournalWriter.NONE,
                        restart.index(),
                        old.role() + " " + old.name());
                log(old.name() + " killed by plan");
            }
            return true;
        });
    }

    /** The process that is this node when the restart comes: the first one, or what took a killed one's place. */
    private Child current(int node, Plan.Restart restart) {
        Child current = nodes.get(node);
        for (int earlier = 0; earlier < restart.index(); earlier++) {
            current = standBys.getOrDefault(earlier * plan.nodes().size() + node, current);
        }
        return current;
    }

    /** Journals that the server under test ended by itself, which is for its clients to feel and no loss of a child. */
    private void noticeTarget() {
        String gone = target == null ? null : target.takeGone();
        if (gone != null) {
            String[] words = gone.split(" ", 2);
            journal.add(runMicros(Long.parseLong(words[0])), JournalEvent.TARGET_EXITED, JournalWriter.NONE, words[1]);
            log("the server under test ended: " + words[1]);
        }
    }

    /** Journals the ends that are new; true if one was a loss. */
    private boolean noticeEnds() {
        boolean lost = false;
        for (Child child : all) {
            if (child.alive() || exited.contains(child)) {
                continue;
            }
            exited.add(child);
            boolean planned =
                    child.endedAsPlanned() || child.role().equals(HarnessJournal.INJECTOR) && child.exitCode() == 0;
            lost |= !planned;
            journal(
                    child,
                    JournalEvent.CHILD_EXITED,
                    child.exitCode(),
                    planned ? "planned" : "lost with exit code " + child.exitCode() + error(child));
            log(child.name() + " ended with code " + child.exitCode() + error(child));
        }
        return lost;
    }

    private static String error(Child child) {
        return child.error().isEmpty() ? "" : ": " + child.error();
    }

    private Progress progress(Progress.Phase phase, long now, OptionalLong busyPermille) {
        long stall = all.stream().mapToLong(Child::takeStallMicros).max().orElse(0);
        return new Progress(phase, now, plan.durationMicros(), plan.clients(), counts(), stall, busyPermille);
    }

    private Map<String, Long> counts() {
        Map<String, Long> sums = new HashMap<>();
        List<Child> told = plan.serving() == null ? injectors : nodes;
        told.forEach(child -> child.status().forEach((name, count) -> sums.merge(name, count, Long::sum)));
        return sums;
    }

    private void stopNodes() throws InterruptedException {
        List<Child> running = all.stream()
                .filter(c -> c.role().equals(HarnessJournal.NODE) && c.alive())
                .toList();
        running.forEach(Child::expectEnd);
        running.forEach(child -> child.say("finish"));
        awaitAll(running, NODE_FINISH_MILLIS);
        noticeEnds();
    }

    /** The server goes in order, after its last client. */
    private void stopTarget() throws InterruptedException {
        Child owner = target;
        Launch launch = launch(plan);
        if (owner == null || launch == null || !owner.alive()) {
            return;
        }
        owner.expectEnd();
        owner.say("finish");
        owner.awaitEnd(TARGET_END_MILLIS + launch.graceMicros() / 1000);
        noticeEnds();
    }

    private void endAll() throws InterruptedException {
        List<Child> left = all.stream().filter(Child::alive).toList();
        left.forEach(Child::hangUp);
        // A child that owns a server takes that along, by force.
        awaitAll(left, target != null && target.alive() ? TARGET_END_MILLIS : HANG_UP_MILLIS);
        List<Child> stubborn = left.stream().filter(Child::alive).toList();
        stubborn.forEach(Child::kill);
        awaitAll(stubborn, HANG_UP_MILLIS);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HANG_UP_MILLIS);
        for (Child child : all) {
            child.awaitOutput(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
        }
        noticeEnds();
    }

    private static void awaitAll(List<Child> children, long millis) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Child child : children) {
            child.awaitEnd(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
        }
    }

    private void journal(Child child, JournalEvent event, long code, String more) {
        long nanos = System.nanoTime();
        Runnable row = () -> journal.add(
                runMicros(nanos),
                "",
                child.index(),
                JournalWriter.NONE,
                event,
                code,
                JournalWriter.NONE,
                JournalWriter.NONE,
                (child.role() + " " + child.name() + " " + more).strip());
        if (started) {
            row.run();
        } else {
            early.add(row);
        }
    }

    private void log(String line) {
        log.println(Instant.now() + " " + line);
    }

    private RunInfo info(Request request, Instant startedAt) {
        Map<String, List<String>> children = new LinkedHashMap<>();
        all.forEach(child -> children.put(child.name(), child.command()));
        return info(home, request, startedAt, children);
    }

    /** How a run, or a prediction, was made. */
    public static RunInfo info(Home home, Request request, Instant startedAt, Map<String, List<String>> children) {
        Plan plan = request.plan();
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("squall", home.version());
        versions.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        for (String library : List.of("gatling", "vertx", "netty")) {
            versions.put(library, home.version(library));
        }
        return new RunInfo(
                RunInfo.SCHEMA,
                plan.experiment(),
                startedAt.truncatedTo(ChronoUnit.MILLIS).toString(),
                plan.seed(),
                request.command(),
                request.file(),
                request.set(),
                versions,
                Machine.facts(),
                children);
    }
}
