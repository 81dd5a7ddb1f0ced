package dev.squall.predict;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.fault.FaultWindow;
import dev.squall.journal.JournalEvent;
import dev.squall.plan.Balance;
import dev.squall.plan.Plan;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.protocol.Negotiation;
import dev.squall.stats.Clients;
import dev.squall.stats.Measures;
import dev.squall.stats.Scope;
import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens to clients: to the {@link Measures}, and row by row to whoever keeps a journal. What would be after the
 * end of the load is not told, but for the ends of connections, which a run counts to its very end.
 */
final class Account {

    /** Takes each row. */
    interface Rows {

        /** {@code node} is the index of the node that tells, -1 for the clients. */
        void row(
                int node,
                long micros,
                int population,
                int client,
                int connection,
                JournalEvent event,
                long code,
                long attempt,
                long value,
                String detail);
    }

    /** How a connection ends. */
    enum End {
        RESTART("server", "restart", " clean"),
        CAPACITY("server", "capacity", " clean"),
        FAULT_CLOSE("server", "fault", " clean"),
        FAULT_RESET("network", "fault", " reset"),
        FAULT_FIN("network", "fault", " eof"),
        KILLED("network", "reset", " reset"),
        LACKING("client", "mandatory-extension", " clean"),
        NOT_READY("client", "not-ready", " clean"),
        LEFT("client", "left", " clean"),
        LOAD("client", "end-of-run", " clean");

        private final String by;
        private final String cause;
        private final String how;

        End(String by, String cause, String how) {
            this.by = by;
            this.cause = cause;
            this.how = how;
        }
    }

    private static final End[] ENDS = End.values();
    private static final int BY_CLIENTS = -1;
    private static final int NO_CONNECTION = -1;

    private final Plan plan;
    private final Clients clients;
    private final Measures measures;
    private final @Nullable Rows rows;
    private final long end;
    private final Map<Integer, Scope.Close[]> closes = new HashMap<>();

    /** Ends of connections after the end of the load: client, code and end. */
    private final LongArrayList afterwards = new LongArrayList();

    Account(Plan plan, Clients clients, Measures measures, @Nullable Rows rows) {
        this.plan = plan;
        this.clients = clients;
        this.measures = measures;
        this.rows = rows;
        this.end = plan.durationMicros();
    }

    private void row(
            int node,
            long micros,
            int client,
            int connection,
            JournalEvent event,
            long code,
            long attempt,
            long value,
            String detail) {
        Rows to = rows;
        if (to != null) {
            int population = clients.population(client);
            to.row(
                    node,
                    micros,
                    population,
                    clients.within(population, client),
                    connection,
                    event,
                    code,
                    attempt,
                    value,
                    detail);
        }
    }

    /** Reads what it will need of a client, see {@link Simulation}. */
    long lookAhead(int client) {
        return measures.lookAhead(client);
    }

    /** The same for the end of a connection. */
    long lookAheadOfClose(int client) {
        return measures.lookAheadOfClose(client);
    }

    // ---- nodes

    void begun(Plan.Restart restart, int node, long micros) {
        measures.begun(restart.index(), node, micros);
        if (rows != null && !restart.kill()) {
            rows.row(node, micros, -1, 0, 0, JournalEvent.RESTART_BEGUN, NONE, NONE, restart.index(), "");
        }
    }

    void listening(Plan.Restart restart, int node, long micros) {
        if (micros < end) {
            measures.listening(restart.index(), node, micros);
            if (rows != null) {
                rows.row(node, micros, -1, 0, 0, JournalEvent.LISTENING, NONE, NONE, restart.index(), "");
            }
        }
    }

    // ---- attempts

    void arrived(int client, int incarnation, long micros) {
        measures.arrived(client, incarnation, micros);
        row(BY_CLIENTS, micros, client, NO_CONNECTION, JournalEvent.ARRIVED, NONE, incarnation, 0, "");
    }

