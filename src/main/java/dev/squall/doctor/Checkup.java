package dev.squall.doctor;

import dev.squall.experiment.ExperimentReader;
import dev.squall.experiment.Processes;
import dev.squall.machine.Kernel;
import dev.squall.plan.Plan;
import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A machine's limits held against what a run asks for: a function of facts and demand, so that any machine can be judged
 * without being there.
 */
public final class Checkup {

    /** The newest Java that Squall is tested on; older ones down to 17 are, too. */
    private static final int NEWEST_JAVA = 25;

    private static final int OLDEST_JAVA = 17;
    private static final int ADDRESS_BITS = 64;

    /** An estimate that takes more than this share of what there is may well take all of it. */
    private static final double TIGHT = 0.8;

    /** What a node asks for; the kernel gives no more than somaxconn. */
    private static final long BACKLOG = 65_535;

    /** Fewer, fuller processes are worth advising if they let the machine carry so much more. */
    private static final double WORTH = 1.2;

    private static final long MIB = 1024 * 1024;
    private static final long MOST_THREADS = 4_194_304;
    private static final long MOST_TRACKED = 1_048_576;

    /** How a limit is to be taken. */
    private enum Kind {
        /** Known to the last one. */
        EXACT,
        /** Held against an estimate. */
        ESTIMATE,
        /** More can be had, at the price of what is measured. */
        ADVICE
    }

    /** One place where a limit is set. */
    private record Source(OptionalLong amount, String about, String raise) {}

    private final Facts facts;
    private final Demand demand;
    private final int perInjector;
    private final int perNode;
    private final List<Check> checks;

    private Checkup(Facts facts, Demand demand) {
        this.facts = facts;
        this.demand = demand;
        this.perInjector = injectors(facts).each();
        this.perNode = nodes(facts).each();
        this.checks = Stream.of(
                        Stream.of(java(), descriptors(), openFiles(), ports(), memory(), heap(), tasks(), disk()),
                        conntrack().stream(),
                        Stream.of(backlog(), processors()))
                .flatMap(each -> each)
                .toList();
    }

    /** Of this machine, held against the quickstart; {@code out} is where run directories would go. */
    public static Checkup of(Home home, Path out) {
        Facts facts = Facts.of(new Kernel(Path.of("/")), home, out);
        return of(
                facts,
                Demand.QUICKSTART.of(
                        Demand.QUICKSTART.clients(),
                        injectors(facts).each(),
                        nodes(facts).each()));
    }

    /** Of this machine, held against a plan by what the shipped table says that it costs. */
    public static Checkup of(Home home, Path out, Plan plan) {
        return of(Facts.of(new Kernel(Path.of("/")), home, out), Demand.of(plan, Costs.SHIPPED));
    }

    /** The same by what a trial of it has found. */
    public static Checkup of(Home home, Path out, Plan plan, Trial trial) {
        return of(Facts.of(new Kernel(Path.of("/")), home, out), Demand.of(plan, trial.costs()));
    }

    /** What the reader of experiments takes where it is left the choice. */
    private static Processes injectors(Facts facts) {
        return new Processes(facts.value(Fact.DESCRIPTORS).orElse(Long.MAX_VALUE));
    }

    private static Processes nodes(Facts facts) {
        return injectors(facts).nodes(ports(facts).orElse(Long.MAX_VALUE));
    }

    /** Of the ephemeral range. */
    private static OptionalLong ports(Facts facts) {
        OptionalLong first = facts.value(Fact.FIRST_PORT);
        OptionalLong last = facts.value(Fact.LAST_PORT);
        return first.isPresent() && last.isPresent()
                ? OptionalLong.of(Math.max(0, last.getAsLong() - first.getAsLong() + 1))
                : OptionalLong.empty();
    }

    static Checkup of(Facts facts, Demand demand) {
        return new Checkup(facts, demand);
    }

    /** Every limit, in the order in which they are told. */
    public List<Check> checks() {
        return checks;
    }

