package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.stats.Runs;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which node an attempt dials. */
class BalancerTest {

    private static final long SECOND = 1_000_000;
    private static final int CLIENTS = 3000;
    private static final long BEFORE = 5 * SECOND;

    private static Plan plan(Balance balance, String faults) {
        return Runs.plan(
                "duration: 100s\ntarget: {mock: {nodes: 3, balance: " + balance.spelled() + "}}\nload: {a: {clients: "
                        + CLIENTS + "}}\nfaults: [" + faults + "]",
                7);
    }

    /** How many of all clients dial each node with this connection. */
    private static long[] spread(Plan plan, int connection, long micros) {
        Balancer balancer = new Balancer(plan);
        long[] spread = new long[plan.nodes().size()];
        for (int client = 0; client < CLIENTS; client++) {
            int node = balancer.node(0, client, connection, micros);
            balancer.dialled(node);
            spread[node]++;
        }
        return spread;
    }

    @ParameterizedTest
    @EnumSource(Balance.class)
    void eachSpreadsTheClientsOverAllNodes(Balance balance) {
        long[] spread = spread(plan(balance, ""), 1, BEFORE);

        assertThat(Arrays.stream(spread).sum()).isEqualTo(CLIENTS);
        long tolerance = balance == Balance.RANDOM ? 100 : 0; // Four standard deviations.
        for (long each : spread) {
            assertThat(each).isBetween(1000 - tolerance, 1000 + tolerance);
        }
    }

    @Test
    void stickyStaysWithItsNodeThoughThatIsDown() {
        Plan plan = plan(Balance.STICKY, "{restart: {at: 10s, nodes: [1], downtime: 5s, deadline: 5s}}");

        assertThat(spread(plan, 4, 12 * SECOND)).containsExactly(1000, 1000, 1000);
        assertThat(new Balancer(plan).node(0, 1, 4, 12 * SECOND)).isEqualTo(1);
    }

    @Test
    void roundRobinDealsOutThoseThatShareANodeWhereverTheyHaveBeen() {
        Plan plan = plan(Balance.ROUND_ROBIN, "{restart: {at: 10s, rolling: 10s, downtime: 5s, deadline: 5s}}");
        Balancer balancer = new Balancer(plan);
        for (long step :
                new long[] {0, 10 * SECOND}) { // All in rotation at each attempt, or one node after the other out.
            for (int connection = 1; connection < 4; connection++) {
                long micros = step * connection + 2 * SECOND;
                int[][] moves = new int[3][3];
                for (int client = 0; client < CLIENTS; client++) {
                    int from = balancer.node(0, client, connection, micros - step);
                    moves[from][balancer.node(0, client, connection + 1, micros)]++;
                }
                int out = step == 0 ? -1 : connection - 1;
                int ways = step == 0 ? 3 : 2;
                for (int[] to : moves) {
                    int even = Arrays.stream(to).sum() / ways;
                    for (int node = 0; node < 3; node++) {
                        int expected = node == out ? 0 : even;
                        assertThat(to[node]).as(Arrays.deepToString(moves)).isBetween((int) (expected * 0.95), (int)
                                (expected * 1.05));
                    }
                }
            }
        }
    }

