package dev.squall.doctor;

import dev.squall.experiment.Processes;
import dev.squall.plan.Plan;
import dev.squall.plan.PlannedAttempts;
import dev.squall.plan.Population;
import dev.squall.protocol.Extension;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.Reaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a run asks of a machine. The costs are measured, by a trial or for the shipped table: estimates, for what a client
 * costs depends on the Java and on what happens to it.
 *
 * @param clients how many
 * @param injectors load processes
 * @param nodes server processes; 0: the server is not ours
 * @param standBys processes that take the places of killed ones while those still count
 * @param ofInjector clients of the injector that has most
 * @param ofNode connections of the node that has most; 0: the server is not ours
 * @param loopback whether the server is on this machine
 * @param paths pairs of a local address and one of the server's (of each node's), each with a range of ports of its own
 * @param client what one client costs, on average
 * @param costs by which that is reckoned
 */
record Demand(
        long clients,
        int injectors,
        int nodes,
        int standBys,
        long ofInjector,
        long ofNode,
        boolean loopback,
        int paths,
        Client client,
        Costs costs) {

    /**
     * What one client costs beyond an idle connection.
     *
     * @param bytes memory at both ends together, outside of the heap
     * @param heapBytes heap of its injector
     * @param connections how many it makes in the course of the run
     * @param storm the share of all clients that may dial within the same second
     */
    record Client(double bytes, double heapBytes, double connections, double storm) {}

    private static final long KIB = 1024;
    private static final long SECOND_MICROS = 1_000_000;

    /** The least that the kernel takes for the sockets of a client at both ends: two thirds of what was measured. */
    private static final long LEAST_CLIENT_BYTES = 6 * KIB;

    /** All other files of a process than its journal. */
    private static final long FILES_BYTES = 64 * KIB;

    /** Less than any client writes that arrives. */
    private static final long LEAST_JOURNAL_BYTES = 100;

    /** Descriptors of the harness for each child: its standard input and output. */
    private static final int CHILD_DESCRIPTORS = 2;

    /** Fewer than any of our processes begins with: its jars. */
    private static final int LEAST_DESCRIPTORS = 100;

    /** Descriptors of a process that has no client and no child. */
    private static final int PROCESS_DESCRIPTORS = 140;

    /** Threads of a process, with some to spare. */
    private static final int PROCESS_TASKS = 32;

    /** More on a processor, and it is the processor that the times to recover measure. */
    static final int CLIENTS_PER_PROCESSOR = 5_000;

    /** What the quickstart asks for, and so what {@code squall run} does. */
    static final Demand QUICKSTART = new Demand(1000, 1, 1, 0, 1000, 1000, true, new Client(0, 0, 2, 0.25));

    /** By the shipped table, where the clients dial from as they do by default. */
    Demand(
            long clients,
            int injectors,
            int nodes,
            int standBys,
            long ofInjector,
            long ofNode,
            boolean loopback,
            Client client) {
        this(
                clients,
                injectors,
                nodes,
                standBys,
                ofInjector,
                ofNode,
                loopback,
                loopback ? Plan.LOOPBACK_SOURCES : 1,
                client,
                Costs.SHIPPED);
    }

    /** The part of a population's clients that dial within a second of losing their connections together to this code. */
    private static double returningWithinSecond(Mix mix, int code) {
        return mix.parts().stream()
                        .filter(part -> part.policy().reaction(code) != Reaction.STOP)
                        .mapToDouble(part ->
                                part.weight() * withinSecond(part.policy().longestFirstDelayMicros(code)))
                        .sum()
                / mix.parts().stream().mapToDouble(Mix.Part::weight).sum();
    }

    /** What a plan asks for, by these costs. */
    static Demand of(Plan plan, Costs costs) {
        int injectors = plan.injectors();
        int nodes = plan.nodes().size();
        long ofInjector = 0;
        double bytes = 0;
        double successors = 0;
        double returning = 0;
        for (Population population : plan.populations()) {
            long clients = population.clients();
            ofInjector += up(clients, injectors); // Shares are dealt out population by population.
            bytes += (double) clients * deflateBytes(plan, population, costs);
            successors += successors(plan, population);
            returning += clients
                    * plan.restarts().stream()
                            .mapToDouble(r -> returningWithinSecond(population.reconnect(), r.seenCode()))
                            .max()
                            .orElse(0);
        }
        double clients = plan.clients();
        double arriving = Math.min(clients, PlannedAttempts.arrivalsWithinSecond(plan.populations()));
        double losses = plan.restarts().stream()
                .mapToDouble(r -> nodes == 0 ? 1 : (double) r.nodes().size() / nodes)
                .sum();
        int standBys = plan.restarts().stream()
                .filter(Plan.Restart::kill)
                .mapToInt(r -> r.nodes().size())
                .max()
                .orElse(0);
        return new Demand(
                plan.clients(),
                injectors,
                nodes,
                standBys,
                ofInjector,
                nodes == 0 ? 0 : up(plan.clients(), nodes),
                plan.endpoint() == null || plan.endpoint().loopback(),
                paths(plan.endpoint()),
                new Client(
                        bytes / clients,
                        isSecure(plan) ? costs.of(Cost.CLIENT_TLS) : 0,
                        1 + losses + successors / clients,
                        Math.max(arriving, losses > 0 ? returning : 0) / clients),
                costs);
    }

    /** Clients that come in the place of others, on average: each place is taken at its own time, and first for a whole stay. */
    private static double successors(Plan plan, Population population) {
        double perSecond = PlannedAttempts.successorsPerSecond(population);
        double taken = plan.durationMicros() - population.arrivals().overMicros() / 2.0;
        return Math.max(0, perSecond * taken / SECOND_MICROS - population.clients() / 2.0);
    }

    /** Clients take sources and destinations so that all pairs are used; to IPv4 loopback there are several sources. */
    private static int paths(Plan.@Nullable Endpoint endpoint) {
        if (endpoint == null) {
            return Plan.LOOPBACK_SOURCES;
        }
        boolean sixth =
                endpoint.url().contains("[") || endpoint.addresses().stream().anyMatch(each -> each.contains(":"));
        int byDefault = endpoint.loopback() && !sixth ? Plan.LOOPBACK_SOURCES : 1;
        int sources = endpoint.from().isEmpty() ? byDefault : endpoint.from().size();
        return sources * Math.max(1, endpoint.addresses().size());
    }

    /** Whether clients talk to a server of yours over TLS, as the URL spells it. */
    private static boolean isSecure(Plan plan) {
        return plan.endpoint() != null && plan.endpoint().url().regionMatches(true, 0, "wss:", 0, 4);
    }

    /** The share of a group, spread over this time, that falls into one second. */
    private static double withinSecond(long micros) {
        return Math.min(1, SECOND_MICROS / (double) Math.max(1, micros));
    }

    /** Memory for compression at both ends together; nothing is spent before there is something to compress. */
    private static double deflateBytes(Plan plan, Population population, Costs costs) {
        boolean served = plan.nodes().isEmpty() || plan.extensions().contains(Extension.PERMESSAGE_DEFLATE);
        if (population.message() == null || !served) {
            return 0;
        }
        double bytes = population.offer().stream()
                .map(Extension::parse)
                .filter(offer -> offer.name().equals(Extension.PERMESSAGE_DEFLATE))
                .findFirst()
                .map(offer -> 2 * (costs.of(Cost.DEFLATE) + contexts(offer) * costs.of(Cost.DEFLATE_CONTEXT)))
                .orElse(0.0);
        return plan.restarts().isEmpty() ? bytes : bytes * costs.of(Cost.DEFLATE_RESTARTED);
    }

    /** RFC 7692 section 7.1.1: either direction keeps its context from message to message unless it is told not to. */
    private static int contexts(Extension offer) {
        return (offer.parameters().containsKey("server_no_context_takeover") ? 0 : 1)
                + (offer.parameters().containsKey("client_no_context_takeover") ? 0 : 1);
    }

    /**
     * What so many clients of this kind ask for, in as few processes as hold so many each. Whatever it is, fewer clients ask
     * for no more of it: a process counts as full unless there is but one.
     */
    Demand of(long more, int perInjector, int perNode) {
        boolean ours = nodes > 0;
        return new Demand(
                more,
                processes(more, perInjector),
                ours ? processes(more, perNode) : 0,
                standBys,
                fullest(more, perInjector),
                ours ? fullest(more, perNode) : 0,
                loopback,
                paths,
                client,
                costs);
    }

    private static int processes(long clients, int each) {
        return (int) Math.max(1, Math.min(Processes.MOST, up(clients, each)));
    }

    private static long fullest(long clients, int each) {
        return Math.max(Math.min(clients, each), up(clients, processes(clients, each)));
    }

    private static long up(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    long processes() {
        return injectors + (long) nodes + standBys;
    }

    /** Clients of the process that has most. */
    private long fullest() {
        return Math.max(ofInjector, ofNode);
    }

    /** Of the process that needs most, which may be the harness. */
    long descriptors() {
        return Math.max(Plan.RESERVED_DESCRIPTORS + fullest(), PROCESS_DESCRIPTORS + CHILD_DESCRIPTORS * processes());
    }

    /** With fewer than this an injector refuses, a node cannot accept, or the harness cannot start its children. */
    long leastDescriptors() {
        long ofHarness = CHILD_DESCRIPTORS * ((long) injectors + nodes);
        return Math.max(ofInjector + Plan.RESERVED_DESCRIPTORS, LEAST_DESCRIPTORS + Math.max(fullest(), ofHarness));
    }

    /** Of all processes together. */
    long openFiles() {
        return clients * (nodes == 0 ? 1 : 2) + (1 + processes()) * PROCESS_DESCRIPTORS;
    }

    /** Client ports for each pair of a source address and a destination. */
    long ports() {
        return up(clients, (long) paths * Math.max(1, nodes));
    }

    long memory() {
        double base = costs.of(Cost.HARNESS)
                + injectors * costs.of(Cost.INJECTOR)
                + (nodes + (long) standBys) * costs.of(Cost.NODE);
        double idle = costs.of(Cost.CLIENT_INJECTOR)
                + costs.of(Cost.CLIENT_KERNEL)
                + (nodes == 0 ? 0 : costs.of(Cost.CLIENT_NODE));
        return (long) (base + clients * (idle + client.bytes() + client.heapBytes()));
    }

    /** With less than this the kernel cannot hold the sockets; it does not swap them. */
    long leastMemory() {
        return nodes == 0 ? 0 : clients * LEAST_CLIENT_BYTES;
    }

    /** Of the fullest process. */
    long heap() {
        return (long) (costs.of(Cost.HEAP) + fullest() * (costs.of(Cost.CLIENT_HEAP) + client.heapBytes()));
    }

    /** Connections that a node may be asked for within one second. */
    long storm() {
        return (long) Math.ceil(ofNode * client.storm());
    }

    /** Processors, so that all are ready in time and times measure the server. */
    long processors() {
        return up(clients, CLIENTS_PER_PROCESSOR);
    }

    /** Threads of all processes, which the kernel counts like processes. */
    long tasks() {
        return (1 + processes()) * PROCESS_TASKS;
    }

    long disk() {
        return (1 + processes()) * FILES_BYTES
                + (long) (clients * client.connections() * costs.of(Cost.CONNECTION_JOURNAL));
    }

    long leastDisk() {
        return FILES_BYTES + clients * LEAST_JOURNAL_BYTES;
    }

    /** Entries of the firewall: a closed connection keeps its own for two minutes. */
    long tracked() {
        return loopback ? 0 : (long) (clients * client.connections());
    }

    /** Whether most of a client's memory is for compression. */
    boolean compresses() {
        return client.bytes() > Costs.SHIPPED.of(Cost.DEFLATE_CONTEXT);
    }

    /** What one client costs, thing by thing; what processes cost without a client is not in it. */
    List<Item> items() {
        List<Item> items = new ArrayList<>();
        items.add(bytes("memory, injector", Cost.CLIENT_INJECTOR, "resident, of a client that is connected"));
        if (nodes > 0) {
            items.add(bytes("memory, node", Cost.CLIENT_NODE, "resident, of its connection"));
        }
        items.add(bytes("memory, kernel", Cost.CLIENT_KERNEL, "sockets, at both ends where both are here"));
        if (client.bytes() > 0) {
            items.add(new Item(
                    "compression",
                    Item.Unit.BYTES,
                    client.bytes(),
                    costs.source(Cost.DEFLATE_CONTEXT),
                    "permessage-deflate at both ends, by the contexts that the offers keep, after the first message"));
        }
        items.add(new Item(
                "heap",
                Item.Unit.BYTES,
                costs.of(Cost.CLIENT_HEAP) + client.heapBytes(),
                costs.source(Cost.CLIENT_HEAP),
                "of its injector" + (client.heapBytes() > 0 ? ", with TLS" : "") + "; part of the memory there"));
        items.add(new Item(
                "descriptors", Item.Unit.COUNT, nodes == 0 ? 1 : 2, "", nodes == 0 ? "of its injector" : "one an end"));
        items.add(new Item(
                "ports",
                Item.Unit.COUNT,
                1,
                "",
                String.format(
                        Locale.ROOT,
                        "of one of %,d ranges: a range for each pair of addresses",
                        (long) paths * Math.max(1, nodes))));
        items.add(new Item(
                "connections", Item.Unit.COUNT, client.connections(), "", "in the run, without those that fail"));
        items.add(new Item(
                "connect",
                Item.Unit.MICROSECONDS,
                costs.of(Cost.CONNECT),
                costs.source(Cost.CONNECT),
                "processor time of each connection, at both ends together"));
        items.add(new Item(
                "journal",
                Item.Unit.BYTES,
                client.connections() * costs.of(Cost.CONNECTION_JOURNAL),
                costs.source(Cost.CONNECTION_JOURNAL),
                "on disk, of both ends"));
        return items;
    }

    private Item bytes(String name, Cost cost, String about) {
        return new Item(name, Item.Unit.BYTES, costs.of(cost), costs.source(cost), about);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%,d clients, %s, %s", clients, some(injectors, "injector"), some(nodes, "node"));
    }

    private static String some(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
