package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Balance;
import dev.squall.plan.Plan;
import dev.squall.verdict.Metrics;
import dev.squall.verdict.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What restarts of several nodes do to a client, and to the nodes, by which node an attempt dials. */
class RolloutTest {

    private static final int CLIENTS = 1200;

    /** Whoever is sent away is back before its node listens. */
    private static Plan rolling(Balance balance) {
        return Runs.plan("""
                duration: 100s
                target: {mock: {nodes: 3, balance: %s}}
                load: {phones: {clients: %d, arrive: {over: 5s}, reconnect: {delay: 1s..3s, growth: 1}}}
                faults: [{restart: {at: 10s, rolling: 25s, drain: 2s, downtime: 10s, deadline: 10s}}]
                """.formatted(balance.spelled(), CLIENTS), 11);
    }

    /** What a journal's reader can count by itself. */
    private static final class Told {
        final long[] drops = new long[CLIENTS];
        final long[] closedBy = new long[3];
        final List<String> nodes = new ArrayList<>();

        Statistics of(Plan plan) {
            JournalPass pass = new JournalPass(plan, Runs.QUIET);
            new VirtualFleet(plan, (node, row) -> {
                        take(node, row);
                        pass.accept(node, row);
                    })
                    .run();
            return pass.finish();
        }

        private void take(int node, JournalRow row) {
            if (node >= 0 && row.event() == JournalEvent.CLOSE_SENT && row.value() != JournalWriter.NONE) {
                drops[(int) row.client()]++;
                closedBy[node]++;
            } else if (node < 0 && row.event() == JournalEvent.CONNECTING) {
                nodes.add(row.client() + " " + row.connection() + " " + row.detail());
            }
        }
    }

    private static double metric(Statistics statistics, String name) {
        List<Reading> readings = Metrics.find(name).orElseThrow().reader().read(statistics, "");
        assertThat(readings).hasSize(1);
        return readings.get(0).value();
    }

    @ParameterizedTest
    @EnumSource(Balance.class)
    void eachDropIsCountedOnceAndAtItsNode(Balance balance) {
        Told told = new Told();
        Statistics statistics = told.of(rolling(balance));

        long drops = Arrays.stream(told.drops).sum();
        assertThat(metric(statistics, "rollout.drops-per-client.max"))
                .isEqualTo(Arrays.stream(told.drops).max().orElseThrow());
        assertThat(metric(statistics, "rollout.drops-per-client.mean"))
                .isCloseTo((double) drops / CLIENTS, within(1e-9));
        for (RestartFigures restart : statistics.all().restarts()) {
            assertThat(restart.affected()).isEqualTo(told.closedBy[restart.node()]);
            assertThat(restart.recovered()).isEqualTo(restart.affected());
            assertThat(restart.peakAttemptsPerSecond()).isPositive();
        }
        assertThat(statistics.ledger().unmatched()).isZero();
        assertThat(LongStream.range(0, 3)
                        .map(node -> statistics.spread().open((int) node))
                        .sum())
                .isEqualTo(statistics.all().open())
                .isEqualTo(CLIENTS);
    }

