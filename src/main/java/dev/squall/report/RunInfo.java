package dev.squall.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
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

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Reads a run.json. */
    public static RunInfo read(Path file) throws IOException {
        RunInfo info;
        try {
            info = JSON.readValue(file.toFile(), RunInfo.class);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    file + ": damaged: " + e.getOriginalMessage() + " (expected: a run.json of this version)", e);
        }
        if (info == null || !SCHEMA.equals(info.schema)) {
            String schema = info == null ? "none" : info.schema;
            throw new IOException(file + ": schema " + schema + " (expected: " + SCHEMA + ")");
        }
        return info;
    }

    /** Writes it. */
    public void write(Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    }
}
