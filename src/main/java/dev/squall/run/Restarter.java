package dev.squall.run;

import dev.squall.plan.Plan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Restarts a foreign server, once at a time. */
interface Restarter {

    /**
     * How a restart ended.
     *
     * @param micros when, in the run's time
     * @param code the exit code of what made it; {@link dev.squall.journal.JournalWriter#NONE} if there is none
     * @param failure why it did not do its work; null if it did
     */
    record End(long micros, long code, @Nullable String failure) {}

    /** Begins one; an end at once means that it could not. */
    @Nullable
    End begin(Plan.Restart restart) throws IOException;

    /** How the one that was begun ended; null while it goes on. */
    @Nullable
    End ended() throws IOException;

    /** Stops the one that goes on, if any: no fault outlives the load. */
    void stop() throws IOException, InterruptedException;
}
