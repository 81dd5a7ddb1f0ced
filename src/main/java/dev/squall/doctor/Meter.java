package dev.squall.doctor;

import dev.squall.machine.Kernel;
import dev.squall.run.Progress;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What an injector and a node take while clients come, once a second: what they have more than before the first came. */
final class Meter {

    /** Beyond these it is something else on the machine that takes the kernel's memory, or gives it back. */
    private static final double LEAST_KERNEL_BYTES = 2 * 1024;

    private static final double MOST_KERNEL_BYTES = 64 * 1024;

    private static final long KIB = 1024;

    /** What a tick of /proc/PID/stat lasts: Linux has 100 a second on every architecture that has a JVM. */
    private static final long TICK_MICROS = 10_000;

    private static final int USER_TICKS = 13;
    private static final int SYSTEM_TICKS = 14;

    /** What was taken at one time; a part is empty where the kernel does not tell. */
    private record Sample(
            OptionalLong injectorBytes, OptionalLong nodeBytes, OptionalLong kernelBytes, OptionalLong micros) {}

    private final Kernel kernel;
    private @Nullable Sample base;
    private @Nullable Sample arrived;
    private @Nullable Sample last;
    private long open;
    private long recovered;

    Meter(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Takes a sample.
     *
     * @param clients how many there will be
     */
    void sample(Progress progress, long injector, long node, long clients) {
        if (progress.isStarting()) {
            return;
        }
        Sample sample = new Sample(
                resident(injector),
                resident(node),
                times(kernel.keyed("proc/meminfo", "Slab:"), kib -> kib * KIB),
                sum(processor(injector), processor(node)));
        if (progress.count("open") + progress.count("connecting") == 0 && open == 0) {
            base = sample;
        }
        open = Math.max(open, progress.count("open"));
        recovered = Math.max(recovered, progress.count("recovered"));
        if (arrived == null && open >= clients) {
            arrived = sample;
        }
        boolean alive = sample.injectorBytes().isPresent() && sample.nodeBytes().isPresent();
        if (alive && progress.elapsedMicros() < progress.durationMicros()) {
            last = sample;
        }
    }

    /** The most clients that were open at once. */
    long open() {
        return open;
    }

    /**
     * What each client took, so far as it could be told; compression is in what both ends took.
     *
     * @param journalBytes of both ends
     */
    Map<Cost, Double> found(long journalBytes) {
        Map<Cost, Double> found = new EnumMap<>(Cost.class);
        if (base == null || last == null || open == 0) {
            return found;
        }
        OptionalLong injector = more(base.injectorBytes(), last.injectorBytes());
        OptionalLong node = more(base.nodeBytes(), last.nodeBytes());
        if (injector.orElse(0) > 0 && node.orElse(0) > 0) {
            found.put(Cost.CLIENT_INJECTOR, (double) injector.getAsLong() / open);
            found.put(Cost.CLIENT_NODE, (double) node.getAsLong() / open);
            found.put(Cost.DEFLATE, 0.0);
            found.put(Cost.DEFLATE_CONTEXT, 0.0);
        }
        if (arrived != null) {
            double socket =
                    (double) more(base.kernelBytes(), arrived.kernelBytes()).orElse(0) / open;
            if (socket >= LEAST_KERNEL_BYTES && socket <= MOST_KERNEL_BYTES) {
                found.put(Cost.CLIENT_KERNEL, socket);
            }
            OptionalLong micros = more(base.micros(), arrived.micros());
            if (micros.orElse(0) > 0) {
                found.put(Cost.CONNECT, (double) micros.getAsLong() / open);
            }
        }
        if (journalBytes > 0) {
            found.put(Cost.CONNECTION_JOURNAL, (double) journalBytes / (open + recovered));
        }
        return found;
    }

    private OptionalLong resident(long process) {
        return times(kernel.keyed("proc/" + process + "/status", "VmRSS:"), kib -> kib * KIB);
    }

    private OptionalLong processor(long process) {
        String file = "proc/" + process + "/stat";
        return times(sum(kernel.number(file, USER_TICKS), kernel.number(file, SYSTEM_TICKS)), t -> t * TICK_MICROS);
    }

    private static OptionalLong times(OptionalLong value, LongUnaryOperator by) {
        return value.isPresent() ? OptionalLong.of(by.applyAsLong(value.getAsLong())) : value;
    }

    private static OptionalLong sum(OptionalLong a, OptionalLong b) {
        return a.isPresent() && b.isPresent() ? OptionalLong.of(a.getAsLong() + b.getAsLong()) : OptionalLong.empty();
    }

    private static OptionalLong more(OptionalLong before, OptionalLong after) {
        return before.isPresent() && after.isPresent()
                ? OptionalLong.of(after.getAsLong() - before.getAsLong())
                : OptionalLong.empty();
    }
}
