package dev.squall.experiment;

import dev.squall.plan.Plan;
import java.util.Locale;

/**
 * How many processes of one role clients need.
 *
 * @param descriptors how many files each may have open
 */
public record Processes(long descriptors) {

    /** Clients that one address can have at one port: fewer than the ephemeral range has ports. */
    public static final int MOST_CLIENTS_EACH = 20_000;

    /** Descriptors of a process that has as many clients as it can. */
    public static final int FULL_DESCRIPTORS = MOST_CLIENTS_EACH + Plan.RESERVED_DESCRIPTORS;

    /** Processes of one role. */
    public static final int MOST = 1000;

    /** The command that raises the descriptors of what a shell starts, beyond its hard limit too. */
    public static String raiseDescriptors(long to) {
        return "sudo prlimit --pid $$ --nofile=" + to + ":" + to;
    }

    /** Clients that one can have. */
    public int each() {
        return (int) Math.max(1, Math.min(MOST_CLIENTS_EACH, descriptors - Plan.RESERVED_DESCRIPTORS));
    }

    /** How many these clients need. */
    public int forClients(int clients) {
        return Math.max(1, (clients + each() - 1) / each());
    }

    /** How to raise the descriptors; empty if no descriptors would do for so few processes. */
    String remedy(long clients, long processes) {
        long fullest = (clients + processes - 1) / processes;
        return fullest > MOST_CLIENTS_EACH ? "" : "; to raise it: " + raiseDescriptors(FULL_DESCRIPTORS);
    }

    /** {@code auto} or a number. */
    int read(YamlValue value, int clients) {
        int needed = forClients(clients);
        long processes = value.scalar(
                "auto, or a whole number from 1 to " + MOST,
                (long) needed,
                text -> text.equals("auto") ? needed : Long.parseLong(text));
        if (processes < 1 || processes > MOST) {
            value.problem(processes + " (expected: auto, or a whole number from 1 to " + MOST + ")");
            return needed;
        }
        if (processes < needed) {
            value.problem(String.format(
                    Locale.ROOT,
                    "%d for %,d clients (expected: auto, or at least %d: one process holds %,d clients here, with"
                            + " ulimit -n %d%s)",
                    processes,
                    clients,
                    needed,
                    each(),
                    descriptors,
                    remedy(clients, processes)));
        }
        return (int) processes;
    }
}
