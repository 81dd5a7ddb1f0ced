package dev.squall.behaviour;

import static dev.squall.journal.JournalWriter.NONE;

import dev.squall.journal.JournalEvent;
import dev.squall.journal.JournalRow;
import dev.squall.protocol.CloseCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What clients that are not ours do, from the rows of the node that serves them: a row at a time in order of time, and at
 * any time what is known until then. Its memory is bounded by {@link #MOST_CLIENTS}, {@link #MOST_LINKS} and what is kept
 * of each; what is beyond is counted. Used by one thread at a time.
 */
public final class Behaviours {

    /** Clients that are told apart; later ones are only counted. */
    public static final int MOST_CLIENTS = 10_000;

    /** Connections that are followed at once; later ones are only counted. */
    public static final int MOST_LINKS = 100_000;

    /** Delays that are kept of a client, and waits between its failed attempts. */
    public static final int MOST_DELAYS = 100;

    /** Close codes and faults that are counted apart for a client. */
    public static final int MOST_CODES = 32;

    /** The longest key, in characters. */
    public static final int MOST_KEY = 100;

    /** The name under which clients without one are shown. */
    public static final String UNIDENTIFIED = "(unidentified)";

    /** The reason of the Close by which a node takes leave at its end: no loss that a client could answer to. */
    public static final String END = "end";

    private final Map<String, Client> clients = new LinkedHashMap<>();
    private final Client unidentified = new Client(UNIDENTIFIED, false);
    private final Map<Long, Link> links = new HashMap<>();
    private final Downtimes downtimes = new Downtimes();
    private long beyond;

    /** Takes a row of a journal; one of a client of ours is passed over. */
    public void add(JournalRow row) {
        if (row.population().isEmpty()) {
            add(row.micros(), row.client(), row.connection(), row.event(), row.code(), row.value(), row.detail());
        }
    }

    /**
     * Takes a row about clients that are not ours; columns without a value are {@link
     * dev.squall.journal.JournalWriter#NONE}.
     *
     * @param micros when it happened, in microseconds since the start
     * @param client NONE for one that did not identify itself
     * @param connection the node's number of the connection
     * @param detail as in the journal; null for none
     */
    public void add(
            long micros,
            long client,
            long connection,
            JournalEvent event,
            long code,
            long value,
            @Nullable String detail) {
        String text = detail == null ? "" : detail;
        switch (event) {
            case RESTART_BEGUN -> downtimes.begun(micros, text);
            case LISTENING -> downtimes.listening(micros);
            case ACCEPTED -> accepted(micros, client, connection, text);
            default -> {
                Link link = links.get(connection);
                if (link != null) {
                    add(link, micros, connection, event, (int) code, value, text);
                }
            }
        }
    }

    private void accepted(long micros, long number, long connection, String key) {
        downtimes.asked(micros);
        Client client = number == NONE ? unidentified : client(key);
        if (client == null || links.size() >= MOST_LINKS) {
            beyond++;
            return;
        }
        client.asks(micros, downtimes);
        links.put(connection, new Link(client));
    }

    private @Nullable Client client(String key) {
        String name = key.substring(0, Math.min(key.length(), MOST_KEY));
        Client known = clients.get(name);
        if (known == null && clients.size() < MOST_CLIENTS) {
            known = new Client(name, true);
            clients.put(name, known);
        }
        return known;
    }

    private void add(Link link, long micros, long connection, JournalEvent event, int code, long value, String detail) {
        Client client = link.client;
        switch (event) {
            case REJECTED -> {
                links.remove(connection);
                client.rejected(micros);
            }
            case NEGOTIATED -> client.opened(link, micros);
            case STRUCK -> client.struck(link, detail);
            case CLOSE_SENT -> {
                boolean atTheEnd = code == CloseCode.GOING_AWAY.code() && detail.equals(END);
                client.closeSent(link, micros, code, atTheEnd);
            }
            case CLOSE_RECEIVED -> client.closeReceived(link, micros, code);
            case CLOSED -> {
                links.remove(connection);
                String[] words = detail.split(" ", 2);
                client.closed(link, micros, code, words[0], words.length > 1 ? words[1] : "");
            }
            case PING_SENT -> client.pinged(link, micros);
            case PONG_RECEIVED -> client.ponged(link, value);
            default -> {} // No event of a connection.
        }
    }

    /** What is known at this time, in microseconds since the start, which is not before that of any row. */
    public Clientele at(long nowMicros) {
        Map<Client, List<Link>> open = new HashMap<>();
        links.values().stream()
                .filter(link -> link.pings > 0)
                .forEach(link -> open.computeIfAbsent(link.client, client -> new ArrayList<>())
                        .add(link));
        return new Clientele(
                nowMicros,
                clients.values().stream()
                        .map(client -> client.behaviour(nowMicros, downtimes, open.getOrDefault(client, List.of())))
                        .toList(),
                unidentified.behaviour(nowMicros, downtimes, open.getOrDefault(unidentified, List.of())),
                beyond);
    }
}
