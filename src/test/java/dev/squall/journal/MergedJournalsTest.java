package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergedJournalsTest {

    @TempDir
    Path directory;

    private final List<Path> files = new ArrayList<>();

    /** A journal whose rows have these times and, to be known by, its name as detail. */
    private void journal(String name, long... micros) throws IOException {
        StringBuilder text = new StringBuilder(JournalWriter.HEADER + "\n");
        for (int i = 0; i < micros.length; i++) {
            text.append(i)
                    .append(',')
                    .append(micros[i])
                    .append(",p,0,1,READY,,,,")
                    .append(name)
                    .append('\n');
        }
        files.add(Files.writeString(directory.resolve(name), text));
    }

    /** Each row as "time file node". */
    private List<String> merged() throws IOException {
        List<String> rows = new ArrayList<>();
        try (MergedJournals journals = new MergedJournals(files)) {
            journals.forEach((node, row) -> rows.add(row.micros() + " " + row.detail() + " " + node));
        }
        return rows;
    }

    @Test
    void allFilesComeAsOneSequenceInOrderOfTime() throws IOException {
        journal("clients-0.csv", 1, 4, 7);
        journal("clients-1.csv", 2, 5);
        journal("node-0.csv", 3, 6, 8);

        assertThat(merged())
                .containsExactly(
                        "1 clients-0.csv -1",
                        "2 clients-1.csv -1",
                        "3 node-0.csv 0",
                        "4 clients-0.csv -1",
                        "5 clients-1.csv -1",
                        "6 node-0.csv 0",
                        "7 clients-0.csv -1",
                        "8 node-0.csv 0");
    }

    @Test
    void manyFilesOfManyLengthsComeInOrderOfTimeAndOfTheirNames() throws IOException {
        Random random = new Random(5);
        List<String> expected = new ArrayList<>();
        for (int file = 0; file < 10; file++) {
            long[] micros = random.longs(random.nextInt(200), 0, 300).sorted().toArray();
            String name = "clients-" + file + ".csv";
            journal(name, micros);
            Arrays.stream(micros).forEach(each -> expected.add(each + " " + name + " -1"));
        }
        expected.sort(Comparator.comparingLong((String row) -> Long.parseLong(row.substring(0, row.indexOf(' '))))
                .thenComparing(Comparator.naturalOrder()));

        assertThat(merged()).isEqualTo(expected);
    }

    @Test
    void atEqualTimesNodesComeBeforeClients() throws IOException {
        journal("clients-0.csv", 5, 5);
        journal("node-1.csv", 5);
        journal("node-10.csv", 5);

        assertThat(merged())
                .containsExactly("5 node-1.csv 1", "5 node-10.csv 10", "5 clients-0.csv -1", "5 clients-0.csv -1");
    }

    @Test
    void rowsOutOfOrderWithinOneFileAreMergedInPlace() throws IOException {
        journal("node-0.csv", 300, 100);
        journal("clients-0.csv", 200, 400);

        assertThat(merged())
                .containsExactly(
                        "100 node-0.csv 0", "200 clients-0.csv -1", "300 node-0.csv 0", "400 clients-0.csv -1");
    }

    @Test
    void theJournalOfARestartedProcessIsItsNodes() throws IOException {
        journal("node-3.csv", 1);
        journal("node-3.1.csv", 2);

        assertThat(merged()).containsExactly("1 node-3.csv 3", "2 node-3.1.csv 3");
    }

    @ParameterizedTest
    @CsvSource({"node-0.csv, 0", "node-12.csv, 12", "node-3.1.csv, 3", "clients-3.csv, -1", "harness.csv, -1"})
    void aNodesNumberIsThatOfItsFile(String name, int node) {
        assertThat(MergedJournals.node(directory.resolve(name))).isEqualTo(node);
    }

    @Test
    void noJournalsHaveNoRows() throws IOException {
        assertThat(merged()).isEmpty();
    }

    @Test
    void whatEachFilesReaderCountedCanBeAsked() throws IOException {
        journal("node-0.csv", 1, 2);
        journal("clients-0.csv", 1);
        try (MergedJournals journals = new MergedJournals(files)) {
            journals.forEach((node, row) -> {});

            assertThat(journals.readers()).extracting(JournalReader::rows).containsExactly(2L, 1L);
        }
    }

    @Test
    void oneFileOfAnotherVersionRefusesThemAll() throws IOException {
        journal("node-0.csv", 1);
        files.add(Files.writeString(directory.resolve("clients-0.csv"), "another,header\n"));

        assertThatIOException().isThrownBy(this::merged).withMessageContaining("clients-0.csv");
    }
}
