package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HandshakeQueueTest {

    private static final long START = -5_000_000_000L; // The monotonic clock may be negative.
    private static final long TURN = 1_000_000;

    @Test
    void gives_turns_at_the_rate_and_refuses_beyond_the_places() {
        HandshakeQueue queue = new HandshakeQueue(1000, 3);
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
        HandshakeQueue queue = new HandshakeQueue(1000, 10);
        queue.take(START);
        long later = START + 100 * TURN;
        assertThat(queue.take(later)).isZero();
        assertThat(queue.take(later)).isEqualTo(TURN);
    }

    @Test
    void without_places_one_at_a_time_is_served() {
        HandshakeQueue queue = new HandshakeQueue(1000, 0);
        assertThat(queue.take(START)).isZero();
        assertThat(queue.take(START + TURN / 2)).isEqualTo(HandshakeQueue.FULL);
        assertThat(queue.take(START + TURN)).isZero();
    }

    @Test
    void a_long_queue_is_as_long_as_it_should_be_at_an_uneven_rate() {
        HandshakeQueue queue = new HandshakeQueue(700, 1000);
        int taken = 0;
        while (queue.take(START) != HandshakeQueue.FULL) {
            taken++;
        }
        assertThat(taken).isEqualTo(1001); // One is served, a thousand wait.
        queue.clear();
        assertThat(queue.take(START)).isZero();
    }

    @Test
    void refuses_settings_that_mean_nothing() {
        assertThatThrownBy(() -> new HandshakeQueue(0, 1)).hasMessage("handshakes: 0.0/s (expected: > 0/s)");
        assertThatThrownBy(() -> new HandshakeQueue(1, -1)).hasMessage("queue: -1 (expected: >= 0)");
    }
}