    void dialled(int client, int node, int connection, int failures, long late, long micros) {
        measures.connecting(client, node, false, micros);
        if (rows != null) {
            String named = plan.balance().moves() ? Balance.name(node) : "";
            row(BY_CLIENTS, micros, client, connection, JournalEvent.CONNECTING, NONE, failures, late, named);
        }
    }

    /** A node has a request and answers it. */
    void asked(int client, int node, int connection, @Nullable Response response, long micros) {
        row(node, micros, client, connection, JournalEvent.ACCEPTED, NONE, NONE, NONE, "");
        if (response != null && !response.nodeOutcomes().isEmpty()) {
            response.withheld().forEach(name -> measures.withheld(client, name));
            row(
                    node,
                    micros,
                    client,
                    connection,
                    JournalEvent.NEGOTIATED,
                    101,
                    NONE,
                    response.inWindow() ? 1 : 0,
                    response.nodeOutcomes());
        }
    }

    void failed(int client, int connection, String cause, long status, int failures, long since, long micros) {
        measures.failed(client, cause, micros);
        row(BY_CLIENTS, micros, client, connection, JournalEvent.FAILED, status, failures, since, cause);
    }

    /** A client has a 101. */
    void answered(int client, int connection, Response response, long micros) {
        Negotiation.Judgement judgement = response.judgement();
        if (judgement != null) {
            measures.negotiated(client, response.outcomes(), response.inWindow());
            row(BY_CLIENTS, micros, client, connection, JournalEvent.NEGOTIATED, 101, NONE, NONE, judgement.outcomes());
        }
    }

    void opened(int client, int connection, int failures, long since, long micros) {
        measures.opened(client, since, micros);
        row(BY_CLIENTS, micros, client, connection, JournalEvent.OPENED, NONE, failures, since, "");
    }

    void ready(int client, int connection, int failures, long since, long micros) {
        measures.ready(client, micros);
        row(BY_CLIENTS, micros, client, connection, JournalEvent.READY, NONE, failures, since, "");
    }

    // ---- ends of connections

    /** A fault strikes an open connection. */
    void struck(int client, int node, int connection, FaultWindow window, long micros) {
        String name = window.fault().kind().name();
        row(node, micros, client, connection, JournalEvent.STRUCK, NONE, NONE, window.index(), name);
    }

    /** A node's Close goes out, and is received after {@code oneWay}. */
    void closedByNode(int client, int node, int connection, int code, int restart, End how, long oneWay, long micros) {
        long told = restart >= 0 ? restart : NONE;
        row(node, micros, client, connection, JournalEvent.CLOSE_SENT, code, NONE, told, how.cause);
        if (micros + oneWay < end) {
            measures.lost(client, how == End.CAPACITY ? Measures.TURNED_AWAY : restart, code, micros, micros + oneWay);
        }
        row(BY_CLIENTS, micros + oneWay, client, connection, JournalEvent.CLOSE_RECEIVED, code, NONE, NONE, how.cause);
        row(BY_CLIENTS, micros + oneWay, client, connection, JournalEvent.CLOSE_SENT, code, NONE, NONE, "");
        long over = micros + 3 * oneWay;
        row(node, micros + 2 * oneWay, client, connection, JournalEvent.CLOSE_RECEIVED, code, NONE, NONE, "");
        row(node, micros + 2 * oneWay, client, connection, JournalEvent.CLOSED, code, NONE, 0, "server clean");
        ended(client, connection, code, how, over);
    }

    /** A connection is gone without a Close. */
    void cut(int client, int node, int connection, End how, long micros) {
        row(node, micros, client, connection, JournalEvent.CLOSED, 1006, NONE, 0, how.by + how.how);
        if (micros < end) {
            measures.lost(client, Measures.NO_RESTART, 1006, micros, micros);
        }
        ended(client, connection, 1006, how, micros);
    }

    /** A client begins the closing handshake. */
    void leaves(int client, int node, int connection, int code, String reason, End how, long oneWay, long micros) {
        if (how == End.LACKING) {
            measures.leavesWith1010(client, reason, micros);
        } else {
            measures.leaves(client, code, false, micros);
        }
        closingRows(client, node, connection, code, reason, how, oneWay, micros);
        ended(client, connection, code, how, micros + 2 * oneWay);
    }

