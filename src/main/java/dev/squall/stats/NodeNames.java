package dev.squall.stats;

import java.util.HashMap;
import java.util.Map;

/** Which node of a foreign server each client is connected to, where its answers tell. */
final class NodeNames {

    /** Of more than this many nodes the rest are one: a value that is new for each answer names no node. */
    static final int MOST = 1_000;

    /** A node that did not say its name. */
    static final String UNNAMED = "unnamed";

    private static final String OTHERS = "others";

    private final Map<String, String> names = new HashMap<>();
    private final String[] ofClient;

    NodeNames(int clients) {
        ofClient = new String[clients];
    }

    /** A client's connection was opened, by a node of this name. */
    void opened(int client, String name) {
        String known = names.get(name);
        if (known == null) {
            known = names.size() < MOST ? name : OTHERS;
            if (names.size() < MOST) {
                names.put(name, name);
            }
        }
        ofClient[client] = known.isEmpty() ? UNNAMED : known;
    }

    /** The node of a client's present connection. */
    String of(int client) {
        String name = ofClient[client];
        return name == null ? UNNAMED : name;
    }
}
