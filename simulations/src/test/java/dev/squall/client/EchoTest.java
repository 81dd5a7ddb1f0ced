package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class EchoTest {

    @TempDir
    Path folder;

    private static Population talking(long everyMicros, int bytes) {
        return new Population(
                0,
                "talking",
                1,
                1000,
                List.of(),
                List.of(),
                On1010.STOP,
                new Message(everyMicros, bytes),
                TestRun.policy(1));
    }

    private static Histogram read(Path file) throws Exception {
        Histogram all = new Histogram(3);
        try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
            for (var one = reader.nextIntervalHistogram(); one != null; one = reader.nextIntervalHistogram()) {
                assertThat(one.getTag()).isEqualTo("echo.talking");
                all.add((Histogram) one);
            }
        }
        return all;
    }

    @Test
    void latencyCountsFromTheIntendedTimeOfEachMessage() throws Exception {
        ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            // Answers the first message a while after six were due: they waited 600, 500, ... 100 ms.
            sizes.add(peer.readFrame().payload().length);
            assertThat(new CountDownLatch(1).await(550, TimeUnit.MILLISECONDS)).isFalse();
            peer.write(ScriptedServer.Peer.frame(ScriptedServer.BINARY, new byte[64]));
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder).with(talking(100_000, 64)).run(server.port(), 1200);

            Histogram echoes = read(run.latencies());
            assertThat(sizes).containsExactly(64);
            assertThat(echoes.getTotalCount()).isBetween(9L, 12L);
            assertThat(echoes.getMaxValue()).isBetween(540_000L, 700_000L);
            // Six of them waited, not one: that is what a client which waits for its echo would have hidden.
            assertThat(echoes.getTotalCount() - echoes.getCountBetweenValues(0, 90_000))
                    .isBetween(5L, 8L);
        }
    }

    @Test
    void messagesThatTheSocketDoesNotTakeWaitAsANumberAndAreCountedAsUnanswered() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            assertThat(end.await(10, TimeUnit.SECONDS)).isTrue(); // Reads nothing: the socket's buffers fill.
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(1000, 500_000))
                    .limits(l -> new Plan.Limits(l.handshakeMicros(), 300_000, l.nodeClosingMicros(), 1_000_000))
                    .run(server.port(), 700);
            end.countDown();

            assertThat(run.status()).containsPattern("unanswered=[67]\\d\\d\\b").contains("echoes=0");
            // They stay in the figures: as values that never came.
            assertThat(read(run.latencies()).getValueAtPercentile(1)).isGreaterThanOrEqualTo(LatencyLog.MAX_MICROS);
            assertThat(run.story("talking", 0)).endsWith("CLOSED 1006 network timeout", "FINISHED end");
        }
    }

    @Test
    void messagesOfTheServersOwnAreNoEchoes() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            for (int i = 0; i < 5; i++) {
                peer.write(ScriptedServer.Peer.frame(ScriptedServer.TEXT, new byte[] {'x'}));
            }
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder).with(talking(10_000_000, 64)).run(server.port(), 300);
            assertThat(run.status()).contains("echoes=0");
        }
    }

    @Test
    void whatAServerSaysByItselfIsNoEcho() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            for (int i = 0; i < 5; i++) {
                peer.write(ScriptedServer.Peer.frame(ScriptedServer.TEXT, "ticker".getBytes(StandardCharsets.UTF_8)));
            }
            peer.readFrame();
            peer.write(ScriptedServer.Peer.frame(ScriptedServer.TEXT, "ticker".getBytes(StandardCharsets.UTF_8)));
            peer.waitForEnd();
        })) {
            TestRun run = new TestRun(folder).with(talking(100_000, 64)).run(server.port(), 500);

            // None of them came: each stands as one that never will.
            assertThat(read(run.latencies()).getMinValue()).isGreaterThan(TimeUnit.MINUTES.toMicros(59));
        }
    }
}
