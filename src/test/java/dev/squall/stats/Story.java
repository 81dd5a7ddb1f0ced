package dev.squall.stats;

import dev.squall.journal.HarnessJournal;
import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.journal.JournalWriter;
import dev.squall.plan.Balance;
import dev.squall.plan.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A run told by hand: what happened to its clients, in seconds since the start and in any order. Of the
 * nodes there is one.
 */
final class Story {

    private static final long NONE = JournalWriter.NONE;

    private record Told(int node, JournalRow row) {}

    private final Plan plan;
    private final List<Told> told = new ArrayList<>();
    private final int[][] connections;
    private int population;
    private int client;

    Story(Plan plan) {
        this.plan = plan;
        this.connections =
                plan.populations().stream().map(each -> new int[each.clients()]).toArray(int[][]::new);
    }

    /** What follows is of this client of the first population. */
    Story client(int index) {
        return client(0, index);
    }

    /** What follows is of this client. */
    Story client(int ofPopulation, int index) {
        population = ofPopulation;
        client = index;
        return this;
    }

    /** The node begins a restart, and listens again later. */
    Story restart(int index, double from, double listens) {
        return restart(index, 0, from, listens);
    }

    /** The same of another node. */
    Story restart(int index, int node, double from, double listens) {
        row(node, "", NONE, NONE, from, JournalEvent.RESTART_BEGUN, NONE, index, "drain");
        row(node, "", NONE, NONE, listens, JournalEvent.LISTENING, NONE, index, "");
        return this;
    }

    Story arrives(double seconds) {
        add(seconds, JournalEvent.ARRIVED, NONE, 0, "");
        return dials(seconds);
    }

    Story dials(double seconds) {
        return dials(seconds, "");
    }

    /** It dials what the balance gives it, as {@link dev.squall.plan.Balance#name}. */
    Story dials(double seconds, String node) {
        connections[population][client]++;
        return add(seconds, JournalEvent.CONNECTING, NONE, 0, node);
    }

    /** It dials a node, opens and is ready at once. */
    Story back(double seconds, int node) {
        return dials(seconds, Balance.name(node)).opens(seconds).ready(seconds);
    }

    /** A 101 came; {@code outcomes}: of its offer, empty for a response that fails the connection. */
    Story answered(double seconds, boolean inWindow, String nodes, String outcomes) {
        row(
                0,
                name(),
                client,
                connections[population][client],
                seconds,
                JournalEvent.NEGOTIATED,
                101,
                inWindow ? 1 : 0,
                nodes);
        return add(seconds, JournalEvent.NEGOTIATED, 101, NONE, outcomes);
    }

    Story opens(double seconds) {
        return add(seconds, JournalEvent.OPENED, NONE, 1000, "");
    }

    Story ready(double seconds) {
        return add(seconds, JournalEvent.READY, NONE, 1000, "");
    }

    /** It dials, opens and is ready at once. */
    Story back(double seconds) {
        return dials(seconds).opens(seconds).ready(seconds);
    }

    Story fails(double seconds, String cause) {
        return add(seconds, JournalEvent.FAILED, NONE, 1000, cause);
    }

    /** The node closes its connection for a restart. */
    Story restarted(int restart, double seconds) {
        return closedByNode(seconds, 1012, restart, "restart");
    }

    /** The node has no capacity left. */
    Story turnedAway(double seconds) {
        return closedByNode(seconds, 1013, NONE, "capacity");
    }

    private Story closedByNode(double seconds, int code, long restart, String reason) {
        row(
                0,
                name(),
                client,
                connections[population][client],
                seconds,
                JournalEvent.CLOSE_SENT,
                code,
                restart,
                reason);
        add(seconds, JournalEvent.CLOSE_RECEIVED, code, NONE, reason);
        add(seconds, JournalEvent.CLOSE_SENT, code, NONE, "");
        return closed(seconds, code, 0, "server clean");
    }

    /** Its connection breaks, so long after the last byte. */
    Story breaks(double seconds, double silence, String how) {
        return closed(seconds, 1006, silence, "network " + how);
    }

    /** It closes by itself. */
    Story closes(double seconds, int code, String reason) {
        add(seconds, JournalEvent.CLOSE_SENT, code, NONE, reason);
        row(
                0,
                name(),
                client,
                connections[population][client],
                seconds,
                JournalEvent.CLOSE_RECEIVED,
                code,
                NONE,
                reason);
        row(0, name(), client, connections[population][client], seconds, JournalEvent.CLOSE_SENT, code, NONE, "");
        add(seconds, JournalEvent.CLOSE_RECEIVED, code, NONE, "");
        return closed(seconds, code, 0, "client clean");
    }

    private Story closed(double seconds, int code, double silence, String how) {
        row(0, name(), client, connections[population][client], seconds, JournalEvent.CLOSED, code, 0, how);
        return add(seconds, JournalEvent.CLOSED, code, (long) (silence * 1e6), how);
    }

    Story waits(double seconds) {
        return add(seconds, JournalEvent.WAITING, NONE, 0, "");
    }

    Story givesUp(double seconds) {
        return add(seconds, JournalEvent.GAVE_UP, NONE, NONE, "");
    }

    Story finishes(double seconds, String why) {
        return add(seconds, JournalEvent.FINISHED, NONE, NONE, why);
    }

    Story add(double seconds, JournalEvent event, long code, long value, String detail) {
        return row(-1, name(), client, connections[population][client], seconds, event, code, value, detail);
    }

    private String name() {
        return plan.populations().get(population).name();
    }

    private Story row(
            int node,
            String whose,
            long of,
            long connection,
            double seconds,
            JournalEvent event,
            long code,
            long value,
            String detail) {
        long micros = Math.round(seconds * 1e6);
        told.add(new Told(
                node, new JournalRow(told.size(), micros, whose, of, connection, event, code, NONE, value, detail)));
        return this;
    }

    Statistics statistics() {
        return statistics(Runs.QUIET);
    }

    Statistics statistics(HarnessJournal harness) {
        JournalPass pass = new JournalPass(plan, harness);
        told.sort(Comparator.comparingLong(each -> each.row().micros()));
        told.forEach(each -> pass.accept(each.node(), each.row()));
        return pass.finish();
    }
}
