package dev.squall.report;

import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where and how a run was made, as {@code run.json}: what its other files do not say.
 *
 * @param schema {@value #SCHEMA}
 * @param startedAt the start in UTC, ISO 8601
 * @param seed as in the plan
 * @param command the command line
 * @param file the experiment's file
 * @param set values of {@code --set}
 * @param versions of Squall, Java and the libraries that matter
 * @param machine what it ran on
 * @param children each child's name and command
 */
public record RunInfo(
        String schema,
        String experiment,
        String startedAt,
        long seed,
        List<String> command,
        String file,
        List<String> set,
        Map<String, String> versions,
        Map<String, String> machine,
        Map<String, List<String>> children) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/run/1";

    /**
     * Reads a run.json.
     *
     * @throws IOException if it is damaged or of another version, or missing because the run never started
     */
    public static RunInfo read(Path file) throws IOException {
        try {
            return JsonFile.read(file, SCHEMA, RunInfo.class);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    file + ": missing: the run never started, so there is nothing to judge; see harness.log beside it",
                    e);
        }
    }

    /** Writes it. */
    public void write(Path file) throws IOException {
        TextFile.write(file, JsonFile.text(this));
    }
}
