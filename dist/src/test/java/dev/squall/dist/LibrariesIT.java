package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalReader;
import dev.squall.journal.JournalRow;
import dev.squall.profile.Profiles;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The libraries themselves, on Node, beside our profiles of them: {@value #CLIENTS} clients of each meet one same restart with
 * 1012 that answers 503 while it is down, and one more of each meets every other close code. Their delays, as the server's
 * journal has them, retry by retry, must be such as the profile draws.
 */
class LibrariesIT {

    private static final int CLIENTS = 40;

    /** Of the profile, for each retry. */
    private static final int DRAWS = 4_000;

    /** Of Node's random numbers. */
    private static final int SEED = 20_260;

    /** A right profile fails one two-sample test in so many; there are 12. */
    private static final double ALPHA = 1e-4;

    /** How late a busy machine may be, in seconds; the least late of many is not so late. */
    private static final double LATE = 1.5;

    private static final double LEAST_LATE = 0.15;

    /** How late all of a busy machine's delays may be together, in seconds, which moves their distribution. */
    private static final double ALL_LATE = 0.25;

    private static final double LATE_STEP = 0.01;

    /** Node's timers count whole milliseconds. */
    private static final double TICK = 0.002;

    private static final List<Integer> CODES = List.of(1000, 1001, 1006, 1011, 1012, 1013);

    /** A library, its profile, and how many of its delays are looked at: what fits into the downtime. */
    private enum Library {
        PHOENIX("phoenix", "phoenix-js", 6),
        SOCKET_IO("socket.io", "socket.io", 3),
        GRAPHQL_WS("graphql-ws", "graphql-ws", 1),
        GRAPHQL_WS_RETRYING("graphql-ws-retrying", "graphql-ws", 2),
        SIGNALR("signalr", "signalr", 3),
        CENTRIFUGE("centrifuge", "centrifuge-js", 4),
        PARTYSOCKET("partysocket", "partysocket", 3),
        RECONNECTING_WEBSOCKET("reconnecting-websocket", "reconnecting-websocket", 2);

        final String name;
        final String profile;
        final int delays;

        Library(String name, String profile, int delays) {
            this.name = name;
            this.profile = profile;
            this.delays = delays;
        }

        ReconnectPolicy policy() {
            return Profiles.named(profile).orElseThrow().settings().policy(profile);
        }

        String key(Object client) {
            return name + "-" + client;
        }

        /** It speaks first: what it says to everybody is for these clients alone. */
        boolean isGreeted() {
            return this == SOCKET_IO;
        }
    }

    /** What a library's own protocol needs before it takes a connection for made. */
    private static final String REPLIES = """
            replies:
              - {to: connection_init, say: '{"type":"connection_ack"}'}
              - {to: '"protocol":"json"', say: "{}\\x1e"}
              - {to: '"connect":', say: '{"id":1,"connect":{"client":"x","version":"1"}}'}
            """;

    private static final String GREETING = """
            replies:
              - to: open
                say: '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
              - {to: '40', say: '40{"sid":"s"}'}
            """;

    private static final String RESTART =
            "{\"code\": 1012, \"while-down\": \"503\", \"drain\": \"2s\", \"downtime\": \"30s\"}";

    @TempDir
    private static Path directory;

    private static final long PAUSE_MILLIS = 250;

    private static Seen seen = new Seen();

    @BeforeAll
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    static void theyMeetARestart() throws Exception {
        Path clients = Path.of("src", "test", "clients");
        Remains.need(
                Program.runs(clients, "node", "--input-type=module", "--eval", "import 'ws'; import 'phoenix';"),
                "Node.js 20 or newer with the libraries (npm install --prefix dist/" + clients + ")");
        List<Server> servers = new ArrayList<>();
        List<Process> programs = new ArrayList<>();
        try {
            Server greeting = new Server("greeting", GREETING);
            servers.add(greeting);
            Server server = new Server("plain", REPLIES);
            servers.add(server);
            for (Server each : servers) {
                Remains.await("server", 30, each.control::listens);
            }
            for (Library library : Library.values()) {
                List<String> command = new ArrayList<>(List.of(
                        "node",
                        "--random-seed=" + SEED,
                        clients.resolve("library.mjs").toString(),
                        library.name,
                        (library.isGreeted() ? greeting : server).url()));
                keys(library).forEach(command::add);
                programs.add(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve(library.name + ".out").toFile())
                        .start());
            }
            await(
                    "a first loss of those who are closed by code",
                    servers,
                    seen -> Stream.of(Library.values())
                            .allMatch(library ->
                                    CODES.stream().allMatch(code -> seen.lost.contains(library.key("after" + code)))
                                            && clients(library).allMatch(seen.came::contains)));
            for (Server each : servers) {
                each.restart();
            }
            await(
                    "delays of everybody",
                    servers,
                    seen -> Stream.of(Library.values())
                            .allMatch(library -> clients(library)
                                    .allMatch(key -> seen.delays(key).size() >= library.delays)));
            seen = Seen.by(servers);
        } finally {
            for (Process program : programs) {
                program.getOutputStream().close();
            }
            for (Server each : servers) {
                each.close();
            }
            for (Process program : programs) {
                if (!program.waitFor(5, TimeUnit.SECONDS)) {
                    program.destroyForcibly();
                }
            }
        }
    }

    private static void await(String what, List<Server> servers, Predicate<Seen> condition) throws Exception {
        Remains.await(what, 60, () -> {
            pause();
            return condition.test(Seen.by(servers));
        });
    }

    /** Whole journals are read each time. */
    private static void pause() {
        try {
            new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Stream<String> clients(Library library) {
        return IntStream.range(0, CLIENTS).mapToObj(library::key);
    }

    private static Stream<String> keys(Library library) {
        return Stream.concat(clients(library), CODES.stream().map(code -> library.key("after" + code)));
    }

    @ParameterizedTest
    @EnumSource
    void itsDelaysAreSuchAsItsProfileDraws(Library library) {
        ReconnectPolicy policy = library.policy();
        for (int retry = 0; retry < library.delays; retry++) {
            double[] model = draws(policy, retry);
            double[] waited = new double[CLIENTS];
            for (int i = 0; i < CLIENTS; i++) {
                waited[i] = seen.delays(library.key(i)).get(retry);
            }
            Arrays.sort(waited);
            String told = "%s, retry %d: %d clients (Node's seed %d) waited %.3f to %.3f s, the median %.3f; profile %s"
                    .formatted(
                            library.name,
                            retry,
                            CLIENTS,
                            SEED,
                            waited[0],
                            waited[CLIENTS - 1],
                            waited[CLIENTS / 2],
                            policy.backoff());
            assertThat(waited[0]).as(told).isGreaterThanOrEqualTo(model[0] - TICK);
            assertThat(waited[CLIENTS - 1]).as(told).isLessThanOrEqualTo(model[DRAWS - 1] + LATE);
            if (model[DRAWS - 1] == model[0]) {
                assertThat(waited[0]).as(told).isLessThanOrEqualTo(model[0] + LEAST_LATE);
            } else {
                assertThat(bestP(waited, model))
                        .as("%s: Kolmogorov-Smirnov with %d draws, alpha %s", told, DRAWS, ALPHA)
                        .isGreaterThan(ALPHA);
            }
        }
    }

    /** That these are of one distribution, all of the first being late by what explains them best. */
    private static double bestP(double[] waited, double[] model) {
        double best = 0;
        for (double late = 0; late <= ALL_LATE; late += LATE_STEP) {
            double then = late;
            // Many delays may be the longest one, which a clock never measures as short as it is.
            double[] inTime = Arrays.stream(waited)
                    .map(seconds -> Math.min(seconds - then, model[DRAWS - 1]))
                    .toArray();
            best = Math.max(
                    best,
                    KolmogorovSmirnovTest.withDefaults().test(inTime, model).getPValue());
        }
        return best;
    }

    /** In order. */
    private static double[] draws(ReconnectPolicy policy, int retry) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] draws = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            long client = random.nextLong();
            long previous = 0;
            for (int k = 0; k <= retry; k++) {
                previous = policy.delayMicros(k, k > 0, previous, client, random.nextLong());
            }
            draws[i] = previous / 1e6;
        }
        Arrays.sort(draws);
        return draws;
    }

    @ParameterizedTest
    @EnumSource
    void itComesBackAfterTheCodesAfterWhichItsProfileDoes(Library library) {
        Map<Integer, Boolean> comesBack = new TreeMap<>();
        Map<Integer, Boolean> profile = new TreeMap<>();
        for (int code : CODES) {
            comesBack.put(code, !seen.delays(library.key("after" + code)).isEmpty());
            profile.put(code, library.policy().reaction(code) != Reaction.STOP);
        }
        assertThat(comesBack).as("code, and whether it came back").isEqualTo(profile);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"GRAPHQL_WS"},
            mode = EnumSource.Mode.INCLUDE)
    void whoDoesNotTryAgainAfterAFailedTryDoesNot(Library library) {
        assertThat(library.policy().failedTries()).isEqualTo(FailedTries.FATAL);
        for (int i = 0; i < CLIENTS; i++) {
            assertThat(seen.delays(library.key(i))).hasSize(1);
        }
    }

    /** What the servers' journals tell of each client, by key. */
    private static final class Seen {

        final Set<String> came = new HashSet<>();
        final Set<String> lost = new HashSet<>();
        private final Map<String, List<Double>> delays = new HashMap<>();

        static Seen by(List<Server> servers) throws IOException {
            Seen seen = new Seen();
            for (Server server : servers) {
                seen.read(server.journal());
            }
            return seen;
        }

        /** From a client's losses and refusals to its next attempts, in seconds. */
        List<Double> delays(String key) {
            return delays.getOrDefault(key, List.of());
        }

        private void read(Path journal) throws IOException {
            Map<Long, String> keys = new HashMap<>();
            Map<String, Long> since = new HashMap<>();
            try (JournalReader reader = new JournalReader(journal)) {
                for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                    if (row.event() == JournalEvent.ACCEPTED) {
                        keys.put(row.client(), row.detail());
                        came.add(row.detail());
                        Long before = since.remove(row.detail());
                        if (before != null) {
                            delays.computeIfAbsent(row.detail(), key -> new ArrayList<>())
                                    .add((row.micros() - before) / 1e6);
                        }
                    } else if (ENDS.contains(row.event())) {
                        String key = keys.get(row.client());
                        lost.add(key);
                        since.putIfAbsent(key, row.micros()); // The answer to its Close, and not what came of it.
                    }
                }
            }
        }
    }

    private static final Set<JournalEvent> ENDS =
            Set.of(JournalEvent.CLOSE_RECEIVED, JournalEvent.REJECTED, JournalEvent.CLOSED);

    /** {@code squall serve}. */
    private static final class Server implements AutoCloseable {

        private final Squall squall;
        private final Process process;
        private final int port = Remains.freePort();
        private final LiveControl control = new LiveControl(Remains.freePort());

        Server(String name, String replies) throws IOException {
            squall = new Squall(Files.createDirectory(directory.resolve(name)));
            StringBuilder faults = new StringBuilder(replies).append("faults:\n");
            for (int code : CODES) {
                faults.append("  - {%s, match: {query: {client: '*-after%d'}}}\n"
                        .formatted(code == 1006 ? "reset: 1s" : "close: " + code + ", after: 1s", code));
            }
            Files.writeString(directory.resolve(name).resolve("faults.yaml"), faults);
            process = squall.start(
                    "serve",
                    "--port=" + port,
                    "--admin-port=" + control.port(),
                    "--identify=query:client",
                    "--faults=faults.yaml");
        }

        String url() {
            return "ws://127.0.0.1:" + port + "/";
        }

        void restart() throws IOException {
            control.send("POST", "/restart", RESTART);
        }

        private Path journal() {
            return squall.latest("serve").resolve("node-0.csv");
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
