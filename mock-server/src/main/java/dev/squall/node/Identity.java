package dev.squall.node;

import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import org.jspecify.annotations.Nullable;

/**
 * Whose connection it is, as the handshake's {@value #HEADER} says: {@code POPULATION/CLIENT/CONNECTION}.
 *
 * @param population the population's name, empty for a client that is none of ours
 * @param index the population's index, -1 for a client that is none of ours
 * @param client index within the population; {@link JournalWriter#NONE} for a client that is none of ours
 * @param connection the ordinal of the client's dials; for a client that is none of ours the node's own running number
 * @param key by what a client that is none of ours named itself; null: it did not
 */
record Identity(
        String population,
        int index,
        long client,
        int connection,
        @Nullable String key) {

    /** The request header by which our clients name themselves. */
    static final String HEADER = "Squall-Connection";

    private static final int UNKNOWN = -1;

    /** A client that is none of ours. */
    static Identity foreign(int running) {
        return new Identity("", UNKNOWN, JournalWriter.NONE, running, null);
    }

    /** A client that is none of ours, but told apart from others; {@code client} is its running number. */
    static Identity named(int client, String key, int running) {
        return new Identity("", UNKNOWN, client, running, key);
    }

    /** Whether it is none of the plan's clients. */
    boolean isForeign() {
        return index == UNKNOWN;
    }

    /** Reads the header; null where it is missing or names nobody in the plan. */
    static @Nullable Identity parse(@Nullable String header, Plan plan) {
        if (header == null) {
            return null;
        }
        int second = header.lastIndexOf('/');
        int first = second < 0 ? -1 : header.lastIndexOf('/', second - 1);
        if (first < 0) {
            return null;
        }
        String name = header.substring(0, first);
        int client = number(header, first + 1, second);
        int connection = number(header, second + 1, header.length());
        if (client < 0 || connection < 1) {
            return null;
        }
        for (Population population : plan.populations()) {
            if (population.name().equals(name) && client < population.clients()) {
                return new Identity(population.name(), population.index(), client, connection, null);
            }
        }
        return null;
    }

    /** The client as the plan's draws count it. */
    int drawn() {
        return (int) Math.max(UNKNOWN, client);
    }

    private static int number(String text, int from, int to) {
        if (from == to || to - from > 9) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + c - '0';
        }
        return number;
    }
}
