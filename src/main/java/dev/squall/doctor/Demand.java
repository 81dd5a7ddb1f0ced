package dev.squall.doctor;

import dev.squall.experiment.Processes;
import dev.squall.plan.Plan;
import dev.squall.plan.PlannedAttempts;
import dev.squall.plan.Population;
import dev.squall.protocol.Extension;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.Reaction;
import java.util.Locale;

/**
 * What a run asks of a machine. The costs are measured (README, "Limits"): estimates, for what a client costs depends on
 * the Java and on what happens to it.
 *
 * @param clients how many
 * @param injectors load processes
 * @param nodes server processes; 0: the server is not ours
 * @param standBys processes that take the places of killed ones while those still count
 * @param ofInjector clients of the injector that has most
 * @param ofNode connections of the node that has most; 0: the server is not ours
 * @param loopback whether the server is on this machine
 * @param client what one client costs, on average
 */
record Demand(
        long clients,
        int injectors,
        int nodes,
        int standBys,
        long ofInjector,
        long ofNode,
        boolean loopback,
        Client client) {

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
    private static final long MIB = 1024 * KIB;
    private static final long SECOND_MICROS = 1_000_000;

    /** Resident memory of the processes without a client. */
    private static final long HARNESS_BYTES = 130 * MIB;

    private static final long INJECTOR_BYTES = 150 * MIB;
    private static final long NODE_BYTES = 120 * MIB;

    /** Resident memory of an idle connection at either end, and the kernel's of both. */
    private static final long INJECTOR_CLIENT_BYTES = 4 * KIB;

    private static final long NODE_CLIENT_BYTES = 5 * KIB;
    private static final long KERNEL_CLIENT_BYTES = 10 * KIB;

    /** permessage-deflate at one end after the first message: in general, and for each direction whose context is kept. */
    private static final long DEFLATE_BYTES = 3 * KIB;

    private static final long DEFLATE_CONTEXT_BYTES = 51 * KIB;

    /** Connections of before and after a restart are there at once for a while, and leave holes. */
    private static final double DEFLATE_RESTARTED = 1.5;

    /** Heap in use without a client, and with each. */
    private static final long HEAP_BYTES = 48 * MIB;

    private static final long HEAP_CLIENT_BYTES = 4 * KIB;

    /** TLS in the heap of an injector: the JDK's engine and its sessions (1,500 idle clients over wss took 5.1 KiB more each). */
    private static final long TLS_BYTES = 6 * KIB;

    /** Rows that a connection leaves in both journals, and all other files of a process. */
    private static final long JOURNAL_BYTES = 600;

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

    /** More on a processor are not ready in time: each takes up to 3 s of it to start. */
    static final int INJECTORS_PER_PROCESSOR = 20;

    /** What the quickstart asks for, and so what {@code squall run} does. */
    static final Demand QUICKSTART = new Demand(1000, 1, 1, 0, 1000, 1000, true, new Client(0, 0, 2, 0.25));

    /** The part of a population's clients that dial within a second of losing their connections together to this code. */
    private static double returningWithinSecond(Mix mix, int code) {
        return mix.parts().stream()
                        .filter(part -> part.policy().reaction(code) != Reaction.STOP)
                        .mapToDouble(part ->
                                part.weight() * withinSecond(part.policy().longestFirstDelayMicros(code)))
                        .sum()
                / mix.parts().stream().mapToDouble(Mix.Part::weight).sum();
    }

    /** What a plan asks for. */
    static Demand of(Plan plan) {
        int injectors = plan.injectors();
        int nodes = plan.nodes().size();
        long ofInjector = 0;
        double bytes = 0;
        double successors = 0;
        double returning = 0;
        for (Population population : plan.populations()) {
            long clients = population.clients();
            ofInjector += up(clients, injectors); // Shares are dealt out population by population.
            bytes += (double) clients * deflateBytes(plan, population);
            successors += PlannedAttempts.successorsPerSecond(population);
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
                new Client(
                        bytes / clients,
                        isSecure(plan) ? TLS_BYTES : 0,
                        1 + losses + successors * plan.durationMicros() / SECOND_MICROS / clients,
                        Math.max(arriving, losses > 0 ? returning : 0) / clients));
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
    private static double deflateBytes(Plan plan, Population population) {
        boolean served = plan.nodes().isEmpty() || plan.extensions().contains(Extension.PERMESSAGE_DEFLATE);
        if (population.message() == null || !served) {
            return 0;
        }
        double bytes = population.offer().stream()
                .map(Extension::parse)
                .filter(offer -> offer.name().equals(Extension.PERMESSAGE_DEFLATE))
                .findFirst()
                .map(offer -> 2.0 * (DEFLATE_BYTES + contexts(offer) * DEFLATE_CONTEXT_BYTES))
                .orElse(0.0);
        return plan.restarts().isEmpty() ? bytes : bytes * DEFLATE_RESTARTED;
    }

    /** RFC 7692 section 7.1.1: either direction keeps its context from message to message unless it is told not to. */
    private static int contexts(Extension offer) {
        return (offer.parameters().containsKey("server_no_context_takeover") ? 0 : 1)
                + (offer.parameters().containsKey("client_no_context_takeover") ? 0 : 1);
    }

    /**
     * What so many clients of this kind ask for, in as few processes as hold {@code perProcess} each. Whatever it is, fewer
     * clients ask for no more of it: a process counts as full unless there is but one.
     */
    Demand of(long more, int perProcess) {
        int processes = (int) Math.max(1, Math.min(Processes.MOST, up(more, perProcess)));
        long fullest = Math.max(Math.min(more, perProcess), up(more, processes));
        boolean ours = nodes > 0;
        return new Demand(
                more, processes, ours ? processes : 0, standBys, fullest, ours ? fullest : 0, loopback, client);
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
        return loopback ? up(clients, (long) Plan.LOOPBACK_SOURCES * Math.max(1, nodes)) : clients;
    }

    long memory() {
        long base = HARNESS_BYTES + injectors * INJECTOR_BYTES + (nodes + (long) standBys) * NODE_BYTES;
        long idle = INJECTOR_CLIENT_BYTES + KERNEL_CLIENT_BYTES + (nodes == 0 ? 0 : NODE_CLIENT_BYTES);
        return base + (long) (clients * (idle + client.bytes() + client.heapBytes()));
    }

    /** Of the fullest process. */
    long heap() {
        return HEAP_BYTES + (long) (fullest() * (HEAP_CLIENT_BYTES + client.heapBytes()));
    }

    /** Connections that a node may be asked for within one second. */
    long storm() {
        return (long) Math.ceil(ofNode * client.storm());
    }

    /** Processors, so that all are ready in time and times measure the server. */
    long processors() {
        return Math.max(up(clients, CLIENTS_PER_PROCESSOR), up(injectors, INJECTORS_PER_PROCESSOR));
    }

    /** Threads of all processes, which the kernel counts like processes. */
    long tasks() {
        return (1 + processes()) * PROCESS_TASKS;
    }

    long disk() {
        return (1 + processes()) * FILES_BYTES + (long) (clients * client.connections() * JOURNAL_BYTES);
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
        return client.bytes() > DEFLATE_CONTEXT_BYTES;
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
