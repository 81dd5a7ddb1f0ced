package dev.squall.target;

import dev.squall.undo.Step;
import dev.squall.undo.UndoLog;
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
    private static final long END_SECONDS = 10;
    private static final long POLL_MICROS = 50_000;
    private static final List<List<String>> COMMANDS = List.of(List.of("docker", "compose"), List.of("docker-compose"));

    private final Step.Project project;
    private final Path output;
    private final Patience patience;
    private final Map<String, String> environment = new HashMap<>();

    /** {@code output}: where what it says goes. */
    Compose(Step.Project project, Path output, Patience patience) {
        this.project = project;
        this.output = output;
        this.patience = patience;
        environment.put(UndoLog.VARIABLE, project.name()); // By which it is known where it outlives who called it.
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
    void up() throws IOException, Stopped {
        List<String> command = new ArrayList<>(command());
        command.addAll(List.of("-p", project.name(), "-f", project.file(), "up", "-d"));
        int code = run(command, UP_SECONDS, ProcessBuilder.Redirect.appendTo(output.toFile()));
        if (code != 0) {
            throw new IOException(
                    String.join(" ", command) + " ended with exit code " + code + "; see " + output.getFileName());
        }
    }

    private List<String> command() throws IOException, Stopped {
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

    private int run(List<String> command, long seconds, ProcessBuilder.Redirect to) throws IOException, Stopped {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File(project.file()).getParentFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(to);
        builder.environment().putAll(environment);
        Process process = builder.start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            while (process.isAlive()) {
                if (System.nanoTime() > until) {
                    throw new IOException(String.join(" ", command) + " did not end within " + seconds + " s");
                }
                patience.await(POLL_MICROS);
            }
            return process.exitValue();
        } finally {
            end(process);
        }
    }

    /** It makes nothing more once this returns, so that what it has made can be taken away. */
    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
