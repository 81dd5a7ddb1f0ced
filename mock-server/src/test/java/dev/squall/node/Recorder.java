package dev.squall.node;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Rows in memory. */
final class Recorder implements Rows {

    record Row(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long value,
            String detail) {}

    private final List<Row> rows = new ArrayList<>();

    @Override
    public synchronized boolean add(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            String detail) {
        rows.add(new Row(micros, population, client, connection, event, code, value, detail));
        notifyAll();
        return true;
    }

    synchronized List<Row> of(JournalEvent event) {
        return rows.stream().filter(row -> row.event() == event).toList();
    }

    synchronized List<Row> of(JournalEvent event, long client) {
        return rows.stream()
                .filter(row -> row.event() == event && row.client() == client)
                .toList();
    }

    synchronized List<Row> all() {
        return List.copyOf(rows);
    }

    /** Waits until there are so many such rows. */
    synchronized List<Row> await(int count, Predicate<Row> wanted) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            List<Row> found = rows.stream().filter(wanted).toList();
            if (found.size() >= count) {
                return found;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("waited for " + count + " rows, found " + found + " in " + rows);
            }
            wait(left);
        }
    }

    List<Row> await(int count, JournalEvent event) throws InterruptedException {
        return await(count, row -> row.event() == event);
    }
}
