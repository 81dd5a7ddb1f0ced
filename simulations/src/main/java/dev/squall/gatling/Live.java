package dev.squall.gatling;

import io.gatling.javaapi.core.ActionBuilder;
import io.gatling.javaapi.core.ProtocolBuilder;

/** The clients of a plan as virtual users: what they do is the plan's, and Gatling brings them in and waits for their end. */
public final class Live {

    private Live() {}

    /**
     * The protocol.
     *
     * @param entrance takes the virtual users in
     * @param recorded whether Gatling's statistics are to have what becomes of them
     */
    public static ProtocolBuilder protocol(Entrance entrance, boolean recorded) {
        return new LiveProtocol(entrance, recorded);
    }

    /** One action for a virtual user's whole life as a client of {@code population}. */
    public static ActionBuilder live(String population) {
        return new LiveActionBuilder(population);
    }
}