    @Test
    void fewClientsAreDealtOutToo() {
        Balancer balancer = new Balancer(plan(Balance.ROUND_ROBIN, ""));
        for (int connection = 1; connection < 6; connection++) {
            int of = connection;
            assertThat(IntStream.range(0, 3).map(client -> balancer.node(0, client, of, BEFORE)))
                    .containsExactlyInAnyOrder(0, 1, 2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Balance.class,
            names = {"ROUND_ROBIN", "RANDOM", "LEAST_CONNECTIONS"})
    void theOthersTakeTheClientsOfANodeThatIsOut(Balance balance) {
        Plan plan = plan(balance, "{restart: {at: 10s, nodes: [1], drain: 2s, downtime: 5s, deadline: 5s}}");

        assertThat(spread(plan, 2, 10 * SECOND - 1)[1]).isPositive();
        for (long micros : new long[] {10 * SECOND, 17 * SECOND - 1}) {
            long[] spread = spread(plan, 2, micros);
            assertThat(spread[1]).isZero();
            assertThat(spread[0]).isBetween(1400L, 1600L);
        }
        assertThat(spread(plan, 2, 17 * SECOND)[1]).isPositive();
    }

    @Test
    void whoIsDealtOutOfADrainedNodeIsSpreadOverAllOthers() {
        Plan plan =
                plan(Balance.ROUND_ROBIN, "{restart: {at: 10s, nodes: [1], drain: 2s, downtime: 5s, deadline: 5s}}");
        Balancer balancer = new Balancer(plan);

        long toFirst = IntStream.range(0, CLIENTS)
                .filter(client -> balancer.node(0, client, 1, BEFORE) == 1)
                .filter(client -> balancer.node(0, client, 2, 11 * SECOND) == 0)
                .count();

        assertThat(toFirst).isBetween(490L, 510L);
    }

    @Test
    void aNodeThatListensWhileDrainingIsOutFromTheEndOfTheWindow() {
        Rotation rotation = new Rotation(
                plan(
                        Balance.RANDOM,
                        "{restart: {at: 10s, nodes: [2], drain: 2s, downtime: 5s, deadline: 5s, listen-while-draining: true}}"));

        assertThat(rotation.at(12 * SECOND - 1)).containsExactly(0, 1, 2);
        assertThat(rotation.at(12 * SECOND)).containsExactly(0, 1);
        assertThat(rotation.at(17 * SECOND)).containsExactly(0, 1, 2);
    }

    @Test
    void aNodeThatIsDownForGoodStaysOutAndIfAllAreOutAllAreDialled() {
        Rotation rotation = new Rotation(plan(
                Balance.RANDOM,
                "{restart: {at: 10s, nodes: [0], downtime: forever}},"
                        + " {restart: {at: 20s, nodes: [1, 2], kill: true, downtime: 2s}}"));

        assertThat(rotation.at(15 * SECOND)).containsExactly(1, 2);
        assertThat(rotation.at(21 * SECOND)).containsExactly(0, 1, 2);
        assertThat(rotation.at(99 * SECOND)).containsExactly(1, 2);
    }

    @Test
    void aRollingRestartTakesOneNodeAfterTheOther() {
        Rotation rotation =
                new Rotation(plan(Balance.RANDOM, "{restart: {at: 10s, rolling: 10s, downtime: 2s, deadline: 5s}}"));

        assertThat(rotation.at(11 * SECOND)).containsExactly(1, 2);
        assertThat(rotation.at(15 * SECOND)).containsExactly(0, 1, 2);
        assertThat(rotation.at(21 * SECOND)).containsExactly(0, 2);
        assertThat(rotation.at(31 * SECOND)).containsExactly(0, 1);
    }

    @Test
    void leastConnectionsFillsTheNodeThatHasLost() {
        Plan plan = plan(Balance.LEAST_CONNECTIONS, "");
        Balancer balancer = new Balancer(plan);
        for (int client = 0; client < 30; client++) {
            balancer.dialled(balancer.node(0, client, 1, BEFORE));
        }
        for (int i = 0; i < 5; i++) {
            balancer.ended(2);
        }

        for (int client = 30; client < 35; client++) {
            int node = balancer.node(0, client, 1, BEFORE);
            assertThat(node).isEqualTo(2);
            balancer.dialled(node);
        }
    }

    @Test
    void injectorsTogetherDialWhatOneAloneWould() {
        for (Balance balance : new Balance[] {Balance.STICKY, Balance.ROUND_ROBIN, Balance.RANDOM}) {
            String faults = "{restart: {at: 10s, rolling: 10s, downtime: 5s, deadline: 5s}}";
            Balancer alone = new Balancer(plan(balance, faults));
            Balancer[] shares = {
                new Balancer(plan(balance, faults)),
                new Balancer(plan(balance, faults)),
                new Balancer(plan(balance, faults))
            };
            for (int client = 0; client < 300; client++) {
                for (int connection = 1; connection < 5; connection++) {
                    long micros = connection * 8 * SECOND;
                    int node = shares[client % 3].node(0, client, connection, micros);
                    shares[client % 3].dialled(node); // What a share has does not matter to it.
                    assertThat(node).as("seed 7, " + balance).isEqualTo(alone.node(0, client, connection, micros));
                }
            }
        }
    }

    @Test
    void aNodesNameIsReadBack() {
        assertThat(Balance.node(Balance.name(12), 13)).isEqualTo(12);
        for (String none : new String[] {"", "node-", "node-13", "node-1x", "limited", "node-99999999999"}) {
            assertThat(Balance.node(none, 13)).as(none).isEqualTo(-1);
        }
    }
}
