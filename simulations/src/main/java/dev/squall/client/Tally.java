package dev.squall.client;

import dev.squall.protocol.ConnectionMachine.Phase;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What the status line says: how many clients are in which phase, and counts of what happened. */
final class Tally {

    private static final int CODES = 5000;

    /** Causes that are counted apart; a server that answers with ever new ones makes no more. */
    private static final int MOST_CAUSES = 100;

    private static final String OTHER_CAUSES = "others";

    private final Map<Phase, LongAdder> phases = new EnumMap<>(Phase.class);
    private final AtomicLongArray closes = new AtomicLongArray(CODES);
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final LongAdder secured = new LongAdder();
    private final LongAdder resumed = new LongAdder();
    final LongAdder arrived = new LongAdder();
    final LongAdder attempts = new LongAdder();
    final LongAdder opened = new LongAdder();
    final LongAdder recovered = new LongAdder();
    final LongAdder echoes = new LongAdder();
    final LongAdder unanswered = new LongAdder();

    Tally() {
        for (Phase phase : Phase.values()) {
            phases.put(phase, new LongAdder());
        }
    }

    void move(Phase from, Phase to) {
        phase(from).decrement();
        phase(to).increment();
    }

    /** One more connection is under TLS, perhaps with a session of before. */
    void secured(boolean again) {
        secured.increment();
        if (again) {
            resumed.increment();
        }
    }

    /** One more connection ended with this code. */
    void closed(int code) {
        if (code >= 0 && code < CODES) {
            closes.incrementAndGet(code);
        }
    }

    /** One more attempt came to nothing. */
    void failed(String cause) {
        LongAdder counted = failures.get(cause);
        if (counted == null) {
            String name = failures.size() < MOST_CAUSES ? cause : OTHER_CAUSES;
            counted = failures.computeIfAbsent(name, c -> new LongAdder());
        }
        counted.increment();
    }

    private LongAdder phase(Phase phase) {
        return Objects.requireNonNull(phases.get(phase), "every phase is counted");
    }

    private long in(Phase phase) {
        return phase(phase).sum();
    }

    /** The pairs of the status line. A client that leaves with 1010 was never open; one that is closing soon waits. */
    String pairs() {
        StringBuilder pairs = new StringBuilder();
        add(pairs, "arrived", arrived.sum());
        add(pairs, "connecting", in(Phase.CONNECTING) + in(Phase.LEAVING));
        add(pairs, "open", in(Phase.OPEN) + in(Phase.READY));
        add(pairs, "ready", in(Phase.READY));
        add(pairs, "waiting", in(Phase.WAITING) + in(Phase.CLOSING));
        add(pairs, "gaveUp", in(Phase.GAVE_UP));
        add(pairs, "finished", in(Phase.FINISHED));
        add(pairs, "recovered", recovered.sum());
        add(pairs, "attempts", attempts.sum());
        add(pairs, "opened", opened.sum());
        add(
                pairs,
                "failed",
                failures.values().stream().mapToLong(LongAdder::sum).sum());
        add(pairs, "echoes", echoes.sum());
        add(pairs, "unanswered", unanswered.sum());
        if (secured.sum() > 0) {
            add(pairs, "secured", secured.sum());
            add(pairs, "resumed", resumed.sum());
        }
        new TreeMap<>(failures).forEach((cause, count) -> add(pairs, "failed." + cause, count.sum()));
        for (int code = 0; code < CODES; code++) {
            if (closes.get(code) > 0) {
                add(pairs, "closed." + code, closes.get(code));
            }
        }
        return pairs.toString();
    }

    private static void add(StringBuilder pairs, String key, long value) {
        pairs.append(pairs.isEmpty() ? "" : " ").append(key).append('=').append(value);
    }
}
