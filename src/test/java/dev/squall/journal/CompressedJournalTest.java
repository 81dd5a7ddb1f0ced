package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressedJournalTest {

    /** Enough for some full buffers. */
    private static final int ROWS = 6_000;

    @TempDir
    Path directory;

    private Path written() throws IOException {
        Path file = directory.resolve("node-3.csv.gz");
        try (JournalWriter journal = new JournalWriter(file)) {
            for (int i = 0; i < ROWS; i++) {
                journal.add(i, "phones", i, 1, JournalEvent.CLOSED, 1012, JournalWriter.NONE, i * 7L, "server, ä€");
            }
        }
        return file;
    }

    private static long read(JournalReader reader) throws IOException {
        long next = 0;
        for (JournalRow row = reader.next(); row != null; row = reader.next()) {
            assertThat(row)
                    .isEqualTo(new JournalRow(
                            next,
                            next,
                            "phones",
                            next,
                            1,
                            JournalEvent.CLOSED,
                            1012,
                            JournalWriter.NONE,
                            next * 7,
                            "server, ä€"));
            next++;
        }
        return next;
    }

    @Test
    void whatIsWrittenCompressedIsReadAgain() throws IOException {
        try (JournalReader reader = new JournalReader(written())) {
            assertThat(read(reader)).isEqualTo(ROWS);
            assertThat(reader.whole()).isTrue();
            assertThat(reader.cut()).isFalse();
        }
    }

    @Test
    void rowsReachTheFileWhileTheirProcessLives() throws IOException {
        Path file = directory.resolve("clients-0.csv.gz");
        try (JournalWriter journal = new JournalWriter(file)) {
            journal.add(0, JournalEvent.CPU, 1, null);
            journal.add(1_000_000, JournalEvent.CPU, 2, null);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            String text = "";
            while (!text.contains(",CPU,,,2,") && System.nanoTime() < deadline) {
                text = new String(JournalBytes.tail(file, 1000), StandardCharsets.UTF_8);
            }
            assertThat(text).contains(",CPU,,,2,");
        }
    }

    @Test
    void itIsOfManyMembersAndAnyToolReadsItAsOneText() throws IOException {
        byte[] bytes = Files.readAllBytes(written());

        String text =
                new String(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(text).startsWith(JournalWriter.HEADER + "\n").endsWith("JOURNAL_ENDED,,,,\n");
        assertThat(text.lines()).hasSize(ROWS + 2);
        assertThat(bytes.length).isLessThan(text.length() / 3);
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1).split("\\x1f\\x8b\\x08\\x00", -1))
                .hasSizeGreaterThan(4);
    }

    @Test
    void whereverAKilledProcessIsCutOffTheWholeRowsBeforeAreReadAndNothingElse() throws IOException {
        byte[] whole = Files.readAllBytes(written());
        Path file = directory.resolve("cut.csv.gz");
        long before = 0;
        for (int length = 0; length < whole.length; length += 1 + length / 40) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (JournalReader reader = new JournalReader(file)) {
                long rows = read(reader);
                assertThat(rows).as("rows of %d bytes", length).isGreaterThanOrEqualTo(before);
                before = rows;
                assertThat(reader.whole()).isFalse();
                assertThat(reader.missing() + reader.malformed() + reader.late())
                        .as("wrong in %d bytes", length)
                        .isZero();
            }
        }
        assertThat(before).isPositive();
    }

    @Test
    void aMemberThatIsCutInTheMiddleIsACutJournal() throws IOException {
        Path file = written();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));
        try (JournalReader reader = new JournalReader(file)) {
            read(reader);

            assertThat(reader.cut()).isTrue();
            assertThat(reader.malformed()).isZero();
        }
    }

    @Test
    void aDamagedMemberIsNoCutEndButCountsAsNotUnderstood() throws IOException {
        Path file = written();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 8] ^= 1; // Its check.
        Files.write(file, bytes);
        try (JournalReader reader = new JournalReader(file)) {
            read(reader);

            assertThat(reader.malformed()).isPositive();
            assertThat(reader.cut()).isFalse();
        }
    }

    @Test
    void whatIsNotCompressedThoughItsNameSaysSoIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("node-0.csv.gz"), JournalWriter.HEADER + "\n");

        assertThatIOException()
                .isThrownBy(() -> new JournalReader(file))
                .withMessageContaining("node-0.csv.gz")
                .withMessageContaining("gzip");
    }

    @Test
    void theLastTextOfACompressedJournalIsThatOfAPlainOne() throws IOException {
        Path file = written();
        Path plain = directory.resolve("plain.csv");
        Files.write(plain, new GZIPInputStream(Files.newInputStream(file)).readAllBytes());

        assertThat(JournalBytes.tail(file, 8192)).hasSize(8192).isEqualTo(JournalBytes.tail(plain, 8192));
        assertThat(JournalBytes.tail(file, 10_000_000)).isEqualTo(Files.readAllBytes(plain));
    }
}
