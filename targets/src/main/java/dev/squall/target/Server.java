package dev.squall.target;

import dev.squall.role.ChildLink;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A server under test that the harness started. One thread tells it what to do. */
interface Server {

    /** The exit code of a restart in which nothing exited. */
    int NO_EXIT = -1;

    /**
     * Starts it; returns when it serves.
     *
     * @throws IOException if it cannot be started, or does not serve in time
     */
    void start() throws IOException, Stopped;

    /**
     * Restarts it; returns when it serves again.
     *
     * @return the exit code of what ended; {@link #NO_EXIT} if nothing did
     * @throws IOException if it does not serve again
     */
    int restart(ChildLink.Order order) throws IOException, Stopped;

    /** How it ended though nobody asked it to, once; null if it runs. */
    @Nullable
    String takeEnd() throws IOException;

    /**
     * Takes it away, whatever state it is in.
     *
     * @param gently whether it is asked to end, before it is made to
     */
    void remove(boolean gently) throws IOException;
}
