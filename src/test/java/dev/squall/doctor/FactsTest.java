package dev.squall.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.machine.Kernel;
import dev.squall.run.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts as kernels write them, read. */
class FactsTest {

    @TempDir
    private Path root;

    private Home home;

    @BeforeEach
    void home() throws Exception {
        Path folder = Files.createDirectories(root.resolve("home"));
        Files.writeString(
                folder.resolve("roles.properties"),
                "node.flags=-Xms64m -Xmx2g -Xmn32m\ninjector.flags=-Xmx1536m -XX:+UseSerialGC\n");
        home = Home.of(folder);
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Facts facts() {
        return Facts.of(new Kernel(root), home, root.resolve("runs"));
    }

    private void linux() throws IOException {
        file("proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units    \s
                Max cpu time              unlimited            unlimited            seconds  \s
                Max resident set          unlimited            unlimited            bytes    \s
                Max processes             96365                unlimited            processes\s
                Max open files            1024                 524288               files    \s
                Max locked memory         8388608              8388608              bytes    \s
                """);
        file("proc/meminfo", """
                MemTotal:       24683700 kB
                MemFree:        23977012 kB
                MemAvailable:   23974516 kB
                Buffers:           57728 kB
                """);
        file("proc/loadavg", "0.14 0.21 0.36 2/89 28796\n");
        file("proc/sys/fs/file-max", "9223372036854775807\n");
        file("proc/sys/fs/file-nr", "1696\t0\t9223372036854775807\n");
        file("proc/sys/fs/nr_open", "1048576\n");
        file("proc/sys/kernel/threads-max", "192730\n");
        file("proc/sys/net/core/somaxconn", "4096\n");
        file("proc/sys/net/ipv4/tcp_max_syn_backlog", "2048\n");
        file("proc/sys/net/ipv4/tcp_tw_reuse", "2\n");
        file("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    }

    @Test
    void aLinuxTellsItsLimits() throws IOException {
        linux();
        Facts facts = facts();

        assertThat(facts.value(Fact.HARD_DESCRIPTORS)).hasValue(524_288);
        assertThat(facts.value(Fact.USER_TASKS)).hasValue(Long.MAX_VALUE);
        assertThat(facts.value(Fact.MEMORY)).hasValue(23_974_516L * 1024);
        assertThat(facts.value(Fact.OPEN_FILES)).hasValue(Long.MAX_VALUE - 1696);
        assertThat(facts.value(Fact.NR_OPEN)).hasValue(1_048_576);
        assertThat(facts.value(Fact.SYSTEM_TASKS)).hasValue(192_730 - 89);
        assertThat(facts.value(Fact.SOMAXCONN)).hasValue(4096);
        assertThat(facts.value(Fact.SYN_BACKLOG)).hasValue(2048);
        assertThat(facts.value(Fact.TW_REUSE)).hasValue(2);
        assertThat(facts.value(Fact.FIRST_PORT)).hasValue(32_768);
        assertThat(facts.value(Fact.LAST_PORT)).hasValue(60_999);
        assertThat(facts.value(Fact.CONNTRACK)).isEmpty();
    }

    @Test
    void connectionTrackingIsAFactWhereThereIsSome() throws IOException {
        file("proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
        file("proc/sys/net/netfilter/nf_conntrack_count", "144\n");

        assertThat(facts().value(Fact.CONNTRACK)).hasValue(262_000);
    }

    @Test
    void withoutProcOnlyTheJavaAndTheDiskAreKnown() {
        assertThat(facts().values())
                .containsOnlyKeys(
                        Fact.JAVA,
                        Fact.JAVA_STARTS,
                        Fact.JAVA_BITS,
                        Fact.DESCRIPTORS,
                        Fact.HEAP,
                        Fact.PROCESSORS,
                        Fact.DISK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n", "garbage\n", "-7\n", "4096x\n", "\0\n", "99999999999999999999999999999999999999999\n"})
    void aFileThatReadsOtherwiseThanExpectedIsUnknown(String text) throws IOException {
        linux();
        file("proc/sys/net/core/somaxconn", text);
        file("proc/meminfo", text);
        file("proc/self/limits", text);
        file("proc/loadavg", text);

        assertThat(facts().values()).doesNotContainKeys(Fact.SOMAXCONN, Fact.MEMORY, Fact.HARD_DESCRIPTORS);
    }

    @Test
    void theHeapIsTheSmallerOfTheRoles() {
        assertThat(facts().value(Fact.HEAP)).hasValue(1536L << 20);
    }

    @Test
    void theDiskIsThatOfTheNearestFolderThatIsThere() {
        assertThat(Facts.of(new Kernel(root), home, root.resolve("not/yet/there"))
                        .value(Fact.DISK))
                .isPresent();
    }

    @Test
    void onThisMachineTheKernelsNumbersAreReadWhole() {
        Path somaxconn = Path.of("/proc/sys/net/core/somaxconn");
        assumeTrue(Files.exists(somaxconn), "no /proc here");

        // A file of /proc/sys ends after its first read: one that reads a byte ahead sees a number of one digit.
        assertThat(new Kernel(Path.of("/"))
                        .number("proc/sys/net/core/somaxconn")
                        .orElseThrow())
                .isGreaterThan(9);
    }

    // ---- control groups ----

    private static final String SECOND_MOUNT =
            "31 23 0:28 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    @Test
    void limitsOfVersionTwoAreReadFromTheProcesssGroupAndThoseAboveIt() throws IOException {
        file("proc/self/cgroup", "0::/user.slice/job.scope\n");
        file("proc/self/mountinfo", SECOND_MOUNT);
        file("sys/fs/cgroup/user.slice/memory.max", "1073741824\n");
        file("sys/fs/cgroup/user.slice/memory.current", "300000000\n");
        file("sys/fs/cgroup/user.slice/memory.stat", "anon 100\ninactive_file 100000000\nactive_file 7\n");
        file("sys/fs/cgroup/user.slice/job.scope/memory.max", "max\n");
        file("sys/fs/cgroup/user.slice/job.scope/pids.max", "500\n");
        file("sys/fs/cgroup/user.slice/job.scope/pids.current", "20\n");
        file("sys/fs/cgroup/user.slice/pids.max", "700\n");
        file("sys/fs/cgroup/user.slice/pids.current", "100\n");
        file("sys/fs/cgroup/user.slice/job.scope/cpu.max", "150000 100000\n");
        file("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
        Facts facts = facts();

        assertThat(facts.value(Fact.CGROUP_MEMORY)).hasValue(1_073_741_824L - 200_000_000);
        assertThat(facts.origin(Fact.CGROUP_MEMORY)).isEqualTo("/sys/fs/cgroup/user.slice/memory.max");
        assertThat(facts.value(Fact.CGROUP_TASKS)).hasValue(480);
        assertThat(facts.value(Fact.CGROUP_PROCESSORS)).hasValue(2);
    }

    @Test
    void limitsOfVersionOneAreReadFromEachControllersOwnHierarchy() throws IOException {
        file("proc/self/cgroup", """
                9:name=systemd:/
                8:pids:/jobs
                4:memory:/jobs/7
                1:cpu,cpuacct:/jobs
                0::/
                """);
        file("proc/self/mountinfo", """
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                """);
        file("sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes", "2147483648\n");
        file("sys/fs/cgroup/memory/jobs/7/memory.usage_in_bytes", "1000\n");
        file("sys/fs/cgroup/memory/jobs/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/pids/jobs/pids.max", "max\n");
        file("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "400000\n");
        file("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n");
        file("sys/fs/cgroup/unified/memory.max", "1\n"); // Not where this machine's memory is limited.
        Facts facts = facts();

        assertThat(facts.value(Fact.CGROUP_MEMORY)).hasValue(2_147_482_648L);
        assertThat(facts.origin(Fact.CGROUP_MEMORY)).endsWith("/memory/jobs/7/memory.limit_in_bytes");
        assertThat(facts.value(Fact.CGROUP_TASKS)).isEmpty();
        assertThat(facts.value(Fact.CGROUP_PROCESSORS)).hasValue(4);
    }

    @Test
    void inAContainerThatSeesTheHostsPathItsMountIsItsGroup() throws IOException {
        file("proc/self/cgroup", "4:memory:/docker/0123456789ab\n");
        file(
                "proc/self/mountinfo",
                "35 31 0:32 /docker/0123456789ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");

        assertThat(facts().value(Fact.CGROUP_MEMORY)).hasValue(536_870_912);
    }

    @Test
    void aGroupWithoutLimitsIsNone() throws IOException {
        file("proc/self/cgroup", "0::/\n");
        file("proc/self/mountinfo", SECOND_MOUNT);
        file("sys/fs/cgroup/cpu.max", "max 100000\n");
        file("sys/fs/cgroup/memory.max", "max\n");

        assertThat(facts().values()).doesNotContainKeys(Fact.CGROUP_MEMORY, Fact.CGROUP_TASKS, Fact.CGROUP_PROCESSORS);
    }

    @Test
    void aGroupThatUsesMoreThanItsNewLimitLeavesNothing() throws IOException {
        file("proc/self/cgroup", "0::/\n");
        file("proc/self/mountinfo", SECOND_MOUNT);
        file("sys/fs/cgroup/pids.max", "10\n");
        file("sys/fs/cgroup/pids.current", "12\n");

        assertThat(facts().value(Fact.CGROUP_TASKS)).hasValue(0);
    }
}
