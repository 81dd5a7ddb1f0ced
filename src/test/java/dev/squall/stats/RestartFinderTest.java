package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restarts of a server that says nothing, found in the losses of its clients (DESIGN section 5). */
class RestartFinderTest {

    private static final long SECOND = 1_000_000;
    private static final int CLIENTS = 200;

    private static final Plan PLAN = Runs.plan("""
            duration: 100s
            target: {url: "ws://127.0.0.1:9300/", restart: {command: [restart-it], settle: 2s, deadline: 7s}}
            load: {all: {clients: 200}}
            faults: [{restart: {at: 50s, deadline: 9s}}]
            """, 1);

    private final RestartFinder finder = finder(Runs.QUIET);
    private long rows;

    private static RestartFinder finder(HarnessJournal harness) {
        Plan.Endpoint endpoint = PLAN.endpoint();
        assertThat(endpoint).isNotNull();
        return new RestartFinder(PLAN, endpoint, harness, PLAN.durationMicros());
    }

    private void row(RestartFinder to, long micros, int client, long connection, JournalEvent event, long code) {
        to.accept(new JournalRow(
                rows++, micros, "all", client, connection, event, code, JournalWriter.NONE, 0, "network eof"));
    }

    private void open(RestartFinder to, int clients) {
        for (int client = 0; client < clients; client++) {
            row(to, SECOND, client, 1, JournalEvent.OPENED, JournalWriter.NONE);
        }
    }

    private void lose(long micros, int client, int code) {
        row(finder, micros, client, 1, code == 1006 ? JournalEvent.CLOSED : JournalEvent.CLOSE_RECEIVED, code);
    }

    @Test
    void fivePercentOfTheOpenClientsWithinASecondAreABurst() {
        open(finder, CLIENTS);
        for (int i = 0; i < 10; i++) {
            lose(10 * SECOND + i * 99_000, i, 1012);
        }

        List<RestartFinder.Found> found = finder.found();

        assertThat(found).hasSize(1);
        assertThat(found.get(0).restart().atMicros()).isEqualTo(10 * SECOND);
        assertThat(found.get(0).restart().code()).isEqualTo(1012);
        assertThat(found.get(0).untilMicros()).isEqualTo(10 * SECOND + 9 * 99_000);
        assertThat(found.get(0).restart().dueMicros()).isEqualTo(10 * SECOND + 9 * 99_000 + 7 * SECOND);
        assertThat(found.get(0).command()).isNull();
    }

    @Test
    void fewerAreEveryDayLife() {
        open(finder, CLIENTS);
        for (int i = 0; i < 9; i++) {
            lose(10 * SECOND + i * 99_000, i, 1012);
        }

        assertThat(finder.found()).isEmpty();
    }

    @Test
    void asManyOverLongerThanASecondAreEveryDayLifeToo() {
        open(finder, CLIENTS);
        for (int i = 0; i < 10; i++) {
            lose(10 * SECOND + i * 112_000, i, 1012);
        }

        assertThat(finder.found()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void ofFewOpenClientsAtLeastFiveMustBeLost(int lost) {
        open(finder, 20);
        for (int i = 0; i < lost; i++) {
            lose(10 * SECOND + i, i, 1001);
        }

        assertThat(finder.found()).hasSize(lost == 5 ? 1 : 0);
    }

    @Test
    void oneClientThatFallsOftenIsNoBurst() {
        open(finder, 20);
        for (int i = 1; i <= 30; i++) {
            row(finder, 10 * SECOND + i * 1000, 0, i, JournalEvent.OPENED, JournalWriter.NONE);
            row(finder, 10 * SECOND + i * 1000 + 500, 0, i, JournalEvent.CLOSED, 1006);
        }

        assertThat(finder.found()).isEmpty();
    }

    @Test
    void aBurstGoesOnWhileLossesFollowWithinASecondAndItsCodeIsTheMostFrequent() {
        open(finder, CLIENTS);
        for (int i = 0; i < 10; i++) {
            lose(10 * SECOND + i, i, 1001);
        }
        for (int i = 0; i < 12; i++) {
            lose(10 * SECOND + (i + 1) * 990_000L, 20 + i, 1006);
        }
        lose(30 * SECOND, 50, 1006);

        List<RestartFinder.Found> found = finder.found();

        assertThat(found).hasSize(1);
        assertThat(found.get(0).untilMicros()).isEqualTo(10 * SECOND + 12 * 990_000L);
        assertThat(found.get(0).restart().code()).isEqualTo(1006);
    }

    @Test
    void twoBurstsAreTwoRestarts() {
        open(finder, CLIENTS);
        for (int i = 0; i < 40; i++) {
            lose((i < 20 ? 10 : 12) * SECOND + i, i, i < 20 ? 1012 : 1000);
        }

        assertThat(finder.found())
                .extracting(f -> f.restart().index() + " " + f.restart().code())
                .containsExactly("0 1012", "1 1000");
    }

    @Test
    void whoLeavesByItsOwnCloseIsNotLost() {
        open(finder, CLIENTS);
        for (int i = 0; i < 50; i++) {
            row(finder, 10 * SECOND + i, i, 1, JournalEvent.CLOSE_SENT, 1000);
            row(finder, 10 * SECOND + i + 1, i, 1, JournalEvent.CLOSE_RECEIVED, 1000);
            row(finder, 10 * SECOND + i + 2, i, 1, JournalEvent.CLOSED, 1000);
        }

        assertThat(finder.found()).isEmpty();
    }

    @Test
    void theEndOfTheLoadIsNoRestart() {
        open(finder, CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            lose(100 * SECOND + i, i, 1006);
        }

        assertThat(finder.found()).isEmpty();
    }

    @Test
    void lossesFromACommandsStartUntilItHasSettledAreItsOwnHoweverFew() {
        HarnessJournal.Command command = new HarnessJournal.Command(0, 50 * SECOND, 53 * SECOND, 0, "");
        RestartFinder commanded = finder(
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()));
        open(commanded, CLIENTS);
        for (Map.Entry<Integer, Long> loss :
                Map.of(1, 49 * SECOND, 2, 50 * SECOND, 3, 52 * SECOND, 4, 55 * SECOND, 5, 56 * SECOND)
                        .entrySet()
                        .stream()
                        .sorted(Map.Entry.comparingByKey())
                        .toList()) {
            row(commanded, loss.getValue(), loss.getKey(), 1, JournalEvent.CLOSE_RECEIVED, 1001);
        }

        List<RestartFinder.Found> found = commanded.found();

        assertThat(found).hasSize(1);
        assertThat(found.get(0).command()).isEqualTo(command);
        assertThat(found.get(0).restart().atMicros()).isEqualTo(50 * SECOND);
        assertThat(found.get(0).untilMicros()).isEqualTo(55 * SECOND);
        // Due by the fault's own deadline, counted from the last loss.
        assertThat(found.get(0).restart().dueMicros()).isEqualTo(55 * SECOND + 9 * SECOND);
    }

    @Test
    void aCommandThatTakesNobodyIsARestartWithoutACode() {
        HarnessJournal.Command command = new HarnessJournal.Command(0, 50 * SECOND, 53 * SECOND, 0, "");
        RestartFinder commanded = finder(
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()));
        open(commanded, CLIENTS);

        assertThat(commanded.found()).singleElement().satisfies(found -> {
            assertThat(found.restart().code()).isZero();
            assertThat(found.restart().dueMicros()).isEqualTo(53 * SECOND + 9 * SECOND);
        });
    }

