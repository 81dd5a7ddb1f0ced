package dev.squall.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.role.ChildLink;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What owns a server, as the harness starts it: a line in, a line out, and files in a folder. */
final class Owner implements AutoCloseable {

    final Process process;
    private final BufferedReader out;
    private final List<String> lines = new ArrayList<>();

    private Owner(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    /** A port that is free now, below the ephemeral range. */
    static int freePort() throws IOException {
        for (int i = 0; i < 100; i++) {
            int port = 25_000 + ThreadLocalRandom.current().nextInt(1_000);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new AssertionError("no free port");
    }

    static Owner of(Path folder, Launch launch) throws IOException {
        Plan.Endpoint endpoint = new Plan.Endpoint(
                "ws://localhost:" + launch.port() + "/",
                "127.0.0.1",
                false,
                0,
                new Plan.ForeignRestarts(List.of(), 1, 1, 1));
        Plan.Endpoint launched = new Plan.Endpoint(
                endpoint.url(),
                endpoint.addresses(),
                false,
                endpoint.tls(),
                null,
                false,
                List.of(),
                0,
                endpoint.restarts(),
                null,
                launch);
        Plan plan = new Plan(
                Plan.SCHEMA,
                "owned",
                1,
                60_000_000,
                1,
                List.of(),
                launched,
                null,
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                Plan.Limits.DEFAULT,
                List.of(),
                0);
        TextFile.write(folder.resolve("plan.json"), plan.toJson());
        return new Owner(java(
                        TargetMain.class,
                        "--plan",
                        folder.resolve("plan.json").toString(),
                        "--share",
                        "0/1",
                        "--out",
                        folder.toString(),
                        "--name",
                        "target")
                .redirectError(folder.resolve("stderr").toFile())
                .start());
    }

    /** A process of this test's Java. */
    static ProcessBuilder java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Up to where the server serves, and the run has begun. */
    Owner begun() throws IOException {
        assertThat(until("squall: ready")).startsWith("squall: ready");
        say("start " + System.currentTimeMillis() * 1000 + " " + System.nanoTime());
        return this;
    }

    void say(String line) throws IOException {
        process.outputWriter().write(line + "\n");
        process.outputWriter().flush();
    }

    /** Orders a restart and waits for its end. */
    ChildLink.Restarted restart(boolean kill, long downtimeMillis) throws IOException {
        say(new ChildLink.Order(0, kill, downtimeMillis * 1000).line());
        String prefix = "squall: restarted ";
        return ChildLink.Restarted.of(until(prefix).substring(prefix.length()));
    }

    /** Reads up to a line that begins so. */
    String until(String start) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("no " + start + ", but " + lines);
    }

    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(5, TimeUnit.SECONDS);
    }
}
