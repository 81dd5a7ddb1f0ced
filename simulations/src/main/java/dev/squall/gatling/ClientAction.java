package dev.squall.gatling;

import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.gatling.javaapi.core.ActionBuilder;
import java.util.function.Consumer;
import java.util.function.Function;

/** One step of a virtual user: asks its client for something, and goes on when the client says that it is done. */
final class ClientAction extends NamedAction {

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

    private final Function<Session, Consumer<UserClient>> step;
    private final SquallProtocol.Components components;

    private ClientAction(
            String name,
            Function<Session, Consumer<UserClient>> step,
            SquallProtocol.Components components,
            CoreComponents core,
            Action next) {
        super(name, core, next);
        this.step = step;
        this.components = components;
    }

    /** What throws in here Gatling logs, and lets the virtual user go on as failed. */
    @Override
    public void execute(Session session) {
        Consumer<UserClient> asked = step.apply(session);
        components.client(session).begin(session, next, asked);
    }
}
