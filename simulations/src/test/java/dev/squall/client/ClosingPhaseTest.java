package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Peer;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ClosingPhaseTest {

    @TempDir
    Path folder;

    private static Population waiting(String name, int clients) {
        ReconnectPolicy late =
                new ReconnectPolicy("late", 60_000_000, 60_000_000, 1, 60_000_000, Jitter.NONE, false, 9, 0);
        return new Population(0, name, clients, 1000, List.of(), List.of(), On1010.STOP, null, late);
    }

    @Test
    void everyClientLeavesWhereverItStands() throws Exception {
        ConcurrentLinkedQueue<Integer> codes = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            if (peer.headers.get("squall-connection").startsWith("open/")) {
                peer.write(peer.upgrade());
                codes.add(peer.echoUntilClose().closeCode());
            } else if (peer.headers.get("squall-connection").startsWith("lost/")) {
                peer.write(peer.upgrade());
                peer.reset();
            } else {
                peer.waitForEnd(); // connecting, to the end
            }
        })) {
            Population never = new Population(
                    0, "never", 50, 600_000_000, List.of(), List.of(), On1010.STOP, null, TestRun.policy(1));
            TestRun run = new TestRun(folder)
                    .with(TestRun.population("open", 100))
                    .with(TestRun.population("connecting", 5))
                    .with(waiting("lost", 5))
                    .with(never)
                    .run(server.port(), 500);

            assertThat(codes).hasSize(100).containsOnly(1000);
            assertThat(run.rows("FINISHED")).hasSize(110).allMatch(r -> r.micros() >= 500_000);
            assertThat(run.story("connecting", 0)).containsExactly("ARRIVED", "CONNECTING", "FINISHED end");
            assertThat(run.story("lost", 0)).endsWith("CLOSED 1006 network reset", "WAITING", "FINISHED end");
            assertThat(run.rows("ARRIVED")).hasSize(110);
            assertThat(run.rows("CLOSE_SENT")).hasSize(100).allMatch(r -> r.micros() >= 500_000);
            assertThat(run.status()).contains("arrived=110").contains("open=0").contains("finished=110");
        }
    }

    @Test
    void closesAreSpreadInOrderOfIndex() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        })) {
            TestRun run =
                    new TestRun(folder).with(TestRun.population("open", 500)).run(server.port(), 1500);

            List<TestRun.Row> sent = run.rows("CLOSE_SENT");
            assertThat(sent).hasSize(500);
            // 500 clients, 100 us each: 50 ms.
            assertThat(sent.get(499).micros() - sent.get(0).micros()).isBetween(45_000L, 400_000L);
            Set<String> firstHalf =
                    sent.subList(0, 200).stream().map(TestRun.Row::client).collect(Collectors.toSet());
            assertThat(firstHalf).allMatch(client -> Integer.parseInt(client) < 300);
        }
    }

    @Test
    void serverThatNeverAnswersIsDroppedAtTheEndOfThePhase() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.waitForEnd();
        })) {
            TestRun run = new TestRun(folder)
                    .with(TestRun.population("mute", 20))
                    .limits(l -> new Plan.Limits(l.handshakeMicros(), 60_000_000, l.nodeClosingMicros(), 600_000))
                    .run(server.port(), 300);

            assertThat(run.rows("CLOSED"))
                    .hasSize(20)
                    .allMatch(r -> r.text().equals("CLOSED 1000 client timeout"))
                    .allMatch(r -> r.micros() >= 900_000 && r.micros() < 1_500_000);
            assertThat(run.rows("FINISHED")).hasSize(20);
        }
    }

    @Test
    void aClientThatBecomesReadyInTheClosingPhaseStillLeavesInItsTurn() throws Exception {
        Dialogue greeting = new Dialogue(null, null, 5_000_000);
        Population never = new Population(
                0, "never", 4000, 600_000_000, List.of(), List.of(), On1010.STOP, null, TestRun.policy(1));
        Population plain = TestRun.population("greeted", 1);
        Population greeted = new Population(
                1,
                plain.name(),
                plain.clients(),
                plain.arrivals(),
                plain.request(),
                plain.timeouts(),
                plain.offer(),
                plain.require(),
                plain.on1010(),
                greeting,
                plain.holdMicros(),
                plain.message(),
                plain.ping(),
                plain.reconnect());
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.endsWithin(250); // The closing phase begins at 100 ms; this client's turn is 400 ms later.
            peer.write(Peer.frame(ScriptedServer.TEXT, "hello".getBytes(StandardCharsets.US_ASCII)));
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder).with(never).with(greeted).run(server.port(), 100);

            assertThat(run.story("greeted", 0))
                    .endsWith(
                            "READY",
                            "CLOSE_SENT 1000",
                            "CLOSE_RECEIVED 1000",
                            "CLOSED 1000 client clean",
                            "FINISHED end");
            assertThat(run.rows("CLOSE_SENT").get(0).micros()).isBetween(500_000L, 1_500_000L);
        }
    }
}
