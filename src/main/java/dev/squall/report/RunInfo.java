package dev.squall.report;

import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

    private static final String SEED = "--seed";
    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

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

    /** The command that runs it again, for a shell: the same with the seed that it had. */
    public String again() {
        List<String> words = new ArrayList<>(command);
        if (words.stream().noneMatch(word -> word.equals(SEED) || word.startsWith(SEED + "="))) {
            words.add(SEED);
            words.add(String.valueOf(seed));
        }
        return "squall " + words.stream().map(RunInfo::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return PLAIN_WORD.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** What CI servers may show beside a run. */
    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("seed", String.valueOf(seed));
        properties.put("command", again());
        versions.forEach((what, version) -> properties.put("version." + what, version));
        machine.forEach((what, value) -> properties.put("machine." + what, value));
        return properties;
    }

    /** Writes it. */
    public void write(Path file) throws IOException {
        TextFile.write(file, JsonFile.text(this));
    }
}
