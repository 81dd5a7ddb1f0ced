package dev.squall.gatling;

import dev.squall.client.Observer;
import io.gatling.commons.util.Clock;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.gatling.core.stats.StatsEngine;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands each virtual user to the entrance, and on to the next action once its client has ended. */
final class LiveAction extends ExitableBridge {

    private final String population;
    private final Entrance entrance;
    private final boolean recorded;
    private final CoreComponents core;
    private final Action next;
    private final AtomicInteger entered = new AtomicInteger();

    LiveAction(String population, Entrance entrance, boolean recorded, CoreComponents core, Action next) {
        this.population = population;
        this.entrance = entrance;
        this.recorded = recorded;
        this.core = core;
        this.next = next;
    }

    @Override
    public void execute(Session session) {
        Observer observer = recorded
                ? new Recorder(core, session) {
                    @Override
                    public void gone() {
                        next.$bang(session);
                    }
                }
                : () -> next.$bang(session);
        entrance.enter(population, entered.getAndIncrement(), session.eventLoop(), observer);
    }

    @Override
    public String name() {
        return "live " + population;
    }

    @Override
    public Action next() {
        return next;
    }

    @Override
    public Clock clock() {
        return core.clock();
    }

    @Override
    public StatsEngine statsEngine() {
        return core.statsEngine();
    }
}
