package dev.squall.live;

import dev.squall.plan.Plan;
import dev.squall.run.Progress;
import java.nio.file.Path;

/** Who is told how a run stands. Called by one thread, which never waits for anybody here but in {@link #ends}. */
public interface Onlooker extends AutoCloseable {

    /** A run is about to begin. */
    void begins(Plan plan);

    /** It stands so. */
    void stands(Progress progress);

    /**
     * It is over.
     *
     * @param verdict in a word; "none" if there was nothing to judge
     * @param report the report for people
     */
    void ends(String verdict, Path report);

    /** There will be no more runs. */
    @Override
    void close();
}
