package dev.squall.journal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows that may still have others before them, in order of time; nearly every one comes after the last. */
final class Window {

    private @Nullable JournalRow[] rows = new JournalRow[256];
    private int first;
    private int end;

    boolean isEmpty() {
        return first == end;
    }

    /** The time of the first row; there must be one. */
    long firstMicros() {
        return micros(first);
    }

    /** Adds a row, behind those of its time. */
    void add(JournalRow row) {
        if (end == rows.length) {
            makeRoom();
        }
        int place = first == end || micros(end - 1) <= row.micros() ? end : placeOf(row.micros());
        System.arraycopy(rows, place, rows, place + 1, end - place);
        rows[place] = row;
        end++;
    }

    /** Takes the first row; null if there is none. */
    @Nullable
    JournalRow poll() {
        if (isEmpty()) {
            return null;
        }
        JournalRow row = rows[first];
        rows[first++] = null;
        return row;
    }

    private void makeRoom() {
        @Nullable JournalRow[] from = rows;
        int size = end - first;
        rows = size > from.length / 2 ? new JournalRow[from.length * 2] : from;
        System.arraycopy(from, first, rows, 0, size);
        Arrays.fill(rows, size, Math.min(end, rows.length), null);
        first = 0;
        end = size;
    }

    /** Behind the last row whose time is not later. */
    private int placeOf(long micros) {
        int low = first;
        int high = end;
        while (low < high) {
            int middle = low + high >>> 1;
            if (micros(middle) <= micros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private long micros(int place) {
        JournalRow row = rows[place];
        if (row == null) {
            throw new IllegalStateException("no row at " + place);
        }
        return row.micros();
    }
}
