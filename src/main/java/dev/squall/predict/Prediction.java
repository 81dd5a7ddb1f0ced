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
    private static final long BYTES_EACH = 400;

    private static final long BYTES_BESIDE = 64L << 20;

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
        long needed = BYTES_BESIDE + plan.clients() * BYTES_EACH;
        if (needed > heapBytes) {
            throw new UnpredictableException(String.format(
                    Locale.ROOT,
                    "%,d clients: they need %,d MiB of heap, and there are %,d (expected: fewer clients, or"
                            + " JAVA_TOOL_OPTIONS=-Xmx%dm)",
                    plan.clients(),
                    needed >> 20,
                    heapBytes >> 20,
                    needed >> 20));
        }
    }

    /**
     * Predicts.
     *
     * @param settled hears of each client that lost its connection to a restart, when that is over
     * @param progress hears now and then which share of the virtual time is over, in 0..1
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
