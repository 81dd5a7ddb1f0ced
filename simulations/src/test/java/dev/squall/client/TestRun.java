package dev.squall.client;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalWriter;
import dev.squall.journal.LatencyLog;
import dev.squall.journal.Rows;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Balance;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Message;
import dev.squall.plan.Ping;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Timeouts;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.CodeRange;
import dev.squall.reconnect.Exponential;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.reconnect.Span;
import dev.squall.role.RunClock;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.jspecify.annotations.Nullable;

/** A fleet without Gatling on two event loops, from its plan to the rows of its journal. */
final class TestRun {

    /** One row of the journal. */
    record Row(
            long micros,
            String population,
            String client,
            String connection,
            String event,
            String code,
            String attempt,
            String value,
            String detail) {

        static Row parse(String line) {
            String[] columns = line.split(",", 10);
            return new Row(
                    Long.parseLong(columns[1]),
                    columns[2],
                    columns[3],
                    columns[4],
                    columns[5],
                    columns[6],
                    columns[7],
                    columns[8],
                    columns[9]);
        }

        /** What a reader wants to see of it: event, code and detail. */
        String text() {
            return (event + " " + code + " " + detail).replaceAll(" +", " ").strip();
        }

        long longValue() {
            return Long.parseLong(value);
        }
    }

    private static final Plan.Limits LIMITS = new Plan.Limits(1_000_000, 1_000_000, 60_000_000, 3_000_000);

    private final Path folder;
    private final List<Population> populations = new ArrayList<>();
    private Plan.Limits limits = LIMITS;
    private long connectMicros = 1_000_000;
    private DnsServerAddressStreamProvider nameServers = DnsServerAddressStreamProviders.platformDefault();
    private int injectors = 1;
    private Balance balance = Balance.STICKY;
    private @Nullable Plan planned;
    private final List<Reaction> reactions = new ArrayList<>();
    private List<Row> rows = List.of();
    private String status = "";

    TestRun(Path folder) {
        this.folder = folder;
    }

    /** 50 ms after a loss, then 100 ms, 200 ms and on; this many failed tries. */
    static ReconnectPolicy policy(int attempts) {
        return new ReconnectPolicy("test", 50_000, 50_000, 2, 1_000_000, Jitter.NONE, false, attempts, 0);
    }

    /** This long after a loss, then twice as long and on, unless the server closes with 1000: then the client stays away, and its run is over. */
    static ReconnectPolicy untilSentAway(long minMicros, boolean provedWhenReady, int attempts) {
        return new ReconnectPolicy(
                "test",
                new Exponential(new Span(minMicros, minMicros), 2, 1_000_000, Jitter.NONE, false, Span.ZERO),
                attempts,
                0,
                provedWhenReady,
                FailedTries.RETRIED,
                List.of(new CodeRange(1000, 1000)),
                List.of(),
                false);
    }

    static Population population(String name, int clients) {
        return new Population(
                0, name, clients, 1000, List.of(), List.of(), On1010.STOP, null, policy(ReconnectPolicy.UNLIMITED));
    }

    /** A population that offers, and perhaps requires, permessage-deflate. */
    static Population deflate(String name, int clients, String require, On1010 on1010, int attempts) {
        return new Population(
                0,
                name,
                clients,
                1000,
                List.of("permessage-deflate"),
                require.isEmpty() ? List.of() : List.of(require),
                on1010,
                null,
                policy(attempts));
    }

    /** One client called "talking" that arrives at once. */
    static Population conversing(
            List<String> offer,
            Timeouts timeouts,
            @Nullable Dialogue ready,
            @Nullable Message message,
            @Nullable Ping ping,
            ReconnectPolicy policy) {
        return new Population(
                0,
                "talking",
                1,
                Arrivals.over(1000),
                Request.PLAIN,
                timeouts,
                offer,
                List.of(),
                On1010.STOP,
                ready,
                0,
                message,
                ping,
                Mix.of(policy));
    }

    TestRun with(Population population) {
        populations.add(population);
        return this;
    }

    /** A population at its place, with the patience that the limits give it. */
    private Population planned(int index) {
        Population population = populations.get(index);
        return new Population(
                index,
                population.name(),
                population.clients(),
                population.arrivals(),
                population.request(),
                new Timeouts(
                        connectMicros,
                        limits.handshakeMicros(),
                        population.timeouts().idleMicros()),
                population.offer(),
                population.require(),
                population.on1010(),
                population.ready(),
                population.holdMicros(),
                population.message(),
                population.ping(),
                population.reconnect());
    }

    TestRun limits(UnaryOperator<Plan.Limits> change) {
        limits = change.apply(limits);
        return this;
    }

    /** How long the clients wait for TCP. */
    TestRun connectWithin(long micros) {
        connectMicros = micros;
        return this;
    }

    /** What is done, on a thread of its own, as soon as there are so many rows of an event. */
    private record Reaction(JournalEvent event, int count, Action action) {}

    /** May fail, and the run with it. */
    interface Action {
        void on(Fleet fleet) throws Exception;
    }

    TestRun when(JournalEvent event, int count, Action action) {
        reactions.add(new Reaction(event, count, action));
        return this;
    }

