package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;

import dev.squall.plan.Request;
import dev.squall.plan.RequestField;
import dev.squall.plan.Template;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads what a population's requests have: {@code query}, {@code headers}, {@code cookies}, {@code subprotocols}. */
final class RequestReader {

    private RequestReader() {}

    static Request read(Map<String, YamlValue> population) {
        return new Request(
                pairs(population, "query", RequestField.QUERY, "a map of parameters, as {room: \"#{client}\"}"),
                pairs(population, "headers", RequestField.HEADER, "a map of headers, as {Origin: https://example.com}"),
                pairs(population, "cookies", RequestField.COOKIE, "a map of cookies, as {session: ${env:SESSION}}"),
                field(population, "subprotocols")
                        .map(RequestReader::subprotocols)
                        .orElse(List.of()));
    }

    private static List<Request.Pair> pairs(
            Map<String, YamlValue> population, String key, RequestField part, String expected) {
        List<Request.Pair> pairs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        field(population, key)
                .map(map -> map.entries(expected))
                .orElse(Map.of())
                .forEach((name, value) -> {
                    try {
                        part.checkName(name);
                    } catch (IllegalArgumentException e) {
                        value.problem(String.valueOf(e.getMessage()));
                        return;
                    }
                    if (!names.add(part == RequestField.HEADER ? name.toLowerCase(Locale.ROOT) : name)) {
                        value.problem("stands twice (expected: each header once)"); // In other letters.
                    }
                    pairs.add(new Request.Pair(name, value(part, name, value)));
                });
        return pairs;
    }

    /** The value as it is spelled, once it is known to be one that can stand there. */
    private static String value(RequestField part, String name, YamlValue value) {
        String expected = "a value for " + name + ", of printable ASCII";
        boolean valid = value.scalar(expected, false, text -> {
            part.checkValue(name, text);
            return true;
        });
        return valid
                ? value.literal(expected, "", text -> {
                    Template.parse(text, Template.OF_A_CLIENT);
                    return text;
                })
                : "";
    }

    private static List<String> subprotocols(YamlValue value) {
        String expected = "a list in order of preference, as [graphql-transport-ws]";
        List<String> subprotocols = new ArrayList<>();
        for (YamlValue each : value.list(expected)) {
            String name = each.literal(expected, "", text -> {
                RequestField.checkToken(text);
                return text;
            });
            if (subprotocols.contains(name)) {
                each.problem(name + " stands twice (expected: each subprotocol once)"); // RFC 6455 section 4.1, item 10
            } else if (!name.isEmpty()) {
                subprotocols.add(name);
            }
        }
        return subprotocols;
    }
}
