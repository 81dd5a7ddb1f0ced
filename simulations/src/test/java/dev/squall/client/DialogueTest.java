package dev.squall.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Frame;
import dev.squall.client.ScriptedServer.Peer;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Message;
import dev.squall.plan.Population;
import dev.squall.plan.Timeouts;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class DialogueTest {

    private static final Dialogue WELCOME =
            new Dialogue("I am #{population}/#{client}/#{connection}", "welcome #{client}", 5_000_000);

    @TempDir
    Path folder;

    private static Population talking(Dialogue ready, @Nullable Message message, ReconnectPolicy policy) {
        return TestRun.conversing(List.of(), Timeouts.DEFAULT, ready, message, null, policy);
    }

    private static Population talking(Dialogue ready) {
        return talking(ready, null, TestRun.untilSentAway(50_000, false, ReconnectPolicy.UNLIMITED));
    }

    private static byte[] text(String text) {
        return Peer.frame(ScriptedServer.TEXT, text.getBytes(UTF_8));
    }

    private static String said(Frame frame) {
        return frame.opcode() + " " + new String(frame.payload(), UTF_8);
    }

    @Test
    void aClientIsReadyOnceWhatItWaitsForHasComeAndSendsNoMessageBefore() throws Exception {
        ConcurrentLinkedQueue<String> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            frames.add(said(peer.readFrame()));
            peer.write(text("welcome 1"));
            // Messages would be due by now.
            assertThat(new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS)).isFalse();
            // In two fragments, and a ping between them.
            peer.write(
                    Peer.frame(ScriptedServer.TEXT, 0, "you are welc".getBytes(UTF_8)),
                    Peer.frame(ScriptedServer.PING, "?".getBytes(UTF_8)),
                    Peer.frame(0x80, 0, "ome 0!".getBytes(UTF_8)));
            frames.add(said(peer.readFrame()));
            frames.add(said(peer.readFrame()));
            peer.sendAway();
        })) {
            Message message = new Message(10_000, false, false, 0, "message", null);
            TestRun run = new TestRun(folder)
                    .with(talking(WELCOME, message, TestRun.policy(0)))
                    .run(server.port(), 5000);

            assertThat(frames).containsExactly("1 I am talking/0/1", ScriptedServer.PONG + " ?", "1 message");
            assertThat(run.story("talking", 0)).containsSubsequence("OPENED", "READY", "CLOSED 1000 server clean");
            long opened = run.rows("OPENED").get(0).micros();
            assertThat(run.rows("READY").get(0).micros() - opened).isGreaterThan(95_000);
        }
    }

    @Test
    void whatMakesAClientReadyMayBeCompressed() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open("Sec-WebSocket-Extensions: permessage-deflate");
            peer.readFrame();
            Deflater deflater = new Deflater(6, true);
            deflater.setInput("welcome 0".getBytes(UTF_8));
            byte[] compressed = new byte[100];
            int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
            deflater.end();
            ByteArrayOutputStream cut = new ByteArrayOutputStream();
            cut.write(compressed, 0, length - 4); // RFC 7692 section 7.2.1
            peer.write(Peer.frame(0xc1, 0, cut.toByteArray()));
            peer.sendAway();
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.conversing(
                            List.of("permessage-deflate"), Timeouts.DEFAULT, WELCOME, null, null, TestRun.policy(0)))
                    .run(server.port(), 5000);

            assertThat(run.story("talking", 0)).containsSubsequence("OPENED", "READY", "CLOSED 1000 server clean");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {ScriptedServer.TEXT, ScriptedServer.BINARY})
    void whereNothingIsAwaitedAnyMessageMakesAClientReady(int opcode) throws Exception {
        ConcurrentLinkedQueue<String> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            frames.add(said(peer.readFrame()));
            peer.write(Peer.frame(opcode, new byte[] {'x'}));
            peer.sendAway();
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(new Dialogue("hello", null, 5_000_000)))
                    .run(server.port(), 5000);

            assertThat(frames).containsExactly("1 hello");
            assertThat(run.rows("READY")).hasSize(1);
        }
    }

    @Test
    void aClientThatHasNothingToSayWaits() throws Exception {
        ConcurrentLinkedQueue<String> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(Peer.frame(ScriptedServer.BINARY, "hello".getBytes(UTF_8)), text("hello"));
            peer.write(Peer.closeFrame(1000, ""));
            frames.add(String.valueOf(peer.readFrame().closeCode()));
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(new Dialogue(null, "hello", 5_000_000)))
                    .run(server.port(), 5000);

            assertThat(run.rows("READY")).hasSize(1);
            assertThat(frames).containsExactly("1000");
        }
    }

    @Test
    void aClientThatIsNotReadyInTimeLeavesWith4504AndComesBack() throws Exception {
        ConcurrentLinkedQueue<String> closes = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 2) {
                peer.write(text("hello"));
                peer.sendAway();
                return;
            }
            Frame close = peer.echoUntilClose();
            closes.add(close.closeCode() + " " + close.closeReason());
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(new Dialogue(null, "hello", 100_000)))
                    .run(server.port(), 5000);

            assertThat(closes).containsExactly("4504 not ready within 100 ms");
            assertThat(run.story("talking", 0))
                    .containsExactly(
                            "ARRIVED",
                            "CONNECTING",
                            "OPENED",
                            "CLOSE_SENT 4504 not ready within 100 ms",
                            "CLOSE_RECEIVED 4504 not ready within 100 ms",
                            "CLOSED 4504 client clean",
                            "WAITING",
                            "CONNECTING",
                            "OPENED",
                            "READY",
                            "CLOSE_RECEIVED 1000",
                            "CLOSE_SENT 1000",
                            "CLOSED 1000 server clean",
                            "GAVE_UP");
        }
    }

    /** After 20 ms, 40 ms, 80 ms; three failed tries at most. */
    private static ReconnectPolicy impatient(boolean provedWhenReady) {
        return TestRun.untilSentAway(20_000, provedWhenReady, 3);
    }

    @Test
    void whereAConnectionProvesItselfByBeingReadyDelaysGrowUntilTheClientGivesUp() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(new Dialogue("hello", "welcome", 50_000), null, impatient(true)))
                    .run(server.port(), 5000);

            assertThat(run.rows("WAITING")).extracting(TestRun.Row::value).containsExactly("20000", "40000");
            assertThat(run.rows("WAITING")).extracting(TestRun.Row::attempt).containsExactly("1", "2");
            assertThat(run.story("talking", 0)).endsWith("CLOSED 4504 client clean", "GAVE_UP");
        }
    }

    @Test
    void whereItProvesItselfByOpeningEachDelayIsTheFirst() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 4) {
                peer.sendAway();
            } else {
                peer.echoUntilClose();
            }
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(new Dialogue("hello", "welcome", 50_000), null, impatient(false)))
                    .run(server.port(), 5000);

            assertThat(run.rows("WAITING"))
                    .hasSize(3)
                    .allMatch(r -> r.value().equals("20000") && r.attempt().equals("0"));
        }
    }

    @Test
    void aServerThatClosesDuringADialogueIsALossAndTheNextConnectionBeginsAnew() throws Exception {
        ConcurrentLinkedQueue<String> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            frames.add(said(peer.readFrame()));
            if (n == 1) {
                peer.write(Peer.closeFrame(1013, "later"));
                peer.readClose();
            } else {
                peer.write(text("welcome 0"));
                peer.sendAway();
            }
        })) {
            TestRun run = new TestRun(folder).with(talking(WELCOME)).run(server.port(), 5000);

            assertThat(frames).containsExactly("1 I am talking/0/1", "1 I am talking/0/2");
            assertThat(run.story("talking", 0))
                    .containsSubsequence(
                            "OPENED", "CLOSE_RECEIVED 1013 later", "CLOSED 1013 server clean", "WAITING", "READY");
            assertThat(run.rows("READY")).hasSize(1);
        }
    }

    @Test
    void theEndOfTheRunEndsADialogue() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder).with(talking(WELCOME)).run(server.port(), 600);

            assertThat(run.story("talking", 0))
                    .endsWith("CLOSE_SENT 1000", "CLOSE_RECEIVED 1000", "CLOSED 1000 client clean", "FINISHED end");
            assertThat(run.rows("READY")).isEmpty();
        }
    }
}
