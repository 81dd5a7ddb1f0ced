package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Tls;
import dev.squall.protocol.On1010;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How clients get to a server at a URL: through a proxy, by a name that changes, from several addresses to several. */
@Timeout(60)
class RouteTest {

    @TempDir
    Path folder;

    private static Plan.Endpoint endpoint(
            String url, List<String> addresses, @Nullable String proxy, boolean lookupEach, List<String> from) {
        return new Plan.Endpoint(
                url,
                addresses,
                false,
                Tls.of(true),
                proxy,
                lookupEach,
                from,
                0,
                new Plan.ForeignRestarts(List.of(), 1, 1, 1_000_000));
    }

    private static Plan.Endpoint behind(String proxy, String url) {
        return endpoint(url, List.of("127.0.0.1"), proxy, false, List.of());
    }

    private static Plan.Endpoint named(String host, int port) {
        return endpoint("ws://" + host + ":" + port + "/", List.of("127.0.0.1"), null, true, List.of());
    }

    /** Clients that give up after this many failed tries; then the run ends by itself. */
    private TestRun run(int clients, int attempts) {
        return new TestRun(folder)
                .with(new Population(
                        0, "all", clients, 1000, List.of(), List.of(), On1010.STOP, null, TestRun.policy(attempts)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void restart(ScriptedServer.Peer peer) throws Exception {
        peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
        peer.readClose();
    }

    // ---- proxy

    @Test
    void aProxyIsAskedForTheServerAndThenStandsAside() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer proxy = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            asked.add(peer.requestLine + " " + peer.header("host") + " " + peer.header("proxy-authorization"));
            peer.write(ascii("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"));
            peer.open(); // From here on it is the server.
            asked.add(peer.header("host"));
            restart(peer);
        })) {
            TestRun run = run(1, 0)
                    .run(behind("http://us%40er:p%3Ass@127.0.0.1:" + proxy.port(), "ws://nobody.invalid/chat"), 5000);

            // "us@er:p:ss"
            assertThat(asked)
                    .containsExactly(
                            "CONNECT nobody.invalid:80 HTTP/1.1 nobody.invalid:80 Basic dXNAZXI6cDpzcw==",
                            "nobody.invalid");
            assertThat(run.story("all", 0)).contains("READY", "CLOSED 1012 server clean");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "407 Proxy Authentication Required, FAILED 407 proxy-407",
        "503 Service Unavailable, FAILED 503 proxy-503",
        "broken, FAILED proxy",
        "'', FAILED proxy"
    })
    void aProxyThatLetsNobodyThroughIsTheCause(String answer, String failed) throws Exception {
        try (ScriptedServer proxy = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            if (answer.equals("broken")) {
                peer.write(ascii("SSH-2.0-OpenSSH\r\n\r\n"));
            } else if (!answer.isEmpty()) {
                peer.write(ascii("HTTP/1.1 " + answer + "\r\nContent-Length: 5\r\n\r\nSorry"));
                peer.waitForEnd();
            }
        })) {
            TestRun run = run(1, 0).run(behind("http://127.0.0.1:" + proxy.port(), "ws://nobody.invalid/"), 5000);

            assertThat(run.story("all", 0)).contains(failed);
        }
    }

    @Test
    void aProxyThatIsNotThereIsTheCause() throws Exception {
        TestRun away =
                run(1, 0).run(behind("http://127.0.0.1:" + ScriptedServer.freePort(), "ws://nobody.invalid/"), 5000);
        assertThat(away.story("all", 0)).contains("FAILED proxy");
    }

    @Test
    void aSilentProxyIsATimeout() throws Exception {
        try (ScriptedServer proxy = new ScriptedServer((peer, n) -> peer.waitForEnd())) {
            TestRun run = run(1, 0)
                    .connectWithin(100_000)
                    .limits(l -> new Plan.Limits(5_000_000, 100_000, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(behind("http://127.0.0.1:" + proxy.port(), "ws://nobody.invalid/"), 5000);

            assertThat(run.story("all", 0)).contains("FAILED timeout");
        }
    }

    @Test
    void tlsGoesThroughAProxy() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        TestCertificate.server(TestCertificate.of(folder, "localhost")), (peer, n) -> {
                            peer.open();
                            restart(peer);
                        });
                ScriptedServer proxy = new ScriptedServer((peer, n) -> {
                    peer.readRequest();
                    peer.write(ascii("HTTP/1.1 200 OK\r\n\r\n"));
                    try (Socket there = new Socket(ScriptedServer.loopback(), server.port())) {
                        peer.splice(there);
                    }
                })) {
            TestRun run = run(1, 0)
                    .connectWithin(7_000_000)
                    .limits(l -> new Plan.Limits(7_000_000, 1_000_000, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(behind("http://127.0.0.1:" + proxy.port(), "wss://localhost:" + server.port() + "/"), 8000);

            assertThat(run.story("all", 0)).contains("READY", "CLOSED 1012 server clean");
        }
    }

    // ---- DNS

    @Test
    void aNameIsLookedUpForEachAttempt() throws Exception {
        List<String> dialled = new CopyOnWriteArrayList<>();
        try (TestNameServer names =
                        new TestNameServer("chat.test", n -> n > 2 ? List.of() : List.of("127.0.0." + (n + 1)));
                ScriptedServer server = ScriptedServer.everywhere((peer, n) -> {
                    peer.open();
                    dialled.add(peer.destination());
                    restart(peer);
                })) {
            TestRun run = run(1, 1).nameServer(names.address()).run(named("chat.test", server.port()), 8000);

            assertThat(names.failure).hasValue(null);
            assertThat(dialled).containsExactly("127.0.0.2", "127.0.0.3");
            assertThat(run.rows("FAILED")).extracting(TestRun.Row::detail).containsOnly("dns");
        }
    }

    @Test
    void aNameServerThatIsSilentIsTheCause() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))) {
            TestRun run = run(1, 0)
                    .nameServer((InetSocketAddress) silent.getLocalSocketAddress())
                    .connectWithin(100_000)
                    .limits(l -> new Plan.Limits(100_000, 100_000, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(named("chat.test", 1), 5000);

            assertThat(run.story("all", 0)).contains("FAILED dns");
        }
    }

    @Test
    void aNameThatComesToStandForAnotherMachineIsNotDialled() throws Exception {
        try (TestNameServer names = new TestNameServer("chat.test", n -> List.of("127.0.0.1", "192.0.2.1"))) {
            TestRun run = run(1, 0).nameServer(names.address()).run(named("chat.test", 1), 5000);

            assertThat(run.story("all", 0)).contains("FAILED not-allowed");
        }
    }

    // ---- addresses

    @Test
    void everySourceMeetsEveryDestinationAndWhoComesBackGoesToTheNext() throws Exception {
        Set<String> pairs = ConcurrentHashMap.newKeySet();
        List<String> ofTheFirst = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = ScriptedServer.everywhere((peer, n) -> {
            peer.readRequest();
            pairs.add(peer.source() + " " + peer.destination());
            if (peer.header("squall-connection").startsWith("all/0/")) {
                ofTheFirst.add(peer.destination());
            }
            peer.write(ascii("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
        })) {
            List<String> to = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");
            run(6, 2)
                    .run(
                            endpoint(
                                    "ws://localhost:" + server.port() + "/",
                                    to,
                                    null,
                                    false,
                                    List.of("127.0.0.8", "127.0.0.9")),
                            5000);

            assertThat(pairs).hasSize(6).allMatch(pair -> pair.matches("127.0.0.[89] 127.0.0.[123]"));
            assertThat(ofTheFirst).hasSize(2);
            assertThat(to.indexOf(ofTheFirst.get(1))).isEqualTo((to.indexOf(ofTheFirst.get(0)) + 1) % 3);
        }
    }
}
