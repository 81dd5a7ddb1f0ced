package dev.squall.node;

import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.NEGOTIATED;
import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapacityTest extends ServerTest {

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
