package dev.squall.run;

import dev.squall.journal.JournalWriter;
import dev.squall.plan.Plan;
import dev.squall.role.ChildLink;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Restarts a server that the harness has started, by the child that owns it. */
final class LaunchedRestarter implements Restarter {

    private final Child owner;
    private final LongUnaryOperator micros;

    /** {@code micros}: the time of the run, of what {@link System#nanoTime} told. */
    LaunchedRestarter(Child owner, LongUnaryOperator micros) {
        this.owner = owner;
        this.micros = micros;
    }

    @Override
    public @Nullable End begin(Plan.Restart restart) {
        owner.say(new ChildLink.Order(restart.index(), restart.kill(), restart.downtimeMicros()).line());
        return null; // If it no longer listens, its own end is noticed.
    }

    @Override
    public @Nullable End ended() {
        ChildLink.Restarted done = owner.takeRestarted();
        return done == null
                ? null
                : new End(
                        micros.applyAsLong(done.nanos()),
                        done.code() < 0 ? JournalWriter.NONE : done.code(),
                        done.failure().isEmpty() ? null : done.failure());
    }

    @Override
    public void stop() {
        // The child takes the server away with itself.
    }
}
