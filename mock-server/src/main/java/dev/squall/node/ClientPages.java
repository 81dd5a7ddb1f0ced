package dev.squall.node;

import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How clients behaved, a page at a time. */
final class ClientPages {

    private ClientPages() {}

    static Control.Page<Map<String, Object>> of(Clientele clientele, long after, int limit) {
        List<ClientBehaviour> clients = clientele.clients();
        int from = (int) Math.max(0, Math.min(after + 1, clients.size()));
        int to = Math.min(clients.size(), from + limit);
        List<Map<String, Object>> items = new ArrayList<>();
        clients.subList(from, to).forEach(one -> items.add(Map.of("key", one.key())));
        return new Control.Page<>(items, to < clients.size() ? Long.valueOf(to - 1L) : null);
    }
}
