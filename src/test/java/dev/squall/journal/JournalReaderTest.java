package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Draw;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalReaderTest {

    private static final long SECOND = 1_000_000;

    @TempDir
    Path directory;

    private Path journal(String... rows) throws IOException {
        Path file = directory.resolve("clients-0.csv");
        Files.writeString(file, JournalWriter.HEADER + "\n" + String.join("", rows));
        return file;
    }

    private static String row(long number, long micros) {
        return number + "," + micros + ",phones,7,1,OPENED,,0,,\n";
    }

    private static List<JournalRow> all(JournalReader reader) throws IOException {
        List<JournalRow> rows = new ArrayList<>();
        for (JournalRow row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        return rows;
    }

    private static void assertNothingWrong(JournalReader reader) {
        assertThat(List.of(reader.missing(), reader.malformed(), reader.late())).containsOnly(0L);
    }

    @Test
    void everyColumnIsRead() throws IOException {
        try (JournalReader reader = new JournalReader(journal("0,-5,phones,7,3,CLOSED,1012,2,99,by server\n"))) {
            assertThat(all(reader))
                    .containsExactly(
                            new JournalRow(0, -5, "phones", 7, 3, JournalEvent.CLOSED, 1012, 2, 99, "by server"));
            assertThat(reader.rows()).isEqualTo(1);
            assertNothingWrong(reader);
        }
    }

    @Test
    void anEmptyColumnIsNone() throws IOException {
        try (JournalReader reader = new JournalReader(journal("0,1,,,,STALL,,,,\n"))) {
            JournalRow row = all(reader).get(0);

            assertThat(List.of(row.client(), row.connection(), row.code(), row.attempt(), row.value()))
                    .containsOnly(JournalWriter.NONE);
            assertThat(row.population()).isEmpty();
            assertThat(row.detail()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE + 1})
    void aNumberOfAnySizeIsRead(long number) throws IOException {
        try (JournalReader reader = new JournalReader(journal("0,1,p,1,1,CLOSED,,," + number + ",\n"))) {
            assertThat(all(reader)).extracting(JournalRow::value).containsExactly(number);
        }
    }

    @Test
    void aQuotedDetailIsReadAsItWasMeant() throws IOException {
        try (JournalReader reader = new JournalReader(journal("0,1,p,1,1,CLOSED,1010,0,,\"a, \"\"b\"\" ä€\"\n"))) {
            assertThat(all(reader).get(0).detail()).isEqualTo("a, \"b\" ä€");
        }
    }

    @Test
    void aJournalWithoutRowsHasNoneAndIsNotCut() throws IOException {
        try (JournalReader reader = new JournalReader(journal())) {
            assertThat(reader.next()).isNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.cut()).isFalse();
        }
    }

    @Test
    void aCutLastRowIsCountedAndNotRead() throws IOException {
        // Cut within the code, this row would read as another code.
        try (JournalReader reader = new JournalReader(journal(row(0, 1), "1,2,phones,7,1,CLOSED,101"))) {
            assertThat(all(reader)).extracting(JournalRow::row).containsExactly(0L);
            assertThat(reader.cut()).isTrue();
            assertThat(reader.rows()).isEqualTo(1);
            assertNothingWrong(reader);
        }
    }

    @Test
    void whereverAKilledProcessIsCutOffTheWholeRowsBeforeAreRead() throws IOException {
        byte[] whole = Files.readAllBytes(journal(
                row(0, 1), "1,2,phones,7,1,CLOSED,1010,0,,\"permessage-deflate, \"\"ä€\"\"\"\n", row(2, 3), row(3, 4)));
        Path file = directory.resolve("cut.csv");
        for (int length = 0; length <= whole.length; length++) {
            byte[] left = Arrays.copyOf(whole, length);
            Files.write(file, left);
            long wholeLines = new String(left, StandardCharsets.ISO_8859_1)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            try (JournalReader reader = new JournalReader(file)) {
                assertThat(all(reader)).as("cut at %d", length).hasSize((int) Math.max(0, wholeLines - 1));
                assertThat(reader.cut()).as("cut at %d", length).isEqualTo(length > 0 && left[length - 1] != '\n');
                assertNothingWrong(reader);
            }
        }
    }

    @Test
    void aMissingRowIsCounted() throws IOException {
        try (JournalReader reader = new JournalReader(journal(row(0, 1), row(3, 2), row(4, 3), row(6, 4)))) {
            assertThat(all(reader)).hasSize(4);
            assertThat(reader.missing()).isEqualTo(3);
        }
    }

    @Test
    void aMissingFirstRowIsCounted() throws IOException {
        try (JournalReader reader = new JournalReader(journal(row(1, 1)))) {
            all(reader);
            assertThat(reader.missing()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "1,2,phones,7,1,OPENED,,0,",
                "1,2,phones,7,1,OPENED,,0,,,",
                "1,2,phones,7,1,EXPLODED,,0,,",
                "1,2,phones,7,1,opened,,0,,",
                "1,,phones,7,1,OPENED,,0,,",
                ",2,phones,7,1,OPENED,,0,,",
                "1,2,phones,x,1,OPENED,,0,,",
                "1,-,phones,7,1,OPENED,,0,,",
                "1,2/,phones,7,1,OPENED,,0,,",
                "1,2,phones,7,1.5,OPENED,,0,,",
                "1,2,phones,7,1,OPENED,99999999999999999999,0,,"
            })
    void aMalformedRowIsCountedAndTheOthersAreRead(String malformed) throws IOException {
        try (JournalReader reader = new JournalReader(journal(row(0, 1), malformed + "\n", row(2, 3)))) {
            assertThat(all(reader)).extracting(JournalRow::row).containsExactly(0L, 2L);
            assertThat(reader.malformed()).isEqualTo(1);
            assertThat(reader.rows()).isEqualTo(2);
        }
    }

    @Test
    void aQuoteThatDoesNotEndIsNotAGoodRow() throws IOException {
        try (JournalReader reader =
                new JournalReader(journal(row(0, 1), "1,2,phones,7,1,CLOSED,1012,0,,\"oops\n", row(2, 3), row(3, 4)))) {
            all(reader);
            assertThat(reader.malformed() + reader.missing()).isPositive();
        }
    }

    @Test
    void rowsWithinTheWindowComeInOrderOfTime() throws IOException {
        try (JournalReader reader = new JournalReader(
                journal(row(0, 900_000), row(1, 100_000), row(2, 500_000), row(3, 1_000_000), row(4, 100_000)))) {
            assertThat(all(reader))
                    .extracting(JournalRow::micros)
                    .containsExactly(100_000L, 100_000L, 500_000L, 900_000L, 1_000_000L);
            assertNothingWrong(reader);
        }
    }

    @Test
    void rowsOfOneTimeComeInTheOrderInWhichTheyWereWritten() throws IOException {
        try (JournalReader reader = new JournalReader(journal(row(0, 5), row(1, 5), row(2, 5), row(3, 5)))) {
            assertThat(all(reader)).extracting(JournalRow::row).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    void aRowOutOfOrderByLessThanTheWindowIsPutInPlaceAndByMoreIsCounted() throws IOException {
        String[] rows = {row(0, 0), row(1, 3 * SECOND), row(2, 6 * SECOND), row(3, 5 * SECOND + 1), row(4, 2 * SECOND)};
        try (JournalReader reader = new JournalReader(journal(rows))) {
            List<JournalRow> read = all(reader);

            // Row 3 is in time. Row 4 comes when 3 s has long been passed on: counted, not lost.
            assertThat(read).extracting(JournalRow::row).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L);
            assertThat(read.stream().map(JournalRow::row).filter(n -> n != 4)).containsExactly(0L, 1L, 3L, 2L);
            assertThat(reader.late()).isEqualTo(1);
            assertThat(reader.missing()).isZero();
        }
    }

    @Test
    void theReaderHoldsNoMoreThanItsWindow() throws IOException {
        String[] rows = new String[1000];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(i, i * SECOND);
        }
        try (JournalReader reader = new JournalReader(journal(rows))) {
            reader.next();

            assertThat(reader.rows()).isLessThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "row,t_us,population,client,connection,event,code,attempt,value\n",
                "row,t_ms,population,client,connection,event,code,attempt,value,detail\n",
                "0,1,phones,7,1,OPENED,,0,,\n",
                "\n",
                "#Startrow\n"
            })
    void aFileWithAnotherHeaderIsRefusedByName(String header) throws IOException {
        Path file = directory.resolve("clients-0.csv");
        Files.writeString(file, header + row(0, 1));

        assertThatIOException()
                .isThrownBy(() -> new JournalReader(file))
                .withMessageContainingAll(file.toString(), header.strip(), "expected: '" + JournalWriter.HEADER + "'");
    }

    @Test
    void aFileThatIsNotThereIsAnErrorOfReading() {
        assertThatThrownBy(() -> new JournalReader(directory.resolve("none.csv")))
                .isInstanceOfAny(NoSuchFileException.class, IOException.class)
                .hasMessageContaining("none.csv");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverBytesAFileHoldsNothingButAnIoExceptionComes(long seed) throws IOException {
        Path file = directory.resolve("garbage.csv");
        byte[] good = Files.readAllBytes(journal(row(0, 1), row(1, 2), row(2, 3), row(3, 4), row(4, 5)));
        for (int i = 0; i < 100; i++) {
            byte[] bytes = good.clone();
            for (int j = 0; j < 4; j++) {
                long bits = Draw.bits(seed, Draw.Purpose.ARRIVAL, i, j, 0, 0);
                bytes[(int) Math.floorMod(bits >>> 8, (long) bytes.length)] = (byte) bits;
            }
            Files.write(file, bytes);
            try (JournalReader reader = new JournalReader(file)) {
                assertThat(all(reader)).as("seed %d, file %d", seed, i).hasSizeLessThanOrEqualTo(10);
            } catch (IOException refused) {
                assertThat(refused).hasMessageContaining(file.toString());
            }
        }
    }
}