    /** The limit that allows the fewest clients; empty if none is known to bound them. */
    public Optional<Check> binding() {
        return checks.stream()
                .filter(check -> check.bounds() && check.clients().isPresent())
                .min(Comparator.comparingLong(check -> check.clients().getAsLong()));
    }

    /** Those that do not do. */
    public List<Check> tooLow() {
        return checks.stream()
                .filter(check -> check.verdict() == Check.Verdict.TOO_LOW)
                .toList();
    }

    /** What it was held against, in words. */
    public String demand() {
        return demand.toString();
    }

    /** What one client costs, thing by thing. */
    public List<Item> costs() {
        return demand.items();
    }

    /** Who measured the shipped table, when and on what. */
    public String measured() {
        return demand.costs().measured();
    }

    /** What is tight, or looks too low but is only estimated: a run may still work. */
    public List<Check> warnings() {
        return checks.stream()
                .filter(check -> check.verdict() == Check.Verdict.LOW || check.verdict() == Check.Verdict.TOO_LOW)
                .filter(check -> !check.refuses())
                .toList();
    }

    /**
     * Lets a run begin unless it cannot work.
     *
     * @throws RunException naming each limit that is too low for certain
     */
    public void admit() throws RunException {
        String refusals =
                checks.stream().filter(Check::refuses).map(Check::toString).collect(Collectors.joining("\n"));
        if (!refusals.isEmpty()) {
            throw new RunException(refusals);
        }
    }

    // ---- one method for each limit ----

    private Check java() {
        OptionalLong version = facts.value(Fact.JAVA);
        OptionalLong bits = facts.value(Fact.JAVA_BITS);
        long found = version.orElse(OLDEST_JAVA);
        boolean missing = facts.value(Fact.JAVA_STARTS).orElse(1) == 0;
        boolean narrow = bits.orElse(ADDRESS_BITS) < ADDRESS_BITS;
        Check.Verdict verdict;
        if (missing || narrow || found < OLDEST_JAVA) {
            verdict = Check.Verdict.TOO_LOW;
        } else if (version.isEmpty()) {
            verdict = Check.Verdict.UNKNOWN;
        } else {
            verdict = found > NEWEST_JAVA ? Check.Verdict.LOW : Check.Verdict.OK;
        }
        return new Check(
                "java",
                Check.Unit.COUNT,
                version,
                OLDEST_JAVA,
                OLDEST_JAVA + " to " + NEWEST_JAVA + ", on which Squall is tested, with 64 bits",
                OptionalLong.empty(),
                false,
                verdict,
                facts.origin(Fact.JAVA)
                        + (missing ? " cannot be started" : "")
                        + (bits.isPresent() ? ", " + bits.getAsLong() + " bits" : ""),
                "SQUALL_JAVA=/path/to/java squall ... (Debian: apt-get install openjdk-17-jre-headless)",
                missing || found < OLDEST_JAVA);
    }

    private Check descriptors() {
        OptionalLong hard = facts.value(Fact.HARD_DESCRIPTORS);
        long needed = Math.max(demand.descriptors(), Processes.FULL_DESCRIPTORS);
        boolean allowed = hard.orElse(0) >= needed;
        String raise = allowed ? "ulimit -n " + needed : raiseDescriptors(needed);
        String about = String.format(Locale.ROOT, "ulimit -n: a process holds %,d clients", perInjector);
        return check(
                "descriptors",
                Check.Unit.COUNT,
                Kind.EXACT,
                Demand::descriptors,
                Demand::leastDescriptors,
                new Source(facts.value(Fact.DESCRIPTORS), about, raise));
    }

    /** The kernel refuses a limit above fs.nr_open. */
    private String raiseDescriptors(long to) {
        boolean open = facts.value(Fact.NR_OPEN).orElse(Long.MAX_VALUE) >= to;
        return (open ? "" : "sudo sysctl -w fs.nr_open=" + to + " && ") + Processes.raiseDescriptors(to);
    }

