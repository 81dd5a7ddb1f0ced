package dev.squall.gatling;

import io.gatling.javaapi.core.ActionBuilder;

/** Makes the one action of a scenario. */
record LiveActionBuilder(String population) implements ActionBuilder {
    @Override
    public io.gatling.core.action.builder.ActionBuilder asScala() {
        return (context, next) -> {
            LiveProtocol.Components live = context.protocolComponentsRegistry().components(LiveProtocol.KEY);
            return new LiveAction(population, live.entrance(), live.recorded(), context.coreComponents(), next);
        };
    }
}
