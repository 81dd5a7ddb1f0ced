package dev.squall.fault;

import java.util.List;
import java.util.Optional;

/** The one registry of faults, but for the restart, which is the server's and not a connection's. */
public final class Faults {

    /** All kinds, in the order in which help and the live page list them. */
    public static final List<Kind> KINDS = List.of(
            Withhold.KIND,
            Alter.KIND,
            Unoffered.KIND,
            Reject.KIND,
            SlowHandshake.KIND,
            Close.KIND,
            Reset.KIND,
            Fin.KIND,
            Stall.KIND,
            Latency.KIND,
            Bandwidth.KIND,
            IgnoreClose.KIND);

    /** The fault that has no kind: the whole server's, with readers and a course of its own. */
    public static final String RESTART = "restart";

    /** What a restart does, in a sentence. */
    public static final String RESTART_TEXT =
            "closes the port and every connection, and listens again after a downtime";

    private Faults() {}

    /** The kind of this name. */
    public static Optional<Kind> kind(String name) {
        return KINDS.stream().filter(kind -> kind.name().equals(name)).findFirst();
    }

    /** Whether a fault of this name sends a Close. */
    public static boolean closes(String name) {
        return name.equals(Close.KIND.name());
    }
}
