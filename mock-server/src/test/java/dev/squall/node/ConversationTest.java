package dev.squall.node;

import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_RECEIVED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversationTest extends ServerTest {

    @Test
    void echoes_each_message_as_it_came() throws Exception {
        start(new Plans(Plans.freePort()).build());
        byte[] large = new byte[200_000];
        large[199_999] = 7;
        try (RawClient client = RawClient.open(port, null)) {
            client.text("grüße");
            assertThat(client.read().text()).isEqualTo("grüße");
            client.send(RawClient.BINARY, large);
            RawClient.Frame echo = client.read();
            assertThat(echo.opcode()).isEqualTo(RawClient.BINARY);
            assertThat(echo.payload()).isEqualTo(large);

            client.send(RawClient.frame(false, false, RawClient.TEXT, bytes("one ")));
            client.send(RawClient.PING, bytes("between"));
            client.send(RawClient.frame(true, false, 0, bytes("message")));
            RawClient.Frame first = client.read();
            assertThat(first.fin()).isFalse();
            assertThat(first.opcode()).isEqualTo(RawClient.TEXT);
            RawClient.Frame pong = client.read();
            assertThat(pong.opcode()).isEqualTo(RawClient.PONG);
            assertThat(pong.text()).isEqualTo("between");
            RawClient.Frame last = client.read();
            assertThat(last.fin()).isTrue();
            assertThat(first.text() + last.text()).isEqualTo("one message");
        }
    }

    @Test
    void echoes_a_close_with_its_code_and_closes_tcp_first() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/3/2", "permessage-deflate")) {
            client.sendClose(1010, "permessage-deflate; server_no_context_takeover");
            assertThat(client.read().code()).isEqualTo(1010);
            client.readEnd();
        }
        Recorder.Row closed = rows.await(1, CLOSED).get(0);
        assertThat(closed.code()).isEqualTo(1010);
        assertThat(closed.detail()).isEqualTo("client clean");
        assertThat(rows.of(CLOSE_RECEIVED)).singleElement().satisfies(row -> {
            assertThat(row.code()).isEqualTo(1010);
            assertThat(row.detail()).isEqualTo("permessage-deflate; server_no_context_takeover");
        });
        assertThat(rows.of(CLOSE_SENT)).singleElement().satisfies(row -> {
            assertThat(row.code()).isEqualTo(1010);
            assertThat(row.value()).isEqualTo(JournalWriter.NONE);
        });
    }

    @Test
    void an_empty_close_is_1005_and_is_echoed_empty() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/3/2")) {
            client.send(RawClient.CLOSE, new byte[0]);
            assertThat(client.read().payload()).isEmpty();
            client.readEnd();
        }
        Recorder.Row closed = rows.await(1, CLOSED).get(0);
        assertThat(closed.code()).isEqualTo(1005);
        assertThat(rows.of(CLOSE_SENT).get(0).code()).isEqualTo(1005);
    }

    @Test
    void tells_fin_reset_and_the_closing_timeout_apart() throws Exception {
        start(new Plans(Plans.freePort())
                .closingMillis(300)
                .restart(400, 0, 100, WhileDown.UNAVAILABLE, false)
                .build());
        RawClient.open(port, "people/0/1").close();
        RawClient.open(port, "people/1/1").reset();
        RawClient leaver = RawClient.open(port, "people/3/1");
        try (RawClient mute = RawClient.open(port, "people/2/1")) {
            assertThat(mute.read().code()).isEqualTo(1012);
            assertThat(leaver.read().code()).isEqualTo(1012);
            leaver.close();
            rows.await(4, CLOSED);
        }
        assertThat(ending(0)).isEqualTo("1006 network eof");
        assertThat(ending(1)).isEqualTo("1006 network reset");
        assertThat(ending(2)).isEqualTo("1012 server timeout");
        assertThat(ending(3)).isEqualTo("1012 server eof");
        Recorder.Row mute = rows.of(CLOSED, 2).get(0);
        assertThat(mute.micros() - rows.of(CLOSE_SENT, 2).get(0).micros()).isBetween(300_000L, 700_000L);
        assertThat(mute.value()).isGreaterThan(300_000);
    }

    private String ending(long client) {
        Recorder.Row row = rows.of(CLOSED, client).get(0);
        return row.code() + " " + row.detail();
    }

    @Test
    void a_frame_that_breaks_the_protocol_gets_1002_and_nothing_else() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/0/1")) {
            client.send(RawClient.frame(true, false, 3, bytes("reserved opcode")));
            assertThat(client.read().code()).isEqualTo(1002);
            client.readEnd();
        }
        Recorder.Row closed = rows.await(1, CLOSED).get(0);
        assertThat(closed.code()).isEqualTo(1002);
        assertThat(closed.detail()).isEqualTo("server timeout");
        assertThat(rows.of(CLOSE_SENT)).hasSize(1);
    }

    @Test
    void a_peer_that_does_not_read_is_not_read_from() throws Exception {
        MockServer server = start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.open(port, "people/0/1")) {
            byte[] message = RawClient.frame(true, false, RawClient.BINARY, new byte[60_000]);
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < 2_000; i++) {
                        client.send(message);
                    }
                } catch (java.io.IOException closed) {
                    return;
                }
            });
            sender.start();
            sender.join(1_500);
            assertThat(sender.isAlive())
                    .as("120 MB were taken from a peer that reads none of it")
                    .isTrue();
            for (int i = 0; i < 2_000; i++) {
                assertThat(client.read().payload()).hasSize(60_000);
            }
            sender.join(TimeUnit.SECONDS.toMillis(5));
            assertThat(server.open()).isEqualTo(1);
        }
    }

    @Test
    void a_request_that_is_no_handshake_is_answered() throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(bytes("GET / HTTP/1.1\r\nHost: squall\r\n\r\n"));
            assertThat(client.response().status()).isEqualTo(200);
            client.readEnd();
        }
        try (RawClient client = RawClient.dial(port)) {
            client.send(bytes("GET /other HTTP/1.1\r\nHost: squall\r\n\r\n"));
            assertThat(client.response().status()).isEqualTo(426);
            client.readEnd();
        }
        try (RawClient client = RawClient.dial(port)) {
            client.send(bytes("GET / HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
            assertThat(client.response().status()).isEqualTo(426);
            client.readEnd();
        }
        assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("malformed-handshake");
        assertThat(rows.of(JournalEvent.NEGOTIATED)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", // No key.
                "Connection: upgraded\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            })
    void a_malformed_handshake_is_refused_with_400(String headers) throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(bytes("GET / HTTP/1.1\r\nHost: squall\r\nUpgrade: websocket\r\n" + headers + "\r\n"));
            assertThat(client.response().status()).isEqualTo(400);
            client.readEnd();
        }
        assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("malformed-handshake");
    }

    @Test
    void the_end_takes_leave_with_1001() throws Exception {
        MockServer server = start(new Plans(Plans.freePort()).build());
        try (RawClient polite = RawClient.open(port, "people/0/1");
                RawClient mute = RawClient.open(port, "people/1/1")) {
            Thread closing = new Thread(server::close);
            closing.start();
            assertThat(polite.answerClose().code()).isEqualTo(1001);
            assertThat(mute.read().code()).isEqualTo(1001);
            closing.join(TimeUnit.SECONDS.toMillis(10));
        }
        assertThat(ending(0)).isEqualTo("1001 server clean");
        assertThat(ending(1)).isEqualTo("1001 server stopped");
    }

    @Test
    void crossing_closes_are_one_row_each_way() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(300, 0, 100, WhileDown.UNAVAILABLE, false)
                .build());
        try (RawClient client = RawClient.open(port, "people/0/1")) {
            rows.await(1, CLOSE_SENT);
            client.text("not answered any more");
            assertThat(client.read().code()).isEqualTo(1012);
            assertThat(client.isSilentFor(150)).isTrue();
            client.sendClose(1000, "bye"); // As if it had not read the server's.
            client.readEnd();
        }
        rows.await(1, CLOSED);
        assertThat(ending(0)).isEqualTo("1012 server clean");
        assertThat(rows.of(CLOSE_SENT)).hasSize(1);
        assertThat(rows.of(CLOSE_RECEIVED)).singleElement().matches(row -> row.code() == 1000);
    }

    @Test
    void gets_on_with_the_jdks_client() throws Exception {
        MockServer server = start(new Plans(Plans.freePort()).build());
        CompletableFuture<String> echo = new CompletableFuture<>();
        CompletableFuture<String> close = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        echo.complete(text.toString());
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                        close.complete(code + " " + reason);
                        return null;
                    }
                })
                .join();
        socket.sendText("hello", true);
        assertThat(echo.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
        server.close();
        assertThat(close.get(5, TimeUnit.SECONDS)).isEqualTo("1001 end");
        assertThat(rows.of(CLOSED)).singleElement().matches(row -> row.detail().equals("server clean"));
    }

    @ParameterizedTest
    @EnumSource(names = {"ACCEPTED", "NEGOTIATED", "CLOSE_RECEIVED", "CLOSE_SENT", "CLOSED", "RESTART_BEGUN"})
    void a_defect_is_told_and_not_swallowed(JournalEvent where) throws Exception {
        IllegalStateException defect = new IllegalStateException("a defect in " + where);
        Plan plan = new Plans(Plans.freePort())
                .restart(600, 0, 100, WhileDown.UNAVAILABLE, false)
                .build();
        try (MockServer server =
                        MockServer.of(plan, 0, (micros, pop, client, conn, event, code, attempt, value, text) -> {
                            if (event == where) {
                                throw defect;
                            }
                            return true;
                        });
                RawClient client = RawClient.dial(server.start().port())) {
            if (where == JournalEvent.ACCEPTED) {
                client.request("people/0/1");
            } else {
                client.handshake("people/0/1", "permessage-deflate");
                client.sendClose(1000, "");
            }
            assertThat(server.failed().get(5, TimeUnit.SECONDS).toString()).contains(defect.getMessage());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
