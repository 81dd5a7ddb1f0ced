package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RehearsalTest {

    @Test
    void leavesNeitherFilesNorThreads() throws Exception {
        Set<Path> before = folders();
        Rehearsal.run("127.0.0.1");

        assertThat(folders()).isEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("squall-journal") || name.startsWith("squall-timetable"));
    }

    @Test
    void needsAnAddressOfThisMachine() {
        assertThatThrownBy(() -> Rehearsal.run("198.51.100.7"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: an address of this machine");
    }

    private static Set<Path> folders() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("squall-rehearsal"))
                    .collect(Collectors.toSet());
        }
    }
}
