package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a server does, each attempt and each connection ends once, and every virtual user is let go. */
@Timeout(30)
class HostileServerTest {

    private static final long SEED = Long.getLong("squall.seed", System.nanoTime());

    @TempDir
    Path folder;

    private static void misbehave(ScriptedServer.Peer peer, Random random) throws Exception {
        byte[] noise = new byte[1 + random.nextInt(400)];
        random.nextBytes(noise);
        switch (random.nextInt(12)) {
            case 0 -> peer.write(noise);
            case 1 -> peer.reset();
            case 2 -> {
                peer.readRequest();
                byte[] upgrade = peer.upgrade();
                peer.write(java.util.Arrays.copyOf(upgrade, random.nextInt(upgrade.length)));
            }
            case 3 -> {
                peer.readRequest();
                byte[] upgrade = peer.upgrade();
                upgrade[random.nextInt(upgrade.length)] ^= (byte) (1 << random.nextInt(8));
                peer.write(upgrade, noise);
            }
            case 4 -> {
                peer.readRequest();
                peer.write(peer.upgrade(), noise);
                peer.endsWithin(50);
            }
            case 5 -> {
                peer.open("Sec-WebSocket-Extensions: permessage-deflate");
                noise[0] = (byte) 0xC2;
                peer.write(ScriptedServer.Peer.frame(0xC2, 0, noise)); // Compressed, it says.
                peer.endsWithin(50);
            }
            case 6 -> {
                peer.open();
                peer.write(ScriptedServer.Peer.closeFrame(1012, ""), noise);
                peer.reset();
            }
            case 7 -> {
                peer.open("Sec-WebSocket-Extensions: " + (random.nextBoolean() ? "\"" : "permessage-deflate; a=1"));
                peer.endsWithin(50);
            }
            case 8 -> {
                peer.open();
                peer.endsWithin(100 + random.nextInt(300)); // Mute; then the end without a Close.
            }
            case 9 -> {
                peer.readRequest();
                peer.write("HTTP/1.1 503 \r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII), noise);
            }
            case 10 -> {
                peer.open();
                peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
                peer.readClose();
                peer.endsWithin(400); // Longer than the closing timeout.
            }
            default -> {
                peer.open("Sec-WebSocket-Extensions: permessage-deflate");
                peer.echoUntilClose();
            }
        }
    }

    private static Population population(String name, String require, On1010 on1010) {
        ReconnectPolicy policy = new ReconnectPolicy("test", 0, 100_000, 1.2, 200_000, Jitter.FULL, false, 30, 50_000);
        return new Population(
                0,
                name,
                60,
                300_000,
                List.of("permessage-deflate"),
                require.isEmpty() ? List.of() : List.of(require),
                on1010,
                new Message(20_000, 100),
                policy);
    }

    @Test
    void everyAttemptEndsExactlyOnce() throws Exception {
        try (ScriptedServer server =
                new ScriptedServer((peer, n) -> misbehave(peer, new Random(SEED + n * 0x9e3779b97f4a7c15L)))) {
            TestRun run = new TestRun(folder)
                    .with(population("lenient", "", On1010.STOP))
                    .with(population("retry", "permessage-deflate", On1010.RETRY))
                    .with(population("without", "permessage-deflate", On1010.RETRY_WITHOUT))
                    .connectWithin(300_000)
                    .limits(l -> new Plan.Limits(300_000, 200_000, l.nodeClosingMicros(), 1_500_000))
                    .run(server.port(), 3000);

            String seed = "seed " + SEED + " (-Dsquall.seed=" + SEED + ")";
            Map<String, List<TestRun.Row>> connections = run.rows().stream()
                    .filter(r -> !r.connection().isEmpty())
                    .collect(Collectors.groupingBy(r -> r.population() + "/" + r.client() + "/" + r.connection()));
            assertThat(connections).as(seed).hasSizeGreaterThan(500);
            connections.forEach((name, rows) -> {
                long opened = count(rows, "OPENED");
                long failed = count(rows, "FAILED");
                long closed = count(rows, "CLOSED");
                // Mostly by a 1010; where the connection broke under that, by whatever it broke.
                boolean left = opened == 0
                        && closed == 1
                        && rows.stream().anyMatch(r -> r.text().matches("NEGOTIATED 101 .*=mis.*"));
                boolean dropped = rows.get(rows.size() - 1).event().equals("CONNECTING"); // By the closing phase.
                assertThat(opened + failed + (left ? 1 : 0) + (dropped ? 1 : 0))
                        .as("%s %s %s", seed, name, rows)
                        .isEqualTo(1);
                assertThat(closed).as("%s %s %s", seed, name, rows).isEqualTo(left ? 1 : opened);
                assertThat(count(rows, "CONNECTING")).as("%s %s", seed, name).isEqualTo(1);
                assertThat(count(rows, "CLOSE_SENT")).as("%s %s", seed, name).isLessThanOrEqualTo(1);
            });
            Map<String, Long> ends = run.rows().stream()
                    .filter(r -> r.event().equals("FINISHED") || r.event().equals("GAVE_UP"))
                    .collect(Collectors.groupingBy(r -> r.population() + "/" + r.client(), Collectors.counting()));
            assertThat(ends)
                    .as(seed)
                    .hasSize(180)
                    .allSatisfy((client, n) -> assertThat(n).isEqualTo(1));
            assertThat(run.rows("CLOSED")).as(seed).allMatch(r -> r.longValue() >= 0);
        }
    }

    private static long count(List<TestRun.Row> rows, String event) {
        return rows.stream().filter(r -> r.event().equals(event)).count();
    }
}
