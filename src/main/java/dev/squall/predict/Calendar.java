package dev.squall.predict;

import java.util.Arrays;

/**
 * What is due to whom, in order of time, and of the clients' numbers where times are equal: a calendar queue (Brown, 1988)
 * whose days are as many as a run needs. An entry is one long; adding one is appending to a day, and only the day that has
 * come is sorted.
 *
 * <p>An entry cannot be taken back: who is no longer meant must know that from its own time.
 */
final class Calendar {

    /** The time of an empty calendar. */
    static final long NEVER = Long.MAX_VALUE;

    /** Hears whose turn comes soon. */
    interface Ahead {

        /** The clients are the lower halves of the entries from one place on and before another. */
        void look(long[] entries, int from, int to);
    }

    /** So many clients' numbers stay near until their turn, in caches and in translation buffers. */
    static final int AHEAD = 64;

    private static final int MOST_DAYS = 4_000_000;

    /** A day is so long at least, as a power of two: 1,024 us. */
    private static final int LEAST_SHIFT = 10;

    /** Places of a chunk; the last one is for the chunk before it. */
    private static final int CHUNK = 16;

    private static final int NONE = -1;

    private final Ahead ahead;
    private final long endMicros;
    private final int shift;

    /** The next free place of each day. */
    private final int[] tails;

    private long[] chunks = new long[CHUNK * 1024];
    private int made;
    private int free = NONE;

    private int today = -1;
    private long[] sorted = new long[64];
    private int next;
    private int size;

    /** What came for today after it had begun: a heap. */
    private long[] late = new long[64];

    private int lateSize;

    /** Of times in [0, endMicros); what is due later never comes. */
    Calendar(long endMicros, Ahead ahead) {
        this.ahead = ahead;
        this.endMicros = endMicros;
        int least = LEAST_SHIFT;
        while (endMicros >> least >= MOST_DAYS) {
            least++;
        }
        this.shift = least;
        this.tails = new int[(int) (endMicros >> shift) + 1];
        Arrays.fill(tails, NONE);
    }

    /**
     * Adds an entry.
     *
     * @param micros not before that of the last entry that was taken
     * @param client 0 or more
     */
    void add(long micros, int client) {
        if (micros >= endMicros) {
            return;
        }
        int day = (int) (micros >> shift);
        long entry = (micros - ((long) day << shift)) << 32 | client;
        if (day > today) {
            append(day, entry);
        } else if (day == today) {
            push(entry);
        } else {
            throw new IllegalArgumentException(
                    "due at " + micros + " us (expected: not before " + ((long) today << shift) + ")");
        }
    }

    /**
     * When the next entry is due; {@link #NEVER} if none is up to {@code until}. Who asks may still add what is due from
     * then on.
     */
    long micros(long until) {
        while (next == size && lateSize == 0) {
            if (today >= tails.length - 1 || (today + 1L) << shift > until) {
                return NEVER;
            }
            begin(++today);
        }
        long micros = ((long) today << shift) + (earliest() >>> 32);
        return micros > until ? NEVER : micros;
    }

    /** Takes the next entry; {@link #micros} has told of it. */
    int take() {
        if (next == size && lateSize == 0) {
            throw new IllegalStateException("nothing is due");
        }
        if (isLate()) {
            return (int) pop();
        }
        if (next % AHEAD == 0) {
            ahead.look(sorted, next, Math.min(size, next + AHEAD));
        }
        return (int) sorted[next++];
    }

    private boolean isLate() {
        return next == size || lateSize > 0 && late[0] < sorted[next];
    }

    private long earliest() {
        return isLate() ? late[0] : sorted[next];
    }

    // ---- days to come: chunks of entries, the last one first

    private void append(int day, long entry) {
        int place = tails[day];
        if (place == NONE || place % CHUNK == CHUNK - 1) {
            int chunk = chunk();
            chunks[chunk + CHUNK - 1] = place;
            place = chunk;
        }
        chunks[place] = entry;
        tails[day] = place + 1;
    }

    /** The first place of a chunk that nobody uses. */
    private int chunk() {
        if (free != NONE) {
            int chunk = free;
            free = (int) chunks[chunk];
            return chunk;
        }
        if (made == chunks.length) {
            chunks = Arrays.copyOf(chunks, Math.addExact(made, (made >> 1) / CHUNK * CHUNK));
        }
        made += CHUNK;
        return made - CHUNK;
    }

    private void begin(int day) {
        next = 0;
        size = 0;
        int tail = tails[day];
        tails[day] = NONE;
        while (tail != NONE) {
            int chunk = (tail - 1) / CHUNK * CHUNK;
            int entries = tail - chunk;
            if (size + entries > sorted.length) {
                sorted = Arrays.copyOf(sorted, Math.max(size + entries, sorted.length * 2));
            }
            System.arraycopy(chunks, chunk, sorted, size, entries);
            size += entries;
            tail = (int) chunks[chunk + CHUNK - 1];
            chunks[chunk] = free;
            free = chunk;
        }
        Arrays.sort(sorted, 0, size);
    }

    // ---- today

    private void push(long entry) {
        if (lateSize == late.length) {
            late = Arrays.copyOf(late, lateSize * 2);
        }
        int place = lateSize++;
        while (place > 0 && late[(place - 1) / 2] > entry) {
            late[place] = late[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        late[place] = entry;
    }

    private long pop() {
        long least = late[0];
        long moved = late[--lateSize];
        int place = 0;
        while (2 * place + 1 < lateSize) {
            int child = 2 * place + 1;
            child += child + 1 < lateSize && late[child + 1] < late[child] ? 1 : 0;
            if (late[child] >= moved) {
                break;
            }
            late[place] = late[child];
            place = child;
        }
        late[place] = moved;
        return least;
    }
}