    private void closingRows(
            int client, int node, int connection, int code, String reason, End how, long oneWay, long micros) {
        if (rows == null) {
            return;
        }
        row(BY_CLIENTS, micros, client, connection, JournalEvent.CLOSE_SENT, code, NONE, NONE, reason);
        row(node, micros + oneWay, client, connection, JournalEvent.CLOSE_RECEIVED, code, NONE, NONE, reason);
        row(node, micros + oneWay, client, connection, JournalEvent.CLOSE_SENT, code, NONE, NONE, "");
        row(node, micros + oneWay, client, connection, JournalEvent.CLOSED, code, NONE, 0, how.by + how.how);
        row(BY_CLIENTS, micros + 2 * oneWay, client, connection, JournalEvent.CLOSE_RECEIVED, code, NONE, NONE, "");
    }

    private void ended(int client, int connection, int code, End how, long micros) {
        row(BY_CLIENTS, micros, client, connection, JournalEvent.CLOSED, code, NONE, 0, how.by + how.how);
        if (micros < end) {
            measures.closed(client, close(code, how), micros);
        } else {
            afterwards.addLong(client);
            afterwards.addLong(code);
            afterwards.addLong(how.ordinal());
        }
    }

    private Scope.Close close(int code, End how) {
        Scope.Close[] ofCode = closes.computeIfAbsent(code, any -> new Scope.Close[ENDS.length]);
        if (ofCode[how.ordinal()] == null) {
            ofCode[how.ordinal()] = new Scope.Close(code, how.by, how.cause);
        }
        return ofCode[how.ordinal()];
    }

    // ---- between connections

    void waiting(int client, int failures, long delay, long micros) {
        if (micros < end) {
            measures.waiting(client, micros);
            row(BY_CLIENTS, micros, client, NO_CONNECTION, JournalEvent.WAITING, NONE, failures, delay, "");
        }
    }

    void gaveUp(int client, int failures, long micros) {
        if (micros < end) {
            measures.gaveUp(client, micros);
            row(BY_CLIENTS, micros, client, NO_CONNECTION, JournalEvent.GAVE_UP, NONE, failures, NONE, "");
        }
    }

    void leftFor1010(int client, long micros) {
        if (micros < end) {
            measures.leftFor1010(client, micros);
            row(BY_CLIENTS, micros, client, NO_CONNECTION, JournalEvent.FINISHED, NONE, NONE, NONE, "1010");
        }
    }

    void left(int client, long micros) {
        if (micros < end) {
            measures.left(client, micros);
            row(BY_CLIENTS, micros, client, NO_CONNECTION, JournalEvent.FINISHED, NONE, NONE, NONE, "left");
        }
    }

    /** The load has ended. */
    void loadEnded() {
        measures.loadEnded();
        for (int i = 0; i < afterwards.size(); i += 3) {
            End how = ENDS[(int) afterwards.getLong(i + 2)];
            measures.closed((int) afterwards.getLong(i), close((int) afterwards.getLong(i + 1), how), end);
        }
    }

    /** The run ends for a client that stands in this phase, and whose connection is open at a node or not. */
    void finishes(int client, int node, int connection, Phase phase, long oneWay) {
        if (rows == null) {
            return;
        }
        if (node >= 0) {
            closingRows(client, node, connection, 1000, "", End.LOAD, oneWay, end);
            row(BY_CLIENTS, end + 2 * oneWay, client, connection, JournalEvent.CLOSED, 1000, NONE, 0, "client clean");
        }
        if (node >= 0 || phase == Phase.CONNECTING || phase == Phase.WAITING) {
            long over = node >= 0 ? end + 2 * oneWay : end;
            row(BY_CLIENTS, over, client, NO_CONNECTION, JournalEvent.FINISHED, NONE, NONE, NONE, "end");
        }
    }

    /** An open connection has ended with the run. */
    void countedAtEnd(int client) {
        measures.closed(client, close(1000, End.LOAD), end);
    }
}
