package dev.squall.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.experiment.Processes;
import dev.squall.plan.Plan;
import dev.squall.run.RunException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines that are not there, judged. */
class CheckupTest {

    private static final long GIB = 1L << 30;

    /** A machine of which there is more than enough. */
    private static Map<Fact, Long> vast() {
        Map<Fact, Long> facts = new EnumMap<>(Fact.class);
        facts.put(Fact.JAVA, 21L);
        facts.put(Fact.JAVA_STARTS, 1L);
        facts.put(Fact.JAVA_BITS, 64L);
        facts.put(Fact.DESCRIPTORS, 1_048_576L);
        facts.put(Fact.HARD_DESCRIPTORS, 1_048_576L);
        facts.put(Fact.NR_OPEN, 1_048_576L);
        facts.put(Fact.OPEN_FILES, Long.MAX_VALUE);
        facts.put(Fact.FIRST_PORT, 32_768L);
        facts.put(Fact.LAST_PORT, 60_999L);
        facts.put(Fact.TW_REUSE, 2L);
        facts.put(Fact.MEMORY, 100_000 * GIB);
        facts.put(Fact.HEAP, 2 * GIB);
        facts.put(Fact.SOMAXCONN, 65_535L);
        facts.put(Fact.SYN_BACKLOG, 65_535L);
        facts.put(Fact.PROCESSORS, 4_000L);
        facts.put(Fact.USER_TASKS, Long.MAX_VALUE);
        facts.put(Fact.SYSTEM_TASKS, Long.MAX_VALUE);
        facts.put(Fact.DISK, 100_000 * GIB);
        return facts;
    }

    private static Checkup judged(Map<Fact, Long> facts, Demand demand) {
        Map<Fact, String> origins = Map.of(
                Fact.CGROUP_MEMORY, "/sys/fs/cgroup/memory.max",
                Fact.CGROUP_TASKS, "/sys/fs/cgroup/pids.max",
                Fact.HEAP, "/home/roles.properties");
        return Checkup.of(new Facts(facts, origins), demand);
    }

    /** A vast machine but for this. */
    private static Checkup but(Fact fact, long value, Demand demand) {
        Map<Fact, Long> facts = vast();
        facts.put(fact, value);
        facts.put(Fact.HARD_DESCRIPTORS, facts.get(Fact.DESCRIPTORS));
        return judged(facts, demand);
    }

    private static Demand of(long clients) {
        return Demand.QUICKSTART.of(clients, Processes.MOST_CLIENTS_EACH, Processes.MOST_CLIENTS_EACH);
    }

    /** So many clients against one address of another machine. */
    private static Demand elsewhere(long clients) {
        return new Demand(clients, 1, 0, 0, clients, 0, false, new Demand.Client(0, 0, 2, 1));
    }