    private Check openFiles() {
        return check(
                "open files",
                Check.Unit.COUNT,
                Kind.ESTIMATE,
                Demand::openFiles,
                Checkup::never,
                new Source(
                        facts.value(Fact.OPEN_FILES),
                        "what fs.file-max leaves all processes",
                        "sudo sysctl -w fs.file-max=" + Long.MAX_VALUE));
    }

    private Check ports() {
        String about = String.format(
                Locale.ROOT,
                demand.nodes() > 0
                        ? "net.ipv4.ip_local_port_range: for each of %d source addresses and each node"
                        : "net.ipv4.ip_local_port_range: for each of %d pairs of a source and an address of the server",
                demand.paths());
        if (!demand.loopback()) {
            about += "; a port is free " + (facts.value(Fact.TW_REUSE).orElse(0) == 1 ? "1 s" : "60 s")
                    + " after its client closed first";
        }
        return check(
                "ports",
                Check.Unit.COUNT,
                Kind.ESTIMATE,
                Demand::ports,
                Checkup::never,
                new Source(ports(facts), about, Processes.RAISE_PORTS));
    }

    private Check memory() {
        String less = demand.compresses()
                ? "offer 'permessage-deflate; server_no_context_takeover; client_no_context_takeover' (3 KiB a connection, not"
                        + " 105), or end what else uses memory"
                : "end what else uses memory, or take a machine with more";
        Check check = check(
                "memory",
                Check.Unit.BYTES,
                Kind.ESTIMATE,
                Demand::memory,
                Demand::leastMemory,
                new Source(facts.value(Fact.MEMORY), "available without swapping", less),
                group(Fact.CGROUP_MEMORY, "docker run --memory"));
        int full = Processes.MOST_CLIENTS_EACH;
        long inFullProcesses = most(check.found(), Demand::memory, full, full);
        boolean wasted = check.clients().isPresent()
                && inFullProcesses > WORTH * check.clients().getAsLong();
        return wasted
                ? check.raisedBy(
                        raiseDescriptors(Processes.FULL_DESCRIPTORS) + " (fewer processes would hold as many clients)")
                : check;
    }

    private Check heap() {
        long more = Math.max(demand.heap(), facts.value(Fact.HEAP).orElse(0)) / MIB * 2;
        return check(
                "heap",
                Check.Unit.BYTES,
                Kind.ESTIMATE,
                Demand::heap,
                Checkup::never,
                new Source(
                        facts.value(Fact.HEAP),
                        "-Xmx of a process",
                        "sed -i 's/-Xmx[0-9]*[kmg]/-Xmx" + more + "m/' " + facts.origin(Fact.HEAP)));
    }

    private Check tasks() {
        return check(
                "threads",
                Check.Unit.COUNT,
                Kind.ESTIMATE,
                Demand::tasks,
                Checkup::never,
                new Source(
                        facts.value(Fact.USER_TASKS),
                        "ulimit -u, with processes",
                        "sudo prlimit --pid $$ --nproc=unlimited:unlimited"),
                new Source(
                        facts.value(Fact.SYSTEM_TASKS),
                        "what kernel.threads-max leaves",
                        "sudo sysctl -w kernel.threads-max=" + MOST_THREADS),
                group(Fact.CGROUP_TASKS, "docker run --pids-limit"));
    }

    /** What the control group leaves, and how it is raised from without. */
    private Source group(Fact fact, String inContainer) {
        String file = facts.origin(fact);
        String none = file.endsWith("_in_bytes") ? "-1" : "max";
        return new Source(
                facts.value(fact),
                "what the control group leaves, " + file,
                "echo " + none + " | sudo tee " + file + " (of a container: " + inContainer + ")");
    }

    private Check disk() {
        return check(
                "disk",
                Check.Unit.BYTES,
                Kind.ESTIMATE,
                Demand::disk,
                Demand::leastDisk,
                new Source(
                        facts.value(Fact.DISK),
                        "free for " + facts.origin(Fact.DISK) + "; a storm of failed tries takes more",
                        "squall run --out DIR, on a disk with more room"));
    }

