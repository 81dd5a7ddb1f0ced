package dev.squall.plan;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The nodes to which a balancer sends clients, over the time of the run: all but those that a restart has taken out, as a
 * deploy drains them, from its beginning (with {@code listenWhileDraining}: from the end of its window) until they are to
 * listen again; of a node whose batches take longer than planned, until it was planned to. If that leaves none: all.
 */
public final class Rotation {

    private final long[] since;
    private final int[][] nodes;

    /** Of a plan's nodes. */
    public Rotation(Plan plan) {
        int count = plan.nodes().size();
        TreeMap<Long, int[]> changes = new TreeMap<>(Map.of(Long.MIN_VALUE, new int[count]));
        for (Plan.Restart restart : plan.restarts()) {
            long from = restart.listenWhileDraining() ? restart.drainedMicros() : restart.atMicros();
            for (int node : restart.nodes()) {
                changes.computeIfAbsent(from, time -> new int[count])[node]++;
                changes.computeIfAbsent(restart.listeningMicros(), time -> new int[count])[node]--;
            }
        }
        since = changes.keySet().stream().mapToLong(Long::longValue).toArray();
        nodes = new int[since.length][];
        int[] out = new int[count];
        int[] all = IntStream.range(0, count).toArray();
        int next = 0;
        for (int[] change : changes.values()) {
            Arrays.setAll(out, node -> out[node] + change[node]);
            int[] in = Arrays.stream(all).filter(node -> out[node] == 0).toArray();
            nodes[next++] = in.length == 0 ? all : in;
        }
    }

    /** Their indices at a time of the run, ascending and at least one; not to be altered. */
    public int[] at(long micros) {
        int found = Arrays.binarySearch(since, micros);
        return nodes[found >= 0 ? found : -found - 2];
    }
}
