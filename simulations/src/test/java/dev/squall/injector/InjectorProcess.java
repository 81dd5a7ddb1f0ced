package dev.squall.injector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An injector as the harness starts it: a line in, a line out, and files in a folder. */
final class InjectorProcess {

    final Process process;
    final BufferedReader out;
    final List<String> lines = new ArrayList<>();

    private InjectorProcess(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    static InjectorProcess start(Path folder, Plan plan, int share, List<String> flags, String... wrapper)
            throws IOException {
        Path file = folder.resolve("plan.json");
        plan.write(file);
        List<String> command = new ArrayList<>(List.of(wrapper));
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(flags);
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                InjectorMain.class.getName(),
                "--plan",
                file.toString(),
                "--share",
                share + "/" + plan.injectors(),
                "--out",
                folder.toString(),
                "--name",
                "clients-" + share));
        return new InjectorProcess(new ProcessBuilder(command)
                .redirectError(folder.resolve("stderr").toFile())
                .start());
    }

    void begin() throws IOException {
        say("start " + System.currentTimeMillis() * 1000 + " " + System.nanoTime());
    }

    void say(String line) throws IOException {
        process.outputWriter().write(line + "\n");
        process.outputWriter().flush();
    }

    /** Reads up to a line that begins so, or to the end. */
    String until(String start) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return line;
            }
        }
        return "end of output after " + lines;
    }

    int exitCode() throws Exception {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
