package dev.squall.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PressureTest {

    @TempDir
    private Path root;

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void theShareInUseIsThatSinceTheLastLook() throws IOException {
        file("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1\n");
        Pressure pressure = new Pressure(new Kernel(root));
        file("proc/stat", "cpu  130 5 110 840 10 1 2 2 99 99\n");

        // 50 of 100 ticks: neither idle nor waiting for a disk; guests are counted as user already.
        assertThat(pressure.busyPermille()).hasValue(500);
        assertThat(pressure.busyPermille()).as("no tick has passed").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cpu 1 2 3\n", "cpu  a b c d e f g h\n", "cpu  1 2 3 4 5 6 7 99999999999999999999\n"})
    void whatIsNotToldIsNotKnown(String stat) throws IOException {
        assertThat(new Pressure(new Kernel(root)).busyPermille()).isEmpty();
        file("proc/stat", stat);

        Pressure pressure = new Pressure(new Kernel(root));

        assertThat(pressure.busyPermille()).isEmpty();
        assertThat(pressure.throttledMicros()).isZero();
    }

    @Test
    void theQuotaOfVersionTwoIsThatOfTheGroupOrOneAboveIt() throws IOException {
        file("proc/self/cgroup", "0::/a/b\n");
        file("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        file("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 5\nthrottled_usec 0\n");
        file("sys/fs/cgroup/a/cpu.stat", "usage_usec 5\nthrottled_usec 1000\n");
        Pressure pressure = new Pressure(new Kernel(root));
        file("sys/fs/cgroup/a/cpu.stat", "usage_usec 5\nthrottled_usec 251000\n");

        assertThat(pressure.throttledMicros()).isEqualTo(250_000);
        assertThat(pressure.throttledMicros()).isZero();
    }

    @Test
    void versionOneCountsInNanoseconds() throws IOException {
        file("proc/self/cgroup", "4:cpu,cpuacct:/box\n");
        file("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
        file("sys/fs/cgroup/cpu/box/cpu.stat", "nr_throttled 0\nthrottled_time 1000000\n");
        Pressure pressure = new Pressure(new Kernel(root));
        file("sys/fs/cgroup/cpu/box/cpu.stat", "nr_throttled 9\nthrottled_time 91000000\n");

        assertThat(pressure.throttledMicros()).isEqualTo(90_000);
    }
}
