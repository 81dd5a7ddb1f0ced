package dev.squall.dist.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The life of a server process: it restarts on a line on standard input, ends with it, and appends the close code that it
 * saw to a log, a line a connection. The servers in src/test/servers live the same life.
 */
abstract class EchoServer {

    /** As big as the waves of clients that come back. */
    static final int BACKLOG = 4096;

    private final Map<String, String> options = new HashMap<>();
    private final PrintWriter log;

    EchoServer(String... arguments) throws IOException {
        for (int i = 0; i < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        log = new PrintWriter(
                Files.newBufferedWriter(
                        Path.of(options.get("--log")), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true);
    }

    final String host() {
        return options.getOrDefault("--host", "127.0.0.1");
    }

    final int port() {
        return Integer.parseInt(options.get("--port"));
    }

    final boolean deflates() {
        return options.get("--deflate").equals("on");
    }

    final void closed(int code) {
        log.println(code);
    }

    /** Listens with a new server. */
    abstract void start() throws Exception;

    /** Stops it as its documentation says; returns when it has stopped. */
    abstract void stop() throws Exception;

    final void live() throws Exception {
        start();
        System.out.println("listening");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (commands.readLine() != null) {
            stop();
            TimeUnit.MILLISECONDS.sleep(Long.parseLong(options.get("--restart-downtime")));
            start();
            System.out.println("listening");
        }
        System.exit(0);
    }
}
