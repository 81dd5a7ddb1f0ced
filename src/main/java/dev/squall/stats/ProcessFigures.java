package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalRow;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What one process of a run took of its processors while the load went on, and how it stood still. */
public final class ProcessFigures {

    /** An hour: a damaged row may say anything. */
    private static final long LONGEST_MICROS = 3_600_000_000L;

    private final HarnessJournal.Child child;
    private final Histogram cpu = new Histogram(3);
    private final Histogram stalls = new Histogram(3);
    private final Histogram collections = new Histogram(3);
    private long cpuMicros;
    private long collectionMicros;

    ProcessFigures(HarnessJournal.Child child) {
        this.child = child;
        List.of(cpu, stalls, collections).forEach(histogram -> histogram.setAutoResize(true));
    }

    /** Takes a row of its journal; most tell of clients. */
    void take(JournalRow row, long endMicros) {
        switch (row.event()) {
            case CPU -> {
                if (isOfLoad(row, endMicros)) {
                    cpu.recordValue(Math.min(LONGEST_MICROS, row.value()));
                    cpuMicros += row.value();
                }
            }
            case GC -> {
                if (isOfLoad(row, endMicros)) {
                    collections.recordValue(Math.min(LONGEST_MICROS, row.value()));
                    collectionMicros += row.value();
                }
            }
            default -> {}
        }
    }

    private static boolean isOfLoad(JournalRow row, long endMicros) {
        return row.micros() > 0 && row.micros() < endMicros && row.value() >= 0;
    }

    void stalls(Histogram interval) {
        stalls.add(interval);
    }

    /** The name of its files, as {@code clients-0}. */
    public String name() {
        return child.name();
    }

    /** Whether it ended in order, or was killed because the plan says so. */
    public boolean endedAsPlanned() {
        return child.ended() || child.killed();
    }

    /** Processor time while the load went on, in microseconds. */
    public long cpuMicros() {
        return cpuMicros;
    }

    /** The same second by second, in microseconds. */
    public Histogram cpu() {
        return cpu;
    }

    /** Lateness of its event loops, in microseconds. */
    public Histogram stalls() {
        return stalls;
    }

    /** Pauses of its garbage collector, in microseconds. */
    public Histogram collections() {
        return collections;
    }

    /** All of them together. */
    public long collectionMicros() {
        return collectionMicros;
    }
}
