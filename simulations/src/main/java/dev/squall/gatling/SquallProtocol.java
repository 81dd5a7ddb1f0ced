package dev.squall.gatling;

import dev.squall.client.Client;
import dev.squall.client.Fleet;
import dev.squall.client.Identity;
import dev.squall.client.Observer;
import dev.squall.journal.LatencyLog;
import dev.squall.journal.Rows;
import dev.squall.plan.Plan;
import io.gatling.core.CoreComponents;
import io.gatling.core.config.GatlingConfiguration;
import io.gatling.core.config.NettyConfiguration;
import io.gatling.core.protocol.Protocol;
import io.gatling.core.protocol.ProtocolComponents;
import io.gatling.core.protocol.ProtocolKey;
import io.gatling.core.session.Session;
import io.gatling.netty.util.Transports;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * The protocol of a simulation of somebody's own, as Gatling keeps it.
 *
 * @param plan one population without an end, whose clients arrive when their virtual users say so
 */
record SquallProtocol(Plan plan) implements Protocol {

    static final ProtocolKey<SquallProtocol, Components> KEY = new Key();

    /** What actions get at: the fleet, and the client of each virtual user. */
    static final class Components implements ProtocolComponents {
        private final CoreComponents core;
        private final Fleet fleet;
        private final String population;
        private final AtomicInteger arrived = new AtomicInteger();
        private final Map<Long, UserClient> clients = new ConcurrentHashMap<>();

        private Components(SquallProtocol protocol, CoreComponents core) {
            this.core = core;
            this.population = protocol.plan.populations().get(0).name();
            NettyConfiguration netty = core.configuration().netty();
            this.fleet = new Fleet(
                    protocol.plan,
                    0,
                    new Identity(Identity.ownAgent(), protocol.plan.experiment()),
                    Rows.NOWHERE,
                    LatencyLog.Series::unlogged,
                    Transports.newSocketChannelFactory(netty.useNativeTransport(), netty.useIoUring()));
            fleet.defect().thenAccept(this::broken);
        }

        /** Nobody is left waiting for a client that a defect has stopped. */
        private void broken(Throwable defect) {
            LoggerFactory.getLogger(SquallProtocol.class).error("a defect of Squall ends all clients", defect);
            clients.values().forEach(user -> user.run(() -> user.broken(defect)));
        }

        /** What has stopped a client that it should not have stopped; null as long as nothing has. */
        @Nullable
        Throwable defect() {
            return fleet.defect().getNow(null);
        }

        /** The client of a virtual user; it connects when it is told to. */
        UserClient client(Session session) {
            return clients.computeIfAbsent(session.userId(), id -> new UserClient(this, core, session));
        }

        Client arrive(EventLoop loop, Observer observer) {
            return fleet.arrive(population, arrived.getAndIncrement(), loop, observer);
        }

        @Override
        public Function1<Session, Session> onStart() {
            return Session.Identity();
        }

        @Override
        public Function1<Session, BoxedUnit> onExit() {
            return session -> {
                UserClient user = clients.remove(session.userId());
                if (user != null) {
                    user.leave(); // On its event loop already: after the last user's end nothing more would be
                    // recorded.
                }
                return BoxedUnit.UNIT;
            };
        }
    }

    private static final class Key implements ProtocolKey<SquallProtocol, Components> {
        @Override
        @SuppressWarnings("unchecked")
        public Class<Protocol> protocolClass() {
            return (Class<Protocol>) (Class<?>) SquallProtocol.class; // Scala's Class is invariant where Java's is not.
        }

        @Override
        public SquallProtocol defaultProtocolValue(GatlingConfiguration configuration) {
            throw new IllegalStateException("no Squall protocol (expected: setUp(...).protocols(squall(url)))");
        }

        @Override
        public Function1<SquallProtocol, Components> newComponents(CoreComponents core) {
            // Gatling asks once a scenario: those of equal protocols share one fleet, in which each client has its
            // number.
            Map<SquallProtocol, Components> fleets = new ConcurrentHashMap<>();
            return protocol -> fleets.computeIfAbsent(protocol, p -> new Components(p, core));
        }
    }
}
