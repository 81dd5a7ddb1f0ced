package dev.squall.node;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the server's libraries log from warnings up, which a node writes to standard error. */
final class Logged extends Handler implements AutoCloseable {

    private final List<String> records = new CopyOnWriteArrayList<>();

    Logged() {
        Logger.getLogger("").addHandler(this);
    }

    List<String> records() {
        return records;
    }

    @Override
    public void publish(LogRecord record) {
        if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            records.add(record.getLoggerName() + ": " + record.getMessage() + " " + record.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
    }
}
