package dev.squall.plan;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What stands behind the handshake of a node with a {@code capacity}: a bounded number of handshakes is worked on at once,
 * each takes its time, and those that must wait stand in a queue of bounded length. The queue is virtual: it holds no
 * requests, only times, so a client that goes away has still spent its turn, as it would have with a server that does its
 * work before it looks.
 *
 * <p>It reckons in work, not in time: a {@link WarmUp} makes time pass more slowly for it.
 */
public final class HandshakeQueue {

    /** The queue has no place. */
    public static final long FULL = -1;

    private final double turn;
    private final int places;
    private final boolean answersAfterwards;
    private final WarmUp warmUp;

    /** When those that are worked on are done, in a ring: as all take the same, in the order in which they began. */
    private final double[] done;

    /** When the turns of those begin who wait. */
    private final ArrayDeque<Double> begins = new ArrayDeque<>();

    private int next;
    private long started;

    /** An idle queue of a node that begins to listen {@code now}, by the monotonic clock. */
    public HandshakeQueue(Plan.Capacity capacity, long now) {
        int workedOn = Math.max(1, capacity.concurrent());
        this.turn = workedOn * 1e9 / capacity.handshakesPerSecond();
        this.places = capacity.queue();
        this.answersAfterwards = capacity.concurrent() > 0;
        this.warmUp = new WarmUp(capacity.warmUpMicros() * 1e3);
        this.done = new double[workedOn];
        this.started = now;
    }

    /**
     * Takes a turn.
     *
     * @param now the monotonic clock's reading
     * @return nanoseconds until the handshake is to be answered, 0 for at once; {@link #FULL} if nobody else may wait
     */
    public synchronized long take(long now) {
        double time = Math.max(0, now - started);
        double asked = warmUp.work(time);
        while (!begins.isEmpty() && begins.peek() <= asked) {
            begins.remove();
        }
        double begin = Math.max(asked, done[next]);
        if (begin > asked) {
            if (begins.size() >= places) {
                return FULL;
            }
            begins.add(begin);
        }
        done[next] = begin + turn;
        next = (next + 1) % done.length;
        double answered = answersAfterwards ? begin + turn : begin;
        return Math.max(0, Math.round(warmUp.time(answered) - time));
    }

    /** The node begins to listen: nobody waits, and it is cold. */
    public synchronized void restart(long now) {
        started = now;
        Arrays.fill(done, 0);
        begins.clear();
        next = 0;
    }
}
