package dev.squall.node;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.behaviour.Behaviours;
import dev.squall.behaviour.Clientele;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.Rows;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a node as somebody may look at them while it runs: the latest, the closes by code, and what they tell of each
 * client. It stands before the journal; event loops leave a row in a queue, and a thread of its own looks at it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A step that fails goes to failures.
final class LiveView implements Rows, AutoCloseable {

    /** Rows that wait to be looked at; more are not seen here, though they stand in the journal, by which clients are judged at the end. */
    static final int MOST_WAITING = 65_536;

    private static final long STEP_MILLIS = 20;

    /** A row. */
    private record Row(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long value,
            @Nullable String detail) {}

    private final Rows journal;
    private final ConcurrentLinkedQueue<Row> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingRows = new AtomicInteger();
    private final Behaviours behaviours = new Behaviours();
    private final ArrayDeque<Control.Event> recent = new ArrayDeque<>();
    private final Map<Long, String> keys = new HashMap<>();
    private final TreeMap<Integer, Long> closes = new TreeMap<>();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "squall-live-view");
        made.setDaemon(true);
        return made;
    });

    /** Passes rows on to {@code journal}; {@code failures} takes a defect. */
    LiveView(Rows journal, Consumer<Throwable> failures) {
        this.journal = journal;
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        lookAtAll();
                    } catch (RuntimeException e) {
                        failures.accept(e);
                    }
                },
                STEP_MILLIS,
                STEP_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean add(
            long micros,
            String population,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            @Nullable String detail) {
        if (waitingRows.get() < MOST_WAITING) {
            waitingRows.incrementAndGet();
            waiting.add(new Row(micros, population, client, connection, event, code, value, detail));
        }
        return journal.add(micros, population, client, connection, event, code, attempt, value, detail);
    }

    private synchronized void lookAtAll() {
        // What comes meanwhile waits for the next time.
        for (int left = waitingRows.get(); left > 0; left--) {
            Row row = waiting.poll();
            if (row != null) {
                waitingRows.decrementAndGet();
                look(row);
            }
        }
        notifyAll();
    }

    private void look(Row row) {
        if (row.event == JournalEvent.ACCEPTED && row.detail != null && keys.size() < Behaviours.MOST_CLIENTS) {
            keys.put(row.client, row.detail);
        }
        behaviours.add(row.micros, row.client, row.connection, row.event, row.code, row.value, row.detail);
        if (row.event == JournalEvent.CLOSED) {
            closes.merge((int) row.code, 1L, Long::sum);
        }
        recent.add(new Control.Event(
                row.micros,
                row.event,
                keys.get(row.client),
                known(row.connection),
                known(row.code),
                known(row.value),
                row.detail));
        if (recent.size() > Control.MAX_EVENTS) {
            recent.remove();
        }
    }

    private static @Nullable Long known(long value) {
        return value == NONE ? null : value;
    }

    /** The latest events, oldest first. */
    synchronized List<Control.Event> recent() {
        lookAtAll();
        return List.copyOf(recent);
    }

    /** Connections ended, by close code. */
    synchronized SortedMap<Integer, Long> closes() {
        lookAtAll();
        return new TreeMap<>(closes);
    }

    /** What is known of each client at this time. */
    CompletableFuture<Clientele> clients(long nowMicros) {
        CompletableFuture<Clientele> told = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    told.complete(at(nowMicros));
                } catch (RuntimeException e) {
                    told.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException closed) {
            told.complete(at(nowMicros));
        }
        return told;
    }

    /**
     * Waits until something holds of the clients, and gives what is known of them then; at the latest after this time.
     *
     * @param clock the time of the run, in microseconds
     */
    Clientele await(LongSupplier clock, Predicate<Clientele> condition, long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        while (true) {
            Clientele clientele = at(clock.getAsLong());
            long left = until - System.nanoTime();
            if (left <= 0 || condition.test(clientele)) {
                return clientele;
            }
            synchronized (this) {
                wait(Math.max(1, Math.min(STEP_MILLIS, TimeUnit.NANOSECONDS.toMillis(left))));
            }
        }
    }

    private synchronized Clientele at(long nowMicros) {
        lookAtAll();
        return behaviours.at(nowMicros);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