    private static Check check(Checkup checkup, String name) {
        return checkup.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aVastMachineCarriesAsManyClientsAsAnExperimentMayHave() {
        Checkup checkup = judged(vast(), of(10_000_000));

        assertThat(checkup.tooLow()).isEmpty();
        assertThat(checkup.warnings()).isEmpty();
        assertThat(checkup.binding().orElseThrow().clients()).hasValue(10_000_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DESCRIPTORS | 300 | descriptors | 1760 | sudo prlimit --pid $$ --nofile=20256:20256",
                "OPEN_FILES | 40000 | open files | 19740 | fs.file-max=",
                "LAST_PORT | 32867 | ports | 800000 | net.ipv4.ip_local_port_range='32768 65535'",
                "MEMORY | 2147483648 | memory | 59700 | end what else uses memory",
                "CGROUP_MEMORY | 536870912 | memory | 8613 | echo max | sudo tee /sys/fs/cgroup/memory.max",
                "HEAP | 67108864 | heap | 4096 | sed -i 's/-Xmx[0-9]*[kmg]/-Xmx",
                "USER_TASKS | 100 | threads | 20000 | sudo prlimit --pid $$ --nproc=",
                "SYSTEM_TASKS | 170 | threads | 40000 | kernel.threads-max=",
                "CGROUP_TASKS | 240 | threads | 60000 | echo max | sudo tee /sys/fs/cgroup/pids.max",
                "DISK | 1000000 | disk | 669 | squall run --out DIR",
            })
    void eachLimitBindsInItsTurnAndSaysWhatRaisesIt(Fact fact, long value, String name, long clients, String raise) {
        Checkup checkup = but(fact, value, Demand.QUICKSTART);
        Check binding = checkup.binding().orElseThrow();

        assertThat(binding.name()).isEqualTo(name);
        assertThat(binding.clients().orElseThrow()).isBetween(clients * 95 / 100, clients * 105 / 100);
        assertThat(binding.raise()).contains(raise);
    }

    @ParameterizedTest
    @CsvSource({
        "DESCRIPTORS, 1255, descriptors, 1256",
        "OPEN_FILES, 2419, open files, 2420",
        "LAST_PORT, 32891, ports, 32892",
        "MEMORY, 404200000, memory, 600000000",
        "CGROUP_MEMORY, 404200000, memory, 600000000",
        "HEAP, 54000000, heap, 70000000",
        "USER_TASKS, 95, threads, 120",
        "DISK, 1300000, disk, 3000000"
    })
    void anExperimentFitsUntilItNeedsMoreThanThereIs(Fact fact, long tooLow, String name, long enough) {
        assertThat(but(fact, tooLow, Demand.QUICKSTART).tooLow())
                .extracting(Check::name)
                .containsExactly(name);
        assertThat(but(fact, enough, Demand.QUICKSTART).tooLow()).isEmpty();
    }

    @Test
    void aMessageNamesTheLimitWhatWasFoundWhatIsNeededAndTheCommand() {
        assertThat(check(but(Fact.DESCRIPTORS, 300, Demand.QUICKSTART), "descriptors"))
                .hasToString("descriptors: 300 (expected: at least 1,256 for 1,000 clients, 1 injector, 1 node;"
                        + " ulimit -n: a process holds 44 clients);"
                        + " to raise it: sudo prlimit --pid $$ --nofile=20256:20256");
    }

    // ---- what a run is refused for ----

    @ParameterizedTest
    @CsvSource({
        "DESCRIPTORS, 1255",
        "DISK, 165000",
        "MEMORY, 6143999",
        "CGROUP_MEMORY, 6143999",
        "JAVA_STARTS, 0",
        "JAVA, 16"
    })
    void whatCannotWorkIsRefused(Fact fact, long value) {
        assertThatThrownBy(() -> but(fact, value, Demand.QUICKSTART).admit())
                .isInstanceOf(RunException.class)
                .hasMessageContaining("to raise it: ");
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN_FILES, 10",
        "LAST_PORT, 32769",
        "MEMORY, 6144000",
        "CGROUP_MEMORY, 6144000",
        "HEAP, 1000",
        "USER_TASKS, 1",
        "SYSTEM_TASKS, 1",
        "CGROUP_TASKS, 1",
        "DISK, 170000",
        "CONNTRACK, 0",
        "SOMAXCONN, 1",
        "PROCESSORS, 0",
        "JAVA, 99",
        "JAVA_BITS, 32"
    })
    void whatIsOnlyEstimatedWarns(Fact fact, long value) {
        Checkup checkup = but(fact, value, fact == Fact.CONNTRACK ? elsewhere(1000) : Demand.QUICKSTART);

        assertThatCode(checkup::admit).doesNotThrowAnyException();
        assertThat(checkup.warnings()).hasSize(1);
    }

    @Test
    void aLimitIsToldAsARefusalOrAsAWarningNeverAsBoth() {
        Checkup checkup = but(Fact.DESCRIPTORS, 300, Demand.QUICKSTART);

        assertThat(checkup.warnings()).isEmpty();
        assertThatThrownBy(checkup::admit).hasMessageContaining("descriptors: 300");
    }

    @Test
    void theHarnessNeedsDescriptorsForItsChildren() {
        Demand many = new Demand(1000, 100, 100, 0, 10, 10, true, Demand.QUICKSTART.client());

        assertThatThrownBy(() -> but(Fact.DESCRIPTORS, 400, many).admit()).hasMessageContaining("at least 540");
        assertThatCode(() -> but(Fact.DESCRIPTORS, 540, many).admit()).doesNotThrowAnyException();
    }

    @Test
    void anEstimateThatTakesNearlyAllIsLowAndStillFits() {
        Check memory = check(but(Fact.MEMORY, 460L << 20, Demand.QUICKSTART), "memory");

        assertThat(memory.verdict()).isEqualTo(Check.Verdict.LOW);
        assertThat(memory.refuses()).isFalse();
    }

