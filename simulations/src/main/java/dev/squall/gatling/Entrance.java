package dev.squall.gatling;

import dev.squall.client.Observer;
import io.netty.channel.EventLoop;

/** Where virtual users go to become clients. */
public interface Entrance {

    /**
     * Takes one virtual user in, on its own event loop.
     *
     * @param population the population that it belongs to
     * @param ordinal how many of this population came before it
     * @param loop the thread of this virtual user's whole life
     * @param observer must be told exactly once, on the loop, that the client is {@link Observer#gone}: a virtual user that
     *     never leaves keeps the run from ending
     */
    void enter(String population, int ordinal, EventLoop loop, Observer observer);
}
