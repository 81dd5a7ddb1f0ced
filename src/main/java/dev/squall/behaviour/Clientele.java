package dev.squall.behaviour;

import java.util.List;
import java.util.Optional;

/**
 * The clients of a node that are not ours, as they were known at a time.
 *
 * @param atMicros that time, in microseconds since the start
 * @param clients those that identified themselves, in the order of their coming
 * @param unidentified the connections of all others, taken together: nothing about reconnecting is claimed of them
 * @param beyond connections of clients that came when {@link Behaviours#MOST_CLIENTS} were known already
 */
public record Clientele(long atMicros, List<ClientBehaviour> clients, ClientBehaviour unidentified, long beyond) {

    public Clientele {
        clients = List.copyOf(clients);
    }

    /** The client of this key. */
    public Optional<ClientBehaviour> client(String key) {
        return clients.stream().filter(client -> client.key().equals(key)).findFirst();
    }
}
