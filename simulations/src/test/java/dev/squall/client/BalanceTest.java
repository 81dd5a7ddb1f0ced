package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.journal.JournalEvent;
import dev.squall.plan.Balance;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients at several nodes, which send them away once. */
@Timeout(20)
class BalanceTest {

    private static final int NODES = 3;
    private static final int CLIENTS = 36;

    /** More than it takes: a run ends when all have come twice. */
    private static final long MILLIS = 10_000;

    @TempDir
    Path folder;

    /** What became of each connection, by its name. */
    private record Seen(Map<String, String> bySide, Map<String, String> byClient) {
        /** The path of each connection: from where, to where, and what its client then waited. */
        Map<String, String> paths() {
            Map<String, String> paths = new TreeMap<>(bySide);
            byClient.forEach((name, said) -> paths.merge(name, said, (a, b) -> a + " " + b));
            return paths;
        }
    }

    private static Population population(String name) {
        ReconnectPolicy policy = new ReconnectPolicy(
                "test", 5_000, 50_000, 1, 1_000_000, Jitter.NONE, false, ReconnectPolicy.UNLIMITED, 0);
        return new Population(0, name, CLIENTS, 1000, List.of(), List.of(), On1010.STOP, null, policy);
    }

    private Seen run(Balance balance, int injectors) throws Exception {
        return run(balance, injectors, "127.0.0.", 4 * CLIENTS);
    }

    /** Until so many have opened; {@code away}: how the addresses begin of the nodes that send their clients away. */
    private Seen run(Balance balance, int injectors, String away, int opened) throws Exception {
        Map<String, String> bySide = new ConcurrentSkipListMap<>();
        TestRun run;
        try (ScriptedServer server = ScriptedServer.everywhere((peer, n) -> {
            peer.open();
            String name = peer.header("squall-connection");
            bySide.put(name, peer.source() + " to " + peer.destination());
            if (name.endsWith("/1") && peer.destination().startsWith(away)) {
                peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
                peer.readClose();
            } else {
                peer.echoUntilClose();
            }
        })) {
            List<Plan.Node> nodes = IntStream.range(0, NODES)
                    .mapToObj(i -> new Plan.Node(i, "127.0.0." + (i + 1), server.port()))
                    .toList();
            run = new TestRun(Files.createTempDirectory(folder, "run"))
                    .with(population("phones"))
                    .with(population("desks"))
                    .balance(balance)
                    .injectors(injectors)
                    .when(JournalEvent.OPENED, opened, Fleet::finish)
                    .limits(limits -> new Plan.Limits(MILLIS * 1000, MILLIS * 1000, 60_000_000, 3_000_000))
                    .connectWithin(MILLIS * 1000)
                    .run(nodes, null, MILLIS);
        }
        Map<String, String> byClient = new TreeMap<>();
        for (TestRun.Row row : run.rows()) {
            String client = row.population() + "/" + row.client() + "/";
            switch (row.event()) {
                case "CONNECTING" -> byClient.put(client + row.connection(), row.detail());
                case "WAITING" -> byClient.put(client + "waited", row.value());
                default -> {}
            }
        }
        return new Seen(bySide, byClient);
    }

    @Test
    void aClientDialsTheNodeThatItsRowNamesAndMoves() throws Exception {
        Seen seen = run(Balance.ROUND_ROBIN, 1);

        int moved = 0;
        for (Map.Entry<String, String> each : seen.bySide().entrySet()) {
            int node = Balance.node(String.valueOf(seen.byClient().get(each.getKey())), NODES);
            assertThat(each.getValue()).endsWith("to 127.0.0." + (node + 1));
            String first = each.getKey().replaceFirst("/2$", "/1");
            moved += seen.byClient().get(first).equals("node-" + node) ? 0 : 1;
        }
        assertThat(seen.bySide()).hasSize(4 * CLIENTS);
        assertThat(moved).as("of both populations, two in three").isBetween(CLIENTS, 2 * CLIENTS - 1);
    }

    @Test
    void whoIsSentAwayComesBackToTheNodeThatHasTheFewest() throws Exception {
        Seen seen = run(Balance.LEAST_CONNECTIONS, 1, "127.0.0.1", 2 * CLIENTS + CLIENTS / 3);

        List<String> again = seen.bySide().entrySet().stream()
                .filter(each -> each.getKey().endsWith("/2"))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(again).hasSizeGreaterThanOrEqualTo(CLIENTS / 3);
        assertThat(again.stream().filter(each -> each.endsWith("to 127.0.0.1")).count())
                .isGreaterThan(again.size() * 3L / 4);
    }

    @Test
    void aClientTakesTheSamePathWhateverTheNumberOfInjectors() throws Exception {
        Map<String, String> paths = run(Balance.RANDOM, 1).paths();

        assertThat(paths).hasSize(6 * CLIENTS);
        assertThat(run(Balance.RANDOM, 3).paths()).as("seed 42").isEqualTo(paths);
    }
}
