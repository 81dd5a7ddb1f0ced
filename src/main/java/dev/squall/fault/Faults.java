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

    /** Whether a connection that a fault of this name struck is not as it should be once it is open. */
    public static boolean harms(String name) {
        return kind(name)
                .map(kind -> ConnectionFault.class.isAssignableFrom(kind.type())
                        || kind.equals(Alter.KIND)
                        || kind.equals(Unoffered.KIND))
                .orElse(false);
    }
}
