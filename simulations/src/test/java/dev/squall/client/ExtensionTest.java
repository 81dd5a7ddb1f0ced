package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Message;
import dev.squall.plan.Population;
import dev.squall.protocol.Extension;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ExtensionTest {

    private static final String DEFLATE = "permessage-deflate";
    private static final String EXTENSIONS = "Sec-WebSocket-Extensions: ";

    @TempDir
    Path folder;

    /** Serves a connection that the client leaves with 1010, and notes the reason. */
    private static void leftBy(ScriptedServer.Peer peer, ConcurrentLinkedQueue<String> reasons) throws Exception {
        ScriptedServer.Frame close = peer.echoUntilClose();
        reasons.add(close.closeCode() + " " + close.closeReason());
    }

    @Test
    void strictClientLeavesWith1010NamingTheExtensionAndStaysAway() throws Exception {
        ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            leftBy(peer, reasons);
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("strict", 1, DEFLATE, On1010.STOP, ReconnectPolicy.UNLIMITED))
                    .run(server.port(), 500);

            assertThat(reasons).containsExactly("1010 permessage-deflate");
            assertThat(run.story("strict", 0))
                    .containsExactly(
                            "ARRIVED",
                            "CONNECTING",
                            "NEGOTIATED 101 permessage-deflate=missing",
                            "CLOSE_SENT 1010 permessage-deflate",
                            "CLOSE_RECEIVED 1010 permessage-deflate",
                            "CLOSED 1010 client clean",
                            "FINISHED 1010");
        }
    }

    @Test
    void missingParameterIsAMismatchAndIsNamedInTheReason() throws Exception {
        ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open(EXTENSIONS + DEFLATE);
            leftBy(peer, reasons);
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate(
                            "strict",
                            1,
                            DEFLATE + "; server_no_context_takeover",
                            On1010.STOP,
                            ReconnectPolicy.UNLIMITED))
                    .run(server.port(), 400);

            assertThat(reasons).containsExactly("1010 permessage-deflate; server_no_context_takeover");
            assertThat(run.story("strict", 0)).contains("NEGOTIATED 101 permessage-deflate=mismatched");
        }
    }

    @Test
    void longReasonIsCutToWhatAControlFrameHolds() throws Exception {
        ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
        String name = "x-" + "long".repeat(40);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            leftBy(peer, reasons);
        })) {
            Population population = new Population(
                    0,
                    "strict",
                    1,
                    1000,
                    List.of(name),
                    List.of(name),
                    On1010.STOP,
                    null,
                    TestRun.policy(ReconnectPolicy.UNLIMITED));
            new TestRun(folder).with(population).run(server.port(), 400);

            assertThat(reasons).containsExactly("1010 " + name.substring(0, 123));
        }
    }

    @Test
    void retryingClientComesBackByItsPolicyUntilThatGivesUp() throws Exception {
        ConcurrentLinkedQueue<String> reasons = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            leftBy(peer, reasons);
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("strict", 1, DEFLATE, On1010.RETRY, 3))
                    .run(server.port(), 1000);

            assertThat(reasons).hasSize(3);
            assertThat(run.rows("WAITING")).extracting(TestRun.Row::value).containsExactly("50000", "100000");
            assertThat(run.story("strict", 0)).endsWith("CLOSED 1010 client clean", "GAVE_UP");
            assertThat(run.rows("GAVE_UP")).extracting(TestRun.Row::attempt).containsExactly("3");
        }
    }

    @Test
    void clientThatRetriesWithoutTheRequirementStaysTheSecondTime() throws Exception {
        ConcurrentLinkedQueue<String> offers = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            offers.add(peer.headers.getOrDefault("sec-websocket-extensions", "none"));
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("strict", 1, DEFLATE, On1010.RETRY_WITHOUT, ReconnectPolicy.UNLIMITED))
                    .run(server.port(), 500);

            assertThat(offers).containsExactly(DEFLATE, DEFLATE);
            assertThat(run.rows("OPENED"))
                    .extracting(TestRun.Row::connection, TestRun.Row::attempt)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("2", "1"));
            assertThat(run.story("strict", 0)).endsWith("CLOSED 1000 client clean", "FINISHED end");
        }
    }

    @Test
    void clientThatMerelyOffersStaysWithoutTheExtension() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("lenient", 1, "", On1010.STOP, ReconnectPolicy.UNLIMITED))
                    .run(server.port(), 300);

            assertThat(run.story("lenient", 0))
                    .containsSubsequence("NEGOTIATED 101 permessage-deflate=missing", "OPENED", "READY");
        }
    }

    @Test
    void extensionThatNobodyOfferedFailsTheConnectionWithoutAClose() throws Exception {
        ConcurrentLinkedQueue<Integer> bytesAfter = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open(EXTENSIONS + "x-foo");
            bytesAfter.add(peer.endsWithin(1000) ? 0 : 1);
        })) {
            ReconnectPolicy twice = TestRun.policy(2);
            Population plain = new Population(0, "plain", 1, 1000, List.of(), List.of(), On1010.STOP, null, twice);
            TestRun run = new TestRun(folder).with(plain).run(server.port(), 600);

            assertThat(bytesAfter).containsExactly(0, 0);
            assertThat(run.story("plain", 0))
                    .containsExactly(
                            "ARRIVED",
                            "CONNECTING",
                            "FAILED 101 unoffered-extension",
                            "WAITING",
                            "CONNECTING",
                            "FAILED 101 unoffered-extension",
                            "GAVE_UP");
        }
    }

    @Test
    void parametersThatTheServerMayNotChooseFailTheConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open(EXTENSIONS + DEFLATE + "; client_max_window_bits=10");
            peer.waitForEnd();
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("lenient", 1, "", On1010.STOP, 1))
                    .run(server.port(), 300);

            assertThat(run.story("lenient", 0)).endsWith("FAILED 101 bad-extension-parameters", "GAVE_UP");
        }
    }

    @Test
    void negotiatedDeflateCompressesMessagesAndReadsCompressedEchoes() throws Exception {
        ConcurrentLinkedQueue<ScriptedServer.Frame> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            // Unasked, which RFC 7692 section 7.1.1 allows.
            peer.open(EXTENSIONS + DEFLATE + "; server_no_context_takeover; client_no_context_takeover");
            for (int i = 0; i < 3; i++) {
                ScriptedServer.Frame frame = peer.readFrame();
                frames.add(frame);
                peer.write(ScriptedServer.Peer.frame(0xC0 | frame.opcode(), 0, frame.payload()));
            }
            peer.echoUntilClose();
        })) {
            Population talking = new Population(
                    0,
                    "talking",
                    1,
                    1000,
                    List.of(DEFLATE),
                    List.of(DEFLATE),
                    On1010.STOP,
                    new Message(50_000, 512),
                    TestRun.policy(1));
            TestRun run = new TestRun(folder).with(talking).run(server.port(), 400);

            assertThat(frames).hasSize(3).allSatisfy(frame -> {
                assertThat(frame.rsv()).isEqualTo(4); // RSV1: compressed
                assertThat(frame.payload()).hasSizeLessThan(200);
            });
            assertThat(run.story("talking", 0)).endsWith("CLOSED 1000 client clean", "FINISHED end");
            assertThat(run.status()).containsPattern("echoes=[3-9]");
        }
    }

    @Test
    void smallClientWindowIsKeptBySendingUncompressed() throws Exception {
        ConcurrentLinkedQueue<ScriptedServer.Frame> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open(EXTENSIONS + DEFLATE + "; client_max_window_bits=9");
            frames.add(peer.readFrame());
            peer.echoUntilClose();
        })) {
            Population talking = new Population(
                    0,
                    "talking",
                    1,
                    1000,
                    List.of(DEFLATE + "; client_max_window_bits"),
                    List.of(),
                    On1010.STOP,
                    new Message(50_000, 64),
                    TestRun.policy(1));
            new TestRun(folder).with(talking).run(server.port(), 300);

            assertThat(frames).singleElement().satisfies(frame -> {
                assertThat(frame.rsv()).isZero();
                assertThat(frame.payload()).hasSize(64);
            });
        }
    }

    @Test
    void parametersAreJudgedByRfc7692() {
        Deflate plain = new Deflate(List.of(Extension.parse(DEFLATE)));
        assertThat(plain.accepts(Extension.parse(DEFLATE))).isTrue();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; server_no_context_takeover; client_no_context_takeover")))
                .isTrue();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; server_max_window_bits=8")))
                .isTrue();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; server_max_window_bits=16")))
                .isFalse();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; server_max_window_bits")))
                .isFalse();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; server_no_context_takeover=1")))
                .isFalse();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; client_max_window_bits=15")))
                .isFalse();
        assertThat(plain.accepts(Extension.parse(DEFLATE + "; unheard_of"))).isFalse();

        Deflate asking = new Deflate(
                List.of(Extension.parse(DEFLATE + "; client_max_window_bits=12; server_max_window_bits=10")));
        assertThat(asking.accepts(Extension.parse(DEFLATE + "; client_max_window_bits=12")))
                .isTrue();
        assertThat(asking.accepts(Extension.parse(DEFLATE + "; client_max_window_bits=13")))
                .isFalse();
        assertThat(asking.accepts(Extension.parse(DEFLATE + "; server_max_window_bits=11")))
                .isFalse();
    }
}
