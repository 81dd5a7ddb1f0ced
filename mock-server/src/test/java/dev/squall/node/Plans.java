package dev.squall.node;

import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Withhold;
import dev.squall.plan.Identification;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.SteadyWindow;
import dev.squall.plan.Tls;
import dev.squall.plan.WhenFull;
import dev.squall.plan.WhileDown;
import dev.squall.profile.Profiles;
import dev.squall.protocol.Extension;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/** A plan of one node for tests, built up step by step. */
final class Plans {

    static final long SEED = 42;

    private final int port;
    private List<String> extensions = List.of(Extension.PERMESSAGE_DEFLATE);
    private Plan.Capacity capacity;
    private Plan.Serving serving;
    private Plan.Relay relay;
    private final List<FaultWindow> faults = new ArrayList<>();
    private final List<Plan.Restart> restarts = new ArrayList<>();
    private long nodeClosingMicros = 60_000_000;
    private long handshakeMicros = 5_000_000;

    Plans(int port) {
        this.port = port;
    }

    /** A free port below the ephemeral range. */
    static int freePort() throws IOException {
        for (int i = 0; i < 100; i++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return probe.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IOException("no free port");
    }

    Plans extensions(String... names) {
        extensions = List.of(names);
        return this;
    }

    Plans capacity(double handshakesPerSecond, int queue) {
        return capacity(handshakesPerSecond, 0, queue, 0, WhenFull.UNAVAILABLE);
    }

    Plans capacity(double handshakesPerSecond, int concurrent, int queue, long warmUpMillis, WhenFull whenFull) {
        capacity = new Plan.Capacity(handshakesPerSecond, concurrent, queue, 1000 * warmUpMillis, whenFull);
        return this;
    }

    Plans withhold(double probability, long fromMillis, long toMillis) {
        faults.add(FaultWindow.during(
                faults.size(),
                new Withhold(Extension.PERMESSAGE_DEFLATE, false),
                probability,
                1000 * fromMillis,
                1000 * toMillis));
        return this;
    }

    /** A fault during all of the run. */
    Plans fault(Fault fault) {
        return fault(FaultWindow.during(faults.size(), fault, 1, 0, FaultWindow.OPEN_END));
    }

    Plans fault(FaultWindow window) {
        faults.add(window);
        return this;
    }

    /** Serves clients that are not ours, and tells them apart so. */
    Plans serving(String identify, long pingMillis) {
        serving = new Plan.Serving(Identification.parse(identify), 1000 * pingMillis, "127.0.0.1", 0);
        return this;
    }

    Plans restart(long atMillis, long drainMillis, long downMillis, WhileDown whileDown, boolean listenWhileDraining) {
        return restart(atMillis, drainMillis, downMillis, whileDown, listenWhileDraining, false);
    }

    Plans restart(
            long atMillis,
            long drainMillis,
            long downMillis,
            WhileDown whileDown,
            boolean listenWhileDraining,
            boolean kill) {
        restarts.add(new Plan.Restart(
                restarts.size(),
                1000 * atMillis,
                1000 * drainMillis,
                null,
                downMillis < 0 ? Plan.Restart.FOREVER : 1000 * downMillis,
                30_000_000,
                1012,
                whileDown,
                0,
                listenWhileDraining,
                kill,
                List.of(0)));
        return this;
    }

    /** A restart at once or later, for {@link Restarts#add}. */
    static Plan.Restart restart(long atMillis, long drainMillis, long downMillis) {
        return new Plans(0)
                .restart(atMillis, drainMillis, downMillis, WhileDown.REFUSE, false)
                .restarts
                .get(0);
    }

    /** The last restart closes in batches. */
    Plans batches(int of, long everyMillis) {
        return last(r -> new Plan.Restart(
                r.index(),
                r.atMicros(),
                r.drainMicros(),
                new Plan.Batches(of, 1000 * everyMillis),
                r.downtimeMicros(),
                r.deadlineMicros(),
                r.code(),
                r.whileDown(),
                r.retryAfterMicros(),
                r.listenWhileDraining(),
                r.kill(),
                r.nodes()));
    }

    /** The last restart says when to come again. */
    Plans retryAfterSeconds(long seconds) {
        return last(r -> new Plan.Restart(
                r.index(),
                r.atMicros(),
                r.drainMicros(),
                r.batches(),
                r.downtimeMicros(),
                r.deadlineMicros(),
                r.code(),
                r.whileDown(),
                1_000_000 * seconds,
                r.listenWhileDraining(),
                r.kill(),
                r.nodes()));
    }

    private Plans last(UnaryOperator<Plan.Restart> change) {
        restarts.add(change.apply(restarts.remove(restarts.size() - 1)));
        return this;
    }

    Plans closingMillis(long millis) {
        nodeClosingMicros = 1000 * millis;
        return this;
    }

    Plans handshakeMillis(long millis) {
        handshakeMicros = 1000 * millis;
        return this;
    }

    Plan build() {
        ReconnectPolicy none = Profiles.named("none").orElseThrow().policy();
        Population people = new Population(0, "people", 100_000, 0, List.of(), List.of(), On1010.STOP, null, none);
        return new Plan(
                        Plan.SCHEMA,
                        "test",
                        SEED,
                        60_000_000,
                        1,
                        List.of(new Plan.Node(0, "127.0.0.1", port)),
                        null,
                        serving,
                        extensions,
                        capacity,
                        List.of(people),
                        faults,
                        restarts,
                        new Plan.Limits(handshakeMicros, 5_000_000, nodeClosingMicros, 10_000_000),
                        List.of(),
                        0)
                .before(relay);
    }

    /** It stands before this server. */
    Plans before(String url) {
        return before(url, Tls.DEFAULT, null, null);
    }

    /** It stands before this server, and may speak TLS. */
    Plans before(String url, Tls tls, String certificate, String key) {
        relay = new Plan.Relay(
                new Plan.Endpoint(
                        url,
                        List.of("127.0.0.1"),
                        false,
                        tls,
                        null,
                        false,
                        List.of(),
                        0,
                        new Plan.ForeignRestarts(List.of(), 0, 0, 0)),
                certificate,
                key);
        return this;
    }

    /** The plan whose faults wait for the steady state. */
    static Plan waiting(Plan plan) {
        return new Plan(
                plan.schema(),
                plan.experiment(),
                plan.seed(),
                plan.durationMicros(),
                plan.injectors(),
                plan.nodes(),
                plan.endpoint(),
                plan.serving(),
                plan.extensions(),
                plan.capacity(),
                plan.replies(),
                plan.balance(),
                plan.populations(),
                plan.faults(),
                plan.restarts(),
                plan.limits(),
                plan.expectations(),
                plan.confidence(),
                plan.observations(),
                new SteadyWindow(0, SteadyWindow.SHORTEST_MICROS),
                null,
                List.of());
    }
}
