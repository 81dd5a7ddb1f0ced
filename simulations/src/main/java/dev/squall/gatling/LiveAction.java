package dev.squall.gatling;

import dev.squall.client.Observer;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands each virtual user to the entrance, and on to the next action once its client has ended. */
final class LiveAction extends NamedAction {

    private final String population;
    private final Entrance entrance;
    private final boolean recorded;
    private final AtomicInteger entered = new AtomicInteger();

    LiveAction(String population, Entrance entrance, boolean recorded, CoreComponents core, Action next) {
        super("live " + population, core, next);
        this.population = population;
        this.entrance = entrance;
        this.recorded = recorded;
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
}
