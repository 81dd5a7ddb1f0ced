package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Arrivals;
import dev.squall.plan.Population;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code load}: the populations. */
final class LoadReader {

    private static final String EXTENSION =
            "an extension, as permessage-deflate or \"permessage-deflate; server_no_context_takeover\"";

    private final Processes processes;
    private final long duration;
    private final Map<String, Map<String, YamlValue>> settings = new HashMap<>();
    private final List<Problem> warnings;

    /** {@code duration} of the experiment, in microseconds. */
    LoadReader(Processes processes, long duration, List<Problem> warnings) {
        this.warnings = warnings;
        this.processes = processes;
        this.duration = duration;
    }

    List<Population> read(YamlValue root, @Nullable YamlValue load) {
        List<Population> populations = new ArrayList<>();
        if (load == null) {
            root.problem("load is missing (expected: a map of populations, as {phones: {clients: 1000}})");
            return populations;
        }
        load.entries("a map of populations, as {phones: {clients: 1000}}").forEach((name, value) -> {
            if (!ExperimentReader.NAME.matcher(name).matches()) {
                value.problem(name + " (expected: a name of " + ExperimentReader.NAME_FORM + ")");
            }
            populations.add(population(populations.size(), name, value));
        });
        if (load.isMap() && populations.isEmpty()) {
            load.problem("no population (expected: at least one, as {phones: {clients: 1000}})");
        }
        long clients = populations.stream().mapToLong(Population::clients).sum();
        long most = Math.min(ExperimentReader.MAX_CLIENTS, (long) Processes.MOST * processes.each());
        if (clients > most) {
            String limit = most == ExperimentReader.MAX_CLIENTS
                    ? ""
                    : ", with ulimit -n " + processes.descriptors() + processes.remedy(clients, Processes.MOST);
            load.problem(clients + " clients (expected: at most " + most + " on this machine" + limit + ")");
        }
        return populations;
    }

    /** What was read of a population. */
    Map<String, YamlValue> settings(String population) {
        return settings.getOrDefault(population, Map.of());
    }

    private Population population(int index, String name, YamlValue value) {
        Map<String, YamlValue> fields = value.fields(
                "clients",
                "arrive",
                "model",
                "stay",
                "query",
                "headers",
                "cookies",
                "subprotocols",
                "timeouts",
                "offer",
                "require",
                "on-1010",
                "ready",
                "hold",
                "message",
                "ping",
                "reconnect");
        settings.put(name, fields);
        ArrivalsReader coming = new ArrivalsReader(duration);
        Arrivals arrivals = coming.read(value, fields);
        List<String> offer = field(fields, "offer").map(this::extensions).orElse(List.of());
        List<String> require = field(fields, "require").map(this::extensions).orElse(List.of());
        if (fields.containsKey("require")) {
            checkOffered(value(fields, "require"), offer, require);
        }
        Mix reconnect = new ReconnectReader().read(fields.get("reconnect"));
        Map<String, On1010> words = new LinkedHashMap<>();
        words.put("stop", On1010.STOP);
        words.put("retry", On1010.RETRY);
        words.put("retry-without", On1010.RETRY_WITHOUT);
        On1010 on1010 = field(fields, "on-1010")
                .map(v -> v.oneOf(words, On1010.AS_POLICY))
                .orElse(On1010.AS_POLICY);
        boolean staying = !fields.containsKey("stay")
                && on1010 != On1010.STOP
                && reconnect.policies().stream()
                        .allMatch(p -> p.attempts() == ReconnectPolicy.UNLIMITED
                                && p.stopOn().isEmpty()
                                && p.failedTries() == FailedTries.RETRIED);
        if (arrivals.closed() && staying) {
            value(fields, "model")
                    .problem(
                            "closed, but nobody ever leaves (expected: stay beside it, as 30s..60s, or clients that may"
                                    + " give up)");
        }
        warnOfBrowsers(name, fields.get("require"), require, reconnect);
        return new Population(
                index,
                name,
                coming.clients(),
                arrivals,
                RequestReader.read(fields),
                ConversationReader.timeouts(fields.get("timeouts")),
                offer,
                require,
                on1010,
                ConversationReader.ready(fields.get("ready")),
                field(fields, "hold").map(YamlValue::duration).orElse(0L),
                ConversationReader.message(fields.get("message")),
                ConversationReader.ping(fields.get("ping")),
                reconnect);
    }

    private void warnOfBrowsers(String name, @Nullable YamlValue at, List<String> require, Mix reconnect) {
        if (at == null || require.isEmpty()) {
            return;
        }
        String browsers = reconnect.policies().stream()
                .flatMap(policy -> Profiles.named(policy.name()).stream())
                .filter(Profile::cannotSend1010)
                .map(Profile::name)
                .collect(Collectors.joining(", "));
        if (!browsers.isEmpty()) {
            warnings.add(new Problem(
                    at.location(),
                    "the clients of " + name + " require an extension, but those of " + browsers
                            + " run in browsers, where a script can close with 1000 and 3000 to 4999 only: none of them"
                            + " would leave with 1010"));
        }
    }

    private List<String> extensions(YamlValue value) {
        List<String> extensions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlValue each : value.list("a list, as [permessage-deflate]")) {
            String text = each.scalar(EXTENSION, "", LoadReader::extension);
            if (!text.isEmpty()) {
                extensions.add(text);
                if (!names.add(Extension.parse(text).name())) {
                    each.problem(text + " stands twice (expected: each extension once)");
                }
            }
        }
        return extensions;
    }

    private void checkOffered(YamlValue value, List<String> offer, List<String> require) {
        try {
            new Negotiation(
                    offer.stream().map(Extension::parse).toList(),
                    require.stream().map(Extension::parse).toList());
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()).replaceFirst("^require: ", ""));
        }
    }

    private static String extension(String text) {
        try {
            return Extension.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + " (expected: " + EXTENSION + "): " + e.getMessage(), e);
        }
    }
}
