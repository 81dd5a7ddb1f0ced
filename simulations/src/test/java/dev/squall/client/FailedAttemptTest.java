package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class FailedAttemptTest {

    @TempDir
    Path folder;

    /** The one failure of a client that tries once. */
    private String failure(int port, long millis) throws Exception {
        TestRun run = new TestRun(folder)
                .with(TestRun.deflate("once", 1, "", On1010.STOP, 1))
                .run(port, millis);
        List<String> story = run.story("once", 0);
        assertThat(story)
                .startsWith("ARRIVED", "CONNECTING")
                .endsWith("GAVE_UP")
                .hasSize(4);
        return story.get(2);
    }

    private String failureWith(ScriptedServer.Script script) throws Exception {
        try (ScriptedServer server = new ScriptedServer(script)) {
            return failure(server.port(), 300);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({"true, 60000000", "false, 50000"})
    void aServersRetryAfterIsHonouredByPoliciesThatDoAndByNoOther(boolean honours, long delay) throws Exception {
        ReconnectPolicy plain = TestRun.policy(ReconnectPolicy.UNLIMITED);
        ReconnectPolicy policy = new ReconnectPolicy(
                plain.name(),
                plain.backoff(),
                plain.attempts(),
                plain.stableMicros(),
                plain.provedWhenReady(),
                plain.failedTries(),
                plain.stopOn(),
                plain.atOnceOn(),
                honours);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(ascii("HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"));
            peer.waitForEnd();
        })) {
            TestRun run = new TestRun(folder)
                    .with(new Population(0, "busy", 1, 1000, List.of(), List.of(), On1010.STOP, null, policy))
                    .run(server.port(), 120);

            assertThat(run.rows("WAITING").get(0).longValue()).isEqualTo(delay);
        }
    }

    @Test
    void refused() throws Exception {
        assertThat(failure(ScriptedServer.freePort(), 200)).isEqualTo("FAILED refused");
    }

    @Test
    void connectTimeout() throws Exception {
        // A listener with a full queue of connections that nobody accepts: the kernel drops further SYNs.
        try (ServerSocket full = new ServerSocket()) {
            full.bind(new InetSocketAddress(ScriptedServer.loopback(), ScriptedServer.freePort()), 1);
            List<Socket> queue = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket socket = new Socket();
                queue.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), 100);
                } catch (IOException isFull) {
                    break;
                }
            }
            assertThat(failure(full.getLocalPort(), 1300)).isEqualTo("FAILED timeout");
            for (Socket socket : queue) {
                socket.close();
            }
        }
    }

    @Test
    void handshakeTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(ascii("HTTP/1.1 101 Switching"));
            peer.waitForEnd();
        })) {
            assertThat(failure(server.port(), 1300)).isEqualTo("FAILED timeout");
        }
    }

    @Test
    void reset() throws Exception {
        assertThat(failureWith((peer, n) -> {
                    peer.readRequest();
                    peer.write(ascii("HTTP/1.1 101 Switching"));
                    peer.reset();
                }))
                .isEqualTo("FAILED reset");
    }

    @Test
    void endOfStreamEvenInTheMiddleOfTheHeaders() throws Exception {
        assertThat(failureWith((peer, n) -> {
                    peer.readRequest();
                    peer.write(ascii("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso"));
                }))
                .isEqualTo("FAILED eof");
    }

    @Test
    void anotherStatusAndTheServerMayCloseFirstIfItMeansTo() throws Exception {
        ConcurrentLinkedQueue<Boolean> clientClosed = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            if (n == 1) {
                peer.write(ascii("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\nwait"));
                clientClosed.add(peer.endsWithin(200));
                clientClosed.add(peer.endsWithin(2000));
            } else {
                peer.write(peer.upgrade());
                peer.echoUntilClose();
            }
        })) {
            TestRun run =
                    new TestRun(folder).with(TestRun.population("patient", 1)).run(server.port(), 1500);
            assertThat(run.story("patient", 0)).contains("FAILED 429 http-429", "OPENED");
            assertThat(clientClosed).containsExactly(false, true);
        }
    }

    @Test
    void aServerThatKeepsTheConnectionForANextRequestDoesNotKeepOurDescriptor() throws Exception {
        ConcurrentLinkedQueue<Boolean> clientClosed = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(ascii("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nwait"));
            clientClosed.add(peer.endsWithin(700));
        })) {
            new TestRun(folder)
                    .with(TestRun.deflate("all", 1, "", On1010.STOP, 0))
                    .run(server.port(), 1500);
            assertThat(clientClosed).containsExactly(true);
        }
    }

    @Test
    void informationalResponsesAreNotTheAnswer() throws Exception {
        assertThat(failureWith((peer, n) -> {
                    peer.readRequest();
                    peer.write(ascii("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n"));
                }))
                .isEqualTo("FAILED 404 http-404");
    }

    @Test
    void connectionToItselfIsNoConnection() throws Exception {
        InetSocketAddress one = new InetSocketAddress(ScriptedServer.loopback(), 40_000);
        assertThat(Connection.isSelf(one, new InetSocketAddress("127.0.0.1", 40_000)))
                .isTrue();
        assertThat(Connection.isSelf(one, new InetSocketAddress("127.0.0.1", 40_001)))
                .isFalse();
        assertThat(Connection.isSelf(one, new InetSocketAddress("127.0.0.2", 40_000)))
                .isFalse();
    }

    @Test
    void wordsOfTheOperatingSystemBecomeCauses() {
        assertThat(Cause.of(
                        new ConnectException("connect(..) failed with error(-99): Cannot assign requested address")))
                .isEqualTo("no-ports");
        assertThat(Cause.of(new ChannelException(new IOException("newSocketStream(..): Too many open files"))))
                .isEqualTo("no-descriptors");
        assertThat(Cause.of(new ConnectException("Network is unreachable"))).isEqualTo("other:ConnectException");
    }

    @Test
    void requestSaysWhoTheClientIs() throws Exception {
        ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            requests.add(String.join(
                    " | ",
                    peer.headers.get("host"),
                    peer.headers.get("squall-connection"),
                    peer.headers.get("user-agent"),
                    String.valueOf(peer.headers.get("sec-websocket-extensions"))));
        })) {
            new TestRun(folder)
                    .with(TestRun.deflate("a", 1, "", On1010.STOP, 2))
                    .with(TestRun.population("b", 0))
                    .run(server.port(), 300);
            String start = "127.0.0.1:" + server.port() + " | ";
            assertThat(requests)
                    .containsExactly(
                            start + "a/0/1 | squall/test | permessage-deflate",
                            start + "a/0/2 | squall/test | permessage-deflate");
        }
    }

    @Test
    void loopbackIsDialledFromSeveralAddresses() throws Exception {
        ConcurrentLinkedQueue<String> sources = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            sources.add(peer.source());
            peer.open();
            peer.echoUntilClose();
        })) {
            new TestRun(folder).with(TestRun.population("many", 16)).run(server.port(), 300);
            assertThat(sources).hasSize(16);
            assertThat(sources.stream().distinct()).hasSize(8).allMatch(a -> a.startsWith("127.0.1."));
        }
    }
}
