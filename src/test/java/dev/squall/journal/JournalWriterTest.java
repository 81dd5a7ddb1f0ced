package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JournalWriterTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("clients-0.csv");
    }

    private static List<JournalRow> read(Path file) throws IOException {
        List<JournalRow> rows = new ArrayList<>();
        try (JournalReader reader = new JournalReader(file)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
            assertThat(reader.missing()).isZero();
            assertThat(reader.malformed()).isZero();
            assertThat(reader.cut()).isFalse();
        }
        return rows;
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        try (JournalWriter writer = new JournalWriter(file)) {
            assertThat(writer.add(-5, "phones", 7, 3, JournalEvent.CLOSED, 1012, 2, 99, "by server"))
                    .isTrue();
            writer.add(6, "strict", 0, 1, JournalEvent.OPENED, JournalWriter.NONE, 0, JournalWriter.NONE, null);
            writer.add(7, JournalEvent.STALL, 120_000, "loop 1");
        }

        long none = JournalWriter.NONE;
        assertThat(read(file))
                .containsExactly(
                        new JournalRow(0, -5, "phones", 7, 3, JournalEvent.CLOSED, 1012, 2, 99, "by server"),
                        new JournalRow(1, 6, "strict", 0, 1, JournalEvent.OPENED, none, 0, none, ""),
                        new JournalRow(2, 7, "", none, none, JournalEvent.STALL, none, none, 120_000, "loop 1"));
    }

    @Test
    void theFileIsPlainCsvWithItsHeader() throws IOException {
        try (JournalWriter writer = new JournalWriter(file)) {
            writer.add(6, "phones", 7, 1, JournalEvent.READY, JournalWriter.NONE, 0, JournalWriter.NONE, null);
        }

        assertThat(file)
                .hasContent("row,t_us,population,client,connection,event,code,attempt,value,detail\n"
                        + "0,6,phones,7,1,READY,,0,,\n" + "1,6,,,,JOURNAL_ENDED,,,,\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a,b",
                "say \"hello\"",
                "\"",
                "\"\"",
                ",",
                "\",\"",
                " blanks around ",
                "# no comment",
                "ä€漢字",
                "ä, \"€\"",
                "permessage-deflate; server_no_context_takeover, x-other"
            })
    void everyDetailIsReadAsItWasWritten(String detail) throws IOException {
        try (JournalWriter writer = new JournalWriter(file)) {
            writer.add(1, "p", 0, 1, JournalEvent.CLOSE_SENT, 1010, 0, 0, detail);
            writer.add(2, "p", 1, 1, JournalEvent.READY, 0, 0, 0, null);
        }

        assertThat(read(file)).extracting(JournalRow::detail).containsExactly(detail, "");
    }

    @Test
    void aDetailNeverBreaksARowHoweverLongOrStrange() throws IOException {
        try (JournalWriter writer = new JournalWriter(file)) {
            writer.add(1, "p", 0, 1, JournalEvent.CLOSE_RECEIVED, 1000, 0, 0, "line\r\n2,\"\n\0\t\u001b[31m");
            writer.add(2, "p", 0, 1, JournalEvent.CLOSE_RECEIVED, 1000, 0, 0, "\ud83d\ude00 and half \ud83d");
            for (int i = 0; i < 200; i++) {
                writer.add(3 + i, "p", 0, 1, JournalEvent.CLOSE_RECEIVED, 1000, 0, 0, "\"€,".repeat(50_000));
            }
        }

        List<JournalRow> rows = read(file);
        assertThat(rows).hasSize(202);
        assertThat(rows.get(0).detail()).isEqualTo("line  2,\"    [31m");
        assertThat(rows.get(1).detail()).endsWith(" and half ?");
        assertThat(rows.get(201).detail()).hasSize(400).startsWith("\"€,\"€,");
        assertThat(Files.readAllLines(file)).hasSize(204);
    }

    @Test
    void aJournalWithoutEventsIsReadAsOne() throws IOException {
        new JournalWriter(file).close();

        assertThat(read(file)).isEmpty();
    }

    @Test
    void rowsReachTheFileWhileItIsOpen() throws IOException {
        try (JournalWriter writer = new JournalWriter(file)) {
            writer.add(1, JournalEvent.GC, 5, null);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!Files.readString(file).endsWith("GC,,,5,\n") && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }

            assertThat(Files.readString(file)).endsWith("\n0,1,,,,GC,,,5,\n");
        }
    }

    @Test
    void aJournalIsNeverWrittenOver() throws IOException {
        Files.writeString(file, "the only truth of another run");

        assertThatThrownBy(() -> new JournalWriter(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("the only truth of another run");
    }

    @Test
    void aFolderThatIsNotThereIsAnErrorOfOpening() {
        assertThatThrownBy(() -> new JournalWriter(directory.resolve("none/clients-0.csv")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void eventsOfSeveralThreadsAreAllThereAndNumberedInOrder() throws Exception {
        int threads = 4;
        int each = 5000;
        try (JournalWriter writer = new JournalWriter(file)) {
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int client = t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        writer.add(i, "p", client, i, JournalEvent.READY, 0, 0, 0, null);
                    }
                });
                thread.start();
                running.add(thread);
            }
            for (Thread thread : running) {
                thread.join();
            }
            assertThat(writer.dropped()).isZero();
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(threads * each + 2);
        long[] next = new long[threads];
        for (int i = 1; i <= threads * each; i++) {
            String[] fields = lines.get(i).split(",", -1);
            int client = Integer.parseInt(fields[3]);
            assertThat(Long.parseLong(fields[0])).isEqualTo(i - 1);
            assertThat(Long.parseLong(fields[4])).isEqualTo(next[client]++);
        }
    }

    @Test
    void aFullRingDropsAndCountsAndNeverBlocks() throws IOException {
        long accepted = 0;
        long refused = 0;
        long dropped;
        try (JournalWriter writer = new JournalWriter(file)) {
            // A producer outruns the formatting and writing of rows, so the ring is soon full.
            while (refused == 0 && accepted < 50_000_000) {
                if (writer.add(accepted, "p", accepted, 1, JournalEvent.READY, 0, 0, 0, "a detail, \"quoted\" €")) {
                    accepted++;
                } else {
                    refused++;
                }
            }
            dropped = writer.dropped();
        }

        assertThat(refused).isEqualTo(1);
        assertThat(dropped).isEqualTo(1);
        try (JournalReader reader = new JournalReader(file)) {
            long ready = 0;
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                ready += row.event() == JournalEvent.READY ? 1 : 0;
            }
            assertThat(ready).isEqualTo(accepted);
            assertThat(reader.missing()).isZero();
        }
    }

    @Test
    void theJournalItselfTellsOfItsDrops() throws IOException {
        long refused = 0;
        try (JournalWriter writer = new JournalWriter(file)) {
            for (long i = 0; refused == 0 && i < 50_000_000; i++) {
                refused += writer.add(i, "p", i, 1, JournalEvent.READY, 0, 0, 0, "a detail, \"quoted\" €") ? 0 : 1;
            }
        }

        long told = 0;
        try (JournalReader reader = new JournalReader(file)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                told += row.event() == JournalEvent.DROPPED ? row.value() : 0;
            }
        }
        assertThat(told).isEqualTo(refused).isPositive();
    }

    @Test
    void closedAtOnceTheFileStillHasItsHeaderAndItsLastRow() throws IOException {
        for (int i = 0; i < 50; i++) {
            Path each = directory.resolve("clients-" + i + ".csv");
            new JournalWriter(each).close();

            assertThat(each).hasContent(JournalWriter.HEADER + "\n0,0,,,,JOURNAL_ENDED,,,,\n");
        }
    }

    @Test
    void aFullDiskIsToldAndNeverBlocksAndLeavesWholeRows() throws Exception {
        // A limit on the size of a file is as near to a full disk as one comes without mounting one.
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs ulimit -f");
        Process child = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -f 64 && exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullDisk.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said.lines())
                .containsExactly("failure names the file: true", "add returned: true", "close failed: true");
        assertThat(Files.size(file)).isBetween(16L * 1024, 64L * 1024);
        Set<Long> numbers = new TreeSet<>();
        try (JournalReader reader = new JournalReader(file)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                assertThat(row.event()).isIn(JournalEvent.READY, JournalEvent.DROPPED);
                numbers.add(row.row());
            }
            assertThat(reader.missing()).isZero();
            assertThat(reader.malformed()).isZero();
        }
        assertThat(numbers).hasSizeGreaterThan(300).contains(0L, numbers.size() - 1L);
    }

    /** The child that meets the limit. */
    static final class FullDisk {
        private FullDisk() {}

        public static void main(String[] args) throws IOException {
            JournalWriter writer = new JournalWriter(Path.of(args[0]));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (writer.failure() == null && System.nanoTime() < deadline) {
                writer.add(1, "p", 1, 1, JournalEvent.READY, 0, 0, 0, "a detail");
            }
            IOException failure = writer.failure();
            System.out.println("failure names the file: "
                    + (failure != null && failure.getMessage().contains(args[0])));
            for (int i = 0; i < 2 * JournalWriter.RING; i++) {
                writer.add(2, "p", 1, 1, JournalEvent.READY, 0, 0, 0, "after the failure");
            }
            System.out.println("add returned: true");
            try {
                writer.close();
                System.out.println("close failed: false");
            } catch (IOException expected) {
                System.out.println("close failed: " + expected.getMessage().contains(args[0]));
            }
        }
    }
}
