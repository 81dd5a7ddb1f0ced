package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Peer;
import dev.squall.client.ScriptedServer.Script;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Timeouts;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave, and those that come in their place. */
@Timeout(20)
class StayTest {

    private static final byte[] UNAVAILABLE =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private static final Script ECHO = (peer, n) -> {
        peer.open();
        peer.echoUntilClose();
    };

    @TempDir
    Path folder;

    private static Population staying(int clients, boolean closed, long stayMillis, ReconnectPolicy policy) {
        Arrivals.Stay stay = stayMillis == 0 ? null : new Arrivals.Stay(stayMillis * 1000, stayMillis * 1000);
        return new Population(
                0,
                "phones",
                clients,
                new Arrivals(List.of(), false, closed, stay),
                Request.PLAIN,
                Timeouts.DEFAULT,
                List.of(),
                List.of(),
                On1010.STOP,
                null,
                0,
                null,
                null,
                Mix.of(policy));
    }

    private TestRun run(Script script, Population population, long millis) throws Exception {
        try (ScriptedServer server = new ScriptedServer(script)) {
            return new TestRun(folder).with(population).run(server.port(), millis);
        }
    }

    @Test
    void aClientWhoseStayIsOverSaysSoAndIsGone() throws Exception {
        TestRun run = run(ECHO, staying(1, false, 100, TestRun.policy(5)), 400);

        assertThat(run.story("phones", 0))
                .containsExactly(
                        "ARRIVED",
                        "CONNECTING",
                        "OPENED",
                        "READY",
                        "CLOSE_SENT 1000",
                        "CLOSE_RECEIVED 1000",
                        "CLOSED 1000 client clean",
                        "FINISHED left");
        long stayed = run.rows("CLOSE_SENT").get(0).micros()
                - run.rows("READY").get(0).micros();
        assertThat(stayed).isBetween(100_000L, 200_000L);
        assertThat(run.status()).contains("finished=1").contains("open=0");
    }

    @Test
    void aStayGoesOnWhileTheClientReconnectsAndEndsAlsoWhileItWaits() throws Exception {
        Script refusesTheSecond = (peer, n) -> {
            if (n == 2) {
                peer.readRequest();
                peer.write(UNAVAILABLE);
                return;
            }
            peer.open();
            peer.write(Peer.closeFrame(1012, ""));
            peer.readClose();
        };
        // Back at 50 ms and refused; the next try would be at 150 ms.
        TestRun run = run(refusesTheSecond, staying(1, false, 120, TestRun.policy(5)), 400);

        assertThat(run.story("phones", 0))
                .endsWith("WAITING", "CONNECTING", "FAILED 503 http-503", "WAITING", "FINISHED left");
    }

    @Test
    void aStayEndsAlsoWhileTheClientConnects() throws Exception {
        Script silentAtTheSecond = (peer, n) -> {
            if (n == 2) {
                peer.readRequest();
                peer.endsWithin(2000);
                return;
            }
            peer.open();
            peer.write(Peer.closeFrame(1012, ""));
            peer.readClose();
        };
        TestRun run = run(silentAtTheSecond, staying(1, false, 120, TestRun.policy(5)), 400);

        assertThat(run.story("phones", 0)).endsWith("WAITING", "CONNECTING", "FINISHED left");
        assertThat(run.rows("FINISHED").get(0).micros()).isLessThan(400_000);
    }

    @Test
    void inTheClosedModelANewClientTakesThePlaceOfEachThatLeaves() throws Exception {
        TestRun run = run(ECHO, staying(3, true, 60, TestRun.policy(5)), 600);

        for (int place = 0; place < 3; place++) {
            String client = Integer.toString(place);
            List<String> arrivals = run.rows("ARRIVED").stream()
                    .filter(row -> row.client().equals(client))
                    .map(TestRun.Row::attempt)
                    .toList();
            assertThat(arrivals)
                    .as("place %d", place)
                    .hasSizeBetween(2, 10)
                    .isEqualTo(IntStream.range(0, arrivals.size())
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(run.rows("CONNECTING").stream()
                            .filter(row -> row.client().equals(client))
                            .map(TestRun.Row::connection))
                    .as("connections count on")
                    .startsWith("1", "2")
                    .doesNotHaveDuplicates();
            assertThat(String.join(" ", run.story("phones", place)).replaceAll("(OPENED|READY|CLOSE\\w+ \\S+) ?", ""))
                    .as("one at a time, the last of them until the end")
                    .matches("(ARRIVED CONNECTING client clean FINISHED left )+"
                            + "ARRIVED CONNECTING (client clean )?FINISHED (end|left)");
        }
        assertThat(run.status()).contains("arrived=" + run.rows("ARRIVED").size());
    }

    @Test
    void aPlaceWhoseClientsAllGiveUpDoesNotSpin() throws Exception {
        ReconnectPolicy never = new ReconnectPolicy("never", 0, 0, 1, 0, Jitter.NONE, false, 0, 0);
        Script busy = (peer, n) -> {
            peer.readRequest();
            peer.write(UNAVAILABLE);
        };
        TestRun run = run(busy, staying(10, true, 0, never), 600);

        List<TestRun.Row> arrived = run.rows("ARRIVED");
        // Ten at first, and after 10 ms to 1.01 s each the next: about 5 within the time that is left.
        assertThat(arrived).hasSizeBetween(12, 30);
        assertThat(run.rows("GAVE_UP")).hasSameSizeAs(arrived);
        assertThat(arrived.stream().filter(row -> !row.attempt().equals("0"))).allSatisfy(row -> {
            long gone = run.rows("GAVE_UP").stream()
                    .filter(earlier -> earlier.client().equals(row.client()) && earlier.micros() < row.micros())
                    .mapToLong(TestRun.Row::micros)
                    .max()
                    .orElseThrow();
            assertThat(row.micros() - gone).isGreaterThanOrEqualTo(Arrivals.SUCCESSION_MICROS);
        });
    }
}
