package dev.squall.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Withhold;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.WebSocketUri;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that the processes of a run need to know, as {@code plan.json}. Times are microseconds since the start of the run.
 *
 * @param schema {@value #SCHEMA}
 * @param experiment the experiment's name
 * @param seed the seed of every random value
 * @param durationMicros when the load ends and the closing phase begins
 * @param injectors how many injector processes share the clients
 * @param nodes the mock servers, in order of index; empty where the clients dial an endpoint
 * @param endpoint the server that the clients dial where it is not ours; null: the nodes
 * @param serving how the node serves clients that are not ours; null: the clients of the plan dial it
 * @param extensions what a node negotiates when nothing is withheld
 * @param capacity what stands behind a node's handshake; null: nothing
 * @param replies what a node says beyond its echo
 * @param balance which node an attempt of a client dials
 * @param populations the clients, in the order of the experiment
 * @param faults what goes wrong, but for the restarts, in the order of the experiment
 * @param restarts the restarts in order of time
 * @param limits the bounds of every wait
 * @param expectations what the run is held against, as the experiment spells it; empty: what is implied
 * @param confidence shares are judged by the Wilson bound of this confidence; 0: as observed
 * @param observations what is polled beside the run, in the order of the experiment
 * @param steady when the steady state is measured, without which nothing goes wrong; null: nobody asks for it
 * @param relay what the nodes stand in front of; null: they are the server
 * @param abortWhen conditions that end load and faults at once, as the experiment spells them
 */
public record Plan(
        String schema,
        String experiment,
        long seed,
        long durationMicros,
        int injectors,
        List<Node> nodes,
        @Nullable Endpoint endpoint,
        @Nullable Serving serving,
        List<String> extensions,
        @Nullable Capacity capacity,
        List<Reply> replies,
        Balance balance,
        List<Population> populations,
        List<FaultWindow> faults,
        List<Restart> restarts,
        Limits limits,
        List<String> expectations,
        double confidence,
        List<Observation> observations,
        @Nullable SteadyWindow steady,
        @Nullable Relay relay,
        List<String> abortWhen) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/plan/1";

    /** Descriptors that a process needs beyond one a client: jars, journal, event loops, attempts that linger. */
    public static final int RESERVED_DESCRIPTORS = 256;

    /** The experiment's name of a server that serves clients that are not ours. */
    public static final String SERVER = "serve";

    /** The duration of a server that serves until it is stopped: a hundred years. */
    public static final long WITHOUT_END_MICROS = 100L * 365 * 24 * 3600 * 1_000_000;

    /** Addresses from which clients dial on loopback, 127.0.1.1 and on: each has ports of its own. */
    public static final int LOOPBACK_SOURCES = 8;

    /** One mock server process and where it listens. */
    public record Node(int index, String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * A server that is not ours, and the way to it.
     *
     * @param url as the experiment spells it, references such as ${env:TOKEN} not expanded
     * @param addresses the IP addresses that connections go to in turn, the server's or its proxy's, resolved before the
     *     run; empty: not yet resolved
     * @param elsewhere whether they may be of another machine
     * @param tls how connections are secured, if the URL says that they are
     * @param proxy through which they go, as the experiment spells it; null: none
     * @param lookupEach whether each attempt looks the name up anew; else it goes to the addresses here
     * @param from the local addresses that clients dial from in turn; empty: as the system chooses, on loopback several
     * @param attemptsPerSecond how many connections all clients together may begin within a second; 0: no limit
     * @param restarts how its restarts come about and how they are judged
     * @param identifyNode what tells which of the server's nodes a client has, as {@code header:x-pod}; null: nothing does
     * @param launch how the harness itself starts the server; null: it runs already
     */
    public record Endpoint(
            String url,
            List<String> addresses,
            boolean elsewhere,
            Tls tls,
            @Nullable String proxy,
            boolean lookupEach,
            List<String> from,
            double attemptsPerSecond,
            ForeignRestarts restarts,
            @Nullable String identifyNode,
            @Nullable Launch launch) {

        public Endpoint {
            addresses = List.copyOf(addresses);
            from = List.copyOf(from);
        }

        /** One that runs already, and whose nodes cannot be told apart. */
        public Endpoint(
                String url,
                List<String> addresses,
                boolean elsewhere,
                Tls tls,
                @Nullable String proxy,
                boolean lookupEach,
                List<String> from,
                double attemptsPerSecond,
                ForeignRestarts restarts) {
            this(url, addresses, elsewhere, tls, proxy, lookupEach, from, attemptsPerSecond, restarts, null, null);
        }

        /** One that is dialled directly at one address, from wherever the system chooses. */
        public Endpoint(
                String url, String address, boolean insecure, double attemptsPerSecond, ForeignRestarts restarts) {
            this(
                    url,
                    address.isEmpty() ? List.of() : List.of(address),
                    true,
                    Tls.of(insecure),
                    null,
                    false,
                    List.of(),
                    attemptsPerSecond,
                    restarts);
        }

        /** The same with its addresses, and whether those of another machine are allowed. */
        public Endpoint at(List<String> resolved, boolean anywhere) {
            return new Endpoint(
                    url,
                    resolved,
                    anywhere,
                    tls,
                    proxy,
                    lookupEach,
                    from,
                    attemptsPerSecond,
                    restarts,
                    identifyNode,
                    launch);
        }

        /** The same of a server that the harness starts, at the port that it will have. */
        public Endpoint launchedAt(int port) {
            Launch started = launch;
            if (started == null) {
                throw new IllegalStateException(url + " is not launched");
            }
            return new Endpoint(
                    url.replaceFirst(":[0-9]+/", ":" + port + "/"),
                    addresses,
                    elsewhere,
                    tls,
                    proxy,
                    lookupEach,
                    from,
                    attemptsPerSecond,
                    restarts,
                    identifyNode,
                    started.at(port));
        }

        /** Whether it is this machine, by its addresses, or by its URL while it has none. */
        @JsonIgnore
        public boolean loopback() {
            return addresses.isEmpty()
                    ? url.matches("(?i)wss?://(localhost|127\\.[0-9.]+|\\[::1])([:/?].*)?")
                    : addresses.stream().allMatch(each -> each.startsWith("127.") || each.equals("0:0:0:0:0:0:0:1"));
        }

        /** For people: the URL as it is spelled, where it is, and how one gets there. */
        public String described() {
            return (launch == null ? "" : launch.described() + ", ")
                    + url + " at " + String.join(", ", addresses)
                    + (proxy == null ? "" : ", the proxy " + proxy)
                    + (lookupEach ? ", looked up for each attempt" : "")
                    + (tls.insecure() ? "   insecure: its certificate is not checked" : "");
        }

        /**
         * The URL with its references expanded, which may make it a secret.
         *
         * @throws IllegalArgumentException if it is none
         */
        public WebSocketUri uri(Expansion expansion) {
            return WebSocketUri.parse(expansion.expand(url));
        }
    }

    /**
     * What stands behind nodes that are a proxy.
     *
     * @param upstream the server that they pass everything on to
     * @param certificate a PEM file, if the nodes speak TLS to their clients; null: they do not
     * @param key the PEM file of its key; null likewise
     */
    public record Relay(
            Endpoint upstream,
            @Nullable String certificate,
            @Nullable String key) {}

    /**
     * How a node serves clients that are not ours, which it judges.
     *
     * @param identify how it tells them apart; null: not at all
     * @param pingMicros how often it pings each; 0: never
     * @param adminHost where it is controlled
     * @param adminPort 0: nowhere
     * @param stopCode with which it takes leave of its clients when it is stopped
     */
    public record Serving(
            @Nullable Identification identify, long pingMicros, String adminHost, int adminPort, int stopCode) {

        /** One that goes away for good. */
        public Serving(@Nullable Identification identify, long pingMicros, String adminHost, int adminPort) {
            this(identify, pingMicros, adminHost, adminPort, CloseCode.GOING_AWAY.code());
        }
    }

    /**
     * How a foreign server's restarts come about and how they are judged.
     *
     * @param command what restarts it, as the experiment spells it; empty: nobody that we know
     * @param undo what puts the server right if the command did not end well; empty: nothing that we know
     * @param timeoutMicros how long either command may run
     * @param settleMicros losses until this long after the command's end belong to its restart
     * @param deadlineMicros how long after the last loss an affected client may take to be back, where no fault says so
     */
    public record ForeignRestarts(
            List<String> command, List<String> undo, long timeoutMicros, long settleMicros, long deadlineMicros) {
        public ForeignRestarts {
            command = List.copyOf(command);
            undo = List.copyOf(undo);
        }

        /** Without a way back. */
        public ForeignRestarts(List<String> command, long timeoutMicros, long settleMicros, long deadlineMicros) {
            this(command, List.of(), timeoutMicros, settleMicros, deadlineMicros);
        }
    }

    /**
     * What stands behind a node's handshake: authentication, a database, a cold cache. Handshakes are worked on in the order
     * in which they come and completed at a bounded rate; those that must wait stand in a queue.
     *
     * @param handshakesPerSecond handshakes completed a second, above 0
     * @param concurrent how many are worked on at once, so that each takes {@code concurrent / handshakesPerSecond} seconds;
     *     0: one after the other, and each is answered as its turn begins
     * @param queue how many may wait beyond those that are worked on, at least 0
     * @param warmUpMicros how long after the node begins to listen, also after a restart, the rate takes to grow from a
     *     tenth to the full one
     * @param whenFull what becomes of those for whom the queue has no place
     */
    public record Capacity(
            double handshakesPerSecond, int concurrent, int queue, long warmUpMicros, WhenFull whenFull) {
        public Capacity {
            if (!(handshakesPerSecond > 0)) {
                throw new IllegalArgumentException("handshakes: " + handshakesPerSecond + "/s (expected: > 0/s)");
            }
            atLeastZero("concurrent", concurrent);
            atLeastZero("queue", queue);
            atLeastZero("warm-up", warmUpMicros);
        }

        private static void atLeastZero(String name, long value) {
            if (value < 0) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
            }
        }
    }

    /**
     * Closes that go out {@code of} at a time, the first batch at once, and the next {@code everyMicros} later.
     *
     * @param of at least 1
     * @param everyMicros above 0
     */
    public record Batches(int of, long everyMicros) {
        public Batches {
            if (of < 1) {
                throw new IllegalArgumentException("of: " + of + " (expected: >= 1)");
            }
            if (everyMicros < 1) {
                throw new IllegalArgumentException("every: " + everyMicros + " us (expected: > 0 us)");
            }
        }

        /** From the first batch to the last, of so many connections. */
        public long windowMicros(long connections) {
            return Math.max(0, connections - 1) / of * everyMicros;
        }
    }

    /**
     * One restart of some nodes.
     *
     * @param index its place in order of time, over the whole run
     * @param atMicros when the listener closes (with {@code listenWhileDraining}: when the first Close goes out); of a
     *     foreign server: when its command starts
     * @param drainMicros the window over which the Closes go out, in seeded order; a node with more connections than its
     *     batches then reach takes as many more batches as it needs
     * @param batches how they go out; null: evenly
     * @param downtimeMicros from the window's end until the port listens again; {@link #FOREVER}: it never does
     * @param deadlineMicros how long after that (of a node that is down for good: after the window) an affected client may
     *     take to be back
     * @param code the close code
     * @param whileDown what those meet who come in between
     * @param retryAfterMicros what Retry-After says to them, whole seconds; 0: until the port listens
     * @param listenWhileDraining whether the node accepts until the end of the window, and closes those too
     * @param kill whether the process is killed instead: no Close, and a new process after the downtime
     * @param nodes the indices of the nodes; a foreign server is node 0
     */
    public record Restart(
            int index,
            long atMicros,
            long drainMicros,
            @Nullable Batches batches,
            long downtimeMicros,
            long deadlineMicros,
            int code,
            WhileDown whileDown,
            long retryAfterMicros,
            boolean listenWhileDraining,
            boolean kill,
            List<Integer> nodes) {

        /** The downtime of a node that is down for good. */
        public static final long FOREVER = -1;

        /** Never, as a time of the run: no run is as long. */
        public static final long NEVER = Long.MAX_VALUE;

        public Restart {
            nodes = List.copyOf(nodes);
        }

        /** The same with another index, time and deadline. */
        public Restart at(int newIndex, long micros, long deadline) {
            return with(newIndex, micros, drainMicros, deadline, nodes);
        }

        /** The same of one node, at a time of its own. */
        public Restart of(int node, long micros) {
            return with(index, micros, drainMicros, deadlineMicros, List.of(node));
        }

        /** The same with Closes that go out evenly over this window. */
        public Restart draining(long micros) {
            return new Restart(
                    index,
                    atMicros,
                    micros,
                    null,
                    downtimeMicros,
                    deadlineMicros,
                    code,
                    whileDown,
                    retryAfterMicros,
                    listenWhileDraining,
                    kill,
                    nodes);
        }

        /** The same with batches of this size for so many connections; one that does not close in batches stays as it is. */
        public Restart inBatchesOf(int size, long connections) {
            if (batches == null) {
                return this;
            }
            Batches other = new Batches(size, batches.everyMicros());
            return new Restart(
                    index,
                    atMicros,
                    other.windowMicros(connections),
                    other,
                    downtimeMicros,
                    deadlineMicros,
                    code,
                    whileDown,
                    retryAfterMicros,
                    listenWhileDraining,
                    kill,
                    nodes);
        }

        /** The same where a node has so many connections to close: the last batch ends the window. */
        public Restart closing(int connections) {
            long needed = batches == null ? 0 : batches.windowMicros(connections);
            return needed <= drainMicros ? this : with(index, atMicros, needed, deadlineMicros, nodes);
        }

        private Restart with(int newIndex, long at, long drain, long deadline, List<Integer> newNodes) {
            return new Restart(
                    newIndex,
                    at,
                    drain,
                    batches,
                    downtimeMicros,
                    deadline,
                    code,
                    whileDown,
                    retryAfterMicros,
                    listenWhileDraining,
                    kill,
                    newNodes);
        }

        /** The close code that its clients see: 1006 of a process that is killed. */
        @JsonIgnore
        public int seenCode() {
            return kill ? CloseCode.ABNORMAL_CLOSURE.code() : code;
        }

        /** When the Close is due of the connection that stands at this place, from 0, in the order of so many. */
        public long closeMicros(int place, int connections) {
            return atMicros
                    + (batches == null
                            ? (long) ((place + 0.5) * drainMicros / connections)
                            : place / batches.of() * batches.everyMicros());
        }

        /**
         * When the Close is due of a connection that comes within the window.
         *
         * @param place where in what is left of it, from 0 to 1
         */
        public long closeMicros(double place, long now) {
            long due = now + (long) (place * Math.max(0, drainedMicros() - now));
            if (batches == null) {
                return due;
            }
            long step = batches.everyMicros(); // With the next batch.
            return atMicros + (due - atMicros + step - 1) / step * step;
        }

        /** Whether its nodes never listen again. */
        @JsonIgnore
        public boolean isForGood() {
            return downtimeMicros == FOREVER;
        }

        /** For people, as {@code 1012, drain 2 s, downtime 3 s, meanwhile 503}. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(kill ? "killed" : String.valueOf(code));
            if (batches != null) {
                text.append(", ")
                        .append(batches.of())
                        .append(" every ")
                        .append(Quantity.DURATION.format(batches.everyMicros()));
            } else if (drainMicros > 0) {
                text.append(", drain ").append(Quantity.DURATION.format(drainMicros));
            }
            text.append(listenWhileDraining ? ", listening while draining" : "");
            text.append(isForGood() ? ", down for good" : ", downtime " + Quantity.DURATION.format(downtimeMicros));
            text.append(whileDown == WhileDown.REFUSE ? "" : ", meanwhile " + whileDown.spelled());
            return text.toString();
        }

        /** When the last Close is due. */
        @JsonIgnore
        public long drainedMicros() {
            return atMicros + drainMicros;
        }

        /** When the port listens again; {@link #NEVER} if it does not. */
        @JsonIgnore
        public long listeningMicros() {
            return isForGood() ? NEVER : drainedMicros() + downtimeMicros;
        }

        /** Who is not back by then is late. */
        @JsonIgnore
        public long dueMicros() {
            return (isForGood() ? drainedMicros() : listeningMicros()) + deadlineMicros;
        }
    }

    /**
     * The bounds of every wait.
     *
     * @param handshakeMicros a node's: from accept for the whole request
     * @param clientClosingMicros a client's closing handshake, until TCP ends
     * @param nodeClosingMicros a node's: long, for a loaded client answers late
     * @param closingPhaseMicros the end of the run: how long all clients together may take to leave
     */
    public record Limits(
            long handshakeMicros, long clientClosingMicros, long nodeClosingMicros, long closingPhaseMicros) {

        /** A request within 10 s; a client leaves within 15 s; a node waits a minute for a loaded client's Close. */
        public static final Limits DEFAULT = new Limits(10_000_000, 15_000_000, 60_000_000, 60_000_000);
    }

    public Plan {
        if (endpoint != null && !nodes.isEmpty()) {
            throw new IllegalArgumentException("nodes: " + nodes.size() + " (expected: none beside an endpoint)");
        }
        nodes = List.copyOf(nodes);
        extensions = List.copyOf(extensions);
        replies = List.copyOf(replies);
        populations = List.copyOf(populations);
        faults = List.copyOf(faults);
        restarts = List.copyOf(restarts);
        expectations = List.copyOf(expectations);
        observations = List.copyOf(observations);
        abortWhen = List.copyOf(abortWhen);
    }

    /** A plan whose nodes only echo, each to its own clients, and beside which nothing is observed. */
    public Plan(
            String schema,
            String experiment,
            long seed,
            long durationMicros,
            int injectors,
            List<Node> nodes,
            @Nullable Endpoint endpoint,
            @Nullable Serving serving,
            List<String> extensions,
            @Nullable Capacity capacity,
            List<Population> populations,
            List<FaultWindow> faults,
            List<Restart> restarts,
            Limits limits,
            List<String> expectations,
            double confidence) {
        this(
                schema,
                experiment,
                seed,
                durationMicros,
                injectors,
                nodes,
                endpoint,
                serving,
                extensions,
                capacity,
                List.of(),
                Balance.STICKY,
                populations,
                faults,
                restarts,
                limits,
                expectations,
                confidence,
                List.of(),
                null,
                null,
                List.of());
    }

    /** The same with nodes that say this. */
    public Plan replying(List<Reply> said) {
        return with(durationMicros, said, balance, populations, restarts);
    }

    /** The same with clients that are spread over the nodes so. */
    public Plan balanced(Balance how) {
        return with(durationMicros, replies, how, populations, restarts);
    }

    /** The same with these populations, which have the names and places of its own. */
    public Plan loadedBy(List<Population> others) {
        return with(durationMicros, replies, balance, others, restarts);
    }

    /** The same with other restarts, of the same indices, and long enough for all their deadlines. */
    public Plan restarting(List<Restart> others) {
        long duration = others.stream().mapToLong(Restart::dueMicros).max().orElse(0);
        return with(Math.max(durationMicros, duration), replies, balance, populations, others);
    }

    private Plan with(long duration, List<Reply> said, Balance how, List<Population> clients, List<Restart> planned) {
        return new Plan(
                schema,
                experiment,
                seed,
                duration,
                injectors,
                nodes,
                endpoint,
                serving,
                extensions,
                capacity,
                said,
                how,
                clients,
                faults,
                planned,
                limits,
                expectations,
                confidence,
                observations,
                steady,
                relay,
                abortWhen);
    }

    /**
     * The same with so many clients, each population in proportion and at least one.
     *
     * @param many at least as many as there are populations
     */
    public Plan scaled(int many) {
        if (many < populations.size()) {
            throw new IllegalArgumentException(
                    "clients: " + many + " (expected: at least one for each population, " + populations.size() + ")");
        }
        int[] shares = sharedOut(populations.stream().map(Population::clients).toList(), many);
        List<Population> scaled = new ArrayList<>();
        for (Population population : populations) {
            scaled.add(population.of(shares[scaled.size()]));
        }
        return loadedBy(scaled);
    }

    /** So many clients shared out in proportion to these, to each at least one. */
    public static int[] sharedOut(Collection<Integer> clients, int many) {
        long all = clients.stream().mapToLong(Integer::longValue).sum();
        int[] shares = new int[clients.size()];
        int rest = many;
        int place = 0;
        for (int each : clients) {
            int spare = shares.length - place - 1;
            long share = Math.round((double) many * each / all);
            shares[place] = (int) (spare == 0 ? rest : Math.max(1, Math.min(share, rest - spare)));
            rest -= shares[place++];
        }
        return shares;
    }

    /** The same with nodes that stand before this server. */
    public Plan before(@Nullable Relay server) {
        return new Plan(
                schema,
                experiment,
                seed,
                durationMicros,
                injectors,
                nodes,
                endpoint,
                serving,
                extensions,
                capacity,
                replies,
                balance,
                populations,
                faults,
                restarts,
                limits,
                expectations,
                confidence,
                observations,
                steady,
                server,
                abortWhen);
    }

    /** A server for clients that are not ours, each wait bounded as for a run's. */
    public static Plan ofServer(
            long seed,
            long durationMicros,
            Node node,
            Serving serving,
            List<String> extensions,
            @Nullable Capacity capacity,
            List<FaultWindow> faults,
            List<Restart> restarts,
            List<String> expectations) {
        return new Plan(
                SCHEMA,
                SERVER,
                seed,
                durationMicros,
                0,
                List.of(node),
                null,
                serving,
                extensions,
                capacity,
                List.of(),
                faults,
                restarts,
                Limits.DEFAULT,
                expectations,
                0);
    }

    /** Reads a plan.json. */
    public static Plan read(Path file) throws IOException {
        return JsonFile.read(file, SCHEMA, Plan.class);
    }

    /** Writes it as plan.json. */
    public void write(Path file) throws IOException {
        TextFile.write(file, toJson());
    }

    /** The text of plan.json. */
    public String toJson() {
        return JsonFile.text(this);
    }

    /** The clients of all populations. */
    public int clients() {
        return populations.stream().mapToInt(Population::clients).sum();
    }

    /** The population of this name. */
    public Optional<Population> population(String name) {
        return populations.stream().filter(p -> p.name().equals(name)).findFirst();
    }

    /** Whether injector {@code injector} of {@link #injectors} runs this client of a population. */
    public boolean runs(int injector, int client) {
        return client % injectors == injector;
    }

    /** A client's own node: where the balance is sticky, the one that it dials each time. */
    public Node node(int population, int client) {
        return nodes.get((client + population) % nodes.size());
    }

    /** When a client arrives. */
    public long arrivalMicros(Population population, int client) {
        double place = Draw.unit(Draw.bits(seed, Draw.Purpose.ARRIVAL, population.index(), client, 0, 0));
        Arrivals arrivals = population.arrivals();
        return arrivals.micros(arrivals.poisson() ? place : (client + place) / population.clients());
    }

    /**
     * How long after a client's end the next one arrives at its place, in the closed model.
     *
     * @param who which client has ended, as {@link Draw#who} says
     * @param left whether its stay was over, rather than that it gave up
     */
    public long successionMicros(Population population, long who, boolean left) {
        double place = Draw.unit(Draw.bits(seed, Draw.Purpose.SUCCESSION, population.index(), who, 0, 0));
        return Arrivals.SUCCESSION_MICROS + (left ? 0 : (long) (place * Arrivals.SUCCESSION_SPREAD_MICROS));
    }

    /** How long a client stays after it was first ready; {@link #WITHOUT_END_MICROS}: to the end. */
    public long stayMicros(Population population, long who) {
        Arrivals.Stay stay = population.arrivals().stay();
        if (stay == null) {
            return WITHOUT_END_MICROS;
        }
        double place = Draw.unit(Draw.bits(seed, Draw.Purpose.STAY, population.index(), who, 0, 0));
        return stay.minMicros() + (long) (place * (stay.maxMicros() - stay.minMicros()));
    }

    /**
     * The delay that a client chooses before a retry; {@code losses} and {@code failures} as the machine counts them.
     *
     * @param previousMicros the delay that it chose before, 0 if there was none
     */
    public long delayMicros(Population population, long who, int losses, int failures, int retry, long previousMicros) {
        long once = Draw.bits(seed, Draw.Purpose.CLIENT_DELAY, population.index(), who, 0, 0);
        long each = Draw.bits(seed, Draw.Purpose.ATTEMPT_DELAY, population.index(), who, losses, failures);
        return policy(population, who).delayMicros(retry, failures > 0, previousMicros, once, each);
    }

    /** The place of the policy that a client follows among those of its population; {@code who}: see {@link Draw#who}. */
    public int policyPlace(Population population, long who) {
        return population.reconnect().parts().size() == 1
                ? 0
                : population
                        .reconnect()
                        .part(Draw.unit(Draw.bits(seed, Draw.Purpose.POLICY, population.index(), who, 0, 0)));
    }

    /** The policy that a client follows. */
    public ReconnectPolicy policy(Population population, long who) {
        return population.reconnect().policy(policyPlace(population, who));
    }

    /**
     * From when a client is ready until its first message on a connection is due, in microseconds: a random part of the
     * period, or the first gap of a Poisson process.
     */
    public long messagePhaseMicros(Population population, int client, int connection) {
        Message message = population.message();
        if (message == null) {
            throw new IllegalStateException(population.name() + " sends no messages");
        }
        long bits = Draw.bits(seed, Draw.Purpose.MESSAGE_PHASE, population.index(), client, connection, 0);
        return message.poisson()
                ? exponential(message.everyMicros(), bits)
                : (long) (Draw.unit(bits) * message.everyMicros());
    }

    /** From a client's k-th message on a connection to the next, in microseconds, k from 0. */
    public long messageGapMicros(Population population, Message message, int client, int connection, long k) {
        return message.poisson()
                ? exponential(
                        message.everyMicros(),
                        Draw.bits(seed, Draw.Purpose.MESSAGE_GAP, population.index(), client, connection, k))
                : message.everyMicros();
    }

    /** An exponential value of this mean, at least 1. */
    private static long exponential(long mean, long bits) {
        return Math.max(1, (long) (-Math.log1p(-Draw.unit(bits)) * mean));
    }

    /** Where in its period a client's first ping on a connection falls. */
    public long pingPhaseMicros(Population population, Ping ping, int client, int connection) {
        long bits = Draw.bits(seed, Draw.Purpose.PING_PHASE, population.index(), client, connection, 0);
        return (long) (Draw.unit(bits) * ping.everyMicros());
    }

    /** The windows in which extensions are withheld. */
    public List<FaultWindow> withholds() {
        return faults.stream().filter(f -> f.fault() instanceof Withhold).toList();
    }

    /**
     * Whether a fault strikes this connection, which it may.
     *
     * @param moment which of the fault's moments, from 0; 0 for a window
     */
    public boolean strikes(FaultWindow window, int moment, int population, int client, int connection) {
        long fault = window.index() + ((long) moment << 32);
        long bits = Draw.bits(seed, Draw.Purpose.FAULT, fault, population, client, window.isLasting() ? 0 : connection);
        return Draw.unit(bits) < window.probability();
    }

    /** What is random in a fault that strikes a handshake: a number in [0, 1). */
    public double chance(FaultWindow window, int population, int client, int connection) {
        return Draw.unit(Draw.bits(seed, Draw.Purpose.FAULT_CHANCE, window.index(), population, client, connection));
    }

    /** The jitter of a node's write that is late by a fault: a number in [0, 1). */
    public double jitter(long write) {
        return Draw.unit(Draw.bits(seed, Draw.Purpose.FAULT_CHANCE, -1, write, 0, 0));
    }

    /** The key by which a restart puts connections into the order of their Closes. */
    public long closeOrder(Restart restart, int population, int client, int connection) {
        return Draw.bits(seed, Draw.Purpose.CLOSE_ORDER, restart.index(), population, client, connection);
    }
}
