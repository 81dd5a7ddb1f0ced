package dev.squall.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The control groups that this process is in, versions 1 and 2: a limit holds for a group and all below it, so the
 * tightest on the way up counts. Where there is none, or none can be read, it is empty.
 *
 * @param memory bytes that may still be used
 * @param tasks processes and threads that may still be started
 * @param processors how many processors' time it may use, rounded up
 */
public record Cgroup(Optional<Limit> memory, Optional<Limit> tasks, Optional<Limit> processors) {

    /** What a group leaves over, and the file that says so. */
    public record Limit(long left, String file) {}

    /** Version 1 spells no limit as the greatest number of whole pages. */
    private static final long UNLIMITED = Long.MAX_VALUE / 2;

    /** Reads those of this process. */
    public static Cgroup of(Kernel kernel) {
        return new Cgroup(
                tightest(kernel, "memory", Cgroup::memory),
                tightest(kernel, "pids", Cgroup::tasks),
                tightest(kernel, "cpu", Cgroup::processors));
    }

    /**
     * How long this process's group, or one above it, has been kept from its processors because its quota was used up, in
     * microseconds since it was made; empty if there is no quota, or nobody tells.
     */
    public static OptionalLong throttledMicros(Kernel kernel) {
        return groups(kernel, "cpu").stream()
                .map(group -> group + "/cpu.stat")
                .flatMapToLong(stat -> LongStream.concat(
                        kernel.keyed(stat, "throttled_usec").stream(),
                        kernel.keyed(stat, "throttled_time").stream().map(nanos -> nanos / 1000)))
                .max();
    }

    /** Reads one group's limit. */
    private interface Reading {
        Optional<Limit> limit(Kernel kernel, String group);
    }

    private static Optional<Limit> tightest(Kernel kernel, String controller, Reading reading) {
        return groups(kernel, controller).stream()
                .flatMap(group -> reading.limit(kernel, group).stream())
                .min((a, b) -> Long.compare(a.left(), b.left()));
    }

    /** Pages that the kernel can take back from files are not counted as used. */
    private static Optional<Limit> memory(Kernel kernel, String group) {
        Optional<Limit> second = left(
                kernel,
                group + "/memory.max",
                kernel.number(group + "/memory.current"),
                kernel.keyed(group + "/memory.stat", "inactive_file"));
        return second.isPresent()
                ? second
                : left(
                        kernel,
                        group + "/memory.limit_in_bytes",
                        kernel.number(group + "/memory.usage_in_bytes"),
                        kernel.keyed(group + "/memory.stat", "total_inactive_file"));
    }

    private static Optional<Limit> tasks(Kernel kernel, String group) {
        return left(kernel, group + "/pids.max", kernel.number(group + "/pids.current"), OptionalLong.empty());
    }

    private static Optional<Limit> left(Kernel kernel, String file, OptionalLong used, OptionalLong reclaimable) {
        OptionalLong limit = kernel.number(file);
        if (limit.isEmpty() || limit.getAsLong() >= UNLIMITED) {
            return Optional.empty();
        }
        long inUse = Math.max(0, used.orElse(0) - reclaimable.orElse(0));
        return Optional.of(new Limit(Math.max(0, limit.getAsLong() - inUse), "/" + file));
    }

    private static Optional<Limit> processors(Kernel kernel, String group) {
        Optional<Limit> second =
                quota(group + "/cpu.max", kernel.number(group + "/cpu.max"), kernel.number(group + "/cpu.max", 1));
        return second.isPresent()
                ? second
                : quota(
                        group + "/cpu.cfs_quota_us",
                        kernel.number(group + "/cpu.cfs_quota_us"),
                        kernel.number(group + "/cpu.cfs_period_us"));
    }

    private static Optional<Limit> quota(String file, OptionalLong quota, OptionalLong period) {
        if (quota.isEmpty() || quota.getAsLong() >= UNLIMITED || period.orElse(0) == 0) {
            return Optional.empty();
        }
        long processors = (quota.getAsLong() + period.getAsLong() - 1) / period.getAsLong();
        return Optional.of(new Limit(Math.max(1, processors), "/" + file));
    }

    /** The folders of this process's group for a controller and of the groups above it, named from the root. */
    private static List<String> groups(Kernel kernel, String controller) {
        List<String[]> memberships = kernel.lines("proc/self/cgroup").stream()
                .map(line -> line.split(":", 3)) // ID:CONTROLLERS:PATH; in version 2 no controllers are named
                .filter(parts -> parts.length == 3)
                .toList();
        boolean first = memberships.stream().anyMatch(parts -> names(parts[1], controller));
        List<String> groups = new ArrayList<>();
        for (String[] membership : memberships) {
            if (first ? names(membership[1], controller) : membership[1].isEmpty()) {
                for (String line : kernel.lines("proc/self/mountinfo")) {
                    mounted(line, first ? controller : "", membership[2]).ifPresent(groups::addAll);
                }
            }
        }
        return groups;
    }

    private static boolean names(String list, String word) {
        return Arrays.asList(list.split(",")).contains(word);
    }

    /**
     * Where a group and those above it are seen, if this line of mountinfo is the mount of their hierarchy.
     *
     * @param controller of version 1; empty for version 2
     */
    private static Optional<List<String>> mounted(String line, String controller, String path) {
        String[] halves = line.split(" - ", 2); // ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS... - TYPE SOURCE OPTIONS
        if (halves.length < 2) {
            return Optional.empty();
        }
        List<String> mount = Kernel.words(halves[0]);
        List<String> type = Kernel.words(halves[1]);
        boolean hierarchy = controller.isEmpty()
                ? type.get(0).equals("cgroup2")
                : type.get(0).equals("cgroup") && names(type.get(type.size() - 1), controller);
        if (!hierarchy || mount.size() < 5) {
            return Optional.empty();
        }
        String root = mount.get(3).equals("/") ? "" : mount.get(3);
        // In a container the path may be the host's, of which nothing but the mount's root is seen.
        String below = path.startsWith(root + "/") ? path.substring(root.length()) : "";
        String folder = mount.get(4).substring(1);
        List<String> folders = new ArrayList<>(List.of(folder));
        for (String name : below.split("/")) {
            if (!name.isEmpty()) {
                folder += "/" + name;
                folders.add(folder);
            }
        }
        return Optional.of(folders);
    }
}
