package dev.squall.behaviour;

import static dev.squall.journal.JournalWriter.NONE;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.report.RunInfo;
import dev.squall.stats.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows that a node would write, on virtual time in seconds. */
public final class NodeRows {

    private final List<JournalRow> rows = new ArrayList<>();
    private long connections;

    /** One client, or anybody without a name. */
    public final class Visitor {
        private final long number;
        private final @Nullable String key;
        private long connection;

        private Visitor(long number, @Nullable String key) {
            this.number = number;
            this.key = key;
        }

        /** It asks for an upgrade, which is not answered yet. */
        public Visitor asks(double at) {
            connection = ++connections;
            return row(at, JournalEvent.ACCEPTED, NONE, NONE, key);
        }

        /** It asks and is refused. */
        public Visitor rejected(double at, int status) {
            return asks(at).row(at, JournalEvent.REJECTED, status, NONE, "fault");
        }

        /** It asks, and ends TCP before it has an answer. */
        public Visitor leftWaiting(double at, double until) {
            return asks(at).closed(until, 1006, "network eof");
        }

        /** It asks and has its 101. */
        public Visitor opens(double at) {
            return asks(at).row(at, JournalEvent.NEGOTIATED, 101, NONE, null);
        }

        public Visitor struck(double at, String fault) {
            return row(at, JournalEvent.STRUCK, NONE, 0, fault);
        }

        public Visitor sentClose(double at, int code, String reason) {
            return row(at, JournalEvent.CLOSE_SENT, code, NONE, reason);
        }

        public Visitor answers(double at, int code) {
            return row(at, JournalEvent.CLOSE_RECEIVED, code, NONE, "");
        }

        public Visitor closed(double at, int code, String how) {
            return row(at, JournalEvent.CLOSED, code, 0, how);
        }

        /** The node closes it, and it echoes after 5 ms. */
        public Visitor closedBy(double at, int code) {
            return sentClose(at, code, "restart").answers(at + 0.005, code).closed(at + 0.006, code, "server clean");
        }

        /** It closes by itself. */
        public Visitor leaves(double at, int code) {
            return answers(at, code).sentClose(at, code, "").closed(at + 0.001, code, "client clean");
        }

        public Visitor pinged(double at) {
            return row(at, JournalEvent.PING_SENT, NONE, NONE, null);
        }

        public Visitor ponged(double at, long rttMicros) {
            return row(at, JournalEvent.PONG_RECEIVED, NONE, rttMicros, null);
        }

        private Visitor row(double at, JournalEvent event, long code, long value, @Nullable String detail) {
            add(at, number, connection, event, code, value, detail);
            return this;
        }
    }

    /** A client that identifies itself. */
    public Visitor client(String key) {
        return new Visitor(key.hashCode(), key);
    }

    /** One that does not. */
    public Visitor anybody() {
        return new Visitor(NONE, null);
    }

    /** A downtime; {@code kind}: how it closes and what it does while down. */
    public NodeRows down(double from, double to, String kind) {
        add(from, NONE, NONE, JournalEvent.RESTART_BEGUN, NONE, 0, kind);
        add(to, NONE, NONE, JournalEvent.LISTENING, NONE, 0, null);
        return this;
    }

    /** The node goes down and never listens again. */
    public NodeRows downForGood(double from) {
        add(from, NONE, NONE, JournalEvent.RESTART_BEGUN, NONE, 0, "drain refuse");
        return this;
    }

    /** The node stood still until this time. */
    public NodeRows stalled(double until, double seconds) {
        add(until, NONE, NONE, JournalEvent.STALL, NONE, Math.round(seconds * 1e6), null);
        return this;
    }

    private void add(
            double at,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long value,
            @Nullable String detail) {
        rows.add(new JournalRow(
                rows.size(),
                Math.round(at * 1e6),
                "",
                client,
                connection,
                event,
                code,
                NONE,
                value,
                detail == null ? "" : detail));
    }

    /** All rows in order of time. */
    public List<JournalRow> rows() {
        return rows.stream()
                .sorted(Comparator.comparingLong(JournalRow::micros))
                .toList();
    }

    /** What is known of the clients at this time. */
    public Clientele at(double seconds) {
        Behaviours behaviours = new Behaviours();
        rows().stream().filter(row -> row.micros() <= seconds * 1e6).forEach(behaviours::add);
        return behaviours.at(Math.round(seconds * 1e6));
    }

    /** The only client, or the one of this key. */
    public ClientBehaviour of(String key, double seconds) {
        return at(seconds)
                .client(key)
                .orElseThrow(() -> new AssertionError(String.format(Locale.ROOT, "no client %s", key)));
    }

    /** Writes them as a serve's run directory, whose node was stopped in order; expectations as {@code --expect}. */
    public void write(Path directory, double seconds, String... expectations) throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        ObjectNode plan = (ObjectNode) json.readTree(
                Runs.plan("duration: 60s\nload: {nobody: {clients: 1}}\n", 1).toJson());
        plan.putArray("populations");
        plan.put("durationMicros", Math.round(seconds * 1e6));
        List.of(expectations).forEach(plan.putArray("expectations")::add);
        Files.writeString(directory.resolve("plan.json"), json.writeValueAsString(plan));
        new RunInfo(
                        RunInfo.SCHEMA,
                        "serve",
                        "2026-01-01T00:00:00Z",
                        1,
                        List.of("serve", "--identify", "query:client"),
                        "",
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Map.of())
                .write(directory.resolve("run.json"));
        try (JournalWriter journal = new JournalWriter(directory.resolve("node-0.csv"))) {
            for (JournalRow row : rows()) {
                journal.add(
                        row.micros(),
                        "",
                        row.client(),
                        row.connection(),
                        row.event(),
                        row.code(),
                        NONE,
                        row.value(),
                        row.detail().isEmpty() ? null : row.detail());
            }
            journal.add(Math.round(seconds * 1e6), JournalEvent.CPU, 1_000, null);
        }
    }
}
