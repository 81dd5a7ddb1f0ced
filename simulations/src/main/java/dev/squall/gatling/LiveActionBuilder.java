package dev.squall.gatling;

import io.gatling.javaapi.core.ActionBuilder;

/** Makes the one action of a scenario. */
record LiveActionBuilder(String population) implements ActionBuilder {
    @Override
    public io.gatling.core.action.builder.ActionBuilder asScala() {
        return (context, next) -> new LiveAction(
                population,
                context.protocolComponentsRegistry()
                        .components(SquallProtocol.KEY)
                        .entrance(),
                context.coreComponents(),
                next);
    }
}
