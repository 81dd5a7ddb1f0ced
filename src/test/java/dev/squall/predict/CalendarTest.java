package dev.squall.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalendarTest {

    private static final Calendar.Ahead NOBODY = (entries, from, to) -> {};

    private record Entry(long micros, int client) {}

    private static final Comparator<Entry> ORDER =
            Comparator.comparingLong(Entry::micros).thenComparingInt(Entry::client);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void entries_come_in_order_of_time_and_then_of_clients_as_from_a_heap(long seed) {
        Random random = new Random(seed);
        long end = 1 + (long) (random.nextDouble() * 20_000_000);
        Calendar calendar = new Calendar(end, NOBODY);
        PriorityQueue<Entry> heap = new PriorityQueue<>(ORDER);
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(5) < 3) {
                // Some are due at once, some within the day, some far ahead, some after the end.
                long ahead = (long) Math.pow(10, random.nextDouble() * 7.5) - 1;
                Entry entry = new Entry(now + ahead, random.nextInt(1 << random.nextInt(30)));
                calendar.add(entry.micros(), entry.client());
                if (entry.micros() < end) {
                    heap.add(entry);
                }
            } else if (!heap.isEmpty()) {
                Entry expected = heap.remove();
                assertThat(calendar.micros(Calendar.NEVER - 1))
                        .as("seed %d", seed)
                        .isEqualTo(expected.micros());
                assertThat(calendar.take()).as("seed %d", seed).isEqualTo(expected.client());
                now = expected.micros();
            }
        }
        while (!heap.isEmpty()) {
            calendar.micros(Calendar.NEVER - 1);
            assertThat(calendar.take())
                    .as("seed %d", seed)
                    .isEqualTo(heap.remove().client());
        }
        assertThat(calendar.micros(Calendar.NEVER - 1)).isEqualTo(Calendar.NEVER);
    }

    @Test
    void who_asks_for_what_is_due_until_a_time_may_still_add_what_is_due_from_then_on() {
        Calendar calendar = new Calendar(10_000_000, NOBODY);
        calendar.add(9_000_000, 1);

        assertThat(calendar.micros(5_000_000)).isEqualTo(Calendar.NEVER);
        calendar.add(5_000_000, 2);

        assertThat(calendar.micros(9_000_000)).isEqualTo(5_000_000);
        assertThat(calendar.take()).isEqualTo(2);
        assertThat(calendar.micros(9_000_000)).isEqualTo(9_000_000);
    }

    @Test
    void what_would_be_due_before_now_is_a_defect() {
        Calendar calendar = new Calendar(10_000_000, NOBODY);
        calendar.add(9_000_000, 1);
        calendar.micros(Calendar.NEVER - 1);
        calendar.take();

        assertThatThrownBy(() -> calendar.add(1_000_000, 2)).hasMessageContaining("1000000 us");
        assertThatThrownBy(calendar::take).hasMessage("nothing is due");
    }

    @Test
    void whose_turn_comes_soon_is_told_before_it_comes() {
        List<Long> told = new ArrayList<>();
        Calendar calendar = new Calendar(10_000_000, (entries, from, to) -> {
            for (int i = from; i < to; i++) {
                told.add(entries[i] & 0xffff_ffffL);
            }
        });
        for (int client = 0; client < 150; client++) {
            calendar.add(1_000_000 + client % 10, client);
        }
        for (int i = 0; i < 150; i++) {
            calendar.micros(Calendar.NEVER - 1);
            assertThat(told).contains((long) calendar.take());
        }
        assertThat(told).hasSize(150).doesNotHaveDuplicates();
    }
}