    // ---- what is measured badly rather than not at all ----

    @Test
    void aStormBeyondTheBacklogIsLowAndBindsNothing() {
        Demand storm = new Demand(5000, 1, 1, 0, 5000, 5000, true, new Demand.Client(0, 0, 2, 1));
        Checkup checkup = but(Fact.SOMAXCONN, 128, storm);
        Check backlog = check(checkup, "backlog");

        assertThat(backlog.verdict()).isEqualTo(Check.Verdict.LOW);
        assertThat(backlog.clients()).hasValue(128);
        assertThat(backlog.raise()).contains("net.core.somaxconn=65535");
        assertThat(checkup.binding())
                .hasValueSatisfying(b -> assertThat(b.name()).isNotEqualTo("backlog"));
        assertThat(checkup.tooLow()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PROCESSORS, 5000, 1, OK", "PROCESSORS, 5001, 1, LOW", "CGROUP_PROCESSORS, 5001, 1, LOW"})
    void manyClientsOnAProcessorAreLow(Fact fact, long clients, long processors, Check.Verdict verdict) {
        assertThat(check(but(fact, processors, of(clients)), "processors").verdict())
                .isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"17, OK", "25, OK", "26, LOW", "16, TOO_LOW"})
    void javaIsGoodFrom17ToTheNewestThatWasTested(long version, Check.Verdict verdict) {
        assertThat(check(but(Fact.JAVA, version, of(1)), "java").verdict()).isEqualTo(verdict);
    }

    // ---- where the blame lies ----

    @Test
    void memoryThatGoesIntoManySmallProcessesIsRaisedByDescriptors() {
        Map<Fact, Long> facts = vast();
        facts.put(Fact.DESCRIPTORS, 1024L);
        facts.put(Fact.HARD_DESCRIPTORS, 1024L);
        facts.put(Fact.MEMORY, 20 * GIB);
        Check binding = judged(facts, of(1)).binding().orElseThrow();

        assertThat(binding.name()).isEqualTo("memory");
        assertThat(binding.raise()).startsWith("sudo prlimit --pid $$ --nofile=20256:20256");
    }

    @Test
    void aLimitBelowTheHardOneNeedsNoSuperuserAndOneAboveNrOpenTakesTwoCommands() {
        Map<Fact, Long> facts = vast();
        facts.put(Fact.DESCRIPTORS, 300L);

        assertThat(check(judged(facts, of(1)), "descriptors").raise()).isEqualTo("ulimit -n 20256");

        facts.put(Fact.HARD_DESCRIPTORS, 4096L);
        facts.put(Fact.NR_OPEN, 4096L);
        assertThat(check(judged(facts, of(1)), "descriptors").raise())
                .isEqualTo("sudo sysctl -w fs.nr_open=20256 && sudo prlimit --pid $$ --nofile=20256:20256");
    }

    @Test
    void theTighterOfTheMachinesMemoryAndTheGroupsCounts() {
        Map<Fact, Long> facts = vast();
        facts.put(Fact.CGROUP_MEMORY, 2 * GIB);
        facts.put(Fact.MEMORY, GIB);
        assertThat(check(judged(facts, of(1)), "memory").found()).hasValue(GIB);

        facts.put(Fact.MEMORY, 3 * GIB);
        assertThat(check(judged(facts, of(1)), "memory").found()).hasValue(2 * GIB);
    }

    @Test
    void clientsThatCompressAreAdvisedToKeepNoContext() {
        Demand demand = new Demand(100, 1, 1, 0, 100, 100, true, new Demand.Client(210_000, 0, 1, 1));

        assertThat(check(but(Fact.MEMORY, GIB, demand), "memory").raise()).contains("no_context_takeover");
        assertThat(check(but(Fact.MEMORY, GIB, of(100)), "memory").raise()).doesNotContain("no_context_takeover");
    }

    // ---- targets elsewhere ----

    @Test
    void forOneAddressElsewhereAllClientsShareOneRangeOfPorts() {
        Check ports = check(judged(vast(), elsewhere(28_233)), "ports");

        assertThat(ports.verdict()).isEqualTo(Check.Verdict.TOO_LOW);
        assertThat(ports.clients()).hasValue(28_232);
        assertThat(check(judged(vast(), of(100_000)), "ports").verdict()).isEqualTo(Check.Verdict.OK);
    }

    @Test
    void connectionTrackingCountsForTargetsElsewhereOnlyAndIsNotMissedWhereThereIsNone() {
        assertThat(check(but(Fact.CONNTRACK, 100, elsewhere(1000)), "conntrack").verdict())
                .isEqualTo(Check.Verdict.TOO_LOW);
        assertThat(check(but(Fact.CONNTRACK, 100, of(1000)), "conntrack").verdict())
                .isEqualTo(Check.Verdict.OK);
        assertThat(judged(vast(), elsewhere(1000)).checks())
                .extracting(Check::name)
                .doesNotContain("conntrack");
    }

    // ---- what is not known ----

    @Test
    void aMachineThatTellsNothingIsNoFailure() {
        Checkup checkup = judged(Map.of(), of(10_000_000));

        assertThat(checkup.checks()).extracting(Check::verdict).containsOnly(Check.Verdict.UNKNOWN);
        assertThat(checkup.checks()).extracting(Check::foundText).containsOnly("unknown");
        assertThat(checkup.tooLow()).isEmpty();
        assertThat(checkup.warnings()).isEmpty();
        assertThat(checkup.binding()).isEmpty();
        assertThatCode(checkup::admit).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void noSingleFactIsNeeded(Fact fact) {
        Map<Fact, Long> facts = vast();
        facts.remove(fact);

        assertThat(judged(facts, of(1000)).tooLow()).isEmpty();
    }

    // ---- numbers ----

    @Test
    void tenMillionClientsThatCompressOverflowNothing() {
        Demand demand =
                new Demand(10_000_000, 1000, 1000, 1000, 10_000, 10_000, true, new Demand.Client(500_000, 0, 1001, 1));
        Checkup checkup = judged(vast(), demand);

        assertThat(checkup.checks())
                .allSatisfy(check -> assertThat(check.need()).isNotNegative());
        assertThat(check(checkup, "memory").need()).isGreaterThan(10_000_000L * 500_000);
        assertThat(check(checkup, "disk").need()).isGreaterThan(10_000_000L * 1001 * 500);
        assertThat(check(checkup, "memory").verdict()).isEqualTo(Check.Verdict.OK);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 44, 768, 19_744, 20_000})
    void fewerClientsNeverNeedMore(int perProcess) {
        Demand last = Demand.QUICKSTART.of(0, perProcess, perProcess);
        for (long clients :
                List.of(1L, 43L, 44L, 45L, 767L, 769L, 19_744L, 19_745L, 39_488L, 39_489L, 100_000L, 10_000_000L)) {
            Demand next = Demand.QUICKSTART.of(clients, perProcess, perProcess);
            assertThat(next.descriptors()).as("%d", clients).isGreaterThanOrEqualTo(last.descriptors());
            assertThat(next.memory()).as("%d", clients).isGreaterThanOrEqualTo(last.memory());
            assertThat(next.heap()).as("%d", clients).isGreaterThanOrEqualTo(last.heap());
            assertThat(next.storm()).as("%d", clients).isGreaterThanOrEqualTo(last.storm());
            last = next;
        }
    }

    @Test
    void whatIsFoundIsToldInTheUnitsOfPeople() {
        Map<Fact, Long> facts = vast();
        facts.put(Fact.MEMORY, 1536L << 20);
        Checkup checkup = judged(facts, of(1));

        assertThat(check(checkup, "memory").foundText()).isEqualTo("1.5 GiB");
        assertThat(check(checkup, "open files").foundText()).isEqualTo("no limit");
        assertThat(check(checkup, "ports").foundText()).isEqualTo("28,232");
        assertThat(Check.text(Check.Unit.BYTES, 1023)).isEqualTo("1023 B");
        assertThat(Check.text(Check.Unit.BYTES, Long.MAX_VALUE)).isEqualTo("8,388,608 TiB");
    }

    @Test
    void reservedDescriptorsAreThoseThatTheReaderAndTheInjectorCountWith() {
        Check descriptors = check(but(Fact.DESCRIPTORS, 20_000, of(1)), "descriptors");

        assertThat(descriptors.about()).contains(String.format("%,d clients", 20_000 - Plan.RESERVED_DESCRIPTORS));
    }
}
