package dev.squall.predict;

import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import java.io.IOException;
import java.nio.file.Path;

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

    /** Reads a prediction.json. */
    public static Assumptions read(Path file) throws IOException {
        return JsonFile.read(file, SCHEMA, Assumptions.class);
    }

    /** Writes it. */
    public void write(Path file) throws IOException {
        TextFile.write(file, JsonFile.text(this));
    }
}
