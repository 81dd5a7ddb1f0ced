package dev.squall.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.machine.Kernel;
import dev.squall.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What processes took, as the kernel told it. */
class MeterTest {

    private static final long INJECTOR = 7;
    private static final long NODE = 8;
    private static final int CLIENTS = 1000;

    @TempDir
    private Path root;

    private Meter meter;

    @BeforeEach
    void setUp() {
        meter = new Meter(new Kernel(root));
    }

    /** With so much in each, in KiB, and so many ticks of processor time. */
    private void sample(long open, long recovered, long injector, long node, long slab, long ticks) throws IOException {
        process(INJECTOR, injector, ticks);
        process(NODE, node, ticks);
        Files.writeString(root.resolve("proc/meminfo"), "MemTotal: 1 kB\nSlab: " + slab + " kB\n");
        meter.sample(
                new Progress(1_000_000, 60_000_000, CLIENTS, Map.of("open", open, "recovered", recovered)),
                INJECTOR,
                NODE,
                CLIENTS);
    }

    private void process(long id, long kib, long ticks) throws IOException {
        Path folder = Files.createDirectories(root.resolve("proc/" + id));
        Files.writeString(folder.resolve("status"), "Name: java\nVmRSS: " + kib + " kB\n");
        Files.writeString(
                folder.resolve("stat"), id + " (java) S 1 2 3 4 5 6 7 8 9 10 " + ticks + " " + ticks + " 0 0\n");
    }

    @Test
    void eachClientTookWhatThereIsMoreThanBeforeTheFirstCame() throws IOException {
        sample(0, 0, 90_000, 80_000, 5_000, 100);
        sample(0, 0, 100_000, 90_000, 10_000, 200);
        sample(CLIENTS, 0, 102_000, 92_000, 20_000, 210);
        sample(CLIENTS, CLIENTS, 104_000, 95_000, 40_000, 500);
        Map<Cost, Double> found = meter.found(1_200_000);

        assertThat(found)
                .containsEntry(Cost.CLIENT_INJECTOR, 4_000 * 1024.0 / CLIENTS)
                .containsEntry(Cost.CLIENT_NODE, 5_000 * 1024.0 / CLIENTS)
                .containsEntry(
                        Cost.CLIENT_KERNEL, 10_000 * 1024.0 / CLIENTS) // When all had come, before they came back.
                .containsEntry(Cost.CONNECT, 10 * 4 * 10_000.0 / CLIENTS) // Both processes, user and system.
                .containsEntry(Cost.CONNECTION_JOURNAL, 600.0)
                .containsEntry(Cost.DEFLATE_CONTEXT, 0.0);
        Costs costs = Costs.SHIPPED.tried(found);
        assertThat(costs.source(Cost.CLIENT_NODE)).isEqualTo(Costs.TRIAL);
        assertThat(costs.source(Cost.CLIENT_HEAP)).isEqualTo(Costs.TABLE);
        assertThat(costs.of(Cost.CLIENT_HEAP)).isEqualTo(4096);
    }

    @Test
    void whatTheRestOfTheMachineDidToTheKernelsMemoryIsNoClients() throws IOException {
        sample(0, 0, 1000, 1000, 500_000, 1);
        sample(CLIENTS, 0, 2000, 2000, 100_000, 2);

        assertThat(meter.found(1)).containsKey(Cost.CLIENT_NODE).doesNotContainKey(Cost.CLIENT_KERNEL);
    }

    @Test
    void whereTheKernelTellsNothingTheTableStands() {
        meter.sample(new Progress(0, 1, CLIENTS, Map.of()), INJECTOR, NODE, CLIENTS);
        meter.sample(new Progress(1, 2, CLIENTS, Map.of("open", 1000L)), INJECTOR, NODE, CLIENTS);

        assertThat(meter.found(0)).isEmpty();
    }
}
