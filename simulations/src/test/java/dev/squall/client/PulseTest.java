package dev.squall.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Frame;
import dev.squall.client.ScriptedServer.Peer;
import dev.squall.journal.LatencyLog;
import dev.squall.plan.Ping;
import dev.squall.plan.Population;
import dev.squall.plan.Timeouts;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class PulseTest {

    private static final String PINGS = "ping.talking";

    @TempDir
    Path folder;

    private static Population pinging(@Nullable Ping ping, long idleMicros) {
        Timeouts timeouts = new Timeouts(1_000_000, 1_000_000, idleMicros);
        return TestRun.conversing(
                List.of(), timeouts, null, null, ping, TestRun.untilSentAway(50_000, false, ReconnectPolicy.UNLIMITED));
    }

    private static byte[] pong(byte[] payload) {
        return Peer.frame(ScriptedServer.PONG, payload);
    }

    @Test
    void pingsAreNumberedAndEachPongIsTimed() throws Exception {
        ConcurrentLinkedQueue<Long> numbers = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            for (int i = 0; i < 3; i++) {
                Frame ping = peer.readFrame(); // It refuses a frame that is not masked.
                assertThat(ping.opcode()).isEqualTo(ScriptedServer.PING);
                numbers.add(ByteBuffer.wrap(ping.payload()).getLong());
                peer.write(pong(ping.payload()));
            }
            peer.sendAway();
        })) {
            TestRun run =
                    new TestRun(folder).with(pinging(new Ping(50_000, 0), 0)).run(server.port(), 5000);

            assertThat(server.failures).isEmpty();
            assertThat(List.copyOf(numbers)).hasSize(3).isSorted().doesNotHaveDuplicates();
            assertThat(run.latencies(PINGS).getCountBetweenValues(0, 1_000_000)).isEqualTo(Collections.max(numbers));
        }
    }

    @Test
    void theLastPongAnswersAllPingsBeforeItAndEachCountsFromItsOwnTime() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            Frame last = peer.readFrame();
            while (ByteBuffer.wrap(last.payload()).getLong() < 5) {
                last = peer.readFrame();
            }
            peer.write(pong(last.payload()));
            peer.sendAway();
        })) {
            TestRun run =
                    new TestRun(folder).with(pinging(new Ping(50_000, 0), 0)).run(server.port(), 5000);

            Histogram pings = run.latencies(PINGS);
            assertThat(pings.getCountBetweenValues(0, 2_000_000)).isGreaterThanOrEqualTo(5);
            assertThat(pings.getCountBetweenValues(48_000, 2_000_000)).isGreaterThanOrEqualTo(4);
            assertThat(pings.getCountBetweenValues(198_000, 2_000_000)).isGreaterThanOrEqualTo(1);
        }
    }

    @Test
    void pingsWithoutAPongOfTheirOwnNeverHaveOne() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            byte[] ofNoPing = ByteBuffer.allocate(Long.BYTES).putLong(1000).array();
            for (int i = 0; i < 3; i++) {
                peer.readFrame();
                peer.write(pong("?".getBytes(UTF_8)), pong(new byte[0]), pong(ofNoPing));
            }
            peer.sendAway();
        })) {
            TestRun run =
                    new TestRun(folder).with(pinging(new Ping(50_000, 0), 0)).run(server.port(), 5000);

            assertThat(run.latencies(PINGS).getTotalCount()).isGreaterThanOrEqualTo(3);
            assertThat(run.latencies(PINGS).getMinValue()).isGreaterThan(LatencyLog.MAX_MICROS * 9 / 10);
            assertThat(run.rows("CLOSED")).extracting(TestRun.Row::code).containsExactly("1000");
        }
    }

    @Test
    void aPongThatDoesNotComeInTimeEndsTcpAndTheClientComesBack() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 1) {
                peer.waitForEnd();
            } else {
                peer.write(pong(peer.readFrame().payload()));
                peer.sendAway();
            }
        })) {
            TestRun run = new TestRun(folder)
                    .with(pinging(new Ping(50_000, 250_000), 0))
                    .run(server.port(), 5000);

            assertThat(run.story("talking", 0))
                    .containsExactly(
                            "ARRIVED",
                            "CONNECTING",
                            "OPENED",
                            "READY",
                            "CLOSED 1006 network timeout",
                            "WAITING",
                            "CONNECTING",
                            "OPENED",
                            "READY",
                            "CLOSE_RECEIVED 1000",
                            "CLOSE_SENT 1000",
                            "CLOSED 1000 server clean",
                            "GAVE_UP");
            // From the intended time of the first ping, which is due within a period.
            long open = run.rows("CLOSED").get(0).micros()
                    - run.rows("OPENED").get(0).micros();
            assertThat(open).isBetween(250_000L, 600_000L);
            Histogram pings = run.latencies(PINGS);
            assertThat(pings.getTotalCount() - pings.getCountBetweenValues(0, 1_000_000))
                    .as("those lost with the first connection")
                    .isBetween(5L, 12L);
        }
    }

    @Test
    void aServerThatIsSilentForTooLongIsTakenForGone() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            if (n == 1) {
                peer.waitForEnd();
                return;
            }
            // One byte is a sign of life, too.
            byte[] message = Peer.frame(ScriptedServer.TEXT, new byte[40]);
            for (byte b : message) {
                peer.write(new byte[] {b});
                assertThat(new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS))
                        .isFalse();
            }
            peer.sendAway();
        })) {
            TestRun run = new TestRun(folder).with(pinging(null, 300_000)).run(server.port(), 5000);

            assertThat(run.story("talking", 0))
                    .containsSubsequence(
                            "READY",
                            "CLOSED 1006 network timeout",
                            "WAITING",
                            "OPENED",
                            "READY",
                            "CLOSED 1000 server clean");
            assertThat(run.rows("OPENED")).hasSize(2);
            assertThat(run.rows("CLOSED").get(0).longValue()).isBetween(299_000L, 600_000L);
        }
    }
}
