package dev.squall.run;

import dev.squall.role.ChildLink;
import dev.squall.role.Vitals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A child process and the harness's end of the line to it. */
final class Child {

    /** A child's exit code when it stopped because its standard input ended. */
    private static final int STOPPED = 3;

    /** What a JVM says with {@code -XX:+ExitOnOutOfMemoryError}; it exits with 3, as if it had been told to stop. */
    private static final String OUT_OF_MEMORY = "Terminating due to java.lang.OutOfMemoryError: ";

    private final String role;
    private final int index;
    private final String name;
    private final List<String> command;
    private final Process process;
    private final Writer in;
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final Thread reader;
    private final AtomicLong stall = new AtomicLong();
    private volatile Map<String, Long> status = Map.of();
    private final Queue<ChildLink.Restarted> restarted = new ConcurrentLinkedQueue<>();
    private final Queue<String> gone = new ConcurrentLinkedQueue<>();
    private volatile String error = "";
    private boolean expectedToEnd;
    private boolean hungUp;
    private boolean killedByPlan;

    private Child(String role, int index, String name, List<String> command, Process process, Consumer<String> log) {
        this.role = role;
        this.index = index;
        this.name = name;
        this.command = command;
        this.process = process;
        this.in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
        this.reader = new Thread(() -> read(log), "squall-" + name);
        reader.setDaemon(true);
    }

    /**
     * Starts a child. It ignores SIGINT, which a terminal sends to the whole group: the harness stops it in order.
     *
     * @param log takes what it says that is not for the harness
     */
    static Child start(String role, int index, String name, List<String> command, Path directory, Consumer<String> log)
            throws IOException {
        List<String> shielded = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
        shielded.addAll(command);
        Path errors = directory.resolve(name + ".log");
        Files.write(errors, new byte[0]); // Whose failure names the file and its disk; a process's would name /bin/sh.
        Process process =
                new ProcessBuilder(shielded).redirectError(errors.toFile()).start();
        Child child = new Child(role, index, name, command, process, log);
        child.reader.start();
        return child;
    }

    private void read(Consumer<String> log) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(ChildLink.PREFIX)) {
                    String[] words = line.substring(ChildLink.PREFIX.length()).split(" ", 2);
                    said(words[0], words.length > 1 ? words[1] : "");
                } else {
                    if (line.startsWith(OUT_OF_MEMORY)) {
                        error = outOfMemory(line.substring(OUT_OF_MEMORY.length()));
                    }
                    log.accept(name + ": " + line);
                }
            }
        } catch (IOException e) {
            log.accept(name + ": " + e.getMessage()); // A child that dies breaks its line; its exit tells the rest.
        } finally {
            ready.complete("");
        }
    }

    private String outOfMemory(String what) {
        String most = command.stream()
                .filter(flag -> flag.startsWith("-Xmx"))
                .reduce((first, last) -> last)
                .orElse("no -Xmx");
        return "out of memory: " + what + ", with " + most
                + " (expected: enough for its clients; give each process fewer of them with more " + role + "s)";
    }

    private void said(String what, String rest) {
        switch (what) {
            case "ready" -> ready.complete(rest);
            case "error" -> error = rest;
            case "status" -> {
                status = pairs(rest);
                stall.accumulateAndGet(status.getOrDefault(Vitals.STALL, 0L), Math::max);
            }
            case "restarted" -> restarted.add(ChildLink.Restarted.of(rest));
            case "gone" -> gone.add(rest);
            default -> error = "not understood: " + what;
        }
    }

    private static Map<String, Long> pairs(String text) {
        Map<String, Long> pairs = new HashMap<>();
        for (String pair : text.split(" ")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(equals + 1).matches("-?[0-9]{1,18}")) {
                pairs.put(pair.substring(0, equals), Long.parseLong(pair.substring(equals + 1)));
            }
        }
        return pairs;
    }

    String role() {
        return role;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    List<String> command() {
        return command;
    }

    long pid() {
        return process.pid();
    }

    /** Completes when it is ready, or its output has ended. */
    CompletableFuture<String> ready() {
        return ready;
    }

    /** The last status line's pairs. */
    Map<String, Long> status() {
        return status;
    }

    /** The longest stall, in microseconds, that it told of since this was last asked. */
    long takeStallMicros() {
        return stall.getAndSet(0);
    }

    /** A restart that it has carried out since this was last asked; null if none. */
    ChildLink.@Nullable Restarted takeRestarted() {
        return restarted.poll();
    }

    /** That the server which it owns ended by itself, as nanoTime and how, since this was last asked; null if not. */
    @Nullable
    String takeGone() {
        return gone.poll();
    }

    /** What it said was wrong; empty if nothing. */
    String error() {
        return error;
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Its exit code; -1 while it runs. */
    int exitCode() {
        return process.isAlive() ? -1 : process.exitValue();
    }

    /** Whether its end, which has come, was as the harness wanted it. */
    boolean endedAsPlanned() {
        int code = exitCode();
        return killedByPlan || expectedToEnd && code == 0 || hungUp && code == STOPPED;
    }

    void expectEnd() {
        expectedToEnd = true;
    }

    /** Says a line to it; false if it no longer listens, which its exit will explain. */
    boolean say(String line) {
        try {
            in.write(line + "\n");
            in.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends its standard input: it stops at once. */
    void hangUp() {
        expectedToEnd = true;
        hungUp = true;
        try {
            in.close();
        } catch (IOException e) {
            process.destroyForcibly(); // It no longer listens, so it cannot be asked.
        }
    }

    /** Kills it because the plan says so. */
    void killByPlan() {
        killedByPlan = true;
        process.destroyForcibly();
    }

    /** Kills it because it does not end: nobody knows what it would have written. */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits for its end. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Waits until all is read that it has said; what it started may hold its output open, and is not waited for. */
    void awaitOutput(long millis) throws InterruptedException {
        reader.join(millis);
    }
}
