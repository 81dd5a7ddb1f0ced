package dev.squall.node;

import static dev.squall.journal.JournalEvent.ACCEPTED;
import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.NEGOTIATED;
import static dev.squall.journal.JournalEvent.PONG_RECEIVED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.JournalWriter;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that do not get as far as a connection, or that go away at any point of it. */
class AbusedHandshakeTest extends ServerTest {

    private static final String REQUEST = "GET /echo HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private final Logged logged = new Logged();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @AfterEach
    void aGoodClientIsServedAndNothingWasLogged() throws IOException {
        try (RawClient good = RawClient.open(port, "people/99/1", "permessage-deflate")) {
            good.text("hello");
            assertThat(good.read().opcode()).isEqualTo(RawClient.TEXT);
        }
        logged.close();
        assertThat(logged.records()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\n", "G", "GET /echo HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\n", REQUEST})
    void who_does_not_ask_in_time_is_told_so_and_dropped(String half) throws Exception {
        start(new Plans(Plans.freePort()).handshakeMillis(300).build());
        long from = System.nanoTime();
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii(half));
            RawClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(408);
            assertThat(response.header("connection")).isEqualTo("close");
            client.readEnd();
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from)).isBetween(250L, 2_000L);
        assertThat(rows.await(1, REJECTED)).singleElement().satisfies(row -> {
            assertThat(row.code()).isEqualTo(408);
            assertThat(row.detail()).isEqualTo("handshake-timeout");
            assertThat(row.connection()).isEqualTo(JournalWriter.NONE);
        });
        assertThat(rows.of(ACCEPTED)).isEmpty();
    }

    @Test
    void a_request_in_drips_does_not_prolong_its_time() throws Exception {
        start(new Plans(Plans.freePort()).handshakeMillis(400).build());
        try (RawClient client = RawClient.dial(port)) {
            long from = System.nanoTime();
            client.send(ascii(REQUEST));
            for (int i = 0; i < 20 && rows.of(REJECTED).isEmpty(); i++) {
                client.send(ascii("X-" + i + ": drip\r\n"));
                TimeUnit.MILLISECONDS.sleep(50); // The drip.
            }
            rows.await(1, REJECTED);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from)).isLessThan(1_500);
        } catch (SocketException reset) {
            assertThat(rows.await(1, REJECTED)).hasSize(1); // A drip met a closed socket.
        }
    }

    @Test
    void who_asks_in_time_is_not_dropped_later() throws Exception {
        start(new Plans(Plans.freePort()).handshakeMillis(200).capacity(2, 10).build());
        try (RawClient first = RawClient.open(port, "people/0/1");
                RawClient queued = RawClient.dial(port)) {
            assertThat(queued.handshake("people/1/1").status()).isEqualTo(101); // After half a second.
            assertThat(first.isSilentFor(300)).isTrue();
            queued.text("hello");
            assertThat(queued.read().text()).isEqualTo("hello");
        }
        assertThat(rows.of(REJECTED)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10", "Transfer-Encoding: chunked"})
    void a_handshake_with_a_body_is_refused_at_once(String body) throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii(REQUEST + body + "\r\n\r\n"));
            assertThat(client.response().status()).isEqualTo(400);
            client.readEnd();
        }
        assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("malformed-handshake");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sec-WebSocket-Version: 0\r\n", "Sec-WebSocket-Version: 8\r\n"})
    void versions_before_the_rfc_are_refused(String version) throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii(REQUEST.replace("Sec-WebSocket-Version: 13\r\n", version) + "\r\n"));
            RawClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(426);
            assertThat(response.header("Sec-WebSocket-Version")).isEqualTo("13");
            client.readEnd();
        }
        assertThat(rows.of(NEGOTIATED)).isEmpty();
    }

    @Test
    void lines_and_headers_without_end_are_refused() throws Exception {
        start(new Plans(Plans.freePort()).build());
        assertThat(statusOf("GET /" + "x".repeat(100_000))).isEqualTo(414);
        assertThat(statusOf("GET / HTTP/1.1\r\nHost: " + "x".repeat(100_000))).isEqualTo(431);
        assertThat(statusOf("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(10_000))).isEqualTo(431);
        assertThat(statusOf("\u0016\u0003\u0001\u0002 as TLS begins\r\n\r\n")).isEqualTo(400);
        assertThat(statusOf(REQUEST.replace("/echo", "/%zz?%zz=%") + "Cookie: =;;=\r\n\r\n"))
                .isIn(101, 400);
        assertThat(statusOf(REQUEST.replace("GET", "POST") + "\r\n")).isEqualTo(405);
        assertThat(statusOf(REQUEST.replace("HTTP/1.1", "HTTP/1.0") + "\r\n")).isLessThan(500);
        assertThat(statusOf(REQUEST + "Sec-WebSocket-Extensions: ;;;=\r\n\r\n")).isEqualTo(400);
        assertThat(statusOf(REQUEST + "Sec-WebSocket-Protocol: ,,\r\n\r\n")).isEqualTo(101);
        assertThat(statusOf(REQUEST + "Sec-WebSocket-Protocol: \u00ff\u0007\r\n\r\n"))
                .isIn(0, 101, 400);
    }

    /** 0 where TCP ended instead: what is not read when a socket is closed makes it reset. */
    private int statusOf(String request) throws IOException {
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii(request));
            return client.response().status();
        } catch (EOFException | SocketException ended) {
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /echo HTTP/1.1\r\nHost: squall\r\n\r\n",
                REQUEST + "\r\n",
                "\u0081\u0085abcdhello",
                "garbage"
            })
    void data_before_the_101_ends_the_connection(String data) throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii(REQUEST + "\r\n" + data));
            assertThat(client.response().status()).isEqualTo(101);
            RawClient.Frame close = client.read();
            assertThat(close.code()).isEqualTo(1002);
            assertThat(close.reason()).isEqualTo("data before the handshake response");
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSED).get(0).code()).isEqualTo(1002);
        assertThat(rows.of(CLOSE_SENT)).hasSize(1);
    }

    @Test
    void data_before_a_101_that_must_wait_ends_the_connection() throws Exception {
        start(new Plans(Plans.freePort()).capacity(4, 10).build());
        try (RawClient first = RawClient.open(port, "people/0/1");
                RawClient client = RawClient.dial(port)) {
            client.send(ascii(REQUEST + "\r\n"));
            rows.await(2, ACCEPTED);
            for (int i = 0; i < 100; i++) {
                client.send(ascii(REQUEST + "\r\n"));
            }
            assertThat(client.response().status()).isEqualTo(101);
            assertThat(client.read().code()).isEqualTo(1002);
            client.readEnd();
            first.text("hello");
            assertThat(first.read().text()).isEqualTo("hello");
        }
        assertThat(rows.of(ACCEPTED)).hasSize(2);
    }

    @Test
    void pages_are_answered_once_a_connection() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(ascii("GET / HTTP/1.1\r\nHost: squall\r\nConnection: keep-alive\r\n\r\n".repeat(1_000)));
            RawClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("connection")).isEqualTo("close");
            assertThat(client.isSilentFor(1_000)).isFalse();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset"); // The other 999 were not read.
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void a_reset_in_any_phase_ends_nobody_else(int phase) throws Exception {
        MockServer server =
                start(new Plans(Plans.freePort()).capacity(20, 1_000).build());
        byte[] message = RawClient.frame(true, false, RawClient.TEXT, new byte[300_000]);
        for (int i = 0; i < 20; i++) {
            RawClient client = RawClient.dial(port);
            if (phase == 1) {
                client.send(ascii("GET / HT"));
            } else if (phase == 2) {
                client.request("people/" + i + "/1");
            } else if (phase >= 3 && i < 5) {
                client.handshake("people/" + i + "/1", "permessage-deflate");
                if (phase == 3) {
                    client.send(java.util.Arrays.copyOf(message, 1));
                } else if (phase == 4) {
                    client.send(java.util.Arrays.copyOf(message, 200_000));
                } else if (phase == 5) {
                    client.send(message);
                } else {
                    client.sendClose(1000, "");
                }
            }
            client.reset();
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (server.open() > 0
                || rows.of(CLOSED).size() + rows.of(REJECTED).size()
                        < rows.of(ACCEPTED).size()) {
            assertThat(System.nanoTime())
                    .as("some are still here: %s", rows.all())
                    .isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void pongs_that_nobody_asked_for_are_not_written_down() throws Exception {
        start(new Plans(Plans.freePort()).serving("address", 100).build());
        try (RawClient client = RawClient.open(port, null)) {
            for (int i = 0; i < 500; i++) {
                client.send(RawClient.PONG, new byte[8]);
            }
            RawClient.Frame ping = client.read();
            assertThat(ping.opcode()).isEqualTo(RawClient.PING);
            for (int i = 0; i < 500; i++) {
                client.send(RawClient.PONG, ping.payload());
            }
            client.sendClose(1000, "");
            rows.await(1, CLOSED);
        }
        List<Recorder.Row> pongs = rows.of(PONG_RECEIVED);
        assertThat(pongs).isNotEmpty();
        assertThat(pongs.size()).isLessThan(50);
    }
}
