package dev.squall.predict;

import dev.squall.plan.HandshakeQueue;
import dev.squall.plan.Plan;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A node on virtual time: whether it serves, and what stands behind its handshake. */
final class Node {

    /** A SYN found no place. */
    static final long DROPPED = -1;

    private static final long NANOS = 1_000;

    private final int index;
    private final double turnMicros;
    private final int backlog;
    private final @Nullable HandshakeQueue queue;

    /** The restart under way; null while it serves. */
    private Plan.@Nullable Restart restart;

    private final ArrayDeque<Plan.Restart> expected = new ArrayDeque<>();
    private boolean down;
    private double free;

    Node(int index, Model model, Plan.@Nullable Capacity capacity) {
        this.index = index;
        this.turnMicros = model.handshakesPerSecond() == 0 ? 0 : 1e6 / model.handshakesPerSecond();
        this.backlog = model.backlog();
        this.queue = capacity == null ? null : new HandshakeQueue(capacity, 0);
    }

    int index() {
        return index;
    }

    /** The restart under way; null while it serves. */
    Plan.@Nullable Restart restart() {
        return restart;
    }

    /** Whether it takes nobody. */
    boolean isDown() {
        return down;
    }

    /** One more restart is to come, later than the others. */
    void expect(Plan.Restart planned) {
        expected.add(planned);
    }

    /** When, as planned, it will refuse who waits for an answer. */
    long stops() {
        Plan.Restart now = restart;
        Plan.Restart next = now == null ? expected.peek() : now;
        if (next == null) {
            return Plan.Restart.NEVER;
        }
        return next.listenWhileDraining() && !next.kill() ? next.drainedMicros() : next.atMicros();
    }

    void begin(Plan.Restart begun) {
        expected.poll();
        restart = begun;
        down = !begun.listenWhileDraining();
    }

    void drained() {
        down = true;
    }

    void listen(long micros) {
        restart = null;
        down = false;
        free = 0;
        if (queue != null) {
            queue.restart(micros * NANOS);
        }
    }

    /** Accepts a connection: the time when it has, and can look at the request; {@link #DROPPED} if its backlog is full. */
    long accept(long micros) {
        if (turnMicros == 0) {
            return micros;
        }
        double begins = Math.max(micros, free);
        if (backlog > 0 && begins - micros > backlog * turnMicros) {
            return DROPPED;
        }
        free = begins + turnMicros;
        return (long) free;
    }

    /** How long a request waits for its answer; {@link HandshakeQueue#FULL} if it cannot wait. */
    long waitMicros(long micros) {
        if (queue == null) {
            return 0;
        }
        long nanos = queue.take(micros * NANOS);
        return nanos == HandshakeQueue.FULL ? nanos : (nanos + NANOS - 1) / NANOS;
    }

    /** What Retry-After says during a restart: whole seconds until it listens again, at least 1; 0 where it never does. */
    long retryAfterSeconds(long micros) {
        Plan.Restart now = restart;
        if (now == null) {
            return 0;
        }
        if (now.retryAfterMicros() > 0) {
            return now.retryAfterMicros() / 1_000_000;
        }
        return now.isForGood() ? 0 : Math.max(1, (now.listeningMicros() - micros + 999_999) / 1_000_000);
    }
}
