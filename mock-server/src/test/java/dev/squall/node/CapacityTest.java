package dev.squall.node;

import static dev.squall.journal.JournalEvent.ACCEPTED;
import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.LISTENING;
import static dev.squall.journal.JournalEvent.NEGOTIATED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static dev.squall.journal.JournalWriter.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.WhenFull;
import dev.squall.plan.WhileDown;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapacityTest extends ServerTest {

    @Test
    void each_handshake_takes_as_long_as_so_many_at_once_make_it() throws Exception {
        start(new Plans(Plans.freePort())
                .capacity(10, 4, 0, 0, WhenFull.UNAVAILABLE) // Four at 10/s: 400 ms each.
                .build());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(RawClient.dial(port));
            clients.get(i).request("people/" + i + "/1", "permessage-deflate");
        }
        assertThat(clients.get(4).response().status()).as("the fifth at once").isEqualTo(503);
        for (int i = 0; i < 4; i++) {
            assertThat(clients.get(i).response().status()).isEqualTo(101);
        }
        List<Recorder.Row> asked = rows.of(ACCEPTED);
        List<Recorder.Row> served = rows.await(4, NEGOTIATED);
        for (int i = 0; i < 4; i++) {
            assertThat(served.get(i).client()).isEqualTo(i);
            assertThat(served.get(i).micros() - asked.get(i).micros()).isBetween(399_000L, 2_000_000L);
        }
    }

    @Test
    void a_client_beyond_the_queue_is_served_only_to_be_closed_with_1013() throws Exception {
        start(new Plans(Plans.freePort())
                .capacity(0.1, 0, 0, 0, WhenFull.TRY_AGAIN_LATER)
                .build());
        RawClient served = RawClient.open(port, "people/0/1");
        RawClient away = RawClient.open(port, "people/1/1", "permessage-deflate");
        RawClient.Frame close = away.answerClose();
        assertThat(close.code()).isEqualTo(1013);
        assertThat(close.reason()).isEqualTo("capacity");
        served.text("still here");
        assertThat(served.read().text()).isEqualTo("still here");
        assertThat(rows.await(1, CLOSED)).singleElement().satisfies(row -> {
            assertThat(row.client()).isEqualTo(1);
            assertThat(row.code()).isEqualTo(1013);
            assertThat(row.detail()).isEqualTo("server clean");
        });
        assertThat(rows.await(1, CLOSE_SENT)).singleElement().satisfies(row -> {
            assertThat(row.code()).isEqualTo(1013);
            assertThat(row.detail()).isEqualTo("capacity");
            assertThat(row.value()).as("no restart's").isEqualTo(NONE);
        });
        assertThat(rows.of(NEGOTIATED)).extracting(Recorder.Row::client).containsExactly(1L);
        assertThat(rows.of(REJECTED)).isEmpty();
    }

    @Test
    void a_client_beyond_the_queue_hears_nothing_until_the_node_has_restarted() throws Exception {
        start(new Plans(Plans.freePort())
                .capacity(0.1, 0, 0, 0, WhenFull.HANG)
                .restart(800, 0, 200, WhileDown.UNAVAILABLE, false)
                .build());
        RawClient served = RawClient.open(port, "people/0/1");
        RawClient left = RawClient.dial(port);
        left.request("people/1/1");
        RawClient hung = RawClient.dial(port);
        hung.request("people/2/1");
        assertThat(hung.isSilentFor(300)).isTrue();
        left.close();
        assertThat(rows.await(1, CLOSED).get(0).detail()).isEqualTo("network eof");
        assertThat(served.answerClose().code()).isEqualTo(1012);
        hung.readEnd();
        assertThat(micros()).isGreaterThanOrEqualTo(1_000_000);
        assertThat(rows.of(REJECTED)).isEmpty();
    }

    @Test
    void a_node_is_cold_when_it_begins_to_listen_also_after_a_restart() throws Exception {
        start(new Plans(Plans.freePort())
                .capacity(50, 1, 10, 60_000, WhenFull.UNAVAILABLE) // 20 ms warm, 200 ms cold.
                .restart(500, 0, 100, WhileDown.REFUSE, false)
                .build());
        RawClient first = RawClient.open(port, "people/0/1", "permessage-deflate");
        assertThat(first.answerClose().code()).isEqualTo(1012);
        rows.await(2, LISTENING);
        RawClient.open(port, "people/0/2", "permessage-deflate").close();
        List<Recorder.Row> served = rows.await(2, NEGOTIATED);
        List<Recorder.Row> asked = rows.of(ACCEPTED);
        for (int i = 0; i < 2; i++) {
            assertThat(served.get(i).micros() - asked.get(i).micros()).isGreaterThan(150_000);
        }
    }

    @Test
    void completes_handshakes_at_its_rate_and_answers_503_beyond_the_queue() throws Exception {
        start(new Plans(Plans.freePort()).capacity(50, 40).build());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            clients.add(RawClient.dial(port));
        }
        for (int i = 0; i < 60; i++) {
            clients.get(i).request("people/" + i + "/1", "permessage-deflate");
        }
        clients.get(10).close(); // Its turn is spent all the same.
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            if (i != 10) {
                int status = clients.get(i).response().status();
                assertThat(status).isIn(101, 503);
                refused += status == 503 ? 1 : 0;
            }
            clients.get(i).close();
        }
        // One is served and 40 wait; a few turns come while the requests do.
        assertThat(refused).isBetween(15, 19);
        assertThat(rows.of(REJECTED))
                .hasSize(refused)
                .allMatch(row -> row.detail().equals("capacity"));
        List<Recorder.Row> served = rows.await(59 - refused, NEGOTIATED);
        long span = served.get(served.size() - 1).micros() - served.get(0).micros();
        assertThat(span).isBetween((served.size() - 2) * 20_000L, (served.size() + 1) * 20_000L + 500_000);
        assertThat(rows.await(1, row -> row.event() == CLOSED && row.client() == 10))
                .singleElement()
                .satisfies(row -> assertThat(row.detail()).isEqualTo("network eof"));
    }
}
