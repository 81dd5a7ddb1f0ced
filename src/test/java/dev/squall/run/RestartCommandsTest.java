package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.undo.UndoLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real commands, on a clock that the test moves. */
@Timeout(30)
class RestartCommandsTest {

    @TempDir
    Path directory;

    private final AtomicLong micros = new AtomicLong();
    private int ended;

    private void log(String line) {
        ended += line.startsWith("command ended") ? 1 : 0;
    }

    private interface Script {
        void play(RestartCommands commands) throws Exception;
    }

    /** Plays a script and reads what the journal says of the commands. */
    private List<HarnessJournal.Command> journalled(String command, String faults, Script script) throws Exception {
        Experiment experiment = new ExperimentReader(20_000, System::getenv)
                .read(
                        "duration: 100s\nload: {all: {clients: 1}}\ntarget: {url: 'ws://localhost/', restart: {command: "
                                + command + ", timeout: 10s}}\nfaults: [" + faults + "]\n",
                        "test.yaml",
                        List.of());
        try (Reaper reaper = Reaper.start();
                JournalWriter journal = new JournalWriter(directory.resolve(HarnessJournal.FILE))) {
            Plan plan = experiment.plan(1, experiment.target());
            UndoLog undo = UndoLog.of(directory, ProcessHandle.current());
            RestartCommands commands = new RestartCommands(
                    plan,
                    new CommandRestarter(plan.endpoint().restarts(), directory, micros::get, reaper, undo, this::log),
                    journal,
                    micros::get,
                    this::log);
            journal.add(
                    0,
                    "",
                    0,
                    JournalWriter.NONE,
                    JournalEvent.CHILD_STARTED,
                    JournalWriter.NONE,
                    JournalWriter.NONE,
                    JournalWriter.NONE,
                    "injector clients-0 1");
            script.play(commands);
            commands.stop();
            journal.add(micros.get(), JournalEvent.RUN_ENDED, JournalWriter.NONE, null);
        }
        return HarnessJournal.read(directory).commands();
    }

    /** Ticks until this many commands have ended, as their rows say; at most ten seconds. */
    private void untilEnded(RestartCommands commands, int count) throws Exception {
        for (int i = 0; i < 5000 && ended < count; i++) {
            commands.tick(true);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        assertThat(ended).isEqualTo(count);
    }

    private static final String TWICE = "{restart: {at: 10s, deadline: 1s}}, {restart: {at: 90s, deadline: 1s}}";

    @Test
    void aCommandRunsWhenItIsDueAndItsOutputIsKept() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[sh, -c, 'echo to out; echo to err >&2']", TWICE, c -> {
            micros.set(9_999_999);
            c.tick(true);
            assertThat(c.nextMicros()).isEqualTo(10_000_000);
            micros.set(10_000_001);
            untilEnded(c, 1);
        });

        assertThat(commands).containsExactly(new HarnessJournal.Command(0, 10_000_001, 10_000_001, 0, ""));
        assertThat(directory.resolve("restart-0.log")).hasContent("to out\nto err\n");
    }

    @Test
    void aCommandThatFailsSaysWithWhatCode() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[sh, -c, 'exit 3']", TWICE, c -> {
            micros.set(10_000_000);
            untilEnded(c, 1);
        });

        assertThat(commands).containsExactly(new HarnessJournal.Command(0, 10_000_000, 10_000_000, 3, "exit code 3"));
    }

    @Test
    void aProgramThatIsNotThereIsAFailureAndNotTheEnd() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[/no/such/program]", TWICE, c -> {
            micros.set(10_000_000);
            c.tick(true);
        });

        assertThat(commands).singleElement().satisfies(command -> {
            assertThat(command.exitCode()).isEqualTo(HarnessJournal.Command.NO_EXIT);
            assertThat(command.failure()).contains("could not be started").contains("No such file");
        });
    }

    @Test
    void aReferenceThatHasGoneIsAFailureThatNamesIt() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "hush");
        List<HarnessJournal.Command> commands = journalled("[echo, '${file:" + token + "}']", TWICE, c -> {
            Files.delete(token);
            micros.set(10_000_000);
            c.tick(true);
        });

        assertThat(commands)
                .singleElement()
                .satisfies(command -> assertThat(command.failure()).contains("${file:" + token + "}"));
    }

    @Test
    void aCommandThatTakesTooLongIsStopped() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[sleep, '1000']", TWICE, c -> {
            micros.set(10_000_000);
            c.tick(true);
            micros.set(20_000_000);
            c.tick(true);
            assertThat(c.nextMicros()).as("it may still run").isEqualTo(Long.MAX_VALUE);
            micros.set(20_000_001);
            untilEnded(c, 1);
        });

        assertThat(commands).singleElement().satisfies(command -> {
            assertThat(command.endMicros()).isEqualTo(20_000_001);
            assertThat(command.failure()).contains("timeout of 10 s");
        });
    }

    @Test
    void aCommandThatDoesNotListenIsKilled() throws Exception {
        List<HarnessJournal.Command> commands =
                journalled("[sh, -c, 'trap \"\" TERM; while :; do sleep 0.1; done']", TWICE, c -> {
                    micros.set(10_000_000);
                    c.tick(true);
                    micros.set(20_000_001);
                    c.tick(true);
                    micros.set(22_000_001);
                    untilEnded(c, 1);
                });

        assertThat(commands)
                .singleElement()
                .satisfies(command -> assertThat(command.failure()).contains("timeout"));
    }

    @Test
    void noCommandOutlivesTheRun() throws Exception {
        long[] pid = new long[1];
        List<HarnessJournal.Command> commands = journalled("[sh, -c, 'echo $$; exec sleep 1000']", TWICE, c -> {
            micros.set(10_000_000);
            c.tick(true);
            Path output = directory.resolve("restart-0.log");
            while (Files.readString(output).isBlank()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            pid[0] = Long.parseLong(Files.readString(output).strip());
        });

        assertThat(ProcessHandle.of(pid[0])).isEmpty();
        assertThat(commands).singleElement().satisfies(command -> {
            assertThat(command.endMicros()).isEqualTo(HarnessJournal.Command.RUNNING);
            assertThat(command.failure()).isNotEmpty();
        });
    }

    @Test
    void nothingBeginsOnceTheLoadIsOver() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[touch, made]", TWICE, c -> {
            micros.set(10_000_000);
            c.tick(false);
        });

        assertThat(commands).isEmpty();
    }

    @Test
    void theNextCommandWaitsForTheOneBefore() throws Exception {
        List<HarnessJournal.Command> commands = journalled("[sleep, '0.05']", TWICE, c -> {
            micros.set(95_000_000);
            c.tick(true);
            c.tick(true);
            assertThat(directory.resolve("restart-1.log")).doesNotExist();
            untilEnded(c, 2);
        });

        assertThat(commands).extracting(HarnessJournal.Command::failure).containsExactly("", "");
    }
}
