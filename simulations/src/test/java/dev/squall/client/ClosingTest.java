package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Peer;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class ClosingTest {

    private static final byte[] UNAVAILABLE =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    @Test
    void serviceRestartIsEchoedAndTheServerClosesTcpFirst() throws Exception {
        ConcurrentLinkedQueue<Object> seen = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 1) {
                peer.write(Peer.closeFrame(1012, "service restart"));
                seen.add(peer.readClose().closeCode());
                seen.add(peer.endsWithin(300) ? "client closed" : "client waits");
            } else {
                peer.echoUntilClose();
            }
        })) {
            TestRun run =
                    new TestRun(folder).with(TestRun.population("phones", 1)).run(server.port(), 900);

            assertThat(seen).containsExactly(1012, "client waits");
            assertThat(run.story("phones", 0))
                    .containsExactly(
                            "ARRIVED",
                            "CONNECTING",
                            "OPENED",
                            "READY",
                            "CLOSE_RECEIVED 1012 service restart",
                            "CLOSE_SENT 1012",
                            "CLOSED 1012 server clean",
                            "WAITING",
                            "CONNECTING",
                            "OPENED",
                            "READY",
                            "CLOSE_SENT 1000",
                            "CLOSE_RECEIVED 1000",
                            "CLOSED 1000 client clean",
                            "FINISHED end");
            assertThat(run.status()).contains("recovered=1").contains("closed.1012=1");
        }
    }

    @Test
    void reconnectsAfterThePolicysDelaysAndCountsFailedTries() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            if (n == 2 || n == 3) {
                peer.write(UNAVAILABLE);
                return;
            }
            peer.write(peer.upgrade());
            if (n == 1) {
                peer.write(Peer.closeFrame(1012, ""));
                peer.readClose();
            } else {
                peer.echoUntilClose();
            }
        })) {
            TestRun run =
                    new TestRun(folder).with(TestRun.population("phones", 1)).run(server.port(), 900);

            assertThat(run.rows("WAITING"))
                    .extracting(TestRun.Row::attempt, TestRun.Row::value)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("0", "50000"),
                            org.assertj.core.groups.Tuple.tuple("1", "100000"),
                            org.assertj.core.groups.Tuple.tuple("2", "200000"));
            assertThat(run.rows("FAILED")).extracting(TestRun.Row::text).containsOnly("FAILED 503 http-503");
            assertThat(run.rows("OPENED")).extracting(TestRun.Row::attempt).containsExactly("0", "2");
            long closed = run.rows("CLOSED").get(0).micros();
            long dialled = run.rows("CONNECTING").get(1).micros();
            assertThat(dialled - closed).isBetween(50_000L, 300_000L);
            // The value is the latency from the intended time: what the journal says it should have been.
            TestRun.Row reopened = run.rows("OPENED").get(1);
            long intended = run.rows("WAITING").get(2).micros() + 200_000;
            assertThat(reopened.longValue()).isEqualTo(reopened.micros() - intended);
        }
    }

    @Test
    void failedTriesAreForgottenOnlyOnceAConnectionWasStable() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n <= 3) {
                peer.write(Peer.closeFrame(1012, ""));
                peer.readClose();
            } else {
                peer.echoUntilClose();
            }
        })) {
            ReconnectPolicy stable =
                    new ReconnectPolicy("test", 50_000, 50_000, 2, 1_000_000, Jitter.NONE, false, 9, 10_000_000);
            // Lost three times at once, and so never stable: each is a failed try, as to the libraries that have such a
            // time.
            TestRun run = new TestRun(folder)
                    .with(new Population(0, "phones", 1, 1000, List.of(), List.of(), On1010.STOP, null, stable))
                    .run(server.port(), 700);

            assertThat(run.rows("WAITING")).extracting(TestRun.Row::attempt).containsExactly("1", "2", "3");
            assertThat(run.rows("WAITING"))
                    .extracting(TestRun.Row::longValue)
                    .containsExactly(50_000L, 100_000L, 200_000L);
        }
    }

    @Test
    void serverThatNeverClosesTcpIsLeftAfterTheClosingTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 1) {
                peer.write(Peer.closeFrame(1012, ""));
                peer.readClose();
                peer.waitForEnd();
            } else {
                peer.echoUntilClose();
            }
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.population("phones", 1))
                    .limits(l -> new Plan.Limits(
                            l.handshakeMicros(), 200_000, l.nodeClosingMicros(), l.closingPhaseMicros()))
                    .run(server.port(), 900);

            TestRun.Row closed = run.rows("CLOSED").get(0);
            assertThat(closed.text()).isEqualTo("CLOSED 1012 server timeout");
            assertThat(closed.micros() - run.rows("CLOSE_RECEIVED").get(0).micros())
                    .isBetween(200_000L, 600_000L);
            assertThat(closed.longValue()).isBetween(200_000L, 600_000L); // since the last byte
            assertThat(run.rows("OPENED")).hasSize(2);
        }
    }

    @Test
    void framesInTheSameSegmentAsTheResponseAreNotLost() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            if (n == 1) {
                peer.write(
                        peer.upgrade(),
                        Peer.frame(ScriptedServer.TEXT, "hi".getBytes(StandardCharsets.UTF_8)),
                        Peer.closeFrame(4001, "glued"));
                peer.readClose();
            } else {
                peer.write(peer.upgrade());
                peer.echoUntilClose();
            }
        })) {
            TestRun run =
                    new TestRun(folder).with(TestRun.population("phones", 1)).run(server.port(), 400);

            assertThat(run.story("phones", 0))
                    .containsSubsequence(
                            "OPENED",
                            "READY",
                            "CLOSE_RECEIVED 4001 glued",
                            "CLOSE_SENT 4001",
                            "CLOSED 4001 server clean");
        }
    }

    @Test
    void emptyCloseIsEchoedEmptyAndCountsAs1005() throws Exception {
        ConcurrentLinkedQueue<Integer> echoed = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(Peer.frame(ScriptedServer.CLOSE, new byte[0]));
            echoed.add(peer.readClose().payload().length);
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("once", 1, "", On1010.STOP, 0))
                    .run(server.port(), 300);

            assertThat(echoed).containsExactly(0);
            assertThat(run.story("once", 0))
                    .endsWith("CLOSE_RECEIVED 1005", "CLOSE_SENT 1005", "CLOSED 1005 server clean", "GAVE_UP");
        }
    }

    @ParameterizedTest
    @CsvSource({"masked, 1002", "reserved bits, 1002", "too big, 1009", "bad close, 1002", "bad reason, 1007"})
    void framesAgainstTheProtocolAreAnsweredWithACloseThatSaysSo(String what, int code) throws Exception {
        ConcurrentLinkedQueue<Integer> answered = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(
                    switch (what) {
                        case "masked" -> Peer.frame(0x81, 0x80, new byte[3]);
                        case "reserved bits" -> Peer.frame(0xF1, 0, new byte[3]);
                        case "too big" -> new byte[] {(byte) 0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0};
                        case "bad close" -> Peer.closeFrame(1006, "");
                        default -> Peer.frame(ScriptedServer.CLOSE, new byte[] {0x03, (byte) 0xE8, (byte) 0xff, 1});
                    });
            answered.add(peer.readClose().closeCode());
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("once", 1, "", On1010.STOP, 0))
                    .run(server.port(), 300);

            assertThat(answered).containsExactly(code);
            assertThat(run.story("once", 0)).endsWith("CLOSED " + code + " client eof", "GAVE_UP");
        }
    }

    @ParameterizedTest
    @CsvSource({"reset, network reset", "eof, network eof"})
    void lossWithoutACloseIs1006AndTellsResetFromEnd(String how, String detail) throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(Peer.frame(ScriptedServer.PING, new byte[] {7}));
            assertThat(peer.readFrame().opcode()).isEqualTo(ScriptedServer.PONG);
            if (how.equals("reset")) {
                peer.reset();
            }
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.deflate("once", 1, "", On1010.STOP, 0))
                    .run(server.port(), 300);

            assertThat(server.failures).isEmpty();
            assertThat(run.story("once", 0)).endsWith("READY", "CLOSED 1006 " + detail, "GAVE_UP");
        }
    }
}
