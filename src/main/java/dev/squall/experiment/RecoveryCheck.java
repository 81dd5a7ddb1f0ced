package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.quantity.Quantity;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Holds what clients need to be back, their dialogue and their hold, against the time that the experiment gives them. */
final class RecoveryCheck {

    private final long duration;
    private final boolean mayRestart;
    private final List<Plan.Restart> restarts;
    private final List<Problem> warnings;

    /**
     * Of an experiment that lasts {@code duration} microseconds; {@code foreign}: its server is not ours, and may restart without
     * being told.
     */
    RecoveryCheck(long duration, boolean foreign, List<Plan.Restart> restarts, List<Problem> warnings) {
        this.duration = duration;
        this.mayRestart = foreign || !restarts.isEmpty();
        this.restarts =
                restarts.stream().filter(restart -> !restart.isForGood()).toList();
        this.warnings = warnings;
    }

    /** {@code settings}: what was read of the population of a name. */
    void check(List<Population> populations, Function<String, Map<String, YamlValue>> settings) {
        for (Population population : populations) {
            Map<String, YamlValue> fields = settings.apply(population.name());
            field(fields, "ready").ifPresent(at -> ready(at, population));
            field(fields, "hold").ifPresent(at -> hold(at, population));
        }
    }

    private void ready(YamlValue value, Population population) {
        if (population.ready() == null
                || population.ready().withinMicros() == ConversationReader.DEFAULT_WITHIN_MICROS) {
            return; // What nobody wrote is no mistake of anybody's.
        }
        long within = population.ready().withinMicros();
        if (fits(value, "within ", within)) {
            for (Plan.Restart restart : restarts) {
                if (within > restart.deadlineMicros()) {
                    warn(
                            value,
                            population.name() + " may take " + time(within) + " to be ready: longer than the deadline"
                                    + of(restart));
                }
            }
        }
    }

    private void hold(YamlValue value, Population population) {
        long hold = population.holdMicros();
        if (!fits(value, "", hold)) {
            return;
        }
        if (!mayRestart) {
            warn(value, "there is no restart after which a hold counts (expected: a restart among the faults)");
        }
        for (Plan.Restart restart : restarts) {
            if (hold > restart.deadlineMicros()) {
                warn(
                        value,
                        "a hold of " + time(hold) + " is longer than the deadline" + of(restart)
                                + ": who relapses late in it cannot be back in time");
            } else if (hold > 0 && restart.dueMicros() + hold > duration) {
                warn(
                        value,
                        "who is ready again less than " + time(hold) + " before the end, as the deadline" + of(restart)
                                + " allows, counts as back though nobody knows whether it held");
            }
        }
    }

    private boolean fits(YamlValue value, String what, long micros) {
        if (micros > duration) {
            value.problem(what + time(micros) + " (expected: at most the duration, " + time(duration) + ")");
            return false;
        }
        return true;
    }

    private void warn(YamlValue value, String what) {
        warnings.add(new Problem(value.location(), value.path(), what));
    }

    private static String of(Plan.Restart restart) {
        return " of the restart at " + time(restart.atMicros());
    }

    private static String time(long micros) {
        return Quantity.DURATION.format(micros);
    }
}
