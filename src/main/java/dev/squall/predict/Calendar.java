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

    private static final int MOST_DAYS = 4_000_000;
    private static final long LEAST_DAY_MICROS = 1_000;

    /** Entries of a chunk; the last place of it links to the next. */
    private static final int CHUNK = 16;

    private static final int NONE = -1;

    private final long endMicros;
    private final long dayMicros;
    private final int[] last;
    private long[] chunks = new long[CHUNK * 1024];
    private int[] before = new int[1024];
    private byte[] filled = new byte[1024];
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
    Calendar(long endMicros) {
        this.endMicros = endMicros;
        this.dayMicros = Math.max(LEAST_DAY_MICROS, (endMicros + MOST_DAYS - 1) / MOST_DAYS);
        this.last = new int[(int) ((endMicros + dayMicros - 1) / dayMicros) + 1];
        Arrays.fill(last, NONE);
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
        int day = (int) (micros / dayMicros);
        long entry = (micros - day * dayMicros) << 32 | client;
        if (day > today) {
            append(day, entry);
        } else if (day == today) {
            push(entry);
        } else {
            throw new IllegalArgumentException(
                    "due at " + micros + " us (expected: not before " + today * dayMicros + ")");
        }
    }

    /**
     * When the next entry is due; {@link #NEVER} if none is up to {@code until}. Who asks may still add what is due from
     * then on.
     */
    long micros(long until) {
        while (next == size && lateSize == 0) {
            if (today >= last.length - 1 || (today + 1) * dayMicros > until) {
                return NEVER;
            }
            begin(++today);
        }
        long micros = today * dayMicros + (earliest() >>> 32);
        return micros > until ? NEVER : micros;
    }

    /** Takes the next entry; {@link #micros} has told of it. */
    int take() {
        if (next == size && lateSize == 0) {
            throw new IllegalStateException("nothing is due");
        }
        return (int) (isLate() ? pop() : sorted[next++]);
    }

    private boolean isLate() {
        return next == size || lateSize > 0 && late[0] < sorted[next];
    }

    private long earliest() {
        return isLate() ? late[0] : sorted[next];
    }

    // ---- days to come: chunks of entries, the last one first

    private void append(int day, long entry) {
        int chunk = last[day];
        if (chunk == NONE || filled[chunk] == CHUNK) {
            int fresh = chunk();
            before[fresh] = chunk;
            last[day] = fresh;
            chunk = fresh;
        }
        chunks[chunk * CHUNK + filled[chunk]++] = entry;
    }

    private int chunk() {
        if (free != NONE) {
            int chunk = free;
            free = before[chunk];
            filled[chunk] = 0;
            return chunk;
        }
        if (made == filled.length) {
            int more = made + (made >> 1);
            chunks = Arrays.copyOf(chunks, more * CHUNK);
            before = Arrays.copyOf(before, more);
            filled = Arrays.copyOf(filled, more);
        }
        return made++;
    }

    private void begin(int day) {
        next = 0;
        size = 0;
        for (int chunk = last[day]; chunk != NONE; ) {
            int entries = filled[chunk];
            if (size + entries > sorted.length) {
                sorted = Arrays.copyOf(sorted, Math.max(size + entries, sorted.length * 2));
            }
            System.arraycopy(chunks, chunk * CHUNK, sorted, size, entries);
            size += entries;
            int earlier = before[chunk];
            before[chunk] = free;
            free = chunk;
            chunk = earlier;
        }
        last[day] = NONE;
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
