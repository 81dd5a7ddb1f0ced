package dev.squall.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Launch;
import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs, owned by a real process. */
@Timeout(60)
class ProgramServerTest {

    /** An HTTP server that says its process id, and on SIGHUP that it has renewed itself. */
    private static final String SERVER = """
            console.log('pid ' + process.pid);
            process.on('SIGHUP', () => console.log('renewed'));
            %s
            require('http').createServer((q, r) => { r.statusCode = q.url == '/sick' ? 500 : 200; r.end(); })
              .listen(%d, '127.0.0.1', () => console.log('listening'));
            """;

    @TempDir
    Path folder;

    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        port = Owner.freePort();
    }

    /** Nothing of this test is left, whatever it found. */
    @AfterEach
    void cleanUp() throws Exception {
        Owner.java(RollbackMain.class, folder.toString()).start().waitFor(20, TimeUnit.SECONDS);
    }

    private Launch.Program server(String more, Launch.Way restart, Launch.Ready ready) {
        return program(List.of("node", "-e", String.format(SERVER, more, port)), restart, ready);
    }

    private Launch.Program program(List<String> command, Launch.Way restart, Launch.Ready ready) {
        return new Launch.Program(
                command,
                Map.of(),
                null,
                port,
                "SIGTERM",
                restart,
                restart == Launch.Way.SIGNAL ? "SIGHUP" : "",
                700_000,
                ready);
    }

    private static Launch.Ready within(long millis) {
        return new Launch.Ready(null, null, millis * 1000);
    }

    private Launch.Program server(Launch.Way restart) {
        return server("", restart, within(20_000));
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve(Launch.LOG));
    }

    /** The process ids that it said, in order. */
    private List<Long> pids() throws IOException {
        return said().lines()
                .filter(line -> line.startsWith("pid "))
                .map(line -> Long.parseLong(line.substring(4)))
                .toList();
    }

    private static boolean runs(long pid) {
        return ProcessHandle.of(pid)
                .filter(process -> process.info().commandLine().isPresent())
                .isPresent();
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("no " + what + " in time").isLessThan(until);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void aServerThatServesIsReadyAndIsTakenAwayAtTheEnd() throws Exception {
        try (Owner owner = Owner.of(folder, server(Launch.Way.STOP)).begun()) {
            assertThat(listens()).isTrue();
            assertThat(UndoLog.isIn(folder)).isTrue();
            owner.say("finish");

            assertThat(owner.exitCode()).isZero();
        }
        assertThat(listens()).isFalse();
        assertThat(UndoLog.isIn(folder)).isFalse();
    }

    @Test
    void aHarnessThatIsGoneTakesItAlongAtOnce() throws Exception {
        try (Owner owner = Owner.of(folder, server("process.on('SIGTERM', () => {});", Launch.Way.STOP, within(20_000)))
                .begun()) {
            owner.process.outputWriter().close();

            assertThat(owner.exitCode()).isEqualTo(3);
        }
        assertThat(listens()).isFalse();
        assertThat(UndoLog.isIn(folder)).isFalse();
    }

    @Test
    void itsWholeGroupGoesAndEvenWhoHasLeftThat() throws Exception {
        String script = "node -e \"$0\" & setsid sleep 1000 & sleep 1001 & echo pid $!; wait";
        try (Owner owner = Owner.of(
                        folder,
                        program(
                                List.of("sh", "-c", script, String.format(SERVER, "", port)),
                                Launch.Way.STOP,
                                within(20_000)))
                .begun()) {
            UndoLog log = UndoLog.read(folder);
            Step.Processes step = (Step.Processes) log.toUndo().get(0);
            ProcessGroup group = new ProcessGroup(step.group(), step.startTicks(), step.mark());
            await("four processes and the one that left", () -> size(group) >= 4);
            List<Long> all = group.all();
            owner.say("finish");

            assertThat(owner.exitCode()).isZero();
            assertThat(all).hasSizeGreaterThanOrEqualTo(4).noneMatch(ProgramServerTest::runs);
        }
    }

    private static int size(ProcessGroup group) {
        try {
            return group.all().size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aStopEndsItBySignalAndAnotherTakesItsPlace() throws Exception {
        String polite = "process.on('SIGTERM', () => { console.log('bye'); process.exit(7); });";
        try (Owner owner = Owner.of(folder, server(polite, Launch.Way.STOP, within(20_000)))
                .begun()) {
            var restarted = owner.restart(false, 100);

            assertThat(restarted.failure()).isEmpty();
            assertThat(restarted.code()).isEqualTo(7);
            assertThat(said()).contains("bye");
            assertThat(pids()).hasSize(2).doesNotHaveDuplicates();
            assertThat(runs(pids().get(0))).isFalse();
            assertThat(listens()).isTrue();
        }
    }

    @Test
    void whoDoesNotListenToTheSignalIsKilledAfterTheGrace() throws Exception {
        String deaf = "process.on('SIGTERM', () => console.log('deaf'));";
        try (Owner owner =
                Owner.of(folder, server(deaf, Launch.Way.STOP, within(20_000))).begun()) {
            assertThat(owner.restart(false, 0).code()).isEqualTo(128 + 9);
            assertThat(said()).contains("deaf");
        }
    }

    @Test
    void aKillLeavesNoTimeForWords() throws Exception {
        String polite = "process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });";
        try (Owner owner = Owner.of(folder, server(polite, Launch.Way.STOP, within(20_000)))
                .begun()) {
            assertThat(owner.restart(true, 0).code()).isEqualTo(128 + 9);
            assertThat(said()).doesNotContain("bye");
            assertThat(pids()).hasSize(2);
        }
    }

    @Test
    void aPausedServerStandsStillAndGoesOn() throws Exception {
        try (Owner owner = Owner.of(folder, server(Launch.Way.PAUSE)).begun()) {
            owner.say("restart 0 false 600000");
            await("standstill", () -> state(pid()).equals("T"));
            assertThat(owner.until("squall: restarted ")).endsWith(" -1 ");

            assertThat(state(pid())).isNotEqualTo("T");
            assertThat(pids()).hasSize(1);
        }
    }

    @Test
    void whoHasLeftItsGroupStandsStillToo() throws Exception {
        String script = "setsid node -e \"$0\" & wait";
        try (Owner owner = Owner.of(
                        folder,
                        program(
                                List.of("sh", "-c", script, String.format(SERVER, "", port)),
                                Launch.Way.PAUSE,
                                within(20_000)))
                .begun()) {
            owner.say("restart 0 false 600000");
            await("standstill", () -> state(pid()).equals("T"));
            assertThat(owner.until("squall: restarted ")).endsWith(" -1 ");

            assertThat(state(pid())).isNotEqualTo("T");
        }
    }

    private long pid() {
        try {
            return pids().get(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String state(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
        } catch (IOException e) {
            return "gone";
        }
    }

    @Test
    void aServerMayRenewItselfBySignal() throws Exception {
        try (Owner owner = Owner.of(folder, server(Launch.Way.SIGNAL)).begun()) {
            assertThat(owner.restart(false, 0).failure()).isEmpty();

            await("word of it", () -> {
                try {
                    return said().contains("renewed");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(pids()).hasSize(1);
        }
    }

    @Test
    void aServerThatEndsByItselfIsToldOnce() throws Exception {
        try (Owner owner = Owner.of(
                        folder, server("setTimeout(() => process.exit(5), 1500);", Launch.Way.STOP, within(20_000)))
                .begun()) {
            assertThat(owner.until("squall: gone ")).endsWith("exit code 5");
            assertThat(owner.restart(false, 0).failure()).isEmpty();
            assertThat(listens()).isTrue();
        }
    }

    @Test
    void aProgramThatEndsBeforeItServesIsToldWithItsLastWords() throws Exception {
        try (Owner owner = Owner.of(
                folder,
                program(List.of("sh", "-c", "echo no such room >&2; exit 4"), Launch.Way.STOP, within(20_000)))) {
            assertThat(owner.until("squall: error"))
                    .contains("it ended before it served: exit code 4")
                    .contains("no such room");
            assertThat(owner.exitCode()).isEqualTo(1);
        }
        assertThat(UndoLog.isIn(folder)).isFalse();
    }

    @Test
    void aProgramThatIsNotThereIsTold() throws Exception {
        try (Owner owner = Owner.of(folder, program(List.of("/no/such/program"), Launch.Way.STOP, within(20_000)))) {
            assertThat(owner.until("squall: error")).contains("/no/such/program");
        }
    }

    @Test
    void aProgramThatNeverServesIsGivenUpAndTakenAway() throws Exception {
        try (Owner owner = Owner.of(folder, program(List.of("sleep", "1000"), Launch.Way.STOP, within(500)))) {
            assertThat(owner.until("squall: error"))
                    .contains("it did not serve within 500 ms")
                    .contains("port " + port);
            assertThat(owner.exitCode()).isEqualTo(1);
        }
        assertThat(UndoLog.isIn(folder)).isFalse();
    }

    @Test
    void readyIsWhatTheExperimentSays() throws Exception {
        Launch.Ready sick = new Launch.Ready("/sick", null, 500_000);
        try (Owner owner = Owner.of(Files.createDirectory(folder.resolve("sick")), server("", Launch.Way.STOP, sick))) {
            assertThat(owner.until("squall: error")).contains("/sick answers 500");
            assertThat(owner.exitCode()).isEqualTo(1);
        }
        Launch.Ready silent = new Launch.Ready(null, "at your service", 500_000);
        try (Owner owner =
                Owner.of(Files.createDirectory(folder.resolve("silent")), server("", Launch.Way.STOP, silent))) {
            assertThat(owner.until("squall: error")).contains("no line of its output matches at your service");
            assertThat(owner.exitCode()).isEqualTo(1);
        }
        Launch.Ready well = new Launch.Ready("/", "^listening$", 20_000_000);
        try (Owner owner = Owner.of(Files.createDirectory(folder.resolve("well")), server("", Launch.Way.STOP, well))
                .begun()) {
            assertThat(owner.restart(false, 0).failure()).isEmpty();
        }
    }

    @Test
    void whatAKilledOwnerLeavesIsTakenBackOnceAndThenThereIsNothing() throws Exception {
        try (Owner owner = Owner.of(folder, server(Launch.Way.STOP)).begun()) {
            owner.process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
        assertThat(listens()).isTrue();
        assertThat(UndoLog.read(folder).toUndo()).hasSize(1);

        Process undo = Owner.java(RollbackMain.class, folder.toString()).start();
        assertThat(undo.waitFor(20, TimeUnit.SECONDS)).isTrue();

        assertThat(undo.exitValue()).isZero();
        assertThat(undo.inputReader().readLine()).startsWith("undone  the process node");
        assertThat(listens()).isFalse();
        assertThat(UndoLog.isIn(folder)).isFalse();
    }

    @Test
    void aProcessIdThatSomebodyElseHasNowIsLeftAlone() throws Exception {
        Process innocent = new ProcessBuilder("setsid", "sleep", "1000").start();
        try {
            ProcessGroup its = ProcessGroup.of(innocent.pid(), "another-run");
            assertThat(its.members()).containsExactly(innocent.pid());
            UndoLog log = UndoLog.of(folder, ProcessHandle.current());
            log.add(new Step.Processes(innocent.pid(), its.startTicks() - 1, "this-run", "a server of long ago"));

            assertThat(Owner.java(RollbackMain.class, folder.toString()).start().waitFor(20, TimeUnit.SECONDS))
                    .isTrue();

            assertThat(innocent.isAlive()).isTrue();
            assertThat(UndoLog.isIn(folder)).isFalse();
        } finally {
            innocent.destroyForcibly();
        }
    }
}
