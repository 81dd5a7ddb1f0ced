package dev.squall.export;

import dev.squall.plan.Plan;
import dev.squall.predict.Assumptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;

/** The forms in which a run is given to other tools. */
public enum Export {
    /** {@code series.csv} and {@code recoveries.csv}. */
    CSV(SeriesTable.FILE, Recoveries.FILE) {
        @Override
        void write(Path run, Plan plan, Path folder, DoubleConsumer progress) throws IOException {
            try (Recoveries recoveries = new Recoveries(plan, folder)) {
                new SeriesTable(Assumptions.statistics(run, plan, progress, recoveries)).write(folder);
            }
        }
    },
    /** {@code times.hlog}, for HdrHistogram's readers. */
    HDR(TimeLogs.FILE) {
        @Override
        void write(Path run, Plan plan, Path folder, DoubleConsumer progress) throws IOException {
            try (TimeLogs times = new TimeLogs(plan, folder)) {
                times.write(Assumptions.statistics(run, plan, progress, times));
            }
        }
    };

    private final List<String> files;

    Export(String... files) {
        this.files = List.of(files);
    }

    abstract void write(Path run, Plan plan, Path folder, DoubleConsumer progress) throws IOException;

    /**
     * Writes it.
     *
     * @param run the run directory
     * @param folder is made where it is not there
     * @param again whether files that are there already are written over
     * @param progress hears now and then which share of the journals is read, in 0..1
     * @return the files
     * @throws FileAlreadyExistsException if one is there already; nothing is written then
     * @throws IOException if the run is damaged, or a file cannot be written
     */
    public List<Path> write(Path run, Path folder, boolean again, DoubleConsumer progress) throws IOException {
        Plan plan = Plan.read(run.resolve("plan.json"));
        if (plan.serving() != null) {
            throw new IOException(
                    run + ": of squall serve, which has no clients of ours (expected: a run directory of squall"
                            + " run; squall clients " + run + " --json tells of this one)");
        }
        Files.createDirectories(folder);
        List<Path> written = files.stream().map(folder::resolve).toList();
        for (Path file : written) {
            if (again) {
                Files.deleteIfExists(file);
            } else if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
        }
        write(run, plan, folder, progress);
        return written;
    }
}
