package dev.squall.gatling;

import io.gatling.commons.util.Clock;
import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.gatling.core.stats.StatsEngine;
import io.gatling.javaapi.core.ActionBuilder;
import java.util.function.Consumer;
import java.util.function.Function;

/** One step of a virtual user: asks its client for something, and goes on when the client says that it is done. */
final class ClientAction extends ExitableBridge {

    /** Makes the action; {@code step} gives what a virtual user's client is asked for, from its session. */
    record Builder(String name, Function<Session, Consumer<UserClient>> step) implements ActionBuilder {
        @Override
        public io.gatling.core.action.builder.ActionBuilder asScala() {
            return (context, next) -> new ClientAction(
                    name,
                    step,
                    context.protocolComponentsRegistry().components(SquallProtocol.KEY),
                    context.coreComponents(),
                    next);
        }
    }

    private final String name;
    private final Function<Session, Consumer<UserClient>> step;
    private final SquallProtocol.Components components;
    private final CoreComponents core;
    private final Action next;

    private ClientAction(
            String name,
            Function<Session, Consumer<UserClient>> step,
            SquallProtocol.Components components,
            CoreComponents core,
            Action next) {
        this.name = name;
        this.step = step;
        this.components = components;
        this.core = core;
        this.next = next;
    }

    /** What throws in here Gatling logs, and lets the virtual user go on as failed. */
    @Override
    public void execute(Session session) {
        Consumer<UserClient> asked = step.apply(session);
        components.client(session).begin(session, next, asked);
    }

    @Override
    public String name() {
        return name;
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
