package dev.squall.target;

import dev.squall.undo.Step;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The compose command of this machine: a plugin of docker, or a program of its own. */
final class Compose {

    /** The label by which compose marks what belongs to a project. */
    static final String PROJECT = "com.docker.compose.project";

    private static final long VERSION_SECONDS = 10;
    private static final long UP_SECONDS = 600;
    private static final List<List<String>> COMMANDS = List.of(List.of("docker", "compose"), List.of("docker-compose"));

    private final Step.Project project;
    private final Path output;
    private final Map<String, String> environment = new HashMap<>();

    /** {@code output}: where what it says goes. */
    Compose(Step.Project project, Path output) {
        this.project = project;
        this.output = output;
    }

    /** Variables for the file. */
    Map<String, String> environment() {
        return environment;
    }

    /**
     * Makes the services and starts them.
     *
     * @throws IOException if there is no compose here, or it fails
     */
    void up() throws IOException {
        List<String> command = new ArrayList<>(command());
        command.addAll(List.of("-p", project.name(), "-f", project.file(), "up", "-d"));
        int code = run(command, UP_SECONDS, ProcessBuilder.Redirect.appendTo(output.toFile()));
        if (code != 0) {
            throw new IOException(
                    String.join(" ", command) + " ended with exit code " + code + "; see " + output.getFileName());
        }
    }

    private List<String> command() throws IOException {
        for (List<String> each : COMMANDS) {
            List<String> asked = new ArrayList<>(each);
            asked.add("version");
            try {
                if (run(asked, VERSION_SECONDS, ProcessBuilder.Redirect.DISCARD) == 0) {
                    return each;
                }
            } catch (IOException notHere) {
                continue; // The next one may be.
            }
        }
        throw new IOException("neither docker compose nor docker-compose runs here (expected: one of them; Debian:"
                + " apt-get install docker-compose)");
    }

    private int run(List<String> command, long seconds, ProcessBuilder.Redirect to) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File(project.file()).getParentFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(to);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " did not end within " + seconds + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return process.exitValue();
    }
}
