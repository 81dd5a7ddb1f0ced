package dev.squall.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.fault.Close;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Match;
import dev.squall.fault.Reject;
import dev.squall.node.Control;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class MockServerExtensionTest {

    private static final Set<Integer> PORTS_OF_TESTS = ConcurrentHashMap.newKeySet();
    private static final Set<Integer> PORTS_OF_THE_CLASS = ConcurrentHashMap.newKeySet();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    static final MockServerExtension ofTheClass = new MockServerExtension();

    @RegisterExtension
    final MockServerExtension polite =
            new MockServerExtension().reply("open", "welcome").reply("how are you", "fine");

    @RegisterExtension
    final MockServerExtension server = new MockServerExtension();

    private static WebSocket open(URI url) {
        return HTTP.newWebSocketBuilder()
                .buildAsync(url, new WebSocket.Listener() {})
                .join();
    }

    @Test
    void itSaysWhatItWasToldTo() throws Exception {
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        WebSocket socket = HTTP.newWebSocketBuilder()
                .buildAsync(polite.url("/"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        said.add(text.toString());
                        from.request(1);
                        return null;
                    }
                })
                .join();
        socket.sendText("Hello, how are you?", true).join();

        assertThat(said.poll(5, TimeUnit.SECONDS)).isEqualTo("welcome");
        assertThat(said.poll(5, TimeUnit.SECONDS)).isEqualTo("fine");
    }

    private void notePorts() {
        PORTS_OF_THE_CLASS.add(ofTheClass.url().getPort());
        PORTS_OF_TESTS.add(server.url().getPort());
    }

    @Test
    void aStaticServerLastsForTheClassAndAnotherForTheTest() {
        notePorts();
        open(ofTheClass.url("/?client=static"));
        assertThat(ofTheClass.await("static", seen -> seen.connections().opened() >= 1))
                .isNotNull();
        assertThatThrownBy(() -> server.client("static")).isInstanceOf(AssertionError.class);
    }

    @Nested
    class Nest {
        @Test
        void aNestedClassHasTheServerOfTheOuterOne() {
            notePorts();
        }
    }

    @AfterAll
    static void thereWasOneServerForTheClassAndEachTestsOwnEndedWithIt() {
        assertThat(PORTS_OF_THE_CLASS)
                .hasSize(1)
                .containsExactly(ofTheClass.url().getPort());
        assertThat(PORTS_OF_TESTS)
                .hasSize(2)
                .doesNotContainAnyElementsOf(PORTS_OF_THE_CLASS)
                .allSatisfy(port -> assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                        .isInstanceOf(ConnectException.class));
    }

    @Test
    void faultsComeInCodeOrAsTextAndAreLifted() {
        Control.ActiveFault reject = server.inflict(new Reject(429, 0));
        assertThatThrownBy(() -> open(server.url())).isInstanceOf(CompletionException.class);
        assertThat(server.lift(reject)).isTrue();
        assertThat(server.lift(reject)).isFalse();
        server.inflict("{close: 1011, match: {query: {client: b}}}");
        server.inflict(new FaultWindow(
                0,
                new Close(1001, "", 0, 0),
                false,
                0,
                FaultWindow.OPEN_END,
                0,
                1,
                0,
                new Match("/c", Map.of(), Map.of(), List.of(), "")));

        open(server.url("/?client=a"));
        open(server.url("/?client=b"));
        open(server.url("/c?client=c"));

        assertThat(server.await("b", seen -> seen.lost() == 1).losses()).containsOnlyKeys(1011);
        assertThat(server.await("c", seen -> seen.lost() == 1).losses()).containsOnlyKeys(1001);
        assertThat(server.client("a").lost()).isZero();
    }

    @Test
    void whatIsNoFaultIsToldWithWhatIsAccepted() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.inflict("{close: 1010}"))
                .withMessageContaining("(expected: a code that a server may send");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.restart("{code: 1010}"))
                .withMessageContaining("(expected: a code that a server may send");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.identify("name"))
                .withMessage("name (expected: query:NAME, header:NAME, cookie:NAME, subprotocol or address)");
    }

    @Test
    void whatIsAwaitedInVainShowsWhatTheClientDid() {
        open(server.url("/?client=ann"));
        server.inflict(new Close(1011, "bye", 0, 0));
        server.await("ann", seen -> seen.lost() == 1);

        assertThatThrownBy(() -> server.await("ann", seen -> seen.lost() == 2, Duration.ofMillis(50)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("client ann: what was asked of it did not hold within 0.05 s")
                .hasMessageContaining("1011:1")
                .hasMessageContaining("CLOSE_SENT     1011 bye");
        open(server.url("/?other=x"));
        assertThatThrownBy(() -> server.await("bob", seen -> true, Duration.ofMillis(50)))
                .hasMessageContaining("client bob did not come (those who did: ann; connections that did not"
                        + " say whose they are: 1; clients are told apart by query:client)");
    }

    @Test
    void whatShallStaySoIsWatchedForThatTime() {
        open(server.url("/?client=ann"));
        long since = System.nanoTime();
        server.stays("ann", seen -> seen.lost() == 0, Duration.ofMillis(100));
        assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(100_000_000L);

        server.inflict("{close: 1011, after: 50ms}");
        assertThatThrownBy(() -> server.stays("ann", seen -> seen.lost() == 0, Duration.ofSeconds(10)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("client ann: what was asked of it did not hold for 10.0 s");
        assertThat(System.nanoTime() - since).isLessThan(9_000_000_000L);
    }

    @Test
    void aServerThatPingsKnowsWhoAnswers() throws IOException {
        MockServerExtension pinging =
                new MockServerExtension().identify("header:X-Client").pingEvery(Duration.ofMillis(20));
        pinging.start("test");
        try {
            HTTP.newWebSocketBuilder()
                    .header("X-Client", "ann")
                    .buildAsync(pinging.url(), new WebSocket.Listener() {})
                    .join();
            assertThat(pinging.await("ann", seen -> seen.pings().answered() >= 2))
                    .isNotNull();
        } finally {
            pinging.end("test");
        }
    }

    @Test
    void aResetServerHasSeenNobodyAndDoesNothingWrong() {
        URI url = server.url("/?client=ann");
        open(url);
        server.restart("{downtime: forever}");
        server.await("ann", seen -> seen.lost() == 1);

        server.reset();

        assertThatThrownBy(() -> server.client("ann")).hasMessageContaining("client ann did not come (nobody did;");
        open(url);
        assertThat(server.await("ann", seen -> seen.connections().opened() == 1).lost())
                .isZero();
    }

    @Test
    void whoForgotToRegisterIsToldSo() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new MockServerExtension().url())
                .withMessageContaining("(expected: @RegisterExtension at its field");
    }

    @Test
    void serversThatStartTogetherHavePortsOfTheirOwnBelowTheEphemeralRange() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<MockServerExtension>> starts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                starts.add(() -> {
                    MockServerExtension one = new MockServerExtension();
                    one.start("test");
                    return one;
                });
            }
            Set<Integer> ports = new HashSet<>();
            for (Future<MockServerExtension> start : threads.invokeAll(starts)) {
                ports.add(start.get().url().getPort());
                start.get().end("test");
            }
            assertThat(ports).hasSize(8).allMatch(port -> port >= 20_000 && port < 32_768);
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aPortIsReservedWhileARestartDoesNotListenOnIt() throws IOException {
        open(server.url("/?client=ann"));
        server.restart("{downtime: forever}");
        server.await("ann", seen -> seen.lost() == 1);
        int port = server.url().getPort();

        InetAddress host = InetAddress.getByName("127.0.0.1");
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(host, port)); // TCP is to be had.
        }
        for (int i = 0; i < 100; i++) {
            try (ReservedPort other = ReservedPort.any(host)) {
                assertThat(other.number()).isNotEqualTo(port);
            }
        }
    }
}
