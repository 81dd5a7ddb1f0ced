package dev.squall.predict;

import dev.squall.plan.Plan;
import dev.squall.stats.Case;
import dev.squall.stats.Measures;
import dev.squall.stats.Statistics;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** A plan carried out on virtual time: a pure function of it and of a {@link Model}. */
public final class Prediction {

    /** What a client takes of the heap: its numbers here and in the measures, its case, and some values. */
    private static final long BYTES_EACH = 340;

    /** What it takes for each restart that it may lose its connection to: some values. */
    private static final long BYTES_EACH_RESTART = 64;

    private static final long BYTES_BESIDE = 64L << 20;

    /** After so many steps of clients and nodes one hears how far a prediction is. */
    public static final int STEPS = 1 << 16;

    private Prediction() {}

    /**
     * Whether a plan can be predicted at all, and in so much memory.
     *
     * @throws UnpredictableException if it cannot
     */
    public static void check(Plan plan, long heapBytes) throws UnpredictableException {
        List<String> obstacles = Feasibility.obstacles(plan);
        if (!obstacles.isEmpty()) {
            throw new UnpredictableException("cannot be predicted: " + String.join("; ", obstacles));
        }
        long needed = BYTES_BESIDE + plan.clients() * (BYTES_EACH + BYTES_EACH_RESTART * perClient(plan));
        if (needed > heapBytes) {
            throw new UnpredictableException(String.format(
                    Locale.ROOT,
                    "%,d clients: they need %,d MiB of heap, and there are %,d (expected: fewer clients, or"
                            + " JAVA_TOOL_OPTIONS=-Xmx%dm)",
                    plan.clients(),
                    needed >> 20,
                    heapBytes >> 20,
                    needed / 20 * 21 >> 20)); // A survivor space of it is not to be had.
        }
    }

    /** The restarts of the node that restarts most: more a client cannot meet, but for one that moves. */
    private static long perClient(Plan plan) {
        if (plan.balance().moves()) {
            return plan.restarts().size();
        }
        return plan.nodes().stream()
                .mapToLong(node -> plan.restarts().stream()
                        .filter(each -> each.nodes().contains(node.index()))
                        .count())
                .max()
                .orElse(0);
    }

    /**
     * Predicts.
     *
     * @param settled hears of each client that lost its connection to a restart, when that is over
     * @param progress hears each {@link #STEPS} steps which share of the virtual time is over, in 0..1; what it throws ends
     *     the prediction
     */
    public static Statistics of(Plan plan, Model model, Consumer<Case> settled, DoubleConsumer progress) {
        return of(plan, model, settled, null, progress);
    }

    static Statistics of(
            Plan plan, Model model, Consumer<Case> settled, Account.@Nullable Rows rows, DoubleConsumer progress) {
        Measures measures = new Measures(plan, settled);
        Account account = new Account(plan, measures.clients(), measures, rows);
        new Simulation(plan, model, measures.clients(), account).run(progress);
        return Statistics.predicted(plan, measures);
    }
}
