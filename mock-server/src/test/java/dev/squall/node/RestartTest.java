package dev.squall.node;

import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_RECEIVED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static dev.squall.journal.JournalEvent.LISTENING;
import static dev.squall.journal.JournalEvent.REJECTED;
import static dev.squall.journal.JournalEvent.RESTART_BEGUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestartTest extends ServerTest {

    private static final int CLIENTS = 100;

    /** How late a loaded machine may be in these tests; an idle one is late by a millisecond or two. */
    private static final long LATE_MICROS = 250_000;

    private List<RawClient> open(int clients) throws IOException {
        List<RawClient> open = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            open.add(RawClient.open(port, "people/" + i + "/1", "permessage-deflate"));
        }
        return open;
    }

    @Test
    void spreads_1012_over_the_drain_window_in_the_plans_order_and_listens_again_on_time() throws Exception {
        Plan plan = new Plans(Plans.freePort())
                .restart(2_000, 500, 600, WhileDown.REFUSE, false)
                .build();
        start(plan);
        List<RawClient> clients = open(CLIENTS);
        waitUntil(1_950);
        assertThat(rows.of(CLOSE_SENT)).isEmpty();

        for (RawClient client : clients) {
            RawClient.Frame close = client.answerClose();
            assertThat(close.code()).isEqualTo(1012);
            assertThat(close.reason()).isEqualTo("restart");
        }
        assertThatThrownBy(() -> RawClient.dial(port)).isInstanceOf(ConnectException.class);
        List<Recorder.Row> sent = rows.await(CLIENTS, CLOSE_SENT);
        rows.await(2, LISTENING);
        RawClient.open(port, "people/0/2").close();

        Plan.Restart restart = plan.restarts().get(0);
        List<Long> order = IntStream.range(0, CLIENTS)
                .boxed()
                .sorted(Comparator.comparingLong(i -> plan.closeOrder(restart, 0, i, 1)))
                .map(Long::valueOf)
                .toList();
        assertThat(sent).extracting(Recorder.Row::client).containsExactlyElementsOf(order);
        for (int i = 0; i < CLIENTS; i++) {
            long due = 2_000_000 + (long) ((i + 0.5) * 500_000 / CLIENTS);
            assertThat(sent.get(i).micros()).isBetween(due, due + LATE_MICROS);
            assertThat(sent.get(i).code()).isEqualTo(1012);
            assertThat(sent.get(i).value()).isZero();
        }
        assertThat(rows.of(CLOSE_RECEIVED)).hasSize(CLIENTS).allMatch(row -> row.code() == 1012);
        assertThat(rows.of(CLOSED)).hasSizeGreaterThanOrEqualTo(CLIENTS);
        assertThat(rows.of(CLOSED).subList(0, CLIENTS))
                .allMatch(row -> row.detail().equals("server clean"));
        Recorder.Row begun = rows.of(RESTART_BEGUN).get(0);
        assertThat(begun.micros()).isBetween(2_000_000L, 2_000_000 + LATE_MICROS);
        assertThat(begun.value()).isZero();
        assertThat(begun.detail()).isEqualTo("drain refuse");
        assertThat(rows.of(LISTENING)).extracting(Recorder.Row::value).containsExactly(-1L, 0L);
        assertThat(rows.of(LISTENING).get(1).micros()).isBetween(3_100_000L, 3_100_000 + LATE_MICROS);
    }

    @Test
    void listens_again_on_time_while_stragglers_have_not_answered_their_close() throws Exception {
        start(new Plans(Plans.freePort())
                .closingMillis(1_500)
                .restart(1_000, 0, 300, WhileDown.REFUSE, false)
                .restart(1_800, 0, 300, WhileDown.REFUSE, false)
                .build());
        List<RawClient> mute = open(20);
        Recorder.Row listening = rows.await(2, LISTENING).get(1);
        assertThat(listening.micros()).isBetween(1_300_000L, 1_300_000 + LATE_MICROS);
        assertThat(rows.of(CLOSED)).isEmpty();
        try (RawClient second = RawClient.open(port, "people/50/1")) {
            assertThat(second.answerClose().code()).isEqualTo(1012);
        }
        rows.await(3, LISTENING);
        List<Recorder.Row> closed = rows.await(21, CLOSED);
        assertThat(closed.stream().filter(row -> row.detail().equals("server timeout")))
                .hasSize(20)
                .allMatch(row -> row.code() == 1012);
        for (RawClient one : mute) {
            assertThat(one.read().code()).isEqualTo(1012);
            one.close();
        }
        assertThat(rows.of(CLOSE_SENT)).hasSize(21).allMatch(row -> row.code() == 1012);
    }

    @Test
    void answers_503_with_retry_after_while_unavailable() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(300, 100, 1_500, WhileDown.UNAVAILABLE, false)
                .build());
        RawClient client = open(1).get(0);
        assertThat(client.answerClose().code()).isEqualTo(1012);
        try (RawClient early = RawClient.dial(port)) {
            RawClient.Response response = early.handshake("people/0/2");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("Retry-After")).isEqualTo("2");
            early.readEnd();
        }
        Recorder.Row rejected = rows.await(1, REJECTED).get(0);
        assertThat(rejected.code()).isEqualTo(503);
        assertThat(rejected.detail()).isEqualTo("restart");
        rows.await(2, LISTENING);
        RawClient.open(port, "people/0/3").close();
    }

    @Test
    void closes_in_batches_in_the_plans_order_and_counts_the_downtime_from_the_last() throws Exception {
        Plan plan = new Plans(Plans.freePort())
                .restart(500, 800, 300, WhileDown.REFUSE, false)
                .batches(10, 400)
                .build();
        start(plan);
        List<RawClient> clients = open(25);
        for (RawClient client : clients) {
            assertThat(client.answerClose().code()).isEqualTo(1012);
        }
        List<Recorder.Row> sent = rows.await(25, CLOSE_SENT);
        Plan.Restart restart = plan.restarts().get(0);
        assertThat(sent)
                .extracting(Recorder.Row::client)
                .containsExactlyElementsOf(IntStream.range(0, 25)
                        .boxed()
                        .sorted(Comparator.comparingLong(i -> plan.closeOrder(restart, 0, i, 1)))
                        .map(Long::valueOf)
                        .toList());
        for (int i = 0; i < 25; i++) {
            long due = 500_000 + i / 10 * 400_000L;
            assertThat(sent.get(i).micros()).isBetween(due, due + LATE_MICROS);
        }
        assertThat(rows.await(2, LISTENING).get(1).micros()).isBetween(1_600_000L, 1_600_000 + LATE_MICROS);
    }

    @Test
    void takes_as_many_batches_as_it_has_connections_where_the_plan_knows_of_fewer() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(300, 0, 200, WhileDown.UNAVAILABLE, false)
                .batches(1, 500)
                .build());
        List<RawClient> clients = open(4);
        rows.await(1, CLOSE_SENT);
        try (RawClient meanwhile = RawClient.dial(port)) {
            assertThat(meanwhile.handshake("people/9/1").header("Retry-After"))
                    .as("at 2 s and not at 500 ms")
                    .isEqualTo("2");
        }
        for (RawClient client : clients) {
            assertThat(client.answerClose().code()).isEqualTo(1012);
        }
        assertThat(rows.await(4, CLOSE_SENT).get(3).micros()).isGreaterThanOrEqualTo(1_800_000);
        assertThat(rows.await(2, LISTENING).get(1).micros()).isBetween(2_000_000L, 2_000_000 + LATE_MICROS);
    }

    @Test
    void who_comes_while_batches_go_out_goes_with_one_of_them() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(500, 900, 100, WhileDown.REFUSE, true)
                .batches(10, 300)
                .build());
        rows.await(1, RESTART_BEGUN);
        List<RawClient> clients = open(30);
        for (RawClient client : clients) {
            assertThat(client.answerClose().code()).isEqualTo(1012);
        }
        assertThat(rows.await(30, CLOSE_SENT)).allSatisfy(row -> {
            long sinceBatch = (row.micros() - 500_000) % 300_000;
            assertThat(sinceBatch).isLessThan(LATE_MICROS);
        });
        assertThat(rows.of(CLOSE_SENT).stream().map(row -> (row.micros() - 500_000) / 300_000))
                .contains(2L, 3L);
    }

    @Test
    void says_when_to_come_again_as_the_plan_says() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(200, 0, 500, WhileDown.UNAVAILABLE, false)
                .retryAfterSeconds(7)
                .build());
        rows.await(1, RESTART_BEGUN);
        waitUntil(300);
        try (RawClient early = RawClient.dial(port)) {
            assertThat(early.handshake("people/0/2").header("Retry-After")).isEqualTo("7");
        }
    }

    @Test
    void a_node_that_is_down_for_good_never_listens_and_ends_in_order() throws Exception {
        MockServer server = start(new Plans(Plans.freePort())
                .restart(200, 100, -1, WhileDown.REFUSE, false)
                .build());
        RawClient client = open(1).get(0);
        assertThat(client.answerClose().code()).isEqualTo(1012);
        waitUntil(1_500);
        assertThatThrownBy(() -> RawClient.dial(port)).isInstanceOf(ConnectException.class);
        assertThat(rows.of(LISTENING)).hasSize(1);
        assertThat(MockServer.within(server.leave(), 2_000)).isTrue();
    }

    @Test
    void who_is_unavailable_for_good_names_no_time_to_come_again() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(200, 0, -1, WhileDown.UNAVAILABLE, false)
                .build());
        waitUntil(300);
        try (RawClient late = RawClient.dial(port)) {
            RawClient.Response response = late.handshake("people/0/1");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("Retry-After")).isNull();
        }
    }

    @Test
    void takes_one_more_restart_while_it_runs() throws Exception {
        MockServer server = start(new Plans(Plans.freePort())
                .restart(60_000, 0, 100, WhileDown.REFUSE, false)
                .build());
        RawClient client = open(1).get(0);
        Plan.Restart taken = server.restarts().add(Plans.restart(0, 50, 100));
        assertThat(taken.index()).isEqualTo(1);
        assertThat(taken.atMicros()).as("now").isBetween(1L, micros());
        assertThat(client.answerClose().code()).isEqualTo(1012);
        assertThat(rows.await(2, LISTENING).get(1).value()).isEqualTo(1);
        assertThat(rows.of(RESTART_BEGUN)).extracting(Recorder.Row::value).containsExactly(1L);
        assertThat(rows.await(1, CLOSE_SENT)).extracting(Recorder.Row::value).containsExactly(1L);

        long later = micros() / 1000 + 300;
        assertThat(server.restarts().add(Plans.restart(later, 0, 100)).index()).isEqualTo(2);
        assertThat(rows.await(3, LISTENING).get(2).micros()).isGreaterThanOrEqualTo(1000 * later + 100_000);
        RawClient.open(port, "people/0/2").close();
    }

    @Test
    void refuses_a_restart_that_overlaps_with_another_and_says_until_when() throws Exception {
        Restarts restarts = start(new Plans(Plans.freePort())
                        .restart(20_000, 2_000, 3_000, WhileDown.REFUSE, false)
                        .restart(50_000, 0, -1, WhileDown.REFUSE, false)
                        .build())
                .restarts();
        assertThatThrownBy(() -> restarts.add(Plans.restart(24_000, 0, 100)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("at: 24 s to 24.1 s (expected: no other restart then; one begins at 20 s and listens again"
                        + " at 25 s)");
        assertThatThrownBy(() -> restarts.add(Plans.restart(19_000, 500, 501)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> restarts.add(Plans.restart(10_000, 0, -1)))
                .hasMessageStartingWith("at: 10 s, for good (expected: no other restart then; one begins at 20 s");
        assertThatThrownBy(() -> restarts.add(Plans.restart(90_000, 0, 1)))
                .hasMessageEndingWith("one begins at 50 s and is for good)");
        assertThatThrownBy(() -> restarts.add(new Plans(0)
                        .restart(0, 0, 1, WhileDown.REFUSE, false, true)
                        .build()
                        .restarts()
                        .get(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("kill: true");
        assertThat(restarts.add(Plans.restart(25_000, 0, 100)).index())
                .as("those that were refused took no number")
                .isEqualTo(2);
        assertThatThrownBy(() -> restarts.add(Plans.restart(25_050, 0, 100)))
                .as("one that was taken counts like a planned one")
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_downtime_ends_at_once_when_told_to_also_one_for_good() throws Exception {
        MockServer server = start(new Plans(Plans.freePort()).build());
        assertThat(server.restarts().listenNow()).as("nothing is down").isCompleted();
        RawClient client = open(1).get(0);
        server.restarts().add(Plans.restart(0, 0, -1));
        assertThat(client.answerClose().code()).isEqualTo(1012);
        assertThatThrownBy(() -> server.restarts().add(Plans.restart(0, 0, 1)))
                .isInstanceOf(IllegalStateException.class);
        server.restarts().listenNow().get(5, TimeUnit.SECONDS);
        assertThat(rows.of(LISTENING)).extracting(Recorder.Row::value).containsExactly(-1L, 0L);
        RawClient.open(port, "people/0/2").close();

        server.restarts().add(Plans.restart(0, 0, 10));
        assertThat(rows.await(3, LISTENING))
                .as("it is over, so another may come")
                .hasSize(3);
    }

    @Test
    void a_downtime_that_is_to_end_while_it_drains_does_not_begin() throws Exception {
        MockServer server = start(new Plans(Plans.freePort()).build());
        List<RawClient> clients = open(5);
        long at = server.restarts().add(Plans.restart(0, 500, 20_000)).atMicros();
        rows.await(1, RESTART_BEGUN);
        server.restarts().listenNow().get(5, TimeUnit.SECONDS);
        assertThat(rows.await(5, CLOSE_SENT)).hasSize(5);
        assertThat(rows.of(LISTENING).get(1).micros()).isBetween(at + 500_000, at + 500_000 + LATE_MICROS);
        for (RawClient client : clients) {
            assertThat(client.answerClose().code()).isEqualTo(1012);
        }
    }

    @Test
    void a_black_hole_accepts_and_never_answers_and_drops_at_the_end() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(300, 0, 600, WhileDown.BLACK_HOLE, false)
                .build());
        RawClient client = open(1).get(0);
        assertThat(client.answerClose().code()).isEqualTo(1012);
        try (RawClient lost = RawClient.dial(port)) {
            lost.request("people/1/1");
            assertThat(lost.isSilentFor(200)).isTrue();
            lost.readEnd();
            assertThat(micros()).isGreaterThan(900_000);
        }
        assertThat(rows.await(1, row -> row.event() == CLOSED && row.client() == 1)
                        .get(0)
                        .detail())
                .isEqualTo("network stopped");
        RawClient.open(port, "people/1/2").close();
    }

    @Test
    void listening_while_draining_serves_until_the_end_and_closes_those_too() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(1_000, 800, 400, WhileDown.REFUSE, true)
                .build());
        List<RawClient> clients = open(20);
        assertThat(rows.await(1, RESTART_BEGUN))
                .extracting(Recorder.Row::detail)
                .containsExactly("listen-while-draining refuse");
        for (int i = 100; i < 120; i++) {
            clients.add(RawClient.open(port, "people/" + i + "/1"));
        }
        for (RawClient client : clients) {
            assertThat(client.answerClose().code()).isEqualTo(1012);
        }
        waitUntil(1_900);
        assertThatThrownBy(() -> RawClient.dial(port)).isInstanceOf(ConnectException.class);
        assertThat(rows.await(40, CLOSE_SENT)).allSatisfy(row -> {
            assertThat(row.code()).isEqualTo(1012);
            assertThat(row.value()).isZero();
            assertThat(row.micros()).isBetween(1_000_000L, 1_800_000 + LATE_MICROS);
        });
        List<Recorder.Row> late =
                rows.of(CLOSE_SENT).stream().filter(row -> row.client() >= 100).toList();
        assertThat(late.get(late.size() - 1).micros() - late.get(0).micros()).isGreaterThan(300_000);
        rows.await(2, LISTENING);
        RawClient.open(port, "people/0/2").close();
    }

    @Test
    void a_handshake_that_waits_for_its_turn_is_answered_503_when_the_restart_begins() throws Exception {
        start(new Plans(Plans.freePort())
                .capacity(0.2, 10)
                .restart(400, 500, 300, WhileDown.REFUSE, false)
                .build());
        RawClient served = RawClient.open(port, "people/0/1");
        RawClient silent = RawClient.dial(port);
        try (RawClient queued = RawClient.dial(port);
                RawClient late = RawClient.dial(port)) {
            queued.request("people/1/1");
            assertThat(queued.response().status()).isEqualTo(503);
            queued.readEnd();
            assertThat(micros()).isBetween(400_000L, 850_000L);
            assertThat(late.handshake("people/2/1").status()).isEqualTo(503);
            late.readEnd();
        }
        assertThat(served.answerClose().code()).isEqualTo(1012);
        silent.readEnd();
        assertThat(micros())
                .as("the end of the drain window, not of the downtime")
                .isLessThan(1_150_000);
        silent.close();
        rows.await(2, LISTENING);
        RawClient.open(port, "people/0/2").close();
        assertThat(micros()).as("the queue is empty after a restart").isLessThan(3_000_000);
        assertThat(rows.of(REJECTED)).hasSize(2).allMatch(row -> row.detail().equals("restart"));
    }

    @Test
    void who_connects_throughout_a_storm_gets_1012_or_an_answer_but_never_another_close() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(300, 150, 50, WhileDown.REFUSE, false)
                .restart(600, 0, 10, WhileDown.REFUSE, false)
                .restart(800, 150, 50, WhileDown.UNAVAILABLE, true)
                .restart(1_100, 50, 50, WhileDown.REFUSE, true)
                .build());
        List<Thread> storm = new ArrayList<>();
        List<Throwable> wrong = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int client = i;
            Thread thread = new Thread(() -> {
                for (int dial = 1; micros() < 1_400_000; dial++) {
                    try (RawClient one = RawClient.open(port, "people/" + client + "/" + dial)) {
                        if (micros() < 1_150_000) {
                            RawClient.Frame close = one.answerClose();
                            if (close.code() != 1012) {
                                throw new AssertionError("closed with " + close.code());
                            }
                        }
                    } catch (IOException refused) {
                        continue;
                    } catch (AssertionError e) {
                        synchronized (wrong) {
                            wrong.add(e);
                        }
                    }
                }
            });
            storm.add(thread);
            thread.start();
        }
        for (Thread thread : storm) {
            thread.join(10_000);
        }
        assertThat(wrong).isEmpty();
        assertThat(rows.await(5, LISTENING)).hasSize(5);
        assertThat(rows.of(CLOSE_SENT)).hasSizeGreaterThan(20).allMatch(row -> row.code() == 1012);
    }

    @Test
    void restarts_that_follow_on_each_others_heels_wait_for_one_another() throws Exception {
        Plans plan = new Plans(Plans.freePort());
        for (int i = 0; i < 40; i++) {
            plan.restart(200 + i, 0, 1, WhileDown.REFUSE, false); // Each begins as the one before should listen again.
        }
        start(plan.build());
        RawClient client = open(1).get(0);
        assertThat(client.answerClose().code()).isEqualTo(1012);
        assertThat(rows.await(41, LISTENING)).extracting(Recorder.Row::value).endsWith(38L, 39L);
        RawClient.open(port, "people/0/2").close();
    }

    @Test
    void leaves_a_kill_to_the_harness() throws Exception {
        start(new Plans(Plans.freePort())
                .restart(200, 0, 100, WhileDown.REFUSE, false, true)
                .build());
        RawClient client = RawClient.open(port, "people/0/1");
        waitUntil(500);
        client.text("still here");
        assertThat(client.read().text()).isEqualTo("still here");
        assertThat(rows.of(RESTART_BEGUN)).isEmpty();
        client.close();
    }
}
