package dev.squall.stats;

import java.util.Arrays;

/** How the clients' open connections are spread over the nodes: while the load went on, and when it ended. */
public final class Spread {

    private final long[] open;
    private final long[] most;
    private long all;
    private long mostOfAll;
    private int[] rotation = {};

    /** Over so many nodes; 0 where the server is not ours. */
    Spread(int nodes) {
        open = new long[nodes];
        most = new long[nodes];
    }

    void opened(int node) {
        if (open.length > 0) {
            most[node] = Math.max(most[node], ++open[node]);
            mostOfAll = Math.max(mostOfAll, ++all);
        }
    }

    void ended(int node) {
        if (open.length > 0) {
            open[node]--;
            all--;
        }
    }

    /** The load has ended, with these nodes in rotation. */
    void loadEnded(int[] inRotation) {
        rotation = inRotation;
    }

    /** How many nodes there are. */
    public int nodes() {
        return open.length;
    }

    /** Open connections of a node when the load ended. */
    public long open(int node) {
        return open[node];
    }

    /** The most connections that a node had open at once. */
    public long most(int node) {
        return most[node];
    }

    /** Whether no restart had taken a node out when the load ended. */
    public boolean inRotation(int node) {
        return Arrays.binarySearch(rotation, node) >= 0;
    }

    /** The node that had most open when the load ended. */
    public int fullest() {
        int fullest = 0;
        for (int node = 1; node < open.length; node++) {
            fullest = open[node] > open[fullest] ? node : fullest;
        }
        return fullest;
    }

    /** When the load ended, the open connections of the fullest node over the mean of those in rotation; NaN of none. */
    public double imbalance() {
        long inRotation = Arrays.stream(rotation).mapToLong(node -> open[node]).sum();
        return inRotation == 0 ? Double.NaN : (double) open[fullest()] * rotation.length / inRotation;
    }

    /** The most connections that one node had open at once, over an even share of the most that all had; NaN of none. */
    public double peakImbalance() {
        long highest = Arrays.stream(most).max().orElse(0);
        return mostOfAll == 0 ? Double.NaN : (double) highest * most.length / mostOfAll;
    }
}
