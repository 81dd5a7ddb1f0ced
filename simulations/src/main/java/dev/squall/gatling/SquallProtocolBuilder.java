package dev.squall.gatling;

import dev.squall.plan.Arrivals;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Ping;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Timeouts;
import dev.squall.profile.Profiles;
import dev.squall.protocol.On1010;
import dev.squall.protocol.WebSocketUri;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import io.gatling.core.protocol.Protocol;
import io.gatling.javaapi.core.ProtocolBuilder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** How the clients of a simulation behave. Immutable: each method gives another one. */
public final class SquallProtocolBuilder implements ProtocolBuilder {

    /** The run that handshakes tell of in Squall-Run. */
    private static final String EXPERIMENT = "gatling";

    private final String url;
    private boolean insecure;
    private long seed = ThreadLocalRandom.current().nextLong(1 << 20);
    private List<String> offer = List.of();
    private List<String> require = List.of();
    private On1010 on1010 = On1010.AS_POLICY;
    private ReconnectPolicy reconnect = named("rfc6455");
    private List<Request.Pair> headers = List.of();
    private List<Request.Pair> cookies = List.of();
    private List<Request.Pair> query = List.of();
    private List<String> subprotocols = List.of();
    private Timeouts timeouts = Timeouts.DEFAULT;
    private @Nullable Dialogue ready;
    private @Nullable Ping ping;

    SquallProtocolBuilder(String url) {
        WebSocketUri.parse(url);
        this.url = url;
    }

    private SquallProtocolBuilder(SquallProtocolBuilder other) {
        url = other.url;
        insecure = other.insecure;
        seed = other.seed;
        offer = other.offer;
        require = other.require;
        on1010 = other.on1010;
        reconnect = other.reconnect;
        headers = other.headers;
        cookies = other.cookies;
        query = other.query;
        subprotocols = other.subprotocols;
        timeouts = other.timeouts;
        ready = other.ready;
        ping = other.ping;
    }

    private static ReconnectPolicy named(String name) {
        return Profiles.named(name)
                .orElseThrow(() ->
                        new IllegalArgumentException("reconnect: " + name + " (expected: " + Profiles.names() + ")"))
                .policy();
    }

    private static long micros(Duration duration) {
        return duration.dividedBy(ChronoUnit.MICROS.getDuration());
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> longer = new ArrayList<>(list);
        longer.add(element);
        return List.copyOf(longer);
    }

    /** Extensions of the handshake request, as {@code permessage-deflate; client_max_window_bits}. */
    public SquallProtocolBuilder offer(String... extensions) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.offer = List.of(extensions);
        return next;
    }

    /**
     * Those that the response must have, with these parameters; without one a client leaves with 1010. They are offered, too,
     * where {@link #offer} says nothing.
     */
    public SquallProtocolBuilder require(String... extensions) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.require = List.of(extensions);
        return next;
    }

    /** What a client does after its 1010: by default what its policy says. */
    public SquallProtocolBuilder on1010(On1010 reaction) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.on1010 = reaction;
        return next;
    }

    /** When clients come back, by the name of a policy or profile, as {@code squall profiles} lists them. */
    public SquallProtocolBuilder reconnect(String name) {
        return reconnect(named(name));
    }

    /** When clients come back; by default as RFC 6455 section 7.2.3 says. */
    public SquallProtocolBuilder reconnect(ReconnectPolicy policy) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.reconnect = policy;
        return next;
    }

    /** One more header of the handshake request; {@code #{client}} in its value is the client's number. */
    public SquallProtocolBuilder header(String name, String value) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.headers = plus(headers, new Request.Pair(name, value));
        return next;
    }

    /** One more cookie of the handshake request; its value as a header's. */
    public SquallProtocolBuilder cookie(String name, String value) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.cookies = plus(cookies, new Request.Pair(name, value));
        return next;
    }

    /** One more parameter of the URL; its value as a header's. */
    public SquallProtocolBuilder query(String name, String value) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.query = plus(query, new Request.Pair(name, value));
        return next;
    }

    /** The subprotocols that clients ask for, in order of preference. */
    public SquallProtocolBuilder subprotocols(String... names) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.subprotocols = List.of(names);
        return next;
    }

    /**
     * What makes an open client ready.
     *
     * @param send what it says; null: nothing
     * @param until what a message must contain; null: any message will do
     */
    public SquallProtocolBuilder ready(@Nullable String send, @Nullable String until, Duration within) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.ready = new Dialogue(send, until, micros(within));
        return next;
    }

    /** How often clients ping; a pong must come within as long. */
    public SquallProtocolBuilder ping(Duration every) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.ping = new Ping(micros(every), micros(every));
        return next;
    }

    /** How long clients wait: to be connected, to be answered, and for a server that is silent (zero: for ever). */
    public SquallProtocolBuilder timeouts(Duration connect, Duration handshake, Duration idle) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.timeouts = new Timeouts(micros(connect), micros(handshake), micros(idle));
        return next;
    }

    /** Any certificate will do. */
    public SquallProtocolBuilder insecure() {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.insecure = true;
        return next;
    }

    /** The seed of every delay; random unless it is set. */
    public SquallProtocolBuilder seed(long value) {
        SquallProtocolBuilder next = new SquallProtocolBuilder(this);
        next.seed = value;
        return next;
    }

    @Override
    public Protocol protocol() {
        Population population = new Population(
                0,
                EXPERIMENT,
                Integer.MAX_VALUE,
                Arrivals.over(0),
                new Request(query, headers, cookies, subprotocols),
                timeouts,
                offer.isEmpty() ? require : offer,
                require,
                on1010,
                ready,
                0,
                null,
                ping,
                Mix.of(reconnect));
        population.negotiation(); // Throws if something is required that is not offered.
        Plan.Endpoint endpoint =
                new Plan.Endpoint(url, address(), insecure, 0, new Plan.ForeignRestarts(List.of(), 0, 0, 0));
        return new SquallProtocol(new Plan(
                Plan.SCHEMA,
                EXPERIMENT,
                seed,
                Plan.WITHOUT_END_MICROS,
                1,
                List.of(),
                endpoint,
                null,
                List.of(),
                null,
                List.of(population),
                List.of(),
                List.of(),
                Plan.Limits.DEFAULT,
                List.of(),
                0));
    }

    private String address() {
        String host = WebSocketUri.parse(url).host();
        try {
            return Objects.requireNonNull(InetAddress.getByName(host).getHostAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(host + " (expected: a host that is known)", e);
        }
    }
}
