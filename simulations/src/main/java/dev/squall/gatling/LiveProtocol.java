package dev.squall.gatling;

import io.gatling.core.CoreComponents;
import io.gatling.core.config.GatlingConfiguration;
import io.gatling.core.protocol.Protocol;
import io.gatling.core.protocol.ProtocolComponents;
import io.gatling.core.protocol.ProtocolKey;
import io.gatling.core.session.Session;
import io.gatling.javaapi.core.ProtocolBuilder;
import scala.Function1;
import scala.runtime.BoxedUnit;

/** The protocol of a planned run as Gatling keeps it, and its own builder, since it has nothing to build. */
record LiveProtocol(Entrance entrance, boolean recorded) implements Protocol, ProtocolBuilder {

    static final ProtocolKey<LiveProtocol, Components> KEY = new Key();

    @Override
    public Protocol protocol() {
        return this;
    }

    /** What an action gets at: Gatling wants a session hook at either end, and we need none. */
    record Components(Entrance entrance, boolean recorded) implements ProtocolComponents {
        @Override
        public Function1<Session, Session> onStart() {
            return Session.Identity();
        }

        @Override
        public Function1<Session, BoxedUnit> onExit() {
            return ProtocolComponents.NoopOnExit();
        }
    }

    private static final class Key implements ProtocolKey<LiveProtocol, Components> {
        @Override
        @SuppressWarnings("unchecked")
        public Class<Protocol> protocolClass() {
            return (Class<Protocol>) (Class<?>) LiveProtocol.class; // Scala's Class is invariant where Java's is not.
        }

        @Override
        public LiveProtocol defaultProtocolValue(GatlingConfiguration configuration) {
            throw new IllegalStateException("no protocol (expected: setUp(...).protocols(Live.protocol(...)))");
        }

        @Override
        public Function1<LiveProtocol, Components> newComponents(CoreComponents core) {
            return protocol -> new Components(protocol.entrance(), protocol.recorded());
        }
    }
}
