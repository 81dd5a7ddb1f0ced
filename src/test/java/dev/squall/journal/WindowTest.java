package dev.squall.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {

    private static JournalRow row(long number, long micros) {
        return new JournalRow(number, micros, "", 0, 0, JournalEvent.READY, 0, 0, 0, "");
    }

    @Test
    void rowsComeInOrderOfTimeAndOfTheirNumberAtEqualTimesHoweverManyComeAndGo() {
        Window window = new Window();
        Random random = new Random(7);
        PriorityQueue<JournalRow> expected =
                new PriorityQueue<>(Comparator.comparingLong(JournalRow::micros).thenComparingLong(JournalRow::row));
        for (int i = 0; i < 20_000; i++) {
            JournalRow row = row(i, i / 2 - random.nextInt(100));
            window.add(row);
            expected.add(row);
            // It grows to some hundreds, and is emptied now and then.
            while (i % 3000 == 2999 ? !expected.isEmpty() : expected.size() > i % 700) {
                assertThat(window.firstMicros()).isEqualTo(expected.peek().micros());
                assertThat(window.poll()).isSameAs(expected.poll());
            }
        }
        while (!expected.isEmpty()) {
            assertThat(window.poll()).isSameAs(expected.poll());
        }
        assertThat(window.isEmpty()).isTrue();
        assertThat(window.poll()).isNull();
    }
}
