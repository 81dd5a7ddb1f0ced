package dev.squall.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.behaviour.Advice;
import dev.squall.behaviour.ClientBehaviour;
import dev.squall.behaviour.Clientele;
import dev.squall.behaviour.Delay;
import dev.squall.behaviour.Judgement;
import dev.squall.behaviour.Times;
import dev.squall.stats.Quantile;
import dev.squall.stats.Samples;
import dev.squall.stats.Served;
import java.util.List;
import java.util.Map;

/** Clients under test as JSON: codes are the names of fields, times seconds, null where there is nothing to tell. */
public final class ClientsJson {

    /** The version of the format. */
    public static final String SCHEMA = "squall/clients/1";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ClientsJson() {}

    /** All that is known of a node's clients. */
    public static ObjectNode of(Clientele clientele) {
        ObjectNode root = NODES.objectNode();
        root.put("schema", SCHEMA);
        Results.number(root, "watchedSeconds", clientele.atMicros() / 1e6);
        ArrayNode clients = root.putArray("clients");
        clientele.clients().forEach(client -> clients.add(of(client)));
        root.set("unidentified", of(clientele.unidentified()));
        root.put("connectionsBeyond", clientele.beyond());
        return root;
    }

    /** What is known of one client. */
    public static ObjectNode of(ClientBehaviour client) {
        ObjectNode node = NODES.objectNode();
        node.put("key", client.key());
        ClientBehaviour.Connections connections = client.connections();
        node.putObject("connections")
                .put("asked", connections.asked())
                .put("opened", connections.opened())
                .put("rejected", connections.rejected())
                .put("unanswered", connections.unanswered())
                .put("atOnce", connections.atOnce())
                .put("tcpEndedByClient", connections.tcpEndedByClient())
                .put("tcpEndedByServer", connections.tcpEndedByServer());
        counts(node.putObject("losses"), client.losses());
        counts(node.putObject("leaves"), client.leaves());
        ClientBehaviour.CloseAnswers answers = client.closeAnswers();
        node.putObject("closeAnswers")
                .put("same", answers.same())
                .put("other", answers.other())
                .put("none", answers.none())
                .put("untold", answers.untold())
                .set("seconds", times(answers.took()));
        node.set("reconnecting", reconnecting(client));
        node.putObject("mandatoryExtension")
                .put("left", client.mandatory().left())
                .put("returned", client.mandatory().returned())
                .set("afterSeconds", times(client.mandatory().after()));
        node.putObject("pings")
                .put("sent", client.pings().sent())
                .put("answered", client.pings().answered())
                .set("rttSeconds", times(client.pings().rtt()));
        counts(node.putObject("struck"), client.struck());
        return node;
    }

    private static ObjectNode reconnecting(ClientBehaviour client) {
        ClientBehaviour.Reconnecting reconnecting = client.reconnecting();
        ObjectNode node = NODES.objectNode();
        node.put("untold", reconnecting.untold());
        node.put("losses", reconnecting.losses());
        node.put("returned", reconnecting.returned());
        ObjectNode delay = node.putObject("delaySeconds");
        Samples most = Served.delays(List.of(client), false);
        for (Quantile quantile : new Quantile[] {Quantile.P50, Quantile.MAX}) {
            Results.number(delay, quantile.word(), quantile.of(most) / 1e6);
        }
        ArrayNode delays = node.putArray("delays");
        for (Delay each : reconnecting.delays()) {
            ObjectNode one = delays.addObject();
            one.put("code", each.code());
            Results.number(one, "seconds", each.micros() / 1e6);
            one.put("atMost", each.atMost());
            Results.number(one, "leastSeconds", each.leastMicros() / 1e6);
            Results.number(one, "upSeconds", each.upMicros() / 1e6);
        }
        node.put("delaysNotKept", reconnecting.unkept());
        for (Advice advice : Advice.values()) {
            ClientBehaviour.Following following = reconnecting.following(advice);
            node.putObject(advice.word())
                    .put("range", advice.range())
                    .put("within", following.within())
                    .put("outside", following.outside())
                    .put("unknown", following.unknown());
        }
        Results.number(
                node, "awaySeconds", reconnecting.awayMicros() < 0 ? Double.NaN : reconnecting.awayMicros() / 1e6);
        node.set("gaveUp", judgement(reconnecting.gaveUp()));
        ObjectNode grew = judgement(reconnecting.grew());
        Results.number(grew, "factor", reconnecting.growth());
        node.set("grew", grew);
        node.set("spread", judgement(reconnecting.spread()));
        return node;
    }

    private static ObjectNode judgement(Judgement judgement) {
        return NODES.objectNode().put("answer", judgement.answer().word()).put("reason", judgement.reason());
    }

    private static ObjectNode times(Times times) {
        ObjectNode node = NODES.objectNode();
        node.put("count", times.count());
        Results.number(
                node,
                "p50",
                times.median().isEmpty() ? Double.NaN : times.median().getAsLong() / 1e6);
        Results.number(node, "max", times.count() == 0 ? Double.NaN : times.longest() / 1e6);
        return node;
    }

    private static void counts(ObjectNode node, Map<?, Long> counts) {
        counts.forEach((what, count) -> node.put(String.valueOf(what), count));
    }
}
