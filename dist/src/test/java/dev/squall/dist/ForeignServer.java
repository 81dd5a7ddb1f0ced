package dev.squall.dist;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
                if (!runs("node", "--input-type=module", "--eval", "import 'ws'")) {
                    absent("Node.js 18.3 or newer and npm, then run: npm install --prefix dist/" + SERVERS);
                }
            }
        },
        WEBSOCKETS {
            @Override
            List<String> command() throws IOException, InterruptedException {
                return List.of(python(), SERVERS.resolve("websockets_server.py").toString());
            }

            @Override
            void need() throws IOException, InterruptedException {
                if (python().isEmpty()) {
                    absent("Python 3 and its package websockets (Debian: apt-get install python3-websockets)");
                }
            }

            /** The first Python that has the package: Debian's has it for its own Python only; empty if none has. */
            private String python() throws IOException, InterruptedException {
                for (String python : List.of("python3", "/usr/bin/python3")) {
                    if (runs(python, "-c", "import websockets")) {
                        return python;
                    }
                }
                return "";
            }
        },
        JETTY {
            @Override
            List<String> command() {
                return java("dev.squall.dist.servers.JettyServer");
            }
        },
        UNDERTOW {
            @Override
            List<String> command() {
                return java("dev.squall.dist.servers.UndertowServer");
            }
        };

        /** What starts it. */
        abstract List<String> command() throws IOException, InterruptedException;

        /** Skips the test that asks where the runtime is absent, and fails it in CI. */
        void need() throws IOException, InterruptedException {}

        private static List<String> java(String main) {
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    // Soon warm.
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main);
        }

        private static boolean runs(String... command) throws InterruptedException {
            try {
                return new ProcessBuilder(command)
                                .directory(SERVERS.toFile())
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException notInstalled) {
                return false;
            }
        }

        private static void absent(String what) {
            String message = "absent; to run this test, install " + what;
            if ("true".equals(System.getenv("CI"))) {
                fail(message);
            }
            assumeTrue(false, message);
        }
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
