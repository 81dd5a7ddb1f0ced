package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowOrderTest {

    private static final long SEED = 11;

    private static final Plan PLAN = Runs.plan("""
            duration: 60s
            load:
              strict:
                clients: 300
                arrive: {over: 5s}
                offer: [permessage-deflate]
                require: [permessage-deflate]
                on-1010: retry
                reconnect: {delay: 1s..5s, growth: 1.5, cap: 30s, attempts: 6}
              plain: {clients: 300, arrive: {over: 5s}, reconnect: decorrelated-jitter}
            faults:
              - {withhold: permessage-deflate, probability: 50%, from: 0s, to: 15s}
              - restart: {at: 20s, drain: 2s, downtime: 3s, deadline: 30s}
            """, SEED);

    private static Statistics altered(UnaryOperator<JournalRow> alter) {
        return Runs.of(PLAN, Runs.QUIET, alter);
    }

    private static List<String> reasons(Statistics statistics) {
        return statistics.trust().reasons();
    }

    @Test
    void aRunInWhichEverythingIsToldIsInOrder() {
        assertThat(reasons(altered(row -> row))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = JournalEvent.class,
            names = {
                "ARRIVED",
                "CONNECTING",
                "NEGOTIATED",
                "OPENED",
                "READY",
                "FAILED",
                "CLOSE_SENT",
                "CLOSE_RECEIVED",
                "CLOSED",
                "WAITING",
                "FINISHED"
            })
    void oneRowThatAClientNeverWroteIsMissed(JournalEvent event) {
        assertMissed(event, false);
    }

    @ParameterizedTest
    @EnumSource(
            value = JournalEvent.class,
            names = {"ACCEPTED", "NEGOTIATED"})
    void oneRowThatANodeNeverWroteIsMissed(JournalEvent event) {
        assertMissed(event, true);
    }

    /** The first of a kind, one in the middle, and the last. */
    private static void assertMissed(JournalEvent event, boolean ofNode) {
        List<Long> rows = new ArrayList<>();
        new VirtualFleet(PLAN, (node, row) -> {
                    if (row.event() == event && node >= 0 == ofNode) {
                        rows.add(row.row());
                    }
                })
                .run();
        for (int place : new int[] {0, rows.size() / 2, rows.size() - 1}) {
            long missing = rows.get(place);
            assertThat(reasons(altered(row -> row.row() == missing ? null : row)))
                    .as("seed %d, without row %d, %s", SEED, missing, event)
                    .anyMatch(reason -> reason.contains("journal rows that cannot be"));
        }
    }

    @Test
    void aRowToldTwiceCannotBe() {
        JournalPass pass = new JournalPass(PLAN, Runs.QUIET);
        new VirtualFleet(PLAN, (node, row) -> {
                    pass.accept(node, row);
                    if (row.event() == JournalEvent.READY && row.client() == 7) {
                        pass.accept(node, row);
                    }
                })
                .run();

        assertThat(reasons(pass.finish())).singleElement().asString().contains("READY after READY");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1, 1_000_000})
    void aDelayThatIsNotThePoliciesCannotBe(long more) {
        Statistics statistics = altered(row -> row.event() == JournalEvent.WAITING && row.client() == 9
                ? Runs.altered(row, row.code(), row.value() + more, row.detail())
                : row);

        assertThat(reasons(statistics))
                .singleElement()
                .asString()
                .contains("/9/1 at ", "which is not the delay that its policy and the seed give");
    }

    @Test
    void aTryBeforeItsDelayIsOverCannotBe() {
        Statistics statistics = altered(row -> row.event() == JournalEvent.CONNECTING && row.client() == 9
                ? Runs.altered(row, row.code(), -50_000, row.detail())
                : row);

        assertThat(reasons(statistics)).singleElement().asString().contains("CONNECTING 50000 us before its delay");
    }

    @Test
    void aClientThatSaysNothingAnyMoreIsMissed() {
        Statistics statistics = altered(
                row -> row.population().equals("plain") && row.client() == 3 && row.micros() > 30_000_000 ? null : row);

        assertThat(reasons(statistics))
                .singleElement()
                .asString()
                .contains("plain/3: the last that is known of it is READY");
    }

    @Test
    void aClientThatNeverArrivesIsMissed() {
        Statistics statistics = altered(row -> row.population().equals("plain") && row.client() == 3 ? null : row);

        assertThat(reasons(statistics)).containsExactly("1 clients never arrived though they were due");
    }

    @Test
    void aRestartThatSendsAnotherCodeIsNoticed() {
        Statistics statistics =
                altered(row -> row.client() == 5 && row.event() == JournalEvent.CLOSE_SENT && row.value() == 0
                        ? Runs.altered(row, 1000, 0, row.detail())
                        : row);

        assertThat(RestartFigures.together(statistics.all().restarts()).miscoded())
                .isEqualTo(2);
    }
}
