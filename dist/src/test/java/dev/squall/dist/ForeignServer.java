package dev.squall.dist;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that we did not write, as a process: it echoes, restarts when told to, and logs the close codes that it saw. */
final class ForeignServer implements AutoCloseable {

    /** By which library. */
    enum Kind {
        WS {
            @Override
            List<String> command() {
                return List.of("node", SERVERS.resolve("ws.mjs").toString());
            }

            @Override
            void need() throws IOException, InterruptedException {
                Remains.need(
                        Program.runs(SERVERS, "node", "--input-type=module", "--eval", "import 'ws'"),
                        "Node.js 18.3 or newer with ws (npm install --prefix dist/" + SERVERS + ")");
            }
        },
        WEBSOCKETS {
            @Override
            List<String> command() throws IOException, InterruptedException {
                return List.of(
                        Program.python(),
                        SERVERS.resolve("websockets_server.py").toString());
            }

            @Override
            void need() throws IOException, InterruptedException {
                Remains.need(
                        !Program.python().isEmpty(),
                        "Python 3 with websockets (Debian: apt-get install python3-websockets)");
            }
        },
        JETTY {
            @Override
            List<String> command() {
                return Program.java("dev.squall.dist.servers.JettyServer");
            }
        },
        UNDERTOW {
            @Override
            List<String> command() {
                return Program.java("dev.squall.dist.servers.UndertowServer");
            }
        };

        /** What starts it. */
        abstract List<String> command() throws IOException, InterruptedException;

        /** Skips the test that asks where the runtime is absent, and fails it in CI. */
        void need() throws IOException, InterruptedException {}
    }

    /** Relative to this module. */
    private static final Path SERVERS = Path.of("src", "test", "servers");

    private static final long START_SECONDS = 30;

    private final Process process;
    private final int port;
    private final Path log;
    private final Path out;

    /** Starts it and returns once it listens; {@code deflate}: negotiates permessage-deflate. */
    ForeignServer(Kind kind, boolean deflate, Path directory) throws IOException, InterruptedException {
        port = Remains.freePort();
        log = Files.createFile(directory.resolve("closes.log"));
        out = directory.resolve("server.out");
        List<String> command = new ArrayList<>(kind.command());
        command.addAll(List.of("--port", String.valueOf(port)));
        command.addAll(List.of("--deflate", deflate ? "on" : "off"));
        command.addAll(List.of("--log", log.toString()));
        command.addAll(List.of("--restart-downtime", "1000"));
        process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            awaitListening();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        for (int i = 0; i < START_SECONDS * 20; i++) {
            if (Files.readString(out).contains("listening")) {
                return;
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        throw new AssertionError("not listening within " + START_SECONDS + " s: " + Files.readString(out));
    }

    String url() {
        return "ws://127.0.0.1:" + port + "/";
    }

    long pid() {
        return process.pid();
    }

    /** Tells it to restart, and does not wait for it. */
    void restart() throws IOException {
        Writer commands = process.outputWriter();
        commands.write("restart\n");
        commands.flush();
    }

    /** How many connections ended with each close code, as the server itself saw it, once at least so many have ended. */
    Map<Integer, Integer> closes(int connections) throws IOException, InterruptedException {
        List<String> lines = Files.readAllLines(log);
        for (int i = 0; i < 100 && lines.size() < connections; i++) {
            new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
            lines = Files.readAllLines(log);
        }
        Map<Integer, Integer> closes = new TreeMap<>();
        lines.forEach(code -> closes.merge(Integer.valueOf(code), 1, Integer::sum));
        return closes;
    }

    /** Ends its input, and so it. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