    @Test
    void aCommandThatDidNotEndHoldsUntilTheLoadDoes() {
        HarnessJournal.Command command = new HarnessJournal.Command(
                0, 50 * SECOND, HarnessJournal.Command.RUNNING, HarnessJournal.Command.NO_EXIT, "it had not ended");
        RestartFinder commanded = finder(
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()));
        open(commanded, CLIENTS);
        row(commanded, 99 * SECOND, 1, 1, JournalEvent.CLOSED, 1006);

        assertThat(commanded.found()).singleElement().satisfies(found -> {
            assertThat(found.untilMicros()).isEqualTo(100 * SECOND);
            assertThat(found.restart().code()).isEqualTo(1006);
        });
    }

    @Test
    void whoIsOpenAllThroughIsUntouchedAndNobodyElse() {
        HarnessJournal.Command command = new HarnessJournal.Command(0, 50 * SECOND, 53 * SECOND, 0, "");
        RestartFinder commanded = finder(
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()));
        open(commanded, 6);
        row(commanded, 49 * SECOND, 0, 1, JournalEvent.CLOSE_SENT, 1000); // Gone before.
        row(commanded, 51 * SECOND, 1, 1, JournalEvent.CLOSE_SENT, 1000); // Leaves by itself: it did not stay open.
        row(commanded, 52 * SECOND, 2, 1, JournalEvent.CLOSE_RECEIVED, 1012);
        row(commanded, 52 * SECOND, 100, 1, JournalEvent.OPENED, JournalWriter.NONE); // New, and lost.
        row(commanded, 53 * SECOND, 100, 1, JournalEvent.CLOSE_RECEIVED, 1012);
        row(commanded, 53 * SECOND, 101, 1, JournalEvent.OPENED, JournalWriter.NONE); // New, and was not there.
        row(commanded, 56 * SECOND, 3, 1, JournalEvent.CLOSED, 1006); // When it was over.

        assertThat(commanded.found())
                .singleElement()
                .satisfies(found -> assertThat(found.untouched().stream()).containsExactly(3, 4, 5));
    }

    @Test
    void untouchedByABurstIsWhoIsOpenFromItsFirstLossUntilASecondAfterItsLast() {
        open(finder, 20);
        for (int i = 0; i < 5; i++) {
            lose(10 * SECOND + i * 100_000, i, 1006);
            row(finder, 10 * SECOND + i * 100_000 + 1, i, 2, JournalEvent.OPENED, JournalWriter.NONE);
        }
        row(finder, 11 * SECOND, 5, 1, JournalEvent.CLOSE_SENT, 1000);
        lose(11 * SECOND + 200_000, 6, 1006);
        lose(13 * SECOND, 7, 1006); // Nobody else's, and after it.

        assertThat(finder.found())
                .singleElement()
                .satisfies(found -> assertThat(found.untouched().stream())
                        .containsExactly(7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
    }

    @Test
    void aCommandAfterTheLastRowFindsWhoIsOpenThen() {
        HarnessJournal.Command command = new HarnessJournal.Command(0, 50 * SECOND, 53 * SECOND, 0, "");
        RestartFinder commanded = finder(
                new HarnessJournal(Long.MAX_VALUE, List.of(), List.of(command), List.of(), List.of(), List.of()));
        open(commanded, 3);

        assertThat(commanded.found())
                .singleElement()
                .satisfies(found -> assertThat(found.untouched().stream()).containsExactly(0, 1, 2));
    }
}
