package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HarnessJournalTest {

    private static final long NONE = JournalWriter.NONE;

    @TempDir
    Path directory;

    private JournalWriter writer() throws IOException {
        return new JournalWriter(directory.resolve(HarnessJournal.FILE));
    }

    private static void started(JournalWriter writer, String... children) {
        for (String child : children) {
            writer.add(-9, "", 0, NONE, JournalEvent.CHILD_STARTED, NONE, NONE, NONE, child + " 4711");
        }
    }

    @Test
    void anAbsentJournalIsAnErrorThatNamesIt() {
        assertThatIOException()
                .isThrownBy(() -> HarnessJournal.read(directory))
                .withMessageContaining(directory.resolve(HarnessJournal.FILE) + ": missing");
    }

    @Test
    void aJournalWithoutChildrenIsNoRuns() throws IOException {
        writer().close();

        assertThatIOException()
                .isThrownBy(() -> HarnessJournal.read(directory))
                .withMessageContaining(directory.resolve(HarnessJournal.FILE) + ": names no child");
    }

    @Test
    void whoEndedInOrderHasWholeFilesAndWhomThePlanKilledHasNot() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "node node-0", "node node-0.1", "injector clients-0", "injector clients-1");
            writer.add(5, "", 0, NONE, JournalEvent.CHILD_KILLED, NONE, NONE, 0, "node node-0");
            writer.add(6, "", 0, NONE, JournalEvent.CHILD_EXITED, 137, NONE, NONE, "node node-0 planned");
            writer.add(7, "", 0, NONE, JournalEvent.CHILD_EXITED, 0, NONE, NONE, "node node-0.1 planned");
            writer.add(8, "", 0, NONE, JournalEvent.CHILD_EXITED, 1, NONE, NONE, "injector clients-0 lost: how");
        }

        assertThat(HarnessJournal.read(directory).children())
                .containsExactly(
                        new HarnessJournal.Child("node-0", 5, false),
                        new HarnessJournal.Child("node-0.1", Long.MAX_VALUE, true),
                        new HarnessJournal.Child("clients-0", Long.MAX_VALUE, false),
                        new HarnessJournal.Child("clients-1", Long.MAX_VALUE, false));
    }

    @Test
    void aQuietRunLosesNobody() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "node node-0");
            writer.add(-5, "", 0, NONE, JournalEvent.CHILD_READY, NONE, NONE, NONE, "node node-0");
            writer.add(99, "", 0, NONE, JournalEvent.CHILD_EXITED, 0, NONE, NONE, "node node-0 planned");
            writer.add(100, JournalEvent.RUN_ENDED, NONE, null);
        }
        HarnessJournal journal = HarnessJournal.read(directory);

        assertThat(journal.lost()).isEmpty();
        assertThat(journal.kills()).isEmpty();
        assertThat(journal.damage()).isEmpty();
        assertThat(journal.interruptedMicros()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatWasObservedAndFoundOfTheSteadyStateIsReadBackAndDamageOfItIsTold() throws IOException {
        HarnessJournal.Steady held = new HarnessJournal.Steady(true, 0.25, "");
        HarnessJournal.Steady not = new HarnessJournal.Steady(false, Double.NaN, "nothing, \"as it were\"");
        try (JournalWriter writer = writer()) {
            started(writer, "node node-0");
            writer.add(1, "db", NONE, NONE, JournalEvent.OBSERVED, NONE, NONE, 0, "-1.5");
            writer.add(2, "db", NONE, NONE, JournalEvent.UNOBSERVED, NONE, NONE, 1, "HTTP 500");
            writer.add(3, "db", NONE, NONE, JournalEvent.OBSERVED, NONE, NONE, 2, "many");
            writer.add(4, "", 0, NONE, JournalEvent.STEADY, 1, NONE, NONE, held.detail());
            writer.add(4, "", 1, NONE, JournalEvent.STEADY, 0, NONE, NONE, not.detail());
            writer.add(100, JournalEvent.RUN_ENDED, NONE, null);
        }
        HarnessJournal journal = HarnessJournal.read(directory);

        assertThat(journal.polled())
                .containsExactly(
                        new HarnessJournal.Polled("db", 0, -1.5, ""),
                        new HarnessJournal.Polled("db", 1, Double.NaN, "HTTP 500"));
        assertThat(journal.steady()).containsExactly(held, not);
        assertThat(journal.damage()).containsExactly("harness.csv has 1 missing or damaged rows");
    }

    @Test
    void aChildThatEndedThoughNobodyWantedItIsLost() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "node node-1", "injector clients-2");
            writer.add(5, "", 2, NONE, JournalEvent.CHILD_EXITED, 137, NONE, NONE, "injector clients-2 lost: how");
            writer.add(6, "", 1, NONE, JournalEvent.CHILD_EXITED, 0, NONE, NONE, "node node-1 planned");
        }

        assertThat(HarnessJournal.read(directory).lost())
                .containsExactly(new HarnessJournal.Lost(HarnessJournal.INJECTOR, 2, 5, "lost: how"));
    }

    @Test
    void aRunIsJudgedUpToTheLastRowOfAChildThatWasLost() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "injector clients-0");
            writer.add(9_000, "", 0, NONE, JournalEvent.CHILD_EXITED, 4, NONE, NONE, "injector clients-0 lost: full");
            writer.add(9_000, JournalEvent.INTERRUPTED, NONE, null);
            writer.add(9_999, JournalEvent.RUN_ENDED, NONE, null);
        }
        Files.writeString(
                directory.resolve("clients-0.csv"), JournalWriter.HEADER + "\n0,7,,,,CPU,,,1,\n1,8,,,,CPU,,,1,\n2,9");
        HarnessJournal journal = HarnessJournal.read(directory);

        assertThat(journal.interruptedMicros()).isEqualTo(8);
        assertThat(journal.lost()).extracting(HarnessJournal.Lost::micros).containsExactly(8L);
    }

    @Test
    void aKillOfThePlanNamesItsNodeAndItsRestart() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "node node-2");
            writer.add(5, "", 2, NONE, JournalEvent.CHILD_KILLED, NONE, NONE, 1, "node node-2");
        }

        assertThat(HarnessJournal.read(directory).kills()).containsExactly(new HarnessJournal.Kill(2, 1, 5));
        assertThat(HarnessJournal.read(directory).lost()).isEmpty();
    }

    @Test
    void theFirstInterruptionCounts() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "node node-0");
            writer.add(7, JournalEvent.INTERRUPTED, NONE, null);
            writer.add(9, JournalEvent.INTERRUPTED, NONE, null);
            writer.add(10, JournalEvent.RUN_ENDED, NONE, null);
        }

        assertThat(HarnessJournal.read(directory).interruptedMicros()).isEqualTo(7);
    }

    @Test
    void withoutItsLastRowTheHarnessDiedWhenTheOthersLastWrote() throws IOException {
        try (JournalWriter writer = writer()) {
            started(writer, "injector clients-0");
        }
        try (JournalWriter clients = new JournalWriter(directory.resolve("clients-0.csv"))) {
            clients.add(1_000, JournalEvent.CPU, 1, null);
            clients.add(2_000, JournalEvent.CPU, 1, null);
        }
        HarnessJournal journal = HarnessJournal.read(directory);

        assertThat(journal.damage()).containsExactly("the harness died during the run, or could not write harness.csv");
        assertThat(journal.interruptedMicros()).isEqualTo(2_000);
    }

    @Test
    void aFileOfAnotherVersionIsRefused() throws IOException {
        Files.writeString(directory.resolve(HarnessJournal.FILE), "another,header\n");

        assertThatIOException()
                .isThrownBy(() -> HarnessJournal.read(directory))
                .withMessageContaining(HarnessJournal.FILE);
    }
}
