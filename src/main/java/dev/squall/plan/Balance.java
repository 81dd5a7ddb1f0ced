package dev.squall.plan;

import java.util.Locale;

/** Which node an attempt of a client dials, as behind a balancer that knows the deploy and the nodes' health. */
public enum Balance {
    /** The client's own node, each time: affinity by a cookie, without failover. */
    STICKY,
    /** As if dealt in turn: those that share a node are spread evenly over all by their next attempt. */
    ROUND_ROBIN,
    /** Any. */
    RANDOM,
    /** One of those with the fewest connections of this injector, which is one balancer of several. */
    LEAST_CONNECTIONS;

    /** What stands before a node's index where a journal names the node. */
    private static final String NODE = "node-";

    /** The name as an experiment spells it. */
    public String spelled() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a client's node can be another at each attempt, so that the journal must name it. */
    public boolean moves() {
        return this != STICKY;
    }

    /** How the journal names a node. */
    public static String name(int node) {
        return NODE + node;
    }

    /** The node of this name among so many; -1 if there is none. */
    public static int node(String name, int nodes) {
        int digits = name.length() - NODE.length();
        if (digits < 1 || digits > 4 || !name.startsWith(NODE)) {
            return -1;
        }
        int node = 0;
        for (int i = NODE.length(); i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            node = node * 10 + digit;
        }
        return node < nodes ? node : -1;
    }
}
