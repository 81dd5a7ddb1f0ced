package dev.squall.node;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import dev.squall.report.ClientsJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How clients behaved, a page at a time. */
final class ClientPages {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    private ClientPages() {}

    static Control.Page<Map<String, Object>> of(Clientele clientele, long after, int limit) {
        List<ClientBehaviour> clients = clientele.clients();
        int from = (int) Math.min(clients.size(), Math.min(after, Integer.MAX_VALUE - 1) + 1);
        int to = Math.min(clients.size(), from + limit);
        List<Map<String, Object>> items = new ArrayList<>();
        clients.subList(from, to).forEach(one -> items.add(JSON.convertValue(ClientsJson.of(one), MAP)));
        return new Control.Page<>(items, to < clients.size() ? Long.valueOf(to - 1L) : null);
    }
}
