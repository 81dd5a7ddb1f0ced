package dev.squall.doctor;

import dev.squall.machine.Cgroup;
import dev.squall.machine.Kernel;
import dev.squall.run.Home;
import dev.squall.run.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What is known of a machine. What is not known is not there, which is no failure: other systems tell less.
 *
 * @param values {@link Long#MAX_VALUE} is no limit
 * @param origins the file or folder that a value is of, where a user needs to know it
 */
record Facts(Map<Fact, Long> values, Map<Fact, String> origins) {

    private static final long KIB = 1024;

    Facts {
        values = Map.copyOf(values);
        origins = Map.copyOf(origins);
    }

    OptionalLong value(Fact fact) {
        Long value = values.get(fact);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    String origin(Fact fact) {
        return origins.getOrDefault(fact, "");
    }

    /**
     * The facts of this machine.
     *
     * @param out where run directories go; it need not be there yet
     */
    static Facts of(Kernel kernel, Home home, Path out) {
        Collection all = new Collection();
        all.add(Fact.JAVA, Runtime.version().feature(), Home.java().toString());
        all.add(Fact.JAVA_STARTS, Files.isExecutable(Home.java()) ? 1 : 0, "");
        String bits = System.getProperty("sun.arch.data.model", "");
        if (bits.matches("32|64")) {
            all.add(Fact.JAVA_BITS, Long.parseLong(bits), "");
        }
        all.add(Fact.DESCRIPTORS, Machine.descriptors(), "");
        Stream.of(home.heap("node"), home.heap("injector"))
                .flatMapToLong(OptionalLong::stream)
                .min()
                .ifPresent(heap -> all.add(Fact.HEAP, heap, home.roles().toString()));
        all.add(Fact.PROCESSORS, Runtime.getRuntime().availableProcessors(), "");
        all.addDisk(out.toAbsolutePath());
        all.addKernel(kernel);
        all.addCgroup(Cgroup.of(kernel));
        return new Facts(all.values, all.origins);
    }

    /** Facts as they are gathered. */
    private static final class Collection {
        private final Map<Fact, Long> values = new EnumMap<>(Fact.class);
        private final Map<Fact, String> origins = new EnumMap<>(Fact.class);

        void add(Fact fact, long value, String origin) {
            values.put(fact, value);
            origins.put(fact, origin);
        }

        private void add(Fact fact, OptionalLong value) {
            value.ifPresent(known -> add(fact, known, ""));
        }

        private void add(Fact fact, Optional<Cgroup.Limit> limit) {
            limit.ifPresent(known -> add(fact, known.left(), known.file()));
        }

        void addDisk(Path out) {
            Path folder = out;
            while (!Files.isDirectory(folder) && folder.getParent() != null) {
                folder = folder.getParent();
            }
            try {
                add(Fact.DISK, Files.getFileStore(folder).getUsableSpace(), out.toString());
            } catch (IOException e) {
                // Unknown; a folder that cannot be written is told of when the run directory is made.
            }
        }

        void addCgroup(Cgroup cgroup) {
            add(Fact.CGROUP_MEMORY, cgroup.memory());
            add(Fact.CGROUP_TASKS, cgroup.tasks());
            add(Fact.CGROUP_PROCESSORS, cgroup.processors());
        }

        void addKernel(Kernel kernel) {
            String net = "proc/sys/net/";
            add(Fact.HARD_DESCRIPTORS, kernel.hardLimit("Max open files"));
            add(Fact.NR_OPEN, kernel.number("proc/sys/fs/nr_open"));
            add(Fact.OPEN_FILES, left(kernel.number("proc/sys/fs/file-max"), kernel.number("proc/sys/fs/file-nr")));
            add(Fact.FIRST_PORT, kernel.number(net + "ipv4/ip_local_port_range"));
            add(Fact.LAST_PORT, kernel.number(net + "ipv4/ip_local_port_range", 1));
            add(Fact.TW_REUSE, kernel.number(net + "ipv4/tcp_tw_reuse"));
            kernel.keyed("proc/meminfo", "MemAvailable:").ifPresent(kib -> add(Fact.MEMORY, kib * KIB, ""));
            add(Fact.SOMAXCONN, kernel.number(net + "core/somaxconn"));
            add(Fact.SYN_BACKLOG, kernel.number(net + "ipv4/tcp_max_syn_backlog"));
            add(Fact.USER_TASKS, kernel.hardLimit("Max processes"));
            add(Fact.SYSTEM_TASKS, left(kernel.number("proc/sys/kernel/threads-max"), tasks(kernel)));
            add(
                    Fact.CONNTRACK,
                    left(
                            kernel.number(net + "netfilter/nf_conntrack_max"),
                            kernel.number(net + "netfilter/nf_conntrack_count")));
        }

        /** Threads of all processes: RUNNING/ALL is word 3 of loadavg. */
        private static OptionalLong tasks(Kernel kernel) {
            return kernel.lines("proc/loadavg").stream()
                    .map(line -> line.replaceFirst("^\\S+ \\S+ \\S+ [0-9]+/([0-9]{1,9}) .*", "$1"))
                    .filter(count -> count.matches("[0-9]{1,9}"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        }

        private static OptionalLong left(OptionalLong limit, OptionalLong used) {
            return limit.isPresent() ? OptionalLong.of(Math.max(0, limit.getAsLong() - used.orElse(0))) : limit;
        }
    }
}
