package dev.squall.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Runs of one and the same thing.
 *
 * @param name as the user named it
 * @param runs what came out of each, at least one
 */
public record Side(String name, List<JsonNode> runs) {

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String EXPECTED = " (expected: a run directory, its results.json, or the file of run --repeat;"
            + " several joined by commas are repeats of each other)";

    public Side {
        runs = List.copyOf(runs);
    }

    /**
     * Reads what the user named: a run directory, a results.json, the file of repeats, or several of them, joined by commas.
     *
     * @throws IOException if there is no such run, or it is damaged; the message says what is accepted
     */
    public static Side read(String argument) throws IOException {
        List<JsonNode> runs = new ArrayList<>();
        for (String part : argument.split(",")) {
            add(runs, Path.of(part), part);
        }
        return new Side(argument, runs);
    }

    private static void add(List<JsonNode> runs, Path path, String part) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve("results.json") : path;
        JsonNode tree;
        try {
            tree = JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException(part + ": there is no " + file + EXPECTED, e);
        } catch (IOException e) {
            throw new IOException(file + ": damaged: " + firstLine(e) + EXPECTED, e);
        }
        switch (tree.path("schema").asText()) {
            case Repeats.RESULTS -> runs.add(tree);
            case Repeats.SCHEMA -> {
                Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent()); // It is a file.
                for (JsonNode run : tree.path("runs")) {
                    Path directory = folder.resolve(run.path("directory").asText());
                    add(runs, directory.resolve("results.json"), directory.toString());
                }
            }
            default ->
                throw new IOException(file + ": schema " + tree.path("schema").asText("none") + EXPECTED);
        }
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** The first run: what all of them were to be. */
    JsonNode first() {
        return runs.get(0);
    }

    /** Whether a run of it is inconclusive. */
    boolean isInconclusive() {
        return runs.stream().anyMatch(run -> run.path("verdict").asText().equals("inconclusive"));
    }
}
