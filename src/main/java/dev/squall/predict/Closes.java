package dev.squall.predict;

import dev.squall.plan.Plan;
import java.util.Arrays;

/** The Closes of one restart of one node, in the seeded order in which they go out. */
final class Closes {

    private final Calendar.Ahead ahead;
    private final Plan.Restart restart;
    private final int node;
    private final long[] order;
    private final int bits;
    private final int size;
    private int next;

    /**
     * Of these clients.
     *
     * @param ahead hears whose turn comes soon
     * @param keys by which they are ordered, one for each of the clients; equal ones, of which there are next to none, by
     *     the client's number
     */
    Closes(Plan.Restart planned, int node, int[] clients, long[] keys, int size, Calendar.Ahead ahead) {
        this.ahead = ahead;
        this.node = node;
        this.size = size;
        this.restart = planned.closing(size);
        int most = 0;
        for (int i = 0; i < size; i++) {
            most = Math.max(most, clients[i]);
        }
        // The upper bits of the key, which decide; below them, in the place of the others, the client.
        bits = Math.max(1, 64 - Long.numberOfLeadingZeros(most));
        order = new long[size];
        for (int i = 0; i < size; i++) {
            order[i] = keys[i] >> bits << bits | clients[i];
        }
        Arrays.parallelSort(order);
    }

    /** The restart with the window that it takes. */
    Plan.Restart restart() {
        return restart;
    }

    int node() {
        return node;
    }

    /** When the next is due; {@link Calendar#NEVER} if there is none. */
    long micros() {
        return next == size ? Calendar.NEVER : restart.closeMicros(next, size);
    }

    /** Takes the next: whose connection it is. */
    int take() {
        if (next % Calendar.AHEAD == 0) {
            for (int i = next; i < Math.min(size, next + Calendar.AHEAD); i++) {
                order[i] &= (1L << bits) - 1; // Its place is its order now.
            }
            ahead.look(order, next, Math.min(size, next + Calendar.AHEAD));
        }
        return (int) order[next++];
    }
}
