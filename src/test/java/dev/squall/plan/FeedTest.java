package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedTest {

    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("users.csv"), text);
    }

    @Test
    void rowsAreTakenInTurnAndBeginAgain() throws IOException {
        Feed feed = Feed.read(file("user,says\nann,\"hello, \"\"you\"\"\"\nbob,é\n"));

        assertThat(feed.columns()).containsExactly("user", "says");
        assertThat(feed.value("says", 0)).isEqualTo("hello, \"you\"");
        assertThat(feed.value("says", 1)).isEqualTo("é");
        assertThat(feed.value("user", 2L + Integer.MAX_VALUE)).isEqualTo("bob");
    }

    @Test
    void aRowOfAnotherLengthIsNamedByItsLine() throws IOException {
        Path longer = file("a,b\n1,2\n1,2,3\n");
        assertThatIOException()
                .isThrownBy(() -> Feed.read(longer))
                .withMessageContainingAll(longer.toString(), "3", "2");
        Path shorter = file("a,b\n1\n");
        assertThatIOException()
                .isThrownBy(() -> Feed.read(shorter))
                .withMessageContainingAll(shorter.toString(), "2", "1");
    }

    @Test
    void aFileWithoutRowsIsRefused() throws IOException {
        for (String text : new String[] {"", "a,b\n"}) {
            Path empty = file(text);
            assertThatIOException()
                    .isThrownBy(() -> Feed.read(empty))
                    .withMessage(empty + ": no rows (expected: a header line and at least one row)");
        }
    }

    @Test
    void aColumnThatStandsTwiceIsRefused() throws IOException {
        Path twice = file("a,a\n1,2\n");
        assertThatIOException().isThrownBy(() -> Feed.read(twice)).withMessageContaining(twice.toString());
    }

    @Test
    void whatIsNoTextIsRefusedWithTheFile() throws IOException {
        Path latin = Files.write(directory.resolve("latin.csv"), "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatIOException()
                .isThrownBy(() -> Feed.read(latin))
                .withMessage(latin + ": not UTF-8 (expected: a CSV file in UTF-8, with a header line)");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        for (Path file : new Path[] {directory.resolve("missing.csv"), directory}) {
            assertThatIOException()
                    .isThrownBy(() -> Feed.read(file))
                    .withMessage(file + ": cannot be read (expected: a CSV file in UTF-8, with a header line)");
        }
    }
}
