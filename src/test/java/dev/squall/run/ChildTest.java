package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {

    @TempDir
    Path directory;

    @Test
    void oneThatRunsOutOfMemoryIsTold() throws Exception {
        String end = "echo 'Terminating due to java.lang.OutOfMemoryError: Java heap space'; exit 3";
        Child child = Child.start(
                "injector", 0, "clients-0", List.of("/bin/sh", "-c", end, "-Xmx2g", "-Xmx512m"), directory, line -> {});
        child.ready().get(10, TimeUnit.SECONDS);
        child.awaitEnd(10_000);

        assertThat(child.endedAsPlanned()).isFalse();
        assertThat(child.error())
                .isEqualTo("out of memory: Java heap space, with -Xmx512m (expected: enough for its clients; give each"
                        + " process fewer of them with more injectors)");
    }

    @Test
    void theLongestStallIsToldOnceHoweverManyLinesCameMeanwhile() throws Exception {
        String says = "for stall in 7000 90000 8000; do echo \"squall: status open=3 stall=$stall\"; done";
        Child child = Child.start("node", 0, "node-0", List.of("/bin/sh", "-c", says), directory, line -> {});
        child.awaitEnd(10_000);
        child.awaitOutput(10_000);

        assertThat(child.status()).containsEntry("open", 3L);
        assertThat(child.takeStallMicros()).isEqualTo(90_000);
        assertThat(child.takeStallMicros()).isZero();
    }
}
