package dev.squall.run;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * How large the heap of a child is, which follows from the clients of its share. It begins as large as they will need, so
 * that they do not arrive in the midst of full collections; pages that nobody wrote to cost nothing.
 */
final class Heap {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    /** In use without a client, and the young generation of roles.properties. */
    private static final long INITIAL_BYTES = 32 * MIB;

    /** An idle client takes 1.6 KiB in its injector and 2 KiB in its node; what its arrival left is collected later. */
    private static final long INITIAL_CLIENT_BYTES = 3 * KIB;

    /** Beyond this something is wrong: some ten times what talking clients take. */
    private static final long MOST_BYTES = 512 * MIB;

    private static final long MOST_CLIENT_BYTES = 32 * KIB;

    private Heap() {}

    /**
     * The flags for a child of this role, over those of roles.properties.
     *
     * @param of how many children share the clients
     * @param ceiling the largest heap that roles.properties allows; empty: it does not say
     */
    static List<String> flags(Plan plan, String role, int of, OptionalLong ceiling) {
        if (plan.serving() != null || !role.equals(HarnessJournal.NODE) && !role.equals(HarnessJournal.INJECTOR)) {
            return List.of(); // How many clients will come is not planned; what owns a server has none.
        }
        long most = ceiling.orElse(Long.MAX_VALUE);
        long clients = (plan.clients() + of - 1) / of;
        long initial = Math.min(INITIAL_BYTES + clients * INITIAL_CLIENT_BYTES, most);
        List<String> flags = new ArrayList<>();
        flags.add("-Xms" + mebibytes(initial));
        if (role.equals(HarnessJournal.INJECTOR) && isPlain(plan)) {
            flags.add("-Xmx" + mebibytes(Math.min(MOST_BYTES + clients * MOST_CLIENT_BYTES, most)));
        }
        return flags;
    }

    /**
     * Whether what its clients keep is known: no rows of a feed, no texts that they wait for, nothing of a server elsewhere. A
     * node keeps what its peers do not read, as much as its largest heap allows.
     */
    private static boolean isPlain(Plan plan) {
        return plan.endpoint() == null && plan.populations().stream().allMatch(Heap::isPlain);
    }

    private static boolean isPlain(Population population) {
        return population.ready() == null
                && (population.message() == null || population.message().feed() == null);
    }

    private static String mebibytes(long bytes) {
        return bytes / MIB + "m";
    }
}
