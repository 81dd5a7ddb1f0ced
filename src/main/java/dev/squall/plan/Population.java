package dev.squall.plan;

import dev.squall.protocol.ClientRules;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named group of clients that behave alike.
 *
 * @param index its place in the experiment
 * @param clients how many
 * @param arrivals how they come, and whether they leave
 * @param request what their handshake requests have
 * @param timeouts how long they wait for the server
 * @param offer the extensions in the handshake request, in order
 * @param require those that the response must have
 * @param on1010 what a client does after leaving for want of one
 * @param ready the dialogue after the handshake; null: a client is ready as soon as it is open
 * @param holdMicros who loses its connection so soon after it was ready again has relapsed, and not recovered; 0: nobody
 * @param message what it sends; null: nothing
 * @param ping how it asks whether the server is there; null: not at all
 * @param reconnect when it comes back
 */
public record Population(
        int index,
        String name,
        int clients,
        Arrivals arrivals,
        Request request,
        Timeouts timeouts,
        List<String> offer,
        List<String> require,
        On1010 on1010,
        @Nullable Dialogue ready,
        long holdMicros,
        @Nullable Message message,
        @Nullable Ping ping,
        Mix reconnect) {

    /** Clients that arrive evenly over a time, and follow one policy. */
    public Population(
            int index,
            String name,
            int clients,
            long arriveOverMicros,
            List<String> offer,
            List<String> require,
            On1010 on1010,
            @Nullable Message message,
            ReconnectPolicy reconnect) {
        this(
                index,
                name,
                clients,
                Arrivals.over(arriveOverMicros),
                Request.PLAIN,
                Timeouts.DEFAULT,
                offer,
                require,
                on1010,
                null,
                0,
                message,
                null,
                Mix.of(reconnect));
    }

    public Population {
        offer = List.copyOf(offer);
        require = List.copyOf(require);
    }

    /** The same with so many clients. */
    public Population of(int many) {
        return with(many, reconnect);
    }

    /** The same, all of whose clients follow this policy. */
    public Population following(ReconnectPolicy policy) {
        return with(clients, Mix.of(policy));
    }

    private Population with(int many, Mix policies) {
        return new Population(
                index,
                name,
                many,
                arrivals,
                request,
                timeouts,
                offer,
                require,
                on1010,
                ready,
                holdMicros,
                message,
                ping,
                policies);
    }

    /** What the connection machine needs of those of its clients who follow this policy. */
    public ClientRules rules(ReconnectPolicy policy) {
        return new ClientRules(policy, on1010, ready != null);
    }

    /**
     * What those of its clients are called who follow each policy, as {@code phones/signalr}; none where all follow one.
     */
    public List<String> followers() {
        return reconnect.parts().size() == 1
                ? List.of()
                : reconnect.policies().stream()
                        .map(policy -> name + "/" + policy.name())
                        .toList();
    }

    /** Its offer and requirement. */
    public Negotiation negotiation() {
        return new Negotiation(
                offer.stream().map(Extension::parse).toList(),
                require.stream().map(Extension::parse).toList());
    }
}
