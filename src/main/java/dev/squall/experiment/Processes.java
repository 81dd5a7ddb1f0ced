package dev.squall.experiment;

import dev.squall.plan.Plan;
import java.util.Locale;

/**
 * How many processes of one role clients need.
 *
 * @param descriptors how many files each may have open
 * @param ports ephemeral ports that clients have at each source address for one node; {@link Long#MAX_VALUE} where they
 *     bound nothing
 */
public record Processes(long descriptors, long ports) {

    /** Clients that one address can have at one port: fewer than the ephemeral range has ports. */
    public static final int MOST_CLIENTS_EACH = 20_000;

    /** Descriptors of a process that has as many clients as it can. */
    public static final int FULL_DESCRIPTORS = MOST_CLIENTS_EACH + Plan.RESERVED_DESCRIPTORS;

    /** Processes of one role. */
    public static final int MOST = 1000;

    /** The command that widens the ephemeral range. Not below: nodes listen there, and a client could meet itself. */
    public static final String RAISE_PORTS =
            "sudo sysctl -w net.ipv4.ip_local_port_range='" + (ExperimentReader.LAST_PORT + 1) + " 65535'";

    /** A client may leave its port to a minute of TIME_WAIT, and needs another. */
    private static final int PORTS_EACH = 2;

    /** Injectors: each dials every node from every source address, so no number of them makes more ports. */
    public Processes(long descriptors) {
        this(descriptors, Long.MAX_VALUE);
    }

    /** Nodes with the same descriptors, each at an address of its own, to which every source address has all its ports. */
    public Processes nodes(long ephemeralPorts) {
        return new Processes(descriptors, ephemeralPorts);
    }

    /** The command that raises the descriptors of what a shell starts, beyond its hard limit too. */
    public static String raiseDescriptors(long to) {
        return "sudo prlimit --pid $$ --nofile=" + to + ":" + to;
    }

    /** Clients that one is given where the number of processes is left open. */
    public int each() {
        return (int) Math.max(1, Math.min(byDescriptors(), byPorts() / PORTS_EACH));
    }

    /** Clients that one can have. */
    private long most() {
        return Math.max(1, Math.min(byDescriptors(), byPorts()));
    }

    private long byDescriptors() {
        return Math.min(MOST_CLIENTS_EACH, descriptors - Plan.RESERVED_DESCRIPTORS);
    }

    private long byPorts() {
        return ports == Long.MAX_VALUE ? ports : ports * Plan.LOOPBACK_SOURCES;
    }

    /** What bounds the clients of one, in words. */
    private String limit() {
        return byPorts() < byDescriptors()
                ? String.format(Locale.ROOT, "%,d ports in net.ipv4.ip_local_port_range", ports)
                : "ulimit -n " + descriptors;
    }

    /** How many these clients are given. */
    public int forClients(int clients) {
        return (int) Math.max(1, Math.min(MOST, up(clients, each())));
    }

    private static long up(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    /** How to raise what bounds the clients of one; empty if no descriptors would do for so few processes. */
    String remedy(long clients, long processes) {
        if (byPorts() < byDescriptors()) {
            return "; to raise it: " + RAISE_PORTS;
        }
        long fullest = up(clients, processes);
        return fullest > MOST_CLIENTS_EACH ? "" : "; to raise it: " + raiseDescriptors(FULL_DESCRIPTORS);
    }

    /** {@code auto} or a number. */
    int read(YamlValue value, int clients) {
        int open = forClients(clients);
        long least = Math.max(1, up(clients, most()));
        long processes = value.scalar(
                "auto, or a whole number from 1 to " + MOST,
                (long) open,
                text -> text.equals("auto") ? open : Long.parseLong(text));
        if (processes < 1 || processes > MOST) {
            value.problem(processes + " (expected: auto, or a whole number from 1 to " + MOST + ")");
            return open;
        }
        if (processes < least) {
            value.problem(String.format(
                    Locale.ROOT,
                    "%d for %,d clients (expected: auto, or at least %d: one process holds %,d clients here, with"
                            + " %s%s)",
                    processes,
                    clients,
                    least,
                    most(),
                    limit(),
                    remedy(clients, processes)));
        }
        return (int) processes;
    }
}
