package dev.squall.predict;

import dev.squall.plan.Plan;
import dev.squall.stats.Case;
import dev.squall.stats.Measures;
import dev.squall.stats.Statistics;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** A plan carried out on virtual time: a pure function of it and of a {@link Model}. */
public final class Prediction {

    private Prediction() {}

    /**
     * Predicts.
     *
     * @param settled hears of each client that lost its connection to a restart, when that is over
     * @param progress hears now and then which share of the virtual time is over, in 0..1
     * @param stopped asked now and then; once true, the load ends there
     */
    public static Statistics of(
            Plan plan, Model model, Consumer<Case> settled, DoubleConsumer progress, BooleanSupplier stopped) {
        return of(plan, model, settled, null, progress, stopped);
    }

    static Statistics of(
            Plan plan,
            Model model,
            Consumer<Case> settled,
            Account.@Nullable Rows rows,
            DoubleConsumer progress,
            BooleanSupplier stopped) {
        Measures measures = new Measures(plan, settled);
        Account account = new Account(plan, measures.clients(), measures, rows);
        long end = new Simulation(plan, model, measures.clients(), account).run(progress, stopped);
        return Statistics.predicted(plan, end, measures);
    }
}
