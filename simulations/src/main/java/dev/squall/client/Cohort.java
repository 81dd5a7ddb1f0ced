package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Expansion;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Template;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.Negotiation;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One population's share in this injector: what its clients have in common, made once. */
final class Cohort {

    /** A message of more bytes is answered with 1009, unless the population's own are longer. */
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    final Population population;
    /** What the connection machine needs of those who follow each policy. */
    private final List<ClientRules> rules;

    private final Plan plan;

    /** The ranks of the closing phase: this cohort's clients come after the clients of those before it. */
    final int firstRank;

    /** How many clients the plan's populations before it have. */
    private final int firstOfPlan;

    /** What its clients say, and the series of the echoes; null if they send no messages. */
    private final @Nullable Content content;

    private final LatencyLog.@Nullable Series echoes;

    /** The series of the round trips of its pings; null if it does not ping. */
    private final LatencyLog.@Nullable Series pings;

    private final @Nullable Template greeting;
    private final @Nullable Template awaited;

    final Deflate deflate;

    /** The most bytes of a message that its clients take, decompressed. */
    final int messageLimit;

    private final int injector;
    private final int size;
    private final Negotiation strict;
    private final Negotiation relaxed;
    private final byte[] request;
    private final Rendering query;
    private final Rendering headers;

    /**
     * {@code resource} is what its clients ask for: path and query.
     *
     * @throws IllegalArgumentException if what a request has or a message says, expanded, cannot stand there
     */
    Cohort(
            Plan plan,
            Population population,
            int injector,
            int firstRank,
            Identity identity,
            Function<String, LatencyLog.Series> latencies,
            String resource,
            Expansion expansion) {
        this.population = population;
        this.plan = plan;
        this.rules = population.reconnect().policies().stream()
                .map(population::rules)
                .toList();
        this.firstRank = firstRank;
        this.firstOfPlan = plan.populations().stream()
                .limit(population.index())
                .mapToInt(Population::clients)
                .sum();
        this.injector = injector;
        this.size = (population.clients() - injector + plan.injectors() - 1) / plan.injectors();
        this.strict = population.negotiation();
        this.relaxed = strict.relaxed();
        Message message = population.message();
        this.echoes = message == null ? null : latencies.apply("echo." + population.name());
        this.content = message == null ? null : Content.of(message, population.name(), expansion);
        this.messageLimit = Math.max(MAX_MESSAGE_BYTES, content == null ? 0 : content.constantLength());
        this.pings = population.ping() == null ? null : latencies.apply("ping." + population.name());
        Dialogue dialogue = population.ready();
        this.greeting = dialogue == null ? null : template(dialogue.send(), expansion);
        this.awaited = dialogue == null ? null : template(dialogue.until(), expansion);
        this.deflate = new Deflate(strict.offered());
        this.request = request(identity, strict.header()).getBytes(StandardCharsets.US_ASCII);
        this.query = Rendering.query(population, resource.indexOf('?') >= 0, expansion);
        this.headers = Rendering.headers(population, expansion);
    }

    /** All of the handshake request between Host's value and Squall-Connection's (RFC 6455 section 4.1). */
    private String request(Identity identity, String offer) {
        return "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                + (population.request().hasHeader("User-Agent") ? "" : "\r\nUser-Agent: " + identity.agent())
                + "\r\nSquall-Run: " + identity.run()
                + (offer.isEmpty() ? "" : "\r\nSec-WebSocket-Extensions: " + offer)
                + "\r\nSquall-Connection: " + population.name() + "/";
    }

    private static @Nullable Template template(@Nullable String text, Expansion expansion) {
        return text == null ? null : Template.parse(text, Template.OF_A_CLIENT).map(expansion::expand);
    }

    String name() {
        return population.name();
    }

    int size() {
        return size;
    }

    /**
     * The place of the client with this ordinal among those of the plan that dial the same server: its own, however many
     * injectors share the clients.
     */
    int place(int ordinal) {
        return (firstOfPlan + client(ordinal)) / Math.max(1, plan.nodes().size());
    }

    /** The index within the population of the client with this ordinal within the share. */
    int client(int ordinal) {
        return injector + ordinal * plan.injectors(); // As Plan.runs shares them out.
    }

    /** What the connection machine needs of this client, {@code who} as {@link dev.squall.plan.Draw#who} says. */
    ClientRules rules(long who) {
        return rules.get(plan.policyPlace(population, who));
    }

    Negotiation negotiation(boolean withoutRequirement) {
        return withoutRequirement ? relaxed : strict;
    }

    /** Whether a handshake's extensions are worth a row. */
    boolean offers() {
        return !strict.offered().isEmpty();
    }

    byte[] request() {
        return request;
    }

    /** What its requests have behind the target's own path and query. */
    Rendering query() {
        return query;
    }

    /** The header lines of its own. */
    Rendering headers() {
        return headers;
    }

    /** The messages of a connection; null if its clients send none. */
    @Nullable
    Messages messages(VirtualClient client, Channel channel) {
        Message message = population.message();
        return message == null || content == null || echoes == null
                ? null
                : new Messages(client, channel, message, content, echoes);
    }

    /** The pulse of a connection; null if its clients neither ping nor lose patience. */
    @Nullable
    Pulse pulse(Connection connection, VirtualClient client, Channel channel) {
        long idle = population.timeouts().idleMicros();
        return population.ping() == null && idle == 0
                ? null
                : new Pulse(connection, client, channel, population.ping(), pings, idle);
    }

    /** What a client says to become ready; null: nothing. */
    @Nullable
    String greeting(VirtualClient client) {
        return rendered(greeting, client);
    }

    /** What a message contains that makes a client ready; null: any message does. */
    @Nullable
    String awaited(VirtualClient client) {
        return rendered(awaited, client);
    }

    private @Nullable String rendered(@Nullable Template template, VirtualClient client) {
        return template == null
                ? null
                : template.render(
                        name -> Template.ofAClient(name, name(), client.clientIndex(), client.connectionOrdinal()));
    }
}
