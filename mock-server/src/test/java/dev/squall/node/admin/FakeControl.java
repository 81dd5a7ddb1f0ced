package dev.squall.node.admin;

import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ExperimentReader;
import dev.squall.journal.JournalEvent;
import dev.squall.node.Control;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** A server that is none: it keeps what it is told, takes as a fault whatever an experiment's seed may be, and counts. */
final class FakeControl implements Control {

    /** A text that a page must not take for markup. */
    static final String HOSTILE = "<img src=x onerror=\"document.title='owned'\">";

    private static final int OPEN = 250;

    private final long start = System.nanoTime();
    final List<String> asked = new CopyOnWriteArrayList<>();
    private final SortedMap<Integer, Long> closes = new TreeMap<>(Map.of(1000, 12L, 1012, 4790L));
    private final Deque<Event> events = new ArrayDeque<>();
    private final List<ActiveFault> faults = new ArrayList<>();
    private int given;
    private int restarts;
    private State state = State.SERVING;
    volatile boolean busy;
    volatile boolean silent;
    volatile RuntimeException defect;

    FakeControl() {
        events.add(new Event(12_000_000, JournalEvent.LISTENING, null, null, null, -1L, null));
        events.add(new Event(14_250_000, JournalEvent.CLOSED, HOSTILE, 17L, 1012L, 900L, "server clean " + HOSTILE));
    }

    /** More connections end. */
    synchronized void close(int code, long more) {
        closes.merge(code, more, Long::sum);
    }

    private long micros() {
        return (System.nanoTime() - start) / 1000;
    }

    /** The reader's own complaint of a value, with its path. */
    private static void read(String text) throws ExperimentException {
        if (text.contains("bad") || text.startsWith("[")) {
            new ExperimentReader(100_000, name -> null)
                    .read(text.startsWith("[") ? text : "duration: " + text, "fault", List.of());
        }
    }

    @Override
    public List<FaultKind> kinds() {
        return List.of(
                new FaultKind(
                        "restart",
                        "Closes every connection with a code, is down for a time, and serves again.",
                        "restart:\n  code: 1012\n  drain: 2s\n  downtime: 1s\n"),
                new FaultKind("withhold", "Leaves an extension out of the handshake's answer.", """
                        withhold: permessage-deflate
                        probability: 10%
                        """),
                new FaultKind("close", "Sends a Close with any code and reason, after a time or some messages.", """
                        close:
                          after: 5s
                          code: 1011
                          reason: internal error
                        """),
                new FaultKind("abort", "Ends TCP with a reset, without a Close.", "abort: {after: 5s}\n"),
                new FaultKind("stall", "Stops to read, or to answer pings.", "stall: pings\nto: 30s\n"),
                new FaultKind(
                        "latency", "Holds each message back for a time.", "latency: 200ms\njitter: 50ms\nto: 60s\n"));
    }

    @Override
    public synchronized List<ActiveFault> faults() {
        fail();
        return List.copyOf(faults);
    }

    @Override
    public synchronized ActiveFault inflict(String text) throws ExperimentException, RefusedException {
        asked.add(text);
        read(text);
        refuseIfBusy();
        String line = text.strip().replace("\n", ", ");
        ActiveFault fault = new ActiveFault(
                given++, text.split(":")[0], line, micros(), text.contains("to:") ? 60_000_000L : null, 7);
        faults.add(fault);
        return fault;
    }

    private void refuseIfBusy() throws RefusedException {
        if (busy) {
            throw new RefusedException("a restart is under way (expected: one at a time; POST /reset ends it)");
        }
    }

    private void fail() {
        if (defect != null) {
            throw defect;
        }
    }

    @Override
    public synchronized boolean lift(int index) {
        return faults.removeIf(fault -> fault.index() == index);
    }

    @Override
    public synchronized int restart(String text) throws ExperimentException, RefusedException {
        asked.add(text);
        read(text);
        refuseIfBusy();
        state = State.DRAINING;
        return restarts++;
    }

    @Override
    public synchronized void reset() {
        faults.clear();
        state = State.SERVING;
    }

    @Override
    public CompletableFuture<Page<OpenConnection>> connections(long after, int limit) {
        return page(
                Math.max(after + 1, 1),
                limit,
                connection -> new OpenConnection(
                        connection,
                        connection % 2 == 0 ? "phone-" + connection : null,
                        connection * 1000,
                        "/chat?id=" + connection,
                        "127.0.0.1:" + (40_000 + connection),
                        List.of(0, 2),
                        connection % 2 == 0 ? "permessage-deflate" : ""));
    }

    @Override
    public CompletableFuture<Page<Map<String, Object>>> clients(long after, int limit) {
        return page(
                after + 1,
                limit,
                client -> Map.of("client", client, "key", "phone-" + client, "reconnectDelaySeconds", List.of(1.5)));
    }

    private <T> CompletableFuture<Page<T>> page(long first, int limit, LongFunction<T> item) {
        if (silent) {
            return new CompletableFuture<>();
        }
        long last = Math.min(first + limit - 1, OPEN);
        return CompletableFuture.supplyAsync(() ->
                new Page<>(LongStream.rangeClosed(first, last).mapToObj(item).toList(), last < OPEN ? last : null));
    }

    @Override
    public synchronized Counts counts() {
        long now = micros();
        long closed = closes.values().stream().mapToLong(Long::longValue).sum();
        return new Counts(now, state, OPEN, closed + OPEN + 3, 3, closed, new TreeMap<>(closes), 123_456, restarts);
    }

    @Override
    public synchronized List<Event> recent() {
        return List.copyOf(events);
    }
}
