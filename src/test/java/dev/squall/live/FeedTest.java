package dev.squall.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class FeedTest {

    private final Feed feed = new Feed("a1");

    private List<String> after(long number) throws InterruptedException {
        return feed.after(number, 1).stream().map(Feed.Event::data).toList();
    }

    private void seconds(int from, int to) {
        for (int i = from; i <= to; i++) {
            feed.add("second", String.valueOf(i));
        }
    }

    @Test
    void whoComesLateGetsAllAndWhoComesAgainWhatItHasNotSeen() throws InterruptedException {
        feed.begin("run", "r");
        seconds(1, 3);

        assertThat(after(feed.number(null))).containsExactly("r", "1", "2", "3");
        assertThat(after(feed.number("a1-3"))).containsExactly("3");
        assertThat(after(feed.number("a1-4"))).isEmpty();
    }

    @Test
    void anIdOfAnotherFeedIsOneThatHasSeenNothing() throws InterruptedException {
        feed.begin("run", "r");
        seconds(1, 1);

        for (String id : List.of("b2-2", "a1-99", "a1-", "2", "a1-x", "", "a1-99999999999999999999")) {
            assertThat(after(feed.number(id))).as(id).containsExactly("r", "1");
        }
    }

    @Test
    void aNewRunTakesThePlaceOfTheOldOneAlsoForWhoHasSeenThat() throws InterruptedException {
        feed.begin("run", "r");
        seconds(1, 5);
        feed.begin("run", "s");
        seconds(6, 7);

        assertThat(after(Feed.NONE)).containsExactly("s", "6", "7");
        assertThat(after(feed.number("a1-3"))).containsExactly("s", "6", "7");
        assertThat(after(feed.number("a1-8"))).containsExactly("7");
    }

    @Test
    void theOldestAreForgottenButNotWhatTheRunIs() throws InterruptedException {
        feed.begin("run", "r");
        seconds(1, Feed.MOST_EVENTS + 7);

        assertThat(after(Feed.NONE)).hasSize(Feed.MOST_AT_ONCE).startsWith("r", "8", "9");
    }

    @Test
    void aLongHistoryComesPartByPartWithoutAGap() throws InterruptedException {
        feed.begin("run", "r");
        seconds(1, 250);
        feed.end();

        long number = Feed.NONE;
        int expected = 0;
        while (!feed.isOver(number)) {
            for (Feed.Event event : feed.after(number, 1)) {
                assertThat(event.data()).isEqualTo(expected == 0 ? "r" : String.valueOf(expected));
                expected++;
                number = event.number();
            }
        }
        assertThat(expected).isEqualTo(251);
    }

    @Test
    void whoWaitsIsWokenByAnEventAndByTheEnd() throws Exception {
        feed.begin("run", "r");
        Thread teller = new Thread(() -> feed.add("second", "1"));
        teller.start();
        assertThat(feed.after(1, 10_000)).hasSize(1);
        teller.join();

        Thread ender = new Thread(feed::end);
        ender.start();
        assertThat(feed.after(2, 10_000)).isEmpty();
        ender.join();
        assertThat(feed.isOver(2)).isTrue();
    }
}
