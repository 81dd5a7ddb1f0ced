package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or may not be written: small file systems in memory, which go with the process that mounts them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FullDiskIT {

    private static final String EXPERIMENT = """
            seed: 5
            duration: 30s
            load:
              phones: {clients: 200, arrive: {over: 1s}, reconnect: {delay: 50ms..400ms}}
            faults:
              - restart: {at: 1500ms, every: 2s, downtime: 500ms, deadline: 1s}
            expect:
              - restart.recovered.rate >= 100%
            """;

    @TempDir
    private Path directory;

    private Squall squall;
    private Path disk;

    @BeforeEach
    void setUp() throws Exception {
        Process mount = new ProcessBuilder("unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Remains.need(mount.waitFor() == 0, "unprivileged mounts (unshare -rm)");
        squall = new Squall(directory);
        squall.experiment("disk", EXPERIMENT);
        disk = Files.createDirectory(directory.resolve("disk"));
    }

    @AfterEach
    void nothingIsLeftRunning() throws Exception {
        Remains.await(
                "end of all processes",
                10,
                () -> ProcessHandle.allProcesses()
                        .noneMatch(p -> p.info().commandLine().orElse("").contains("--out " + disk)));
    }

    /** Runs shell lines by which {@code squall} is the launcher and {@code DISK} the folder to mount at. */
    private Squall.Answer mounted(String lines) throws IOException, InterruptedException {
        String launcher = "bash '" + squall.home().resolve("squall") + "' ";
        Files.writeString(
                directory.resolve("script.sh"),
                "set -e\n" + lines.replace("squall ", launcher).replace("DISK", disk.toString()));
        return squall.shell("unshare -rm sh script.sh");
    }

    @Test
    void aDiskWithoutRoomForARunIsRefusedBeforeAnythingIsMade() throws Exception {
        Squall.Answer run = mounted("""
                mount -t tmpfs -o size=4k tmpfs DISK
                squall run disk.yaml --out DISK
                """);

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err()).startsWith("squall: disk: 4.0 KiB").contains(disk.toString(), "--out DIR");
    }

    // Room enough, but not for more files: what the check before a run does not see.

    @Test
    void aDiskWithoutRoomForThePlanIsAnErrorBeforeAnythingStarts() throws Exception {
        Squall.Answer run = mounted("""
                mount -t tmpfs -o size=10m,nr_inodes=5 tmpfs DISK
                squall run disk.yaml --out DISK
                """);

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err())
                .contains(disk.toString(), "plan.json: No space left on device", "--out DIR")
                .doesNotContain("\tat ");
    }

    @Test
    void aDiskWithoutRoomForTheFilesOfAProcessIsAnErrorBeforeAnyLoad() throws Exception {
        Squall.Answer run = mounted("""
                mount -t tmpfs -o size=10m,nr_inodes=9 tmpfs DISK
                squall run disk.yaml --out DISK
                """);

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err())
                .containsPattern(disk + "\\S+\\.(csv|log): No space left on device")
                .doesNotContain("\tat ");
    }

    @Test
    void aDiskThatFillsInMidRunEndsItWhichThenIsInconclusiveAndCanBeReportedWithRoom() throws Exception {
        Squall.Answer run = mounted("""
                mount -t tmpfs -o size=100k tmpfs DISK
                squall run disk.yaml --out DISK || echo "run: $?"
                mount -o remount,size=10m DISK
                ls DISK/disk/latest/
                squall report DISK/disk/latest || echo "report: $?"
                cat DISK/disk/latest/results.json
                """);

        assertThat(run.exitCode()).as(run.toString()).isZero();
        String[] parts = run.out().split("run: 3\n", 2);
        assertThat(parts).as(run.toString()).hasSize(2);
        assertThat(parts[0])
                .contains("INCONCLUSIVE  disk", "interrupted")
                .containsPattern("lost with exit code 4: " + disk + "\\S+: No space left on device");
        assertThat(run.err())
                .contains("results.json: No space left on device", "make room there, then: squall report " + disk)
                .doesNotContain("\tat ");
        assertThat(parts[1])
                .contains("INCONCLUSIVE  disk", "report: 3", "\"verdict\" : \"inconclusive\"")
                .contains("\"trusted\" : false");
        assertThat(parts[1].substring(0, parts[1].indexOf("INCONCLUSIVE")))
                .as("no half of a results.json")
                .doesNotContain("results.json");
    }

    @Test
    void aRunDirectoryThatMayNotBeWrittenIsAnErrorBeforeAnythingStarts() throws Exception {
        Squall.Answer readOnly = mounted("""
                mount --bind DISK DISK
                mount -o remount,bind,ro DISK
                squall run disk.yaml --out DISK
                """);

        assertThat(readOnly.exitCode()).as(readOnly.toString()).isEqualTo(2);
        assertThat(readOnly.err())
                .contains(disk + "/disk: Read-only file system", "--out DIR")
                .doesNotContain("\tat ");

        Squall.Answer noPlace = squall.call("run", "disk.yaml", "--out", "/proc/none");
        assertThat(noPlace.exitCode()).as(noPlace.toString()).isEqualTo(2);
        assertThat(noPlace.err()).contains("/proc/none", "--out DIR").doesNotContain("\tat ");
    }
}
