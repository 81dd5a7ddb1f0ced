package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.journal.JournalReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assumptions;

/** What a run directory tells of a run, and what is left of it on the machine. */
record Remains(Path directory) {

    private static final Pattern STARTED = Pattern.compile("(\\S+) started, process ([0-9]+)");

    /** A condition that may throw. */
    interface Condition {
        boolean holds() throws IOException;
    }

    /** The children that the harness has started so far: of a name the first, as "node-0". */
    List<ProcessHandle> children(String name) throws IOException {
        List<ProcessHandle> children = new ArrayList<>();
        Matcher started = STARTED.matcher(text("harness.log"));
        while (started.find()) {
            if (started.group(1).startsWith(name)) {
                ProcessHandle.of(Long.parseLong(started.group(2)))
                        .filter(p -> p.info().commandLine().orElse("").contains("dev.squall."))
                        .ifPresent(children::add);
            }
        }
        return children;
    }

    /** A file's text; empty if it is not there. */
    String text(String file) throws IOException {
        Path path = directory.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    JsonNode json(String file) throws IOException {
        return JsonMapper.builder().build().readTree(directory.resolve(file).toFile());
    }

    /** Nothing of these processes nor of the run's children is left within the time, and nobody listens at its port. */
    void assertNothingIsLeft(List<ProcessHandle> processes, long seconds) throws IOException, InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(processes);
        all.addAll(children(""));
        try {
            await("end of all processes", seconds, () -> all.stream().noneMatch(Remains::runs));
        } catch (AssertionError e) {
            List<String> left = all.stream()
                    .filter(Remains::runs)
                    .map(p -> p.pid() + " " + p.info().commandLine().orElse(""))
                    .toList();
            throw new AssertionError(e.getMessage() + "; left: " + left, e);
        }
        if (Files.exists(directory.resolve("plan.json"))) {
            for (JsonNode node : json("plan.json").get("nodes")) {
                InetSocketAddress address = new InetSocketAddress(
                        InetAddress.getByName(node.get("host").asText()),
                        node.get("port").asInt());
                assertThat(listens(address))
                        .as("somebody listens at " + address)
                        .isFalse();
            }
        }
    }

    /** Whether it has not ended; what has ended and was not yet buried by its parent has no command line. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().commandLine().isPresent();
    }

    private static boolean listens(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Every journal has whole rows with running numbers; only the last one may be cut. */
    void assertJournalsHaveWholeRows() throws IOException {
        try (DirectoryStream<Path> journals = Files.newDirectoryStream(directory, "*.csv")) {
            for (Path journal : journals) {
                String[] lines = Files.readString(journal).split("\n", -1);
                for (int i = 1; i < lines.length - 1; i++) {
                    assertThat(lines[i]).as("%s, line %d", journal, i + 1).startsWith((i - 1) + ",");
                }
                try (JournalReader reader = new JournalReader(journal)) {
                    while (reader.next() != null) {
                        // Read for what it counts.
                    }
                    assertThat(reader.missing() + reader.malformed() + reader.late())
                            .as("rows missing, not understood or late in " + journal)
                            .isZero();
                }
            }
        }
    }

    /**
     * A port that is free now and that no other run takes by itself, for those begin to look at 9001, and the pages of
     * docs/targets have 21001 and on.
     */
    static int freePort() throws IOException {
        for (int port = 22_000 + ThreadLocalRandom.current().nextInt(8_000); port < 32_000; port++) {
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (BindException taken) {
                continue;
            }
        }
        throw new AssertionError("no free port");
    }

    /** Waits for a condition. */
    static void await(String what, long seconds, Condition condition) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.holds()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("no " + what + " within " + seconds + " s");
            }
            new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        }
    }

    /** Skips a test that this machine cannot run, and says so; on CI it must run. */
    static void need(boolean met, String what) {
        if (!met && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("CI must have " + what);
        }
        Assumptions.assumeThat(met)
                .as("skipped, for this machine has no " + what)
                .isTrue();
    }
}