    private Optional<Check> conntrack() {
        return facts.value(Fact.CONNTRACK).stream()
                .mapToObj(left -> check(
                        "conntrack",
                        Check.Unit.COUNT,
                        Kind.ESTIMATE,
                        Demand::tracked,
                        Checkup::never,
                        new Source(
                                OptionalLong.of(left),
                                "what nf_conntrack_max leaves, for targets elsewhere; beyond it packets are dropped",
                                "sudo sysctl -w net.netfilter.nf_conntrack_max="
                                        + Math.max(MOST_TRACKED, demand.tracked()))))
                .findFirst();
    }

    private Check backlog() {
        OptionalLong syn = facts.value(Fact.SYN_BACKLOG);
        return check(
                "backlog",
                Check.Unit.COUNT,
                Kind.ADVICE,
                Demand::storm,
                Checkup::never,
                new Source(
                        facts.value(Fact.SOMAXCONN),
                        "net.core.somaxconn" + (syn.isPresent() ? ", tcp_max_syn_backlog " + syn.getAsLong() : "")
                                + ": who dials a node while so many wait to be accepted tries again after 1 s",
                        "sudo sysctl -w net.core.somaxconn=" + BACKLOG + " net.ipv4.tcp_max_syn_backlog=" + BACKLOG));
    }

    private Check processors() {
        return check(
                "processors",
                Check.Unit.COUNT,
                Kind.ADVICE,
                Demand::processors,
                Checkup::never,
                new Source(
                        facts.value(Fact.PROCESSORS),
                        String.format(
                                Locale.ROOT,
                                "beyond %,d clients each the times of a storm are this machine's",
                                Demand.CLIENTS_PER_PROCESSOR),
                        "take a machine with more"),
                group(Fact.CGROUP_PROCESSORS, "docker run --cpus"));
    }

    // ---- what they have in common ----

    /** The tightest source held against the need. */
    private Check check(
            String name,
            Check.Unit unit,
            Kind kind,
            ToLongFunction<Demand> need,
            ToLongFunction<Demand> least,
            Source... sources) {
        Source tightest = Stream.of(sources)
                .filter(source -> source.amount().isPresent())
                .min(Comparator.comparingLong(source -> source.amount().getAsLong()))
                .orElse(sources[0]);
        OptionalLong found = tightest.amount();
        long needed = need.applyAsLong(demand);
        return new Check(
                name,
                unit,
                found,
                needed,
                "at least " + Check.text(unit, needed) + " for " + demand,
                found.isPresent() ? OptionalLong.of(most(found, need, perInjector, perNode)) : found,
                kind != Kind.ADVICE,
                verdict(kind, found, needed),
                tightest.about(),
                tightest.raise(),
                found.isPresent() && least.applyAsLong(demand) > found.getAsLong());
    }

    /** Of a limit that is too low for certain at no amount: what is needed is estimated. */
    private static long never(Demand demand) {
        return 0;
    }

    private static Check.Verdict verdict(Kind kind, OptionalLong found, long needed) {
        if (found.isEmpty()) {
            return Check.Verdict.UNKNOWN;
        }
        if (needed > found.getAsLong()) {
            return kind == Kind.ADVICE ? Check.Verdict.LOW : Check.Verdict.TOO_LOW;
        }
        boolean tight = kind == Kind.ESTIMATE && needed > TIGHT * found.getAsLong();
        return tight ? Check.Verdict.LOW : Check.Verdict.OK;
    }

    /** The most clients of this kind whose need is met; {@link ExperimentReader#MAX_CLIENTS} is any number. */
    private long most(OptionalLong found, ToLongFunction<Demand> need, int inInjector, int inNode) {
        long low = 0;
        long high = ExperimentReader.MAX_CLIENTS;
        while (low < high) {
            long middle = (low + high + 1) / 2;
            boolean met = need.applyAsLong(demand.of(middle, inInjector, inNode)) <= found.orElse(0);
            low = met ? middle : low;
            high = met ? high : middle - 1;
        }
        return low;
    }
}
