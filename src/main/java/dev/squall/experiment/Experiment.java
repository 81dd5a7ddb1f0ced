package dev.squall.experiment;

import dev.squall.plan.Plan;
import dev.squall.verdict.Expectation;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A valid experiment: what the file says, with every default filled in.
 *
 * @param name its name
 * @param seed its seed, if it has one
 * @param durationMicros when the load ends
 * @param mock the mock server to run against
 * @param injectors injector processes
 * @param populations the clients
 * @param withholds the withheld extensions
 * @param restarts the restarts in order of time, repeated ones spelled out
 * @param expectations what is expected, empty: what is implied
 * @param confidence by which shares are judged; 0: as observed
 * @param warnings what is allowed but probably not meant
 * @param source the file's text as it was read
 */
public record Experiment(
        String name,
        OptionalLong seed,
        long durationMicros,
        Mock mock,
        int injectors,
        List<Plan.Population> populations,
        List<Plan.Withhold> withholds,
        List<Plan.Restart> restarts,
        List<Expectation> expectations,
        double confidence,
        List<Problem> warnings,
        String source) {

    /**
     * The mock server.
     *
     * @param nodes processes
     * @param port where each listens, on an address of its own; 0: the first that is free
     * @param extensions what it negotiates
     * @param capacity what stands behind its handshake; null: nothing
     */
    public record Mock(int nodes, int port, List<String> extensions, Plan.@Nullable Capacity capacity) {}

    private static final long SECOND = 1_000_000;

    /** Connect within 5 s, be answered within 10 s; a node waits a minute for a loaded client's Close. */
    private static final Plan.Limits LIMITS =
            new Plan.Limits(5 * SECOND, 10 * SECOND, 15 * SECOND, 60 * SECOND, 60 * SECOND);

    /** The plan of this experiment: a pure function of it, the seed and the port. */
    public Plan plan(long chosenSeed, int port) {
        List<Plan.Node> nodes = IntStream.range(0, mock.nodes())
                .mapToObj(i -> new Plan.Node(i, host(i), port))
                .toList();
        return new Plan(
                Plan.SCHEMA,
                name,
                chosenSeed,
                durationMicros,
                injectors,
                nodes,
                mock.extensions(),
                mock.capacity(),
                populations,
                withholds,
                restarts,
                LIMITS,
                expectations.stream().map(Expectation::text).toList(),
                confidence);
    }

    /** The loopback address of a node: each has its own, and so its own range of client ports. */
    public static String host(int node) {
        return "127.0." + (node + 1) / 256 + "." + (node + 1) % 256;
    }
}
