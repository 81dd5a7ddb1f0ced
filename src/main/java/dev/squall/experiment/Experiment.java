package dev.squall.experiment;

import dev.squall.fault.FaultWindow;
import dev.squall.plan.Balance;
import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Proxy;
import dev.squall.plan.Reply;
import dev.squall.plan.SteadyWindow;
import dev.squall.protocol.WebSocketUri;
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
 * @param target what to run against
 * @param allow hosts that the file allows to be loaded though they are not this machine
 * @param allowRestart hosts whose servers the file allows to be restarted though they are not this machine
 * @param injectors injector processes
 * @param populations the clients
 * @param faults what goes wrong, but for the restarts
 * @param restarts the restarts in order of time, repeated ones spelled out
 * @param expectations what is expected, empty: what is implied
 * @param abortWhen what ends a run at once
 * @param confidence by which shares are judged; 0: as observed
 * @param observations what is polled beside the run
 * @param warnings what is allowed but probably not meant
 * @param source the file's text as it was read
 */
public record Experiment(
        String name,
        OptionalLong seed,
        long durationMicros,
        Target target,
        List<String> allow,
        List<String> allowRestart,
        int injectors,
        List<Population> populations,
        List<FaultWindow> faults,
        List<Plan.Restart> restarts,
        List<Expectation> expectations,
        List<Expectation> abortWhen,
        double confidence,
        List<Observation> observations,
        List<Problem> warnings,
        String source) {

    /** What a run is against. */
    public sealed interface Target permits Mock, Foreign {}

    /**
     * The mock server.
     *
     * @param nodes processes
     * @param port where each listens, on an address of its own; 0: the first that is free
     * @param extensions what it negotiates
     * @param capacity what stands behind its handshake; null: nothing
     * @param replies what it says beyond its echo
     * @param balance which node an attempt of a client dials
     * @param relay what it stands in front of; null: nothing, it echoes
     */
    public record Mock(
            int nodes,
            int port,
            List<String> extensions,
            Plan.@Nullable Capacity capacity,
            List<Reply> replies,
            Balance balance,
            Plan.@Nullable Relay relay)
            implements Target {

        public Mock {
            replies = List.copyOf(replies);
        }

        /** One behind which nothing stands. */
        public Mock(
                int nodes,
                int port,
                List<String> extensions,
                Plan.@Nullable Capacity capacity,
                List<Reply> replies,
                Balance balance) {
            this(nodes, port, extensions, capacity, replies, balance, null);
        }

        /** One whose clients each have a node of their own. */
        Mock(int nodes, int port, List<String> extensions, Plan.@Nullable Capacity capacity, List<Reply> replies) {
            this(nodes, port, extensions, capacity, replies, Balance.STICKY);
        }

        /** One that only echoes. */
        Mock(int nodes, int port, List<String> extensions, Plan.@Nullable Capacity capacity) {
            this(nodes, port, extensions, capacity, List.of());
        }

        /** The same at another port. */
        public Mock at(int chosen) {
            return new Mock(nodes, chosen, extensions, capacity, replies, balance, relay);
        }

        /** The same with the server behind it at its addresses. */
        public Mock before(Plan.Endpoint upstream) {
            Plan.Relay behind = relay;
            return behind == null
                    ? this
                    : new Mock(
                            nodes,
                            port,
                            extensions,
                            capacity,
                            replies,
                            balance,
                            new Plan.Relay(upstream, behind.certificate(), behind.key()));
        }
    }

    /**
     * A server that is not ours.
     *
     * @param endpoint what the plan says of it
     * @param uri its URL with references expanded: not to be written anywhere
     * @param proxy that it is reached through, expanded likewise; null: none
     */
    public record Foreign(
            Plan.Endpoint endpoint,
            WebSocketUri uri,
            @Nullable Proxy proxy) implements Target {

        /** The same at the addresses to which the host that is dialled was resolved. */
        public Foreign at(List<String> addresses, boolean elsewhere) {
            return new Foreign(endpoint.at(addresses, elsewhere), uri, proxy);
        }

        /** The same of a server that the harness starts, at the port that it will have. */
        public Foreign launchedAt(int port) {
            return new Foreign(
                    endpoint.launchedAt(port), new WebSocketUri(uri.secure(), uri.host(), port, uri.resource()), proxy);
        }

        @Override
        public String toString() {
            return endpoint.url();
        }
    }

    /** Who is not back this long after a restart, in microseconds, is late, where nothing else is said. */
    static final long DEFAULT_DEADLINE_MICROS = 30_000_000;

    /** The same with its expectations. */
    Experiment expecting(List<Expectation> expected, List<Expectation> ending, List<Problem> warned) {
        return new Experiment(
                name,
                seed,
                durationMicros,
                target,
                allow,
                allowRestart,
                injectors,
                populations,
                faults,
                restarts,
                expected,
                ending,
                confidence,
                observations,
                List.copyOf(warned),
                source);
    }

    /** The plan of this experiment: a pure function of it, the seed, and the target at the port or address it has now. */
    public Plan plan(long chosenSeed, Target at) {
        Mock mock = at instanceof Mock ours ? ours : null;
        return new Plan(
                Plan.SCHEMA,
                name,
                chosenSeed,
                durationMicros,
                injectors,
                mock == null ? List.of() : nodes(mock),
                at instanceof Foreign foreign ? foreign.endpoint() : null,
                null,
                mock == null ? List.of() : mock.extensions(),
                mock == null ? null : mock.capacity(),
                mock == null ? List.of() : mock.replies(),
                mock == null ? Balance.STICKY : mock.balance(),
                populations,
                faults,
                restarts,
                Plan.Limits.DEFAULT,
                expectations.stream().map(Expectation::text).toList(),
                confidence,
                observations,
                expectations.stream().anyMatch(Expectation::steady)
                        ? SteadyWindow.of(populations, faults, restarts)
                        : null,
                mock == null ? null : mock.relay(),
                abortWhen.stream().map(Expectation::text).toList());
    }

    private static List<Plan.Node> nodes(Mock mock) {
        return IntStream.range(0, mock.nodes())
                .mapToObj(i -> new Plan.Node(i, host(i), mock.port()))
                .toList();
    }

    /** The loopback address of a node: each has its own, and so its own range of client ports. */
    public static String host(int node) {
        return "127.0." + (node + 1) / 256 + "." + (node + 1) % 256;
    }
}
