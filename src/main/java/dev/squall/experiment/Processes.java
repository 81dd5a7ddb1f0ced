package dev.squall.experiment;

import java.util.Locale;

/** How many processes clients need, where each may have so many files open. */
record Processes(long descriptors) {

    /** Of one role. */
    static final int MOST = 1000;

    /** Clients that one holds. */
    int each() {
        return (int) Math.max(
                1,
                Math.min(
                        ExperimentReader.MAX_CLIENTS_PER_PROCESS, descriptors - ExperimentReader.RESERVED_DESCRIPTORS));
    }

    /** How many these clients need. */
    int forClients(int clients) {
        return Math.max(1, (clients + each() - 1) / each());
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
                            + " ulimit -n %d)",
                    processes,
                    clients,
                    needed,
                    each(),
                    descriptors));
        }
        return (int) processes;
    }
}
