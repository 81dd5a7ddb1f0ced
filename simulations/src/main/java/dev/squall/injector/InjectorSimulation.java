package dev.squall.injector;

import static dev.squall.gatling.Live.live;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.squall.client.Fleet;
import dev.squall.gatling.Live;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Simulation;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * All clients of the share as virtual users, injected at once: Gatling's injector ticks once a second and could not keep a
 * planned arrival, so each client waits for its own on its event loop.
 */
public final class InjectorSimulation extends Simulation {

    /** Gatling makes simulations by their name, so the fleet has to lie somewhere. */
    private static final AtomicReference<Cast> CAST = new AtomicReference<>();

    private record Cast(Fleet fleet, boolean recorded) {}

    /** {@code recorded}: whether Gatling's statistics are to have what becomes of the clients. */
    static void use(Fleet fleet, boolean recorded) {
        CAST.set(new Cast(fleet, recorded));
    }

    /** For Gatling. */
    public InjectorSimulation() {
        Cast cast = Objects.requireNonNull(CAST.get(), "use(fleet) comes first");
        Fleet fleet = cast.fleet();
        List<PopulationBuilder> populations = fleet.populations().entrySet().stream()
                .map(p -> scenario(p.getKey()).exec(live(p.getKey())).injectOpen(atOnceUsers(p.getValue())))
                .toList();
        setUp(populations).protocols(Live.protocol(fleet::enter, cast.recorded()));
    }
}
