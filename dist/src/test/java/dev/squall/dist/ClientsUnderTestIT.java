package dev.squall.dist;

import static dev.squall.dist.ForeignClient.Kind.CHROMIUM;
import static dev.squall.dist.ForeignClient.Kind.JDK;
import static dev.squall.dist.ForeignClient.Kind.PARTYSOCKET;
import static dev.squall.dist.ForeignClient.Kind.RECONNECTING_WEBSOCKET;
import static dev.squall.dist.ForeignClient.Kind.STRICT_PARTYSOCKET;
import static dev.squall.dist.ForeignClient.Kind.STRICT_WS;
import static dev.squall.dist.ForeignClient.Kind.WEBSOCKETS;
import static dev.squall.dist.ForeignClient.Kind.WS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalReader;
import dev.squall.journal.JournalRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code squall serve} says of clients that we did not write, held against what their own sources say. All of them meet
 * the same server at once: it withholds permessage-deflate at first, restarts three times with 1012, each time answering
 * 503 while it is down, and never lets those in whose name ends in {@link #REFUSED}.
 *
 * <p>Sources are named by file and line in the versions that are pinned in {@code src/test/clients}, in Debian 12 and in JDK
 * 25. Seconds are bounded from below by the source, from above by the source and {@link #LATE}.
 */
class ClientsUnderTestIT {

    private static final String REFUSED = "-refused";

    /** How late a busy machine may be, in seconds. */
    private static final double LATE = 1.5;

    /** Delays that differ by a smaller share of the longest have no jitter, says the judge. */
    private static final double SAME = 0.05;

    /** Node's timers count whole milliseconds. */
    private static final double TICK = 0.002;

    private static final int RESTARTS = 3;

    /** Longer than an attempt that fails and partysocket's first delay; shorter than that and its second. */
    private static final String LONG_DOWNTIME = "5s";

    private static final String SHORT_DOWNTIME = "500ms";

    /** The programs have started. */
    private static final long QUIET_MICROS = 1_500_000;

    /** partysocket and reconnecting-websocket forget their failures after 5 s (minUptime). */
    private static final long SETTLED_MICROS = 5_500_000;

    /** So many waits between failures tell whether they grow. */
    private static final int WAITS = 4;

    private static final String PAGE_ON_PARTYSOCKET = key(CHROMIUM) + ForeignClient.Kind.ON_PARTYSOCKET;

    @TempDir
    private static Path directory;

    /** What {@code squall clients --json} says of each, by key. */
    private static final Map<String, JsonNode> CLIENTS = new HashMap<>();

    /** From each client's refusals to its next attempts, in seconds. */
    private static final Map<String, List<Double>> WAITED = new HashMap<>();

    private static LiveControl control;

    @BeforeAll
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    static void clientsMeetAWithheldExtensionAndThreeRestarts() throws Exception {
        Squall squall = new Squall(directory);
        Files.writeString(directory.resolve("faults.yaml"), """
                - {withhold: permessage-deflate}
                - {reject: 503, match: {query: {client: "*%s"}}}
                """.formatted(REFUSED));
        int port = Remains.freePort();
        int admin = Remains.freePort();
        control = new LiveControl(admin);
        Process server = squall.start(
                "serve",
                "--port=" + port,
                "--admin-port=" + admin,
                "--identify=query:client",
                "--ping=500ms",
                "--faults=faults.yaml",
                "--expect=client.close-echo.rate == 100%",
                "--expect=client.pong.rate == 100%");
        List<ForeignClient> clients = new ArrayList<>();
        try {
            Remains.await("server", 30, control::listens);
            Map<String, ForeignClient.Kind> keys = keys();
            for (Map.Entry<String, ForeignClient.Kind> client : keys.entrySet()) {
                String url = "ws://127.0.0.1:" + port + "/?client=" + client.getKey();
                clients.add(new ForeignClient(client.getValue(), url, directory));
            }
            List<String> open = new ArrayList<>(keys.keySet());
            if (keys.containsKey(key(CHROMIUM))) {
                open.add(PAGE_ON_PARTYSOCKET);
            }
            open.removeIf(key -> key.endsWith(REFUSED) || key.equals(key(STRICT_WS)));
            // The strict one on partysocket leaves at once as long as the extension is withheld.
            Remains.await(
                    "first handshake", 30, () -> control.clients().keySet().containsAll(open));
            control.send("DELETE", "/faults/0", "");
            awaitOpen(open, 0, QUIET_MICROS);
            open.removeAll(List.of(key(WS), key(JDK), key(CHROMIUM)));
            for (int restart = 1; restart <= RESTARTS; restart++) {
                control.send("POST", "/restart", """
                        {"code": 1012, "while-down": "503", "downtime": "%s"}
                        """.formatted(restart < RESTARTS ? SHORT_DOWNTIME : LONG_DOWNTIME));
                awaitOpen(open, restart, restart < RESTARTS ? SETTLED_MICROS : 0);
            }
            Remains.await(
                    "failed attempts",
                    30,
                    () -> control.clients().values().stream()
                            .filter(client -> client.get("key").asText().endsWith(REFUSED))
                            .allMatch(
                                    client -> client.at("/connections/rejected").asInt() > WAITS));
            new ProcessBuilder("kill", "-INT", String.valueOf(server.pid()))
                    .start()
                    .waitFor();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.destroy();
            for (ForeignClient client : clients) {
                client.close();
            }
        }
        Squall.Answer served = squall.answer(server);
        assertThat(served.exitCode()).as(served.toString()).isEqualTo(130);
        Path run = squall.latest("serve");
        Squall.Answer told = squall.call("clients", run.toString(), "--json");
        assertThat(told.exitCode()).as(told.toString()).isZero();
        json(told.out()).get("clients").forEach(c -> CLIENTS.put(c.get("key").asText(), c));
        readWaits(run.resolve("node-0.csv"));
        assertThat(squall.results("serve").get("verdict").asText())
                .as(served.toString())
                .isEqualTo("pass");
    }

    /** By which library each client is, as far as this machine has it. */
    private static Map<String, ForeignClient.Kind> keys() throws InterruptedException {
        Map<String, ForeignClient.Kind> keys = new LinkedHashMap<>();
        for (ForeignClient.Kind kind : ForeignClient.Kind.values()) {
            if (kind.isThere()) {
                keys.put(key(kind), kind);
            }
        }
        for (ForeignClient.Kind kind : List.of(RECONNECTING_WEBSOCKET, PARTYSOCKET, WEBSOCKETS)) {
            if (keys.containsKey(key(kind))) {
                keys.put(key(kind) + REFUSED, kind);
            }
        }
        return keys;
    }

    private static String key(ForeignClient.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Until each of these has come back from so many restarts, and then been open for so long. */
    private static void awaitOpen(List<String> keys, int restarts, long micros)
            throws IOException, InterruptedException {
        Remains.await("connections of " + keys + " after restart " + restarts, 30, () -> {
            long now = control.get("/status").get("micros").asLong();
            Map<String, JsonNode> seen = control.clients();
            Map<String, Long> since = new HashMap<>();
            control.get("/connections")
                    .get("connections")
                    .forEach(c -> since.put(
                            c.get("client").asText(), c.get("sinceMicros").asLong()));
            return keys.stream()
                    .allMatch(key -> seen.get(key).at("/reconnecting/returned").asInt() == restarts
                            && now - since.getOrDefault(key, now + 1) >= micros);
        });
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    private static void readWaits(Path journal) throws IOException {
        Map<Long, String> keys = new HashMap<>();
        Map<String, Long> refused = new HashMap<>();
        try (JournalReader reader = new JournalReader(journal)) {
            for (JournalRow row = reader.next(); row != null; row = reader.next()) {
                if (row.event() == JournalEvent.ACCEPTED) {
                    keys.put(row.client(), row.detail());
                    Long since = refused.remove(row.detail());
                    if (since != null) {
                        WAITED.computeIfAbsent(row.detail(), key -> new ArrayList<>())
                                .add((row.micros() - since) / 1e6);
                    }
                } else if (row.event() == JournalEvent.REJECTED) {
                    refused.put(keys.get(row.client()), row.micros());
                }
            }
        }
    }

    @Test
    void wsNeverDialsAgain() throws Exception {
        WS.need();
        // ws/lib/websocket.js has nothing that does; it goes on without an extension that it offered (line 1017),
        // answers
        // a Close with its code (1224) and a ping (1302).
        assertStaysAway(key(WS), 1);
    }

    @Test
    void theJdkNeverDialsAgain() throws Exception {
        // WebSocketImpl has nothing that does; it offers no extension, answers a Close with its code (542) and a ping
        // (589).
        assertStaysAway(key(JDK), 0);
    }

    @Test
    void aBrowserNeverDialsAgain() throws Exception {
        CHROMIUM.need();
        // WebSocketChannel::RespondToClosingHandshake answers with the code of the Close, HandleFrameByState a ping.
        assertStaysAway(key(CHROMIUM), 1);
    }

    private static void assertStaysAway(String key, int withheld) {
        JsonNode client = client(key);
        assertThat(client.at("/struck/withhold").asInt()).isEqualTo(withheld);
        assertThat(client.get("leaves")).isEmpty();
        assertLosses(client, 1);
        assertThat(client.at("/reconnecting/returned").asInt()).isZero();
        assertThat(client.at("/reconnecting/gaveUp/answer").asText()).isNotEqualTo("no");
    }

    @Test
    void aStrictClientOnWsLeavesWith1010AndIsCounted() throws Exception {
        STRICT_WS.need();
        JsonNode client = client(key(STRICT_WS));
        assertThat(client.at("/leaves/1010").asInt()).isEqualTo(1);
        assertThat(client.at("/mandatoryExtension/left").asInt()).isEqualTo(1);
        assertThat(client.at("/mandatoryExtension/returned").asInt()).isZero();
        assertThat(client.get("losses")).isEmpty();
    }

    @Test
    void aStrictClientOnPartysocketComesBackAfterEach1010UntilTheExtensionIsThere() throws Exception {
        STRICT_PARTYSOCKET.need();
        JsonNode client = client(key(STRICT_PARTYSOCKET));
        int left = client.at("/mandatoryExtension/left").asInt();
        assertThat(left).isPositive().isEqualTo(client.at("/struck/withhold").asInt());
        assertThat(client.at("/mandatoryExtension/returned").asInt()).isEqualTo(left);
        // partysocket/dist/ws.js:211 close() ends its own tries; 236 reconnect() forgets the failures, and so (299)
        // dials at once: after the second that the application waits. The server counts from when the 1010 reached it,
        // which on a busy machine is later than when it was sent.
        assertThat(client.at("/mandatoryExtension/afterSeconds/p50").asDouble()).isBetween(0.6, 2.5);
        assertPartysocket(client);
    }

    @Test
    void partysocketWaitsThreeSecondsWithoutJitterAndThenLonger() throws Exception {
        PARTYSOCKET.need();
        assertPartysocket(client(key(PARTYSOCKET)));
        // Refused once, in the last restart.
        assertThat(waited(key(PARTYSOCKET))).hasSize(1);
        assertWithin(waited(key(PARTYSOCKET)).get(0), 3 * 1.3, 3 * 1.3);
    }

    @Test
    void partysocketInABrowserDoesTheSame() throws Exception {
        CHROMIUM.need();
        assertPartysocket(client(PAGE_ON_PARTYSOCKET));
    }

    private static void assertPartysocket(JsonNode client) {
        assertLosses(client, RESTARTS);
        assertReturns(client);
        // partysocket/dist/ws.js:57, 298 to 303, and 423: a connection that was up for 5 s starts anew.
        delays(client).forEach(delay -> assertWithin(delay, 3, 3));
        assertNoJitter(client);
    }

    @Test
    void partysocketThatIsRefusedMultipliesItsWaitsBy1_3() throws Exception {
        PARTYSOCKET.need();
        List<Double> waits = waited(key(PARTYSOCKET) + REFUSED);
        for (int i = 0; i < waits.size(); i++) {
            double wait = Math.min(3 * Math.pow(1.3, i), 10); // ws.js:56, 57, 59, 300 to 303
            assertWithin(waits.get(i), wait, wait);
        }
        assertGrew(client(key(PARTYSOCKET) + REFUSED));
    }

    @Test
    void reconnectingWebSocketDrawsItsDelayOnce() throws Exception {
        RECONNECTING_WEBSOCKET.need();
        JsonNode client = client(key(RECONNECTING_WEBSOCKET));
        assertLosses(client, RESTARTS);
        assertReturns(client);
        // dist/reconnecting-websocket-cjs.js:115, for all sockets of a process; 462 to 467; 548.
        delays(client).forEach(delay -> assertWithin(delay, 1, 5));
        assertNoJitter(client);
    }

    @Test
    void reconnectingWebSocketThatIsRefusedMultipliesItsWaitsBy1_3UpToTenSeconds() throws Exception {
        RECONNECTING_WEBSOCKET.need();
        List<Double> waits = waited(key(RECONNECTING_WEBSOCKET) + REFUSED);
        assertWithin(waits.get(0), 1, 5);
        for (int i = 1; i < waits.size(); i++) {
            double growth = Math.pow(1.3, i); // 114, 117, 464 to 466
            assertWithin(
                    waits.get(i), Math.min((waits.get(0) - LATE) * growth, 10), Math.min(waits.get(0) * growth, 10));
        }
        assertGrew(client(key(RECONNECTING_WEBSOCKET) + REFUSED));
    }

    @Test
    void websocketsDialsAtOnceAfterALoss() throws Exception {
        WEBSOCKETS.need();
        JsonNode client = client(key(WEBSOCKETS));
        assertLosses(client, RESTARTS);
        assertReturns(client);
        // legacy/client.py:635: a connection that ended is no failure, and the loop goes on.
        delays(client).forEach(delay -> assertWithin(delay, 0, 0));
        assertThat(client.at("/reconnecting/guide/within").asInt()).isZero();
        assertThat(client.at("/reconnecting/rfc6455/within").asInt()).isEqualTo(RESTARTS);
        // 617: of the first failure, which each restart makes.
        assertWithin(waited(key(WEBSOCKETS)).get(0), 0, 5);
    }

    @Test
    void websocketsThatIsRefusedWaitsUpTo5SecondsAtFirstAndThenLonger() throws Exception {
        WEBSOCKETS.need();
        List<Double> waits = waited(key(WEBSOCKETS) + REFUSED);
        assertThat(waits).hasSizeGreaterThanOrEqualTo(WAITS);
        assertWithin(waits.get(0), 0, 5); // legacy/client.py:617
        for (int i = 1; i < waits.size(); i++) {
            double wait = Math.min(1.92 * Math.pow(1.618, i), 60); // 598 to 600, 632
            assertWithin(waits.get(i), Math.floor(wait), wait); // 630
        }
        // What chance made of the first wait may hide it.
        assertThat(client(key(WEBSOCKETS) + REFUSED)
                        .at("/reconnecting/grew/answer")
                        .asText())
                .isNotEqualTo("no");
    }

    private static JsonNode client(String key) {
        assertThat(CLIENTS).containsKey(key);
        return CLIENTS.get(key);
    }

    private static List<Double> waited(String key) {
        assertThat(WAITED).containsKey(key);
        return WAITED.get(key);
    }

    private static List<Double> delays(JsonNode client) {
        List<Double> delays = new ArrayList<>();
        for (JsonNode delay : client.at("/reconnecting/delays")) {
            assertThat(delay.get("code").asInt()).isEqualTo(1012);
            assertThat(delay.get("atMost").asBoolean()).as("hidden").isFalse();
            delays.add(delay.get("seconds").asDouble());
        }
        assertThat(delays).hasSize(RESTARTS);
        return delays;
    }

    private static void assertLosses(JsonNode client, int restarts) {
        assertThat(client.get("losses").size()).as(client.toString()).isEqualTo(1);
        assertThat(client.at("/losses/1012").asInt()).isEqualTo(restarts);
        // And to the 1001 of the server's end, if there was the time.
        assertThat(client.at("/closeAnswers/same").asInt()).isBetween(restarts, restarts + 1);
        assertThat(client.at("/pings/answered").asInt()).isPositive();
    }

    private static void assertReturns(JsonNode client) {
        assertThat(client.at("/reconnecting/returned").asInt()).isEqualTo(RESTARTS);
        assertThat(client.at("/reconnecting/gaveUp/answer").asText()).isEqualTo("no");
    }

    /** Timers that differ by more than the judge takes for the same were held up by a busy machine. */
    private static void assertNoJitter(JsonNode client) {
        List<Double> delays = delays(client);
        double longest = Collections.max(delays);
        if (longest - Collections.min(delays) < SAME * longest) {
            assertThat(client.at("/reconnecting/spread/answer").asText())
                    .as(client.toString())
                    .isEqualTo("no");
        }
    }

    private static void assertGrew(JsonNode client) {
        JsonNode grew = client.at("/reconnecting/grew");
        assertThat(grew.get("answer").asText()).as(client.toString()).isEqualTo("yes");
        assertThat(grew.get("factor").asDouble()).isBetween(1.2, 1.4);
    }

    private static void assertWithin(double seconds, double low, double high) {
        assertThat(seconds).isBetween(low - TICK, high + LATE);
    }
}
