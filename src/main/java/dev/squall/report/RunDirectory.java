package dev.squall.report;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The files of one run. */
public record RunDirectory(Path path) {

    /** The file for people. */
    static final String PAGE = "report.html";

    /** The file for CI servers. */
    static final String JUNIT = "junit.xml";

    /** The file for pull requests. */
    static final String SUMMARY = "summary.md";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int MAX_SAME_SECOND = 100;

    /**
     * Makes {@code out/experiment/timestamp}, and points {@code latest} beside it to it.
     *
     * @throws IOException if it cannot be made
     */
    public static RunDirectory create(Path out, String experiment, Instant now) throws IOException {
        RunDirectory made = made(out.resolve(experiment), stamp(now));
        link(made.path);
        return made;
    }

    /**
     * Makes {@code out/experiment/kind-timestamp}, for what came of several runs.
     *
     * @throws IOException if it cannot be made
     */
    public static RunDirectory createBeside(Path out, String experiment, String kind, Instant now) throws IOException {
        return made(out.resolve(experiment), kind + "-" + stamp(now));
    }

    private static RunDirectory made(Path parent, String stamp) throws IOException {
        Files.createDirectories(parent);
        for (int i = 0; i < MAX_SAME_SECOND; i++) {
            Path path = parent.resolve(i == 0 ? stamp : stamp + "-" + i);
            try {
                Files.createDirectory(path);
            } catch (FileAlreadyExistsException e) {
                continue; // Another run of this second.
            }
            return new RunDirectory(path);
        }
        throw new FileSystemException(parent.resolve(stamp).toString(), null, "too many runs within this second");
    }

    /** A time as the names of directories have it. */
    private static String stamp(Instant time) {
        return STAMP.format(time);
    }

    /** Points {@code latest} to a run, as one step; where there are no symbolic links a run is as good without. */
    private static void link(Path path) throws IOException {
        Path made = path.resolveSibling("." + path.getFileName());
        try {
            Files.createSymbolicLink(made, path.getFileName());
            Files.move(made, path.resolveSibling("latest"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | UnsupportedOperationException e) {
            Files.deleteIfExists(made);
        }
    }

    public Path experiment() {
        return path.resolve("experiment.yaml");
    }

    /** The file of faults that a server was told. */
    public Path faults() {
        return path.resolve("faults.yaml");
    }

    public Path plan() {
        return path.resolve("plan.json");
    }

    public Path info() {
        return path.resolve("run.json");
    }

    public Path results() {
        return path.resolve("results.json");
    }

    /** The report for people, once the run is judged. */
    public Path page() {
        return path.resolve(PAGE);
    }

    /** Gatling's records of an injector's clients, and the report of them. */
    public Path gatling(int injector) {
        return path.resolve("gatling").resolve("injector-" + injector);
    }

    public Path harnessLog() {
        return path.resolve("harness.log");
    }
}
