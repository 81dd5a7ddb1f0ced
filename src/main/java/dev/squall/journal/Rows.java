package dev.squall.journal;

import org.jspecify.annotations.Nullable;

/** Where rows go: {@code JournalWriter::add} in a run. */
@FunctionalInterface
public interface Rows {

    /** Nobody keeps them. */
    Rows NOWHERE = (micros, population, client, connection, event, code, attempt, value, detail) -> true;

    /** One row; see {@link JournalWriter}. */
    boolean add(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            @Nullable String detail);
}
