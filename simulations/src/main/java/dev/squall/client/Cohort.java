package dev.squall.client;

import dev.squall.journal.LatencyLog;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
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

    /** The series of its echoes; null if it sends no messages. */
    final LatencyLog.@Nullable Series echoes;

    final Deflate deflate;

    /** The most bytes of a message that its clients take, decompressed. */
    final int messageLimit;

    private final int[] clients;
    private final Negotiation strict;
    private final Negotiation relaxed;
    private final byte[] request;
    private final byte[] payload;

    Cohort(Plan plan, Population population, int injector, int firstRank, Identity identity, LatencyLog latencies) {
        this.population = population;
        this.plan = plan;
        this.rules = population.reconnect().policies().stream()
                .map(population::rules)
                .toList();
        this.firstRank = firstRank;
        this.clients = IntStream.range(0, population.clients())
                .filter(client -> plan.runs(injector, client))
                .toArray();
        this.strict = population.negotiation();
        this.relaxed = strict.relaxed();
        Message message = population.message();
        this.echoes = message == null ? null : latencies.series("echo." + population.name());
        this.payload = payload(message == null ? 0 : message.bytes());
        this.messageLimit = Math.max(MAX_MESSAGE_BYTES, payload.length);
        this.deflate = new Deflate(strict.offered());
        this.request = request(identity, strict.header()).getBytes(StandardCharsets.US_ASCII);
    }

    /** All of the handshake request between Host's value and Squall-Connection's (RFC 6455 section 4.1). */
    private String request(Identity identity, String offer) {
        return "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nUser-Agent: "
                + identity.agent()
                + "\r\nSquall-Run: " + identity.run()
                + (offer.isEmpty() ? "" : "\r\nSec-WebSocket-Extensions: " + offer)
                + "\r\nSquall-Connection: " + population.name() + "/";
    }

    /** Words, so that a compressor finds something to do. */
    private static byte[] payload(int bytes) {
        byte[] words =
                "the squall came up from the south and was gone within the hour; ".getBytes(StandardCharsets.US_ASCII);
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = words[i % words.length];
        }
        return payload;
    }

    String name() {
        return population.name();
    }

    int size() {
        return clients.length;
    }

    /** The index within the population of the client with this ordinal within the share. */
    int client(int ordinal) {
        return clients[ordinal];
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

    /** How long each message is. */
    int messageBytes() {
        return payload.length;
    }

    /** A message to send: the bytes are shared, the buffer is the caller's. */
    ByteBuf message() {
        return Unpooled.wrappedBuffer(payload);
    }
}
