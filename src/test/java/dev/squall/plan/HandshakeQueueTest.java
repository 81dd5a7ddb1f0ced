package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandshakeQueueTest {

    private static final long START = -5_000_000_000L; // The monotonic clock may be negative.
    private static final long TURN = 1_000_000;

    private static HandshakeQueue queue(double handshakesPerSecond, int concurrent, int places, long warmUpMicros) {
        return new HandshakeQueue(
                new Plan.Capacity(handshakesPerSecond, concurrent, places, warmUpMicros, WhenFull.UNAVAILABLE), START);
    }

    private static HandshakeQueue queue(double handshakesPerSecond, int places) {
        return queue(handshakesPerSecond, 0, places, 0);
    }

    @Test
    void gives_turns_at_the_rate_and_refuses_beyond_the_places() {
        HandshakeQueue queue = queue(1000, 3);
        assertThat(queue.take(START)).isZero();
        assertThat(queue.take(START)).isEqualTo(TURN);
        assertThat(queue.take(START)).isEqualTo(2 * TURN);
        assertThat(queue.take(START)).isEqualTo(3 * TURN);
        assertThat(queue.take(START)).isEqualTo(HandshakeQueue.FULL);
        assertThat(queue.take(START + TURN / 2)).isEqualTo(HandshakeQueue.FULL);
        assertThat(queue.take(START + TURN)).isEqualTo(3 * TURN);
    }

    @Test
    void an_idle_time_gives_no_credit() {
        HandshakeQueue queue = queue(1000, 10);
        queue.take(START);
        long later = START + 100 * TURN;
        assertThat(queue.take(later)).isZero();
        assertThat(queue.take(later)).isEqualTo(TURN);
    }

    @Test
    void without_places_one_at_a_time_is_served() {
        HandshakeQueue queue = queue(1000, 0);
        assertThat(queue.take(START)).isZero();
        assertThat(queue.take(START + TURN / 2)).isEqualTo(HandshakeQueue.FULL);
        assertThat(queue.take(START + TURN)).isZero();
    }

    @Test
    void a_long_queue_is_as_long_as_it_should_be_at_an_uneven_rate() {
        HandshakeQueue queue = queue(700, 1000);
        int taken = 0;
        while (queue.take(START) != HandshakeQueue.FULL) {
            taken++;
        }
        assertThat(taken).isEqualTo(1001); // One is served, a thousand wait.
    }

    @Test
    void a_node_that_begins_to_listen_has_nobody_waiting() {
        HandshakeQueue queue = queue(1000, 3);
        for (int i = 0; i < 4; i++) {
            queue.take(START);
        }
        queue.restart(START + 1);
        assertThat(queue.take(START + 1)).isZero();
        assertThat(queue.take(START + 1)).isEqualTo(TURN);
    }

    @Test
    void so_many_at_once_take_as_long_as_it_takes_for_the_rate() {
        HandshakeQueue queue = queue(200, 50, 10, 0); // 50 at 200/s: 250 ms each.
        long each = 250_000_000;
        for (int i = 0; i < 50; i++) {
            assertThat(queue.take(START + i * TURN)).isEqualTo(each);
        }
        assertThat(queue.take(START + 50 * TURN))
                .as("it begins when the first is done")
                .isEqualTo(2 * each - 50 * TURN);
        assertThat(queue.take(START + 50 * TURN))
                .as("and the next when the second is")
                .isEqualTo(2 * each - 49 * TURN);
        for (int i = 2; i < 10; i++) {
            assertThat(queue.take(START + 50 * TURN)).isPositive();
        }
        assertThat(queue.take(START + 50 * TURN)).isEqualTo(HandshakeQueue.FULL);
        assertThat(queue.take(START + each)).as("one has left the queue").isPositive();
        assertThat(queue.take(START + each)).isEqualTo(HandshakeQueue.FULL);
    }

    @Test
    void one_at_once_is_answered_after_its_turn_and_not_as_it_begins() {
        HandshakeQueue queue = queue(1000, 1, 1, 0);
        assertThat(queue.take(START)).isEqualTo(TURN);
        assertThat(queue.take(START)).isEqualTo(2 * TURN);
        assertThat(queue.take(START)).isEqualTo(HandshakeQueue.FULL);
    }

    @Test
    void completes_at_the_rate_however_many_are_worked_on_at_once() {
        for (int concurrent : new int[] {0, 1, 7, 100}) {
            HandshakeQueue queue = queue(1000, concurrent, 10_000, 0);
            long last = 0;
            for (int i = 0; i < 5000; i++) {
                last = Math.max(last, queue.take(START));
            }
            assertThat(last).as("concurrent %d", concurrent).isBetween(4_999 * TURN, (5_000 + concurrent) * TURN);
        }
    }

    @Test
    void a_cold_node_completes_few_and_more_and_more_until_it_is_warm() {
        HandshakeQueue queue = queue(1000, 0, 100_000, 4_000_000);
        int[] seconds = new int[6];
        for (int i = 0; i < 4_000; i++) {
            seconds[(int) (queue.take(START) / 1_000_000_000)]++;
        }
        // The rate grows from 100/s by 225/s a second.
        assertThat(seconds[0]).isBetween(212, 214);
        assertThat(seconds[1]).isBetween(437, 439);
        assertThat(seconds[2]).isBetween(661, 664);
        assertThat(seconds[3]).isBetween(886, 889);
        assertThat(seconds[4]).isBetween(999, 1001);
    }

    @Test
    void who_begins_in_the_cold_takes_longer() {
        HandshakeQueue queue = queue(100, 1, 10, 10_000_000);
        assertThat(queue.take(START))
                .as("10 ms of work at a tenth, and soon a little more")
                .isBetween(95_000_000L, 97_000_000L);
        queue.restart(START);
        assertThat(queue.take(START + 11_000_000_000L)).isEqualTo(10_000_000L);
    }

    @Test
    void it_is_cold_again_after_each_restart() {
        HandshakeQueue queue = queue(1000, 1, 10, 1_000_000);
        long warm = queue.take(START + 2_000_000_000L);
        assertThat(warm).isEqualTo(TURN);
        queue.restart(START + 3_000_000_000L);
        assertThat(queue.take(START + 3_000_000_000L)).isGreaterThan(9 * TURN);
    }

    @Test
    void who_asks_in_the_instant_of_a_restart_does_not_ask_before_it() {
        HandshakeQueue queue = queue(1000, 0, 10, 1_000_000);
        assertThat(queue.take(START - 5_000)).isZero();
        assertThat(queue.take(START)).isPositive();
    }
}
