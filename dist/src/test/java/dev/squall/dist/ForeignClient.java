package dev.squall.dist;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client that we did not write, as a process. Once started it does by itself what its library does. */
final class ForeignClient implements AutoCloseable {

    /** By which library. */
    enum Kind {
        WS("ws.mjs"),
        STRICT_WS("strict-ws.mjs"),
        RECONNECTING_WEBSOCKET("reconnecting-websocket.mjs"),
        PARTYSOCKET("partysocket.mjs"),
        STRICT_PARTYSOCKET("strict-partysocket.mjs"),
        WEBSOCKETS("websockets_client.py") {
            @Override
            boolean isThere() throws InterruptedException {
                return !Program.python().isEmpty();
            }

            @Override
            String what() {
                return "Python 3 with websockets (Debian: apt-get install python3-websockets)";
            }

            @Override
            List<String> command(String url, Path directory) throws InterruptedException {
                return List.of(Program.python(), source, url);
            }
        },
        JDK("") {
            @Override
            boolean isThere() {
                return true;
            }

            @Override
            List<String> command(String url, Path directory) {
                return Program.java("dev.squall.dist.clients.JdkClient", url);
            }
        },
        /** One page with two clients, of which the second's key ends in {@link #ON_PARTYSOCKET}. */
        CHROMIUM("page.html") {
            @Override
            boolean isThere() {
                return Files.isExecutable(Path.of(BROWSER))
                        && Files.exists(CLIENTS.resolve("node_modules/partysocket"));
            }

            @Override
            String what() {
                return BROWSER + " (Debian: apt-get install chromium) and " + super.what();
            }

            @Override
            List<String> command(String url, Path directory) throws IOException {
                String page = Path.of(source).toUri() + "?plain=" + URLEncoder.encode(url, StandardCharsets.UTF_8)
                        + "&partysocket=" + URLEncoder.encode(url + ON_PARTYSOCKET, StandardCharsets.UTF_8);
                return List.of(
                        BROWSER,
                        "--headless=new",
                        "--no-sandbox", // As root there is none.
                        "--disable-dev-shm-usage",
                        "--allow-file-access-from-files", // The page imports a module.
                        "--user-data-dir=" + Files.createTempDirectory(directory, "chromium"),
                        page);
            }
        };

        static final String ON_PARTYSOCKET = "-partysocket";

        private static final String BROWSER = "/usr/bin/chromium";

        final String source;

        Kind(String file) {
            this.source = CLIENTS.resolve(file).toString();
        }

        /** Whether this machine can run it. */
        boolean isThere() throws InterruptedException {
            return Program.runs(
                    CLIENTS, "node", "--input-type=module", "--eval", "import 'ws'; import 'partysocket/ws';");
        }

        /** What it takes. */
        String what() {
            return "Node.js 18.3 or newer with partysocket (npm install --prefix dist/" + CLIENTS + ")";
        }

        /** Skips the test that asks where it is not there, and fails it in CI. */
        void need() throws InterruptedException {
            Remains.need(isThere(), what());
        }

        /** What starts it; {@code directory} is for its own files. */
        List<String> command(String url, Path directory) throws IOException, InterruptedException {
            return List.of("node", source, url);
        }
    }

    /** Relative to this module. */
    private static final Path CLIENTS = Path.of("src", "test", "clients");

    private static final long END_SECONDS = 10;

    private final Process process;

    /** Starts it: it connects to the URL, which ends in its key. */
    ForeignClient(Kind kind, String url, Path directory) throws IOException, InterruptedException {
        process = new ProcessBuilder(kind.command(url, directory))
                .redirectOutput(
                        Files.createTempFile(directory, kind.name(), ".out").toFile())
                .redirectErrorStream(true)
                .start();
    }

    /** Ends its input, and so it; a browser, which reads none, is told to end. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(1, TimeUnit.SECONDS)) {
            process.destroy();
        }
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
