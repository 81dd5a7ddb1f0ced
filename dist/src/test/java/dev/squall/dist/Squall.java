package dev.squall.dist;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The launcher of the home folder that the build made, as a user calls it. */
final class Squall {

    /** A build in the background of a script ignores SIGINT, and what it starts would, too. */
    static final List<String> INTERRUPTIBLE = List.of("env", "--default-signal=INT");

    private static final long LIMIT_SECONDS = 150;

    /** What a call printed and answered. */
    record Answer(int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "exit " + exitCode + "\n--- out\n" + out + "--- err\n" + err;
        }
    }

    private final Path home;
    private final Path directory;

    Squall(Path directory) {
        this(
                Path.of(Objects.requireNonNull(System.getProperty("squall.home"), "squall.home: run by Maven")),
                directory);
    }

    Squall(Path home, Path directory) {
        this.home = home;
        this.directory = directory;
    }

    Path home() {
        return home;
    }

    /** Calls it and waits. */
    Answer call(String... arguments) throws IOException, InterruptedException {
        return await(start(arguments));
    }

    /** Starts it. */
    Process start(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("/bin/bash", home.resolve("squall").toString()));
        command.addAll(List.of(arguments));
        return start(command);
    }

    /** Calls it by way of a shell line, in which {@code squall} stands for the launcher. */
    Answer shell(String line) throws IOException, InterruptedException {
        return await(
                start(List.of("/bin/bash", "-c", line.replace("squall", "bash '" + home.resolve("squall") + "'"))));
    }

    private Process start(List<String> command) throws IOException {
        List<String> interruptible = new ArrayList<>(INTERRUPTIBLE);
        interruptible.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(interruptible);
        // On the Java that runs the tests, not on the newest that there is.
        builder.environment()
                .put(
                        "SQUALL_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A user has not set what the tests' own containers want.
        builder.environment().remove("TESTCONTAINERS_RYUK_DISABLED");
        return builder.directory(directory.toFile())
                .redirectOutput(Files.createTempFile(directory, "out", ".txt").toFile())
                .redirectError(Files.createTempFile(directory, "err", ".txt").toFile())
                .start();
    }

    private Answer await(Process process) throws IOException, InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no answer within " + LIMIT_SECONDS + " s");
        }
        return answer(process);
    }

    /** What a process that has ended printed; its output files are the newest. */
    Answer answer(Process process) throws IOException {
        return new Answer(process.exitValue(), newest("out"), newest("err"));
    }

    private String newest(String prefix) throws IOException {
        try (var files = Files.list(directory)) {
            Path newest = files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .max((a, b) ->
                            Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
                    .orElseThrow();
            String text = Files.readString(newest);
            Files.delete(newest);
            return text;
        }
    }

    /** Writes an experiment. */
    Path experiment(String name, String yaml) throws IOException {
        return Files.writeString(directory.resolve(name + ".yaml"), yaml);
    }

    /** The newest run directory of an experiment. */
    Path latest(String experiment) {
        return directory.resolve("runs").resolve(experiment).resolve("latest");
    }

    JsonNode results(String experiment) throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(latest(experiment).resolve("results.json").toFile());
    }

    /** The text of a stream. */
    static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The processes of runs that were started from this home, and run now: not those of another checkout. */
    static List<ProcessHandle> children() {
        return ProcessHandle.allProcesses()
                .filter(p -> isChild(p.info().commandLine().orElse("")))
                .toList();
    }

    private static boolean isChild(String command) {
        return command.matches(".*dev\\.squall\\.(node\\.NodeMain|injector\\.InjectorMain).*")
                && command.contains(System.getProperty("squall.home"));
    }
}
