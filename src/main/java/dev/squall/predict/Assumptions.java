package dev.squall.predict;

import dev.squall.plan.JsonFile;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.stats.Case;
import dev.squall.stats.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a prediction is made of beside its plan, as {@code prediction.json}.
 *
 * @param schema {@value #SCHEMA}
 * @param model the server and the way to it
 * @param source where the model is from, for people: the run that it was read from, or that it was given
 * @param experimentClients how many clients the experiment has, of which the plan may have any multiple
 */
public record Assumptions(String schema, Model model, String source, int experimentClients) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/prediction/1";

    /** The file's name in a run directory. */
    public static final String FILE = "prediction.json";

    /**
     * Reads a run directory's.
     *
     * @return null if it is of a run that was measured
     */
    public static @Nullable Assumptions of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        return Files.exists(file) ? JsonFile.read(file, SCHEMA, Assumptions.class) : null;
    }

    /**
     * The statistics of a run directory, which journals tell of, or a prediction that is made again.
     *
     * @param progress hears now and then which share is done, in 0..1
     * @param settled hears of each client that lost its connection to a restart, when that is over
     */
    public static Statistics statistics(Path directory, Plan plan, DoubleConsumer progress, Consumer<Case> settled)
            throws IOException {
        Assumptions assumptions = of(directory);
        if (assumptions == null) {
            return Statistics.read(directory, plan, progress, settled);
        }
        try {
            Prediction.check(plan, Runtime.getRuntime().maxMemory());
        } catch (UnpredictableException e) {
            throw new IOException(directory + " is a prediction, which is made again: " + e.getMessage(), e);
        }
        return Prediction.of(plan, assumptions.model(), settled, progress);
    }

    /** Writes it into a run directory. */
    public void write(Path directory) throws IOException {
        TextFile.write(directory.resolve(FILE), JsonFile.text(this));
    }
}
