package dev.squall.node;

import static dev.squall.journal.JournalEvent.ACCEPTED;
import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_RECEIVED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.FAULT_BEGUN;
import static dev.squall.journal.JournalEvent.FAULT_ENDED;
import static dev.squall.journal.JournalEvent.PONG_RECEIVED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static dev.squall.journal.JournalEvent.STRUCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.fault.Alter;
import dev.squall.fault.Bandwidth;
import dev.squall.fault.Close;
import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Fin;
import dev.squall.fault.IgnoreClose;
import dev.squall.fault.Latency;
import dev.squall.fault.Match;
import dev.squall.fault.Reject;
import dev.squall.fault.Reset;
import dev.squall.fault.SlowHandshake;
import dev.squall.fault.Stall;
import dev.squall.fault.Unoffered;
import dev.squall.fault.Withhold;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault on the wire. */
@Timeout(30)
class FaultTest extends ServerTest {

    private static final long MILLI = 1_000;
    private static final String OFFER = "permessage-deflate";

    private Plans plans() throws Exception {
        return new Plans(Plans.freePort());
    }

    private static FaultWindow everybody(Fault fault) {
        return FaultWindow.during(0, fault, 1, 0, FaultWindow.OPEN_END);
    }

    private static FaultWindow only(Fault fault, Match match) {
        return new FaultWindow(0, fault, false, 0, FaultWindow.OPEN_END, 0, 1, 0, match);
    }

