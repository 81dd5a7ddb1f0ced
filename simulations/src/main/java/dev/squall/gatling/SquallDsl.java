package dev.squall.gatling;

import io.gatling.javaapi.core.ActionBuilder;
import io.gatling.javaapi.core.ProtocolBuilder;

/**
 * What a simulation imports:
 *
 * <pre>{@code
 * setUp(scenario("phones").exec(live("phones")).injectOpen(atOnceUsers(1000))).protocols(squall(entrance));
 * }</pre>
 */
public final class SquallDsl {

    private SquallDsl() {}

    /** The protocol: {@code entrance} takes the virtual users in. */
    public static ProtocolBuilder squall(Entrance entrance) {
        return new SquallProtocol(entrance);
    }

    /** One action for a virtual user's whole life as a client of {@code population}. */
    public static ActionBuilder live(String population) {
        return new LiveActionBuilder(population);
    }
}
