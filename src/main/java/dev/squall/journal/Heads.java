package dev.squall.journal;

import org.jspecify.annotations.Nullable;

/** The next row of each source, as a binary heap by time; at equal times by source. */
final class Heads {

    private final @Nullable JournalRow[] rows;
    private final int[] sources;
    private int size;

    /** For so many sources. */
    Heads(int most) {
        rows = new JournalRow[most];
        sources = new int[most];
    }

    /** Adds a source's first row; sources come in their order. */
    void add(int source, JournalRow row) {
        int place = size++;
        while (place > 0 && comesBefore(row, source, (place - 1) / 2)) {
            move((place - 1) / 2, place);
            place = (place - 1) / 2;
        }
        rows[place] = row;
        sources[place] = source;
    }

    /** The first row of all; null if there is none. */
    @Nullable
    JournalRow first() {
        return size == 0 ? null : rows[0];
    }

    /** Whose the first row is. */
    int source() {
        return sources[0];
    }

    /** Puts the row that follows in its source into the place of the first; null if none follows. */
    void replace(@Nullable JournalRow next) {
        int source = sources[0];
        JournalRow row = next;
        if (row == null) {
            size--;
            row = rows[size];
            source = sources[size];
            rows[size] = null;
            if (row == null || size == 0) {
                return;
            }
        }
        int place = 0;
        for (int child = 1; child < size; child = 2 * place + 1) {
            JournalRow right = child + 1 < size ? rows[child + 1] : null;
            if (right != null && comesBefore(right, sources[child + 1], child)) {
                child++;
            }
            if (comesBefore(row, source, child)) {
                break;
            }
            move(child, place);
            place = child;
        }
        rows[place] = row;
        sources[place] = source;
    }

    private boolean comesBefore(JournalRow row, int source, int place) {
        JournalRow other = rows[place];
        if (other == null) {
            return true;
        }
        return row.micros() < other.micros() || row.micros() == other.micros() && source < sources[place];
    }

    private void move(int from, int to) {
        rows[to] = rows[from];
        sources[to] = sources[from];
    }
}
