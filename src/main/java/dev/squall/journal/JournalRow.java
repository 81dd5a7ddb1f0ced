package dev.squall.journal;

/** One row of a journal; empty columns are {@link JournalWriter#NONE}. Times are microseconds since the run's start. */
public record JournalRow(
        long row,
        long micros,
        String population,
        long client,
        long connection,
        JournalEvent event,
        long code,
        long attempt,
        long value,
        String detail) {}
