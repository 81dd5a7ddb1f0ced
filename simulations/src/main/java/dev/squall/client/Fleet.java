package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.journal.Rows;
import dev.squall.plan.Balancer;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Tls;
import dev.squall.role.RunClock;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All virtual clients of one injector: its share of the plan's. Life of a fleet: every client {@link #enter}s on its event
 * loop; {@link #start} lets them arrive as planned; the closing phase begins at the plan's duration or at {@link #finish};
 * {@link #ended} when the last has gone.
 */
public final class Fleet {

    /** What the closing phase spends at most on one client before the next one's turn, in microseconds. */
    static final long CLOSING_STEP_MICROS = 100;

    final Plan plan;
    final Rows journal;
    final Tally tally = new Tally();
    final ChannelFactory<? extends SocketChannel> sockets;
    private final DnsServerAddressStreamProvider nameServers;
    private final Map<String, Cohort> cohorts = new LinkedHashMap<>();
    private final Target[] targets;
    /** Chooses the node that a client dials; null where there is one server, which is not ours. */
    private final @Nullable Balancer balancer;

    final Pace pace;
    private final Map<EventLoop, LoopClients> loops = new ConcurrentHashMap<>();
    private final int size;
    private final AtomicInteger missing;
    private final AtomicInteger living;
    private final CompletableFuture<Void> entered = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Throwable> defect = new CompletableFuture<>();

    /**
     * A fleet that waits for its clients.
     *
     * @param injector whose share of the plan's clients this is, from 0
     * @param identity what the clients say of themselves
     * @param journal takes their rows
     * @param latencies gives the series of a tag, for round trips
     * @param sockets makes sockets that fit the event loops
     * @throws IllegalArgumentException if a reference of the plan cannot be expanded, or not be used; no secret is told
     */
    public Fleet(
            Plan plan,
            int injector,
            Identity identity,
            Rows journal,
            Function<String, LatencyLog.Series> latencies,
            ChannelFactory<? extends SocketChannel> sockets) {
        this(plan, injector, identity, journal, latencies, sockets, DnsServerAddressStreamProviders.platformDefault());
    }

    /** The same with name servers of its own. */
    Fleet(
            Plan plan,
            int injector,
            Identity identity,
            Rows journal,
            Function<String, LatencyLog.Series> latencies,
            ChannelFactory<? extends SocketChannel> sockets,
            DnsServerAddressStreamProvider nameServers) {
        this.nameServers = nameServers;
        this.plan = plan;
        this.journal = journal;
        this.sockets = sockets;
        Expansion expansion = new Expansion(System::getenv);
        Plan.Endpoint endpoint = plan.endpoint();
        String resource = endpoint == null ? "/" : endpoint.uri(expansion).resource();
        int rank = 0;
        for (Population population : plan.populations()) {
            Cohort cohort = new Cohort(plan, population, injector, rank, identity, latencies, resource, expansion);
            cohorts.put(population.name(), cohort);
            rank += cohort.size();
        }
        size = rank;
        missing = new AtomicInteger(size);
        living = new AtomicInteger(size);
        targets = endpoint == null
                ? plan.nodes().stream()
                        .map(node -> Target.of(node, plan.balance().moves(), tlsOfNodes(plan, node, size)))
                        .toArray(Target[]::new)
                : new Target[] {Target.of(endpoint, expansion, size)};
        balancer = endpoint == null ? new Balancer(plan) : null;
        pace = new Pace(endpoint == null ? 0 : endpoint.attemptsPerSecond() / plan.injectors());
        if (size == 0) {
            entered.complete(null);
            ended.complete(null);
        }
    }

    /** Nodes that are a proxy may speak TLS, with a certificate that is the user's and not for their addresses. */
    private static @Nullable TlsLayer tlsOfNodes(Plan plan, Plan.Node node, int clients) {
        Plan.Relay relay = plan.relay();
        return relay == null || relay.certificate() == null
                ? null
                : new TlsLayer(Tls.of(true), new Expansion(System::getenv), node.host(), clients);
    }

    /** How many clients it has. */
    public int size() {
        return size;
    }

    /** The populations of which it has clients, and how many of each. */
    public Map<String, Integer> populations() {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        cohorts.forEach((name, cohort) -> {
            if (cohort.size() > 0) {
                sizes.put(name, cohort.size());
            }
        });
        return sizes;
    }

    /**
     * Takes in one client, on its event loop, before the start.
     *
     * @param ordinal how many of its population came before it
     * @param observer is told what becomes of it, on the loop; {@link Observer#gone} at last, once
     */
    public void enter(String population, int ordinal, EventLoop loop, Observer observer) {
        Cohort cohort = cohort(population, ordinal);
        LoopClients clients = loops.computeIfAbsent(loop, l -> new LoopClients(this, l));
        clients.add(new VirtualClient(clients, cohort, ordinal, observer));
        if (missing.decrementAndGet() == 0) {
            entered.complete(null);
        }
    }

    /**
     * Takes in one client that arrives at once, on its event loop, without a start: nothing plans its end.
     *
     * @param population whose clients have not all entered yet
     * @param observer as for {@link #enter}
     */
    public Client arrive(String population, int ordinal, EventLoop loop, Observer observer) {
        LoopClients home = loops.computeIfAbsent(loop, l -> new LoopClients(this, l));
        VirtualClient client = new VirtualClient(home, cohort(population, ordinal), ordinal, observer);
        client.planNow();
        return client;
    }

    private Cohort cohort(String population, int ordinal) {
        Cohort cohort = cohorts.get(population);
        if (cohort == null || ordinal >= cohort.size()) {
            throw new IllegalArgumentException(
                    population + " #" + ordinal + " (expected: of " + populations() + ", counted from 0)");
        }
        return cohort;
    }

    /** Completes when every client has entered. */
    public CompletableFuture<Void> entered() {
        return entered;
    }

    /**
     * Lets the clients arrive as planned and plans the closing phase; call it once, after {@link #entered}.
     *
     * @param beat is told, in microseconds, by how much each event loop's heartbeat was late; called on the loops
     */
    public void start(RunClock clock, LongConsumer beat) {
        loops.values().forEach(clients -> clients.start(clock, beat));
    }

    /** Begins the closing phase now, unless it has begun. */
    public void finish() {
        loops.values().forEach(LoopClients::finishSoon);
    }

    /** Completes when every client has ended and no row will come any more. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Completes with an exception that should not have been: the run is worth nothing then. */
    public CompletableFuture<Throwable> defect() {
        return defect;
    }

    /** The pairs of the status line. */
    public String status() {
        return tally.pairs();
    }

    void defective(Throwable cause) {
        defect.complete(cause);
    }

    void clientEnded() {
        if (living.decrementAndGet() == 0) {
            ended.complete(null);
        }
    }

    /** What a client dials now, with this connection. */
    Target target(int population, int client, int connection, long micros) {
        return targets[balancer == null ? 0 : balancer.node(population, client, connection, micros)];
    }

    /** A client dials. */
    void dialled(Target target) {
        if (balancer != null) {
            balancer.dialled(target.node);
        }
    }

    /** A connection, or an attempt at one, has ended. */
    void connectionEnded(Target target) {
        if (balancer != null) {
            balancer.ended(target.node);
        }
    }

    /** What looks the target's name up on a loop for each attempt; null where its addresses are known. */
    @Nullable
    Lookup lookup(EventLoop loop) {
        Plan.Endpoint endpoint = plan.endpoint();
        if (endpoint == null || !endpoint.lookupEach()) {
            return null;
        }
        boolean sixth = endpoint.addresses().stream().anyMatch(address -> address.contains(":"));
        return new Lookup(loop, sockets, nameServers, sixth, endpoint.elsewhere());
    }

    /** The time over which the Closes of the closing phase go out, so that the nodes can keep up. */
    long closingSpreadMicros() {
        return Math.min(plan.limits().closingPhaseMicros() / 2, size * CLOSING_STEP_MICROS);
    }
}
