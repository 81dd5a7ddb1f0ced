package dev.squall.role;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.machine.Kernel;
import dev.squall.machine.Pressure;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Supplier;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.jspecify.annotations.Nullable;

/**
 * Once a second: a process's processor time and what its quota kept from it into the journal, its latencies into the interval
 * log, and a status line to the harness. Event loops report their stalls here, collectors their pauses.
 */
public final class Vitals implements AutoCloseable {

    /** How often an event loop should call {@link #beat}, in milliseconds. */
    public static final long BEAT_MILLIS = 10;

    /** A stall of at least this many microseconds gets a row of its own; all are in the interval log. */
    public static final long STALL_ROW_MICROS = 20_000;

    /** The pair of the status line that tells the longest stall since the last one, in microseconds. */
    public static final String STALL = "stall";

    private static final long PERIOD_MILLIS = 1000;

    private final RunClock clock;
    private final JournalWriter journal;
    private final LatencyLog latencies;
    private final LatencyLog.Series stalls;
    private final ChildLink link;
    private final Supplier<String> status;
    private final com.sun.management.@Nullable OperatingSystemMXBean system;
    private final Pressure pressure = new Pressure(new Kernel(Path.of("/")));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(r -> {
        Thread thread = new Thread(r, "squall-vitals");
        thread.setDaemon(true);
        return thread;
    });
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
    private volatile @Nullable RuntimeException defect;
    private long lastMicros;
    private long lastCpuNanos;

    /** Begins to report; {@code status} gives the pairs of the status line. */
    public Vitals(
            RunClock clock, JournalWriter journal, LatencyLog latencies, ChildLink link, Supplier<String> status) {
        this.clock = clock;
        this.journal = journal;
        this.latencies = latencies;
        this.stalls = latencies.series("stall");
        this.link = link;
        this.status = status;
        OperatingSystemMXBean bean = ManagementFactory.getOperatingSystemMXBean();
        this.system = bean instanceof com.sun.management.OperatingSystemMXBean sun ? sun : null;
        this.lastCpuNanos = cpuNanos();
        ManagementFactory.getGarbageCollectorMXBeans().forEach(this::watch);
        var unused = timer.scheduleAtFixedRate(this::tick, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        try {
            report();
        } catch (RuntimeException e) {
            defect = e; // The timer would keep it, and be silent for ever.
            throw e;
        }
    }

    /** An event loop's heartbeat came {@code lateMicros} after it was due. */
    public void beat(long lateMicros) {
        stalls.record(lateMicros);
        longest.accumulate(lateMicros);
        if (lateMicros >= STALL_ROW_MICROS) {
            journal.add(clock.micros(), JournalEvent.STALL, lateMicros, null);
        }
    }

    private synchronized void report() {
        long now = clock.micros();
        long cpu = cpuNanos();
        journal.add(now, JournalEvent.CPU, (cpu - lastCpuNanos) / 1000, null);
        long throttled = pressure.throttledMicros();
        if (throttled > 0) {
            journal.add(now, JournalEvent.THROTTLED, throttled, null);
        }
        latencies.flush(lastMicros, now);
        lastMicros = now;
        lastCpuNanos = cpu;
        link.status(status.get() + " dropped=" + journal.dropped() + " " + STALL + "=" + longest.getThenReset());
    }

    /** Why the journal or the interval log cannot be written, if so: the process should then end with an error. */
    public @Nullable Exception failure() {
        Exception failure = defect != null ? defect : journal.failure();
        return failure == null ? latencies.failure() : failure;
    }

    private long cpuNanos() {
        return system == null ? 0 : system.getProcessCpuTime();
    }

    /** Each pause of a collector becomes a row; what a collector does beside the program is none. */
    private void watch(GarbageCollectorMXBean collector) {
        if (collector instanceof NotificationEmitter emitter) {
            emitter.addNotificationListener(this::collected, null, null);
        }
    }

    private void collected(Notification notification, @Nullable Object unused) {
        if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            GarbageCollectionNotificationInfo info =
                    GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
            long millis = info.getGcInfo().getDuration();
            if (millis > 0) {
                journal.add(clock.micros(), JournalEvent.GC, millis * 1000, null);
            }
        }
    }

    /** Reports once more and stops; the journal stays open. */
    @Override
    public void close() {
        timer.shutdownNow();
        report();
    }
}