    @Test
    void a_handshake_is_rejected_with_status_and_retry_after() throws Exception {
        start(plans().fault(new Reject(429, 7)).build());
        try (RawClient client = RawClient.dial(port)) {
            RawClient.Response response = client.handshake("people/1/1");
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.header("Retry-After")).isEqualTo("7");
            client.readEnd();
        }
        Recorder.Row row = rows.await(1, REJECTED).get(0);
        assertThat(row.code()).isEqualTo(429);
        assertThat(row.detail()).isEqualTo("fault");
        assertThat(rows.of(STRUCK)).singleElement().satisfies(struck -> {
            assertThat(struck.detail()).isEqualTo("reject");
            assertThat(struck.client()).isEqualTo(1);
            assertThat(struck.value()).isZero();
        });
    }

    @Test
    void a_slow_handshake_is_answered_that_late() throws Exception {
        start(plans().fault(new SlowHandshake(300 * MILLI, 0)).build());
        long asked = System.nanoTime();
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            assertThat(System.nanoTime() - asked).isGreaterThanOrEqualTo(300_000_000L);
            client.text("hello");
            assertThat(client.read().text()).isEqualTo("hello");
        }
    }

    @Test
    void the_response_has_an_extension_that_nobody_offered_beside_what_was_negotiated() throws Exception {
        start(plans().fault(new Unoffered("x-squall; a=1")).build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/1/1", OFFER).extensions())
                    .isEqualTo("permessage-deflate, x-squall; a=1");
        }
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/2/1").extensions()).isEqualTo("x-squall; a=1");
        }
    }

    @Test
    void the_response_has_other_parameters_than_were_negotiated() throws Exception {
        start(plans().fault(new Alter("permessage-deflate; server_max_window_bits=99"))
                .build());
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/1/1", OFFER).extensions())
                    .isEqualTo("permessage-deflate; server_max_window_bits=99");
        }
        try (RawClient client = RawClient.dial(port)) {
            assertThat(client.handshake("people/2/1").extensions()).isNull();
        }
        assertThat(rows.of(STRUCK)).extracting(Recorder.Row::client).containsExactly(1L);
    }

    @Test
    void a_client_keeps_its_lot_of_a_withheld_extension() throws Exception {
        start(plans().fault(FaultWindow.during(0, new Withhold(OFFER, true), 0.5, 0, FaultWindow.OPEN_END))
                .build());
        int withheld = 0;
        for (int client = 0; client < 20; client++) {
            int mine = 0;
            for (int connection = 1; connection <= 3; connection++) {
                try (RawClient one = RawClient.dial(port)) {
                    mine += one.handshake("people/" + client + "/" + connection, OFFER)
                                            .extensions()
                                    == null
                            ? 1
                            : 0;
                }
            }
            assertThat(mine).as("client %d, seed %d", client, Plans.SEED).isIn(0, 3);
            withheld += mine;
        }
        assertThat(withheld).as("seed %d", Plans.SEED).isBetween(3, 57);
    }

    @Test
    void a_connection_is_closed_after_a_time_with_any_code_and_reason() throws Exception {
        start(plans().fault(new Close(4321, "enough", 200 * MILLI, 0)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            long opened = System.nanoTime();
            RawClient.Frame close = client.answerClose();
            assertThat(close.code()).isEqualTo(4321);
            assertThat(close.reason()).isEqualTo("enough");
            assertThat(System.nanoTime() - opened).isGreaterThan(150_000_000L);
        }
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("server clean");
        assertThat(rows.of(CLOSE_SENT))
                .singleElement()
                .satisfies(row -> assertThat(row.code()).isEqualTo(4321));
    }

    @Test
    void a_connection_is_closed_at_its_third_message_but_not_before() throws Exception {
        start(plans().fault(new Close(1011, "", 0, 3)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            for (int i = 0; i < 2; i++) {
                client.text("message");
                assertThat(client.read().text()).isEqualTo("message");
            }
            assertThat(client.isSilentFor(100)).isTrue();
            client.text("the third");
            assertThat(client.answerClose().code()).isEqualTo(1011);
        }
    }

    @Test
    void moments_strike_those_who_are_open_then_and_nobody_who_comes_later() throws Exception {
        FaultWindow moments = new FaultWindow(
                0, new Close(1001, "", 0, 0), true, 300 * MILLI, 900 * MILLI, 400 * MILLI, 1, 0, Match.ALL);
        start(plans().fault(moments).build());
        try (RawClient first = RawClient.open(port, "people/1/1")) {
            assertThat(first.answerClose().code()).isEqualTo(1001);
        }
        try (RawClient second = RawClient.open(port, "people/2/1")) {
            assertThat(second.answerClose().code()).isEqualTo(1001);
        }
        rows.await(1, FAULT_ENDED);
        try (RawClient third = RawClient.open(port, "people/3/1")) {
            assertThat(third.isSilentFor(500)).isTrue();
        }
        assertThat(rows.of(STRUCK)).extracting(Recorder.Row::client).containsExactly(1L, 2L);
        assertThat(rows.of(FAULT_BEGUN)).hasSize(1);
    }

    @Test
    void a_reset_comes_without_a_close() throws Exception {
        start(plans().fault(new Reset(0, 1)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.text("hello");
            assertThatThrownBy(() -> {
                        client.read();
                        client.read();
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(rows.await(1, CLOSED).get(0)).satisfies(row -> {
            assertThat(row.code()).isEqualTo(1006);
            assertThat(row.detail()).isEqualTo("network fault");
        });
    }

    @Test
    void a_fin_comes_without_a_close_though_unread_bytes_wait() throws Exception {
        start(plans().fault(new Fin(100 * MILLI, 0))
                .fault(everybody(new Stall(Stall.What.READING)))
                .build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.text("never read");
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("network fault");
    }

    @Test
    void a_server_that_stalls_reads_nothing_until_the_window_ends() throws Exception {
        start(plans().fault(FaultWindow.during(0, new Stall(Stall.What.READING), 1, 0, 600 * MILLI))
                .build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.text("late");
            assertThat(rows.of(FAULT_ENDED)).isEmpty();
            assertThat(client.read().text()).isEqualTo("late");
            assertThat(rows.of(FAULT_ENDED)).hasSize(1);
        }
    }

    @Test
    void a_server_that_does_not_answer_pings_still_echoes() throws Exception {
        start(plans().fault(new Stall(Stall.What.PINGS)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.send(RawClient.PING, new byte[] {1});
            client.text("still here");
            assertThat(client.read().text()).isEqualTo("still here");
        }
    }

    @Test
    void what_the_server_sends_is_late_and_in_order() throws Exception {
        start(plans().fault(new Latency(150 * MILLI, 150 * MILLI)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            long sent = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                client.text("message " + i);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(client.read().text()).isEqualTo("message " + i);
            }
            assertThat(System.nanoTime() - sent).isBetween(150_000_000L, 2_000_000_000L);
            client.sendClose(1000, "");
            assertThat(client.read().code()).isEqualTo(1000);
            client.readEnd();
        }
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("client clean");
    }

    @Test
    void what_the_server_sends_trickles() throws Exception {
        start(plans().fault(new Bandwidth(40_000)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            byte[] message = new byte[20_000];
            long sent = System.nanoTime();
            client.send(RawClient.BINARY, message);
            assertThat(client.read().payload()).hasSize(20_000);
            assertThat(System.nanoTime() - sent).isBetween(400_000_000L, 3_000_000_000L);
        }
    }

    @Test
    void a_slow_link_that_is_lifted_delivers_all_that_waits() throws Exception {
        start(plans().fault(FaultWindow.during(0, new Bandwidth(100), 1, 0, 500 * MILLI))
                .build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            byte[] message = new byte[300_000];
            client.send(RawClient.BINARY, message);
            client.text("and more");
            assertThat(client.read().payload()).hasSize(300_000);
            assertThat(client.read().text()).isEqualTo("and more");
        }
    }

    @Test
    void a_close_is_never_answered() throws Exception {
        start(plans().closingMillis(400).fault(new IgnoreClose()).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.sendClose(1000, "bye");
            assertThat(client.isSilentFor(200)).isTrue();
        }
        rows.await(1, CLOSE_RECEIVED);
        rows.await(1, CLOSED);
        assertThat(rows.of(CLOSE_SENT)).isEmpty();
    }

    @Test
    void a_close_that_the_server_began_ends_as_ever() throws Exception {
        start(plans().fault(new IgnoreClose()).fault(new Close(1011, "", 0, 0)).build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            assertThat(client.answerClose().code()).isEqualTo(1011);
        }
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("server clean");
    }

    @Test
    void a_match_bounds_the_blast_radius() throws Exception {
        Match match = new Match("/ec*", Map.of("Squall-Connection", "people/7/*"), Map.of(), List.of(0), "people");
        start(plans().fault(only(new Reject(503, 0), match))
                .fault(only(new Reject(500, 0), new Match("/other", Map.of(), Map.of(), List.of(), "")))
                .fault(only(new Reject(500, 0), new Match("", Map.of(), Map.of(), List.of(1), "")))
                .build());
        try (RawClient struck = RawClient.dial(port);
                RawClient spared = RawClient.dial(port)) {
            assertThat(struck.handshake("people/7/1").status()).isEqualTo(503);
            assertThat(spared.handshake("people/8/1").status()).isEqualTo(101);
        }
    }

    @Test
    void a_count_bounds_how_many_are_struck() throws Exception {
        start(plans().fault(new FaultWindow(0, new Reject(503, 0), false, 0, FaultWindow.OPEN_END, 0, 1, 2, Match.ALL))
                .build());
        int refused = 0;
        for (int i = 0; i < 5; i++) {
            try (RawClient client = RawClient.dial(port)) {
                refused += client.handshake("people/" + i + "/1").status() == 503 ? 1 : 0;
            }
        }
        assertThat(refused).isEqualTo(2);
    }

    @Test
    void a_connection_is_drawn_once_for_a_window() throws Exception {
        start(plans().fault(FaultWindow.during(0, new Close(1001, "", 0, 0), 0.5, 300 * MILLI, FaultWindow.OPEN_END))
                .build());
        RawClient[] clients = new RawClient[20];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = RawClient.open(port, "people/" + i + "/1");
        }
        rows.await(1, FAULT_BEGUN);
        int spared = 0;
        for (RawClient client : clients) {
            spared += client.isSilentFor(30) ? 1 : 0;
            client.close();
        }
        assertThat(spared).as("seed %d", Plans.SEED).isBetween(1, 19);
        assertThat(rows.of(STRUCK)).hasSize(clients.length - spared);
    }

    @Test
    void who_is_struck_stands_before_what_became_of_him() throws Exception {
        start(plans().fault(FaultWindow.during(0, new Close(1001, "", 0, 0), 1, 300 * MILLI, FaultWindow.OPEN_END))
                .build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            client.answerClose();
        }
        rows.await(1, CLOSED);
        assertThat(rows.all())
                .filteredOn(row -> row.client() == 1)
                .extracting(Recorder.Row::event)
                .containsExactly(ACCEPTED, STRUCK, CLOSE_SENT, CLOSE_RECEIVED, CLOSED);
    }

    @Test
    void moments_strike_a_connection_once_though_they_repeat() throws Exception {
        start(plans().fault(new FaultWindow(
                        0, new Latency(50 * MILLI, 0), true, 0, FaultWindow.OPEN_END, 10 * MILLI, 1, 0, Match.ALL))
                .build());
        try (RawClient client = RawClient.open(port, "people/1/1")) {
            rows.await(1, STRUCK);
            assertThat(client.isSilentFor(200)).isTrue();
            long sent = System.nanoTime();
            client.text("hello");
            assertThat(client.read().text()).isEqualTo("hello");
            assertThat(System.nanoTime() - sent).isBetween(50_000_000L, 500_000_000L);
        }
        assertThat(rows.of(STRUCK)).hasSize(1);
    }

    @Test
    void an_extension_that_was_offered_is_no_unoffered_one() throws Exception {
        start(plans().fault(new Unoffered(OFFER)).build());
        try (RawClient offers = RawClient.dial(port);
                RawClient other = RawClient.dial(port)) {
            assertThat(offers.handshake("people/1/1", OFFER).extensions()).isEqualTo(OFFER);
            assertThat(other.handshake("people/2/1").extensions()).isEqualTo(OFFER);
        }
        assertThat(rows.of(STRUCK)).extracting(Recorder.Row::client).containsExactly(2L);
    }

    @Test
    void a_query_that_cannot_be_decoded_matches_nothing_and_ends_nobody() throws Exception {
        Match match = new Match("", Map.of(), Map.of("client", "*"), List.of(), "");
        start(plans().serving("query:client", 0)
                .fault(only(new Reject(503, 0), match))
                .build());
        try (RawClient client = RawClient.dial(port)) {
            client.send(("GET /?client=%zz HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(client.response().status()).isEqualTo(400);
        }
        assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("malformed-handshake");
        assertThat(rows.of(ACCEPTED).get(0).detail()).isNull();
    }

    @Test
    void who_names_himself_is_told_apart() throws Exception {
        start(plans().serving("header:X-Client", 0).build());
        for (String name : List.of("a", "b", "a")) {
            try (RawClient client = RawClient.dial(port)) {
                client.send(
                        ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Client: " + name
                                        + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(client.response().status()).isEqualTo(101);
            }
        }
        assertThat(rows.await(3, ACCEPTED)).extracting(Recorder.Row::client).containsExactly(0L, 1L, 0L);
        assertThat(rows.of(ACCEPTED)).extracting(Recorder.Row::detail).containsExactly("a", "b", "a");
        assertThat(rows.of(ACCEPTED)).extracting(Recorder.Row::connection).containsExactly(1L, 2L, 3L);
    }

    @Test
    void a_server_that_pings_measures_the_pongs() throws Exception {
        start(plans().serving("address", 50).build());
        try (RawClient client = RawClient.open(port, null)) {
            RawClient.Frame ping = client.read();
            assertThat(ping.opcode()).isEqualTo(RawClient.PING);
            client.send(RawClient.PONG, ping.payload());
            assertThat(rows.await(1, PONG_RECEIVED).get(0).value()).isBetween(0L, 5_000_000L);
        }
    }

    @Test
    void a_fault_that_is_lifted_strikes_no_more_though_it_was_to_repeat() throws Exception {
        MockServer server = start(plans().serving("address", 0).build());
        try (RawClient client = RawClient.open(port, null)) {
            Control.ActiveFault fault = server.control().inflict("{close: 1011, at: 200ms, every: 100ms}");
            assertThat(server.control().lift(fault.index())).isTrue();
            assertThat(server.control().lift(fault.index())).isFalse();
            assertThat(client.isSilentFor(500)).isTrue();
        }
        assertThat(rows.of(FAULT_BEGUN)).isEmpty();
    }
}