    @Test
    void aStickyClientIsDroppedOnceAndItsNodeIsAsFullAsBefore() {
        Statistics statistics = Runs.of(rolling(Balance.STICKY));

        assertThat(metric(statistics, "rollout.drops-per-client.p50")).isEqualTo(1);
        assertThat(metric(statistics, "rollout.drops-per-client.max")).isEqualTo(1);
        assertThat(metric(statistics, "rollout.reconnects-per-client.max"))
                .as("some find their node still down")
                .isGreaterThan(1);
        assertThat(metric(statistics, "nodes.imbalance")).isEqualTo(1);
        assertThat(metric(statistics, "nodes.peak-imbalance")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Balance.class,
            names = {"ROUND_ROBIN", "RANDOM", "LEAST_CONNECTIONS"})
    void aClientThatMovesIsDroppedAtEachNodeThatIsStillToCome(Balance balance) {
        Statistics statistics = Runs.of(rolling(balance));

        // Who goes from 0 to 1 and on to 2 is dropped by all; but who leaves 1 finds that 0, now empty, has the fewest.
        int most = balance == Balance.LEAST_CONNECTIONS ? 2 : 3;
        assertThat(metric(statistics, "rollout.drops-per-client.max")).isEqualTo(most);
        assertThat(metric(statistics, "rollout.reconnects-per-client.max"))
                .as("each is back at its first try")
                .isEqualTo(most);
        assertThat(metric(statistics, "rollout.reconnects-per-client.mean"))
                .isEqualTo(metric(statistics, "rollout.drops-per-client.mean"));
        // Of 1,200: 400 400 400, 0 600 600, 300 0 900, 750 450 0; or by the fewest, 0 600 600, 600 0 600, 600 600 0.
        boolean even = balance == Balance.LEAST_CONNECTIONS;
        assertThat(statistics.spread().open(2))
                .as("restarted last, and nobody came")
                .isZero();
        assertThat(metric(statistics, "nodes.imbalance")).isCloseTo(even ? 1.5 : 1.875, within(0.1));
        assertThat(metric(statistics, "nodes.peak-imbalance")).isCloseTo(even ? 1.5 : 2.25, within(0.1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Balance.class,
            names = {"STICKY", "ROUND_ROBIN", "RANDOM"})
    void aClientDialsTheSameNodesWhateverElseTheRunHolds(Balance balance) {
        Told all = new Told();
        all.of(rolling(balance));
        Told fewer = new Told();
        fewer.of(Runs.plan("""
                duration: 100s
                target: {mock: {nodes: 3, balance: %s}}
                load: {phones: {clients: %d, arrive: {over: 5s}, reconnect: {delay: 1s..3s, growth: 1}}}
                faults: [{restart: {at: 10s, nodes: [0], drain: 2s, downtime: 10s, deadline: 10s}}]
                """.formatted(balance.spelled(), CLIENTS), 11));

        assertThat(all.nodes).hasSizeGreaterThan(fewer.nodes.size()).startsWith(fewer.nodes.toArray(String[]::new));
    }

    // ---- by hand

    private static Plan byHand(String restarts) {
        return Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 2, balance: random}}
                load: {phones: {clients: 4}}
                faults: [%s]
                """.formatted(restarts), 1);
    }

    private static final String FIRST = "{restart: {at: 10s, downtime: 20s, deadline: 20s, nodes: [0]}}";

    private static Story arriving(Story story, int... nodes) {
        for (int client = 0; client < nodes.length; client++) {
            story.client(client).add(1, JournalEvent.ARRIVED, JournalWriter.NONE, 0, "");
            story.back(1, nodes[client]);
        }
        return story;
    }

    @Test
    void theStormOfARestartIsThatOfThoseWhomItSentAway() {
        Story story = arriving(new Story(byHand(FIRST)), 0, 0, 1, 1).restart(0, 10, 30);
        story.client(0)
                .restarted(0, 10)
                .dials(11.1, "node-1")
                .fails(11.2, "refused")
                .back(11.3, 1);
        story.client(1).restarted(0, 10).back(11.4, 1);
        story.client(2).breaks(11, 0, "reset").back(11.5, 1); // Its own misfortune, at another node.
        story.client(3)
                .breaks(11, 0, "reset")
                .dials(11.6, "node-0")
                .fails(11.7, "refused")
                .back(14, 1);
        Statistics statistics = story.statistics();
        RestartFigures restart = statistics.all().restarts().get(0);

        assertThat(restart.affected()).isEqualTo(2);
        assertThat(restart.recovered()).isEqualTo(2);
        assertThat(restart.attempts()).isEqualTo(3);
        assertThat(restart.peakAttemptsPerSecond())
                .as("three of the way back, and one at the node itself")
                .isEqualTo(4);
        assertThat(metric(statistics, "rollout.drops-per-client.max")).isEqualTo(1);
        assertThat(metric(statistics, "rollout.drops-per-client.mean")).isEqualTo(0.5);
        assertThat(metric(statistics, "rollout.reconnects-per-client.max")).isEqualTo(2);
        assertThat(metric(statistics, "rollout.reconnects-per-client.mean")).isEqualTo(0.75);
    }

    @Test
    void aLossBelongsToTheRestartOfTheNodeThatTheClientIsAt() {
        HarnessJournal harness = harness(new HarnessJournal.Kill(1, 0, 10_000_000));
        Story story = arriving(
                new Story(byHand("{restart: {at: 10s, kill: true, downtime: 5s, deadline: 20s, nodes: [1]}}")),
                1,
                0,
                1,
                0);
        for (int client = 0; client < 4; client++) {
            story.client(client).breaks(10.5, 0.5, "reset").back(12, 0);
        }

        RestartFigures restart = story.statistics(harness).all().restarts().get(0);

        assertThat(restart.affected()).isEqualTo(2);
    }

    private static HarnessJournal harness(HarnessJournal.Kill... kills) {
        return new HarnessJournal(Long.MAX_VALUE, List.of(kills), List.of(), List.of(), List.of(), List.of());
    }

    /** The client's Close of its first connection at one node has not arrived; then it is at the other. */
    private static Ledger ledger(int first, int second) {
        Story story = arriving(
                new Story(byHand("{restart: {at: 10s, kill: true, downtime: 5s, deadline: 20s, nodes: [1]}}")), first);
        story.client(0)
                .add(9.9, JournalEvent.CLOSE_SENT, 3000, JournalWriter.NONE, "")
                .add(10.1, JournalEvent.CLOSED, 3000, 0, "client eof");
        story.back(12, second);
        return story.statistics(harness(new HarnessJournal.Kill(1, 0, 10_000_000)))
                .ledger();
    }

    @Test
    void aKilledNodeExplainsTheFramesOfItsConnectionsAndNoOthers() {
        assertThat(ledger(1, 0).unmatched()).isZero();
        assertThat(ledger(1, 1).unmatched()).isZero();
        assertThat(ledger(0, 1).unmatched()).isEqualTo(1);
        assertThat(ledger(0, 0).unmatched()).isEqualTo(1);
    }

    @Test
    void theImbalanceIsThatOfTheFullestNodeAndItsPeakIsKept() {
        Story story = arriving(new Story(byHand(FIRST)), 0, 0, 0, 1).restart(0, 10, 30);
        story.client(0).restarted(0, 10).back(11, 1);
        story.client(1).restarted(0, 10).back(11, 1);
        story.client(2).restarted(0, 10).back(12, 1);
        story.client(3).breaks(40, 0, "reset").back(41, 0);
        Statistics statistics = story.statistics();

        assertThat(statistics.spread().open(1)).isEqualTo(3);
        assertThat(statistics.spread().most(1)).isEqualTo(4);
        assertThat(metric(statistics, "nodes.imbalance")).isEqualTo(1.5);
        assertThat(metric(statistics, "nodes.peak-imbalance")).isEqualTo(2);
    }

    @Test
    void aNodeThatIsDownForGoodIsMissedByNobody() {
        Story story = arriving(
                        new Story(byHand("{restart: {at: 10s, downtime: forever, deadline: 20s, nodes: [0]}}")), 0, 1)
                .restart(0, 10, 70);
        story.client(0).restarted(0, 10).back(11, 1);
        Statistics statistics = story.statistics();

        assertThat(metric(statistics, "nodes.imbalance")).isEqualTo(1);
        assertThat(statistics.spread().inRotation(0)).isFalse();
    }

    @Test
    void aClientThatDialsANodeWhichTheRunHasNotIsAMalformedRow() {
        Story story = arriving(new Story(byHand(FIRST)), 7);

        assertThat(story.statistics().trust().malformedRows).isEqualTo(1);
    }

    @Test
    void inTheClosedModelEachClientCountsItsOwn() {
        Plan plan = Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 2, balance: random}}
                load: {phones: {clients: 1, model: closed, stay: 30s}}
                faults: [%s]
                """.formatted(FIRST), 1);
        Story story = arriving(new Story(plan), 0).restart(0, 10, 30);
        story.client(0).restarted(0, 10).back(11, 1).closes(31, 1000, "").finishes(31, "left");
        story.add(32, JournalEvent.ARRIVED, JournalWriter.NONE, 0, "").back(32, 0);
        Statistics statistics = story.statistics();

        assertThat(statistics.all().drops().getTotalCount()).isEqualTo(2);
        assertThat(metric(statistics, "rollout.drops-per-client.mean")).isEqualTo(0.5);
    }
}