    /** Rows on their way to the journal, with the reactions to them. */
    private Rows reacting(Rows journal, CompletableFuture<List<Fleet>> fleets, CompletableFuture<Void> failed) {
        Map<JournalEvent, AtomicInteger> counts = new ConcurrentHashMap<>();
        return (micros, population, client, connection, event, code, attempt, value, detail) -> {
            int count = counts.computeIfAbsent(event, e -> new AtomicInteger()).incrementAndGet();
            for (Reaction reaction : reactions) {
                if (reaction.event == event && reaction.count == count) {
                    fleets.thenAcceptAsync(all -> {
                                try {
                                    for (Fleet fleet : all) {
                                        reaction.action.on(fleet);
                                    }
                                } catch (Exception e) {
                                    throw new CompletionException(e);
                                }
                            })
                            .exceptionally(e -> {
                                failed.completeExceptionally(e);
                                return null;
                            });
                }
            }
            return journal.add(micros, population, client, connection, event, code, attempt, value, detail);
        };
    }

    TestRun nameServer(InetSocketAddress address) {
        nameServers = new SingletonDnsServerAddressStreamProvider(address);
        return this;
    }

    /** Shares the clients among so many injectors. */
    TestRun injectors(int count) {
        injectors = count;
        return this;
    }

    TestRun balance(Balance how) {
        balance = how;
        return this;
    }

    /** Runs for {@code millis} and the closing phase. */
    TestRun run(int port, long millis) throws Exception {
        return run(List.of(new Plan.Node(0, "127.0.0.1", port)), null, millis);
    }

    /** The same against a server that is not ours. */
    TestRun run(Plan.Endpoint endpoint, long millis) throws Exception {
        return run(List.of(), endpoint, millis);
    }

    private Plan plan(List<Plan.Node> nodes, Plan.@Nullable Endpoint endpoint, long millis) {
        return new Plan(
                        Plan.SCHEMA,
                        "test",
                        42,
                        millis * 1000,
                        injectors,
                        nodes,
                        endpoint,
                        null,
                        List.of(),
                        null,
                        IntStream.range(0, populations.size())
                                .mapToObj(this::planned)
                                .toList(),
                        List.of(),
                        List.of(),
                        limits,
                        List.of(),
                        0)
                .balanced(balance);
    }

    /** The same at these nodes, or this server. */
    TestRun run(List<Plan.Node> nodes, Plan.@Nullable Endpoint endpoint, long millis) throws Exception {
        Plan plan = plan(nodes, endpoint, millis);
        planned = plan;
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
        AtomicInteger left = new AtomicInteger();
        Path file = folder.resolve("clients-0.csv");
        try (JournalWriter journal = new JournalWriter(file);
                LatencyLog latencies = new LatencyLog(folder.resolve("clients-0.hlog"))) {
            CompletableFuture<List<Fleet>> made = new CompletableFuture<>();
            CompletableFuture<Void> failed = new CompletableFuture<>();
            Rows reported = reacting(journal::add, made, failed);
            List<Fleet> fleets = new ArrayList<>();
            for (int injector = 0; injector < injectors; injector++) {
                fleets.add(new Fleet(
                        plan,
                        injector,
                        new Identity("squall/test", "test/1"),
                        reported,
                        latencies::series,
                        EpollSocketChannel::new,
                        nameServers));
            }
            made.complete(fleets);
            for (Fleet fleet : fleets) {
                for (Map.Entry<String, Integer> population : fleet.populations().entrySet()) {
                    for (int i = 0; i < population.getValue(); i++) {
                        int ordinal = i;
                        EventLoop loop = loops.next();
                        loop.execute(
                                () -> fleet.enter(population.getKey(), ordinal, loop, () -> left.incrementAndGet()));
                    }
                }
                fleet.entered().get(5, TimeUnit.SECONDS);
            }
            RunClock clock = new RunClock(System.nanoTime());
            fleets.forEach(fleet -> fleet.start(clock, late -> {}));
            long limit = millis + limits.closingPhaseMicros() / 1000 + 2000;
            for (Fleet fleet : fleets) {
                try {
                    CompletableFuture.anyOf(fleet.ended(), fleet.defect(), failed)
                            .get(limit, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    throw new AssertionError("clients are left: " + fleet.status(), e);
                }
                if (fleet.defect().isDone()) {
                    throw new AssertionError("a defect", fleet.defect().join());
                }
            }
            int size = fleets.stream().mapToInt(Fleet::size).sum();
            if (left.get() != size) {
                throw new AssertionError(left + " of " + size + " virtual users were let go");
            }
            status = fleets.get(0).status();
            latencies.flush(0, millis * 1000);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
        }
        rows = read(file);
        return this;
    }

    static List<Row> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().skip(1).map(Row::parse).toList();
    }

    /** The plan of the run that was. */
    Plan plan() {
        return Objects.requireNonNull(planned, "it has run");
    }

    List<Row> rows() {
        return rows;
    }

    List<Row> rows(String event) {
        return rows.stream().filter(r -> r.event().equals(event)).toList();
    }

    /** All rows of a client, as text. */
    List<String> story(String population, int client) {
        return rows.stream()
                .filter(r -> r.population().equals(population) && r.client().equals(Integer.toString(client)))
                .map(Row::text)
                .toList();
    }

    String status() {
        return status;
    }

    Path latencies() {
        return folder.resolve("clients-0.hlog");
    }

    /** The values of a series; none if it has none. */
    Histogram latencies(String tag) throws IOException {
        Histogram all = new Histogram(3);
        try (HistogramLogReader reader = new HistogramLogReader(latencies().toFile())) {
            for (var one = reader.nextIntervalHistogram(); one != null; one = reader.nextIntervalHistogram()) {
                if (tag.equals(one.getTag())) {
                    all.add((Histogram) one);
                }
            }
        }
        return all;
    }
}
