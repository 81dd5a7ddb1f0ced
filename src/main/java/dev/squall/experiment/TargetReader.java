package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Balance;
import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.plan.PlannedAttempts;
import dev.squall.plan.Population;
import dev.squall.plan.Tls;
import dev.squall.plan.WhenFull;
import dev.squall.protocol.Extension;
import dev.squall.protocol.WebSocketUri;
import dev.squall.quantity.Quantity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code target}: our own mock server, a server behind a URL, or one that Squall starts. */
final class TargetReader {

    /** At a server that is not known to be on this machine, where the experiment does not say otherwise. */
    private static final int DEFAULT_CLIENTS = 10_000;

    private static final double DEFAULT_ATTEMPTS_PER_SECOND = 1_000;

    /** Of a node's capacity. */
    private static final int DEFAULT_QUEUE = 1000;

    private static final int MAX_CONCURRENT = 100_000;

    private static final long DEFAULT_TIMEOUT_MICROS = 60_000_000;
    private static final long DEFAULT_SETTLE_MICROS = 5_000_000;
    private static final List<String> OF_A_URL =
            List.of("insecure", "tls", "proxy", "lookup", "from", "identify-node", "restart", "limits");
    /** What a target may be. */
    private static final List<String> WHAT = List.of("mock", "url", "process", "container", "compose");

    private static final String COMMAND = "a list of program and arguments, as [systemctl, restart, chat]";

    private final Processes processes;
    private final List<Problem> warnings;

    TargetReader(Processes processes, List<Problem> warnings) {
        this.processes = processes;
        this.warnings = warnings;
    }

    /** Reads it; absent: a mock server as it comes. */
    Experiment.Target read(@Nullable YamlValue target, List<Population> populations) {
        int clients = (int) Math.min(ExperimentReader.MAX_CLIENTS, clients(populations));
        Map<String, YamlValue> fields = target == null
                ? Map.of()
                : target.fields(
                        "mock",
                        "url",
                        "process",
                        "container",
                        "compose",
                        "insecure",
                        "tls",
                        "proxy",
                        "lookup",
                        "from",
                        "identify-node",
                        "restart",
                        "limits");
        YamlValue behind = fields.get("proxy");
        if (behind != null && WHAT.stream().noneMatch(fields::containsKey)) {
            for (String key : fields.keySet()) {
                if (!key.equals("proxy")) {
                    value(fields, key)
                            .problem("stands beside proxy (expected: what a proxy needs under it; or url beside it)");
                }
            }
            return proxy(behind, populations, clients);
        }
        List<String> kinds = fields.keySet().stream().filter(WHAT::contains).toList();
        for (String kind : kinds.subList(Math.min(1, kinds.size()), kinds.size())) {
            value(fields, kind).problem("stands beside " + kinds.get(0) + " (expected: one of them)");
        }
        YamlValue mock = fields.get("mock");
        YamlValue url = fields.get("url");
        if (url != null) {
            return foreign(url, fields, populations);
        }
        if (!kinds.isEmpty() && LaunchReader.KINDS.contains(kinds.get(0))) {
            return launched(kinds.get(0), fields, populations);
        }
        for (String key : OF_A_URL) {
            field(fields, key).ifPresent(v -> v.problem("belongs to a server behind a URL (expected: url beside it)"));
        }
        return mock == null || mock.isNothing()
                ? new Experiment.Mock(processes.forClients(clients), 0, List.of(Extension.PERMESSAGE_DEFLATE), null)
                : mock(mock, clients);
    }

    private static long clients(List<Population> populations) {
        return populations.stream().mapToLong(Population::clients).sum();
    }

    private Experiment.Mock mock(YamlValue mock, int clients) {
        Map<String, YamlValue> fields = mock.fields("nodes", "port", "extensions", "capacity", "replies", "balance");
        int nodes = field(fields, "nodes")
                .map(v -> processes.read(v, clients))
                .orElseGet(() -> processes.forClients(clients));
        return new Experiment.Mock(
                nodes,
                field(fields, "port")
                        .map(v -> (int) v.whole(1024, ExperimentReader.LAST_PORT, 0))
                        .orElse(0),
                field(fields, "extensions").map(TargetReader::supported).orElse(List.of(Extension.PERMESSAGE_DEFLATE)),
                field(fields, "capacity").map(TargetReader::capacity).orElse(null),
                field(fields, "replies").map(RepliesReader::read).orElse(List.of()),
                field(fields, "balance").map(v -> balance(v, nodes)).orElse(Balance.STICKY));
    }

    // ---- a proxy of ours before a server that is not

    private Experiment.Mock proxy(YamlValue proxy, List<Population> populations, int clients) {
        Map<String, YamlValue> fields = proxy.isMap()
                ? proxy.fields(
                        "upstream", "nodes", "port", "capacity", "balance", "certificate", "key", "insecure", "tls")
                : Map.of("upstream", proxy);
        YamlValue upstream = fields.get("upstream");
        if (upstream == null) {
            proxy.problem("upstream is missing (expected: " + WebSocketUri.EXPECTED + ")");
            return new Experiment.Mock(1, 0, List.of(Extension.PERMESSAGE_DEFLATE), null);
        }
        WebSocketUri uri = upstream.scalar(
                WebSocketUri.EXPECTED, new WebSocketUri(false, "localhost", 80, "/"), TargetReader::webSocketUri);
        Tls tls = new RouteReader(fields, uri).tls();
        if (tls.certificate() != null) {
            value(fields, "tls")
                    .problem("certificate (expected: none, a proxy shows the server behind it no certificate)");
        }
        double attempts = limits(upstream, null, uri, populations);
        boolean secured = fields.containsKey("certificate");
        if (secured != fields.containsKey("key")) {
            value(fields, secured ? "certificate" : "key")
                    .problem("stands alone (expected: certificate and key, both in PEM)");
        }
        // Two descriptors a client: one to it, one to the server behind.
        int doubled = (int) Math.min(ExperimentReader.MAX_CLIENTS, 2L * clients);
        int nodes = field(fields, "nodes")
                .map(v -> processes.read(v, doubled))
                .orElseGet(() -> processes.forClients(doubled));
        Plan.Capacity capacity =
                field(fields, "capacity").map(TargetReader::capacity).orElse(null);
        return new Experiment.Mock(
                nodes,
                field(fields, "port")
                        .map(v -> (int) v.whole(1024, ExperimentReader.LAST_PORT, 0))
                        .orElse(0),
                List.of(Extension.PERMESSAGE_DEFLATE),
                // A server elsewhere is dialled no faster than clients of ours would dial it unasked.
                capacity == null && attempts > 0
                        ? new Plan.Capacity(attempts, 0, ExperimentReader.MAX_CLIENTS, 0, WhenFull.UNAVAILABLE)
                        : capacity,
                List.of(),
                field(fields, "balance").map(v -> balance(v, nodes)).orElse(Balance.STICKY),
                new Plan.Relay(
                        new Plan.Endpoint(
                                upstream.literal(WebSocketUri.EXPECTED, "", Function.identity()),
                                List.of(),
                                false,
                                tls,
                                null,
                                false,
                                List.of(),
                                0,
                                restarts(null)),
                        readable(fields, "certificate"),
                        readable(fields, "key")));
    }

    /** A file as it is spelled. */
    private static @Nullable String readable(Map<String, YamlValue> fields, String key) {
        String expected = "a readable file in PEM";
        return field(fields, key)
                .flatMap(value -> value.spelled(expected, path -> {
                    if (!Files.isReadable(Path.of(path)) || Files.isDirectory(Path.of(path))) {
                        throw new IllegalArgumentException(path + " (expected: " + expected + ")");
                    }
                }))
                .orElse(null);
    }

    private Balance balance(YamlValue value, int nodes) {
        Map<String, Balance> words = new LinkedHashMap<>();
        for (Balance each : Balance.values()) {
            words.put(each.spelled(), each);
        }
        Balance balance = value.oneOf(words, Balance.STICKY);
        if (nodes == 1 && balance.moves()) {
            warnings.add(new Problem(
                    value.location(),
                    balance.spelled() + " has one node to choose from (for more: target.mock.nodes)"));
        }
        return balance;
    }

    // ---- a server that is not ours

    private Experiment.Foreign foreign(YamlValue url, Map<String, YamlValue> fields, List<Population> populations) {
        WebSocketUri uri = url.scalar(
                WebSocketUri.EXPECTED, new WebSocketUri(false, "localhost", 80, "/"), TargetReader::webSocketUri);
        return foreign(
                url,
                url.literal(WebSocketUri.EXPECTED, "", Function.identity()),
                uri,
                null,
                restarts(fields.get("restart")),
                fields,
                populations);
    }

    /** One that the harness starts: it is dialled on loopback, and nobody else restarts it. */
    private Experiment.Foreign launched(String kind, Map<String, YamlValue> fields, List<Population> populations) {
        YamlValue value = value(fields, kind);
        LaunchReader.Launched launched = new LaunchReader(warnings).read(kind, value);
        for (String key : List.of("proxy", "lookup")) {
            field(fields, key)
                    .ifPresent(v -> v.problem(
                            "belongs to a server behind a URL (expected: nothing, for a server that Squall starts is dialled"
                                    + " on loopback)"));
        }
        YamlValue restart = fields.get("restart");
        if (restart != null && restart.isMap()) {
            for (String key : List.of("command", "undo", "timeout")) {
                field(restart.entries("a map with settle, deadline"), key)
                        .ifPresent(v -> v.problem("belongs to a server behind a URL (expected: target." + kind
                                + ".restart, which says how Squall restarts what it has started)"));
            }
        }
        return foreign(
                value, launched.url(), launched.uri(), launched.launch(), restarts(restart), fields, populations);
    }

    private Experiment.Foreign foreign(
            YamlValue where,
            String spelled,
            WebSocketUri uri,
            @Nullable Launch launch,
            Plan.ForeignRestarts restarts,
            Map<String, YamlValue> fields,
            List<Population> populations) {
        RouteReader route = new RouteReader(fields, uri);
        double attempts = limits(where, fields.get("limits"), uri, populations);
        Plan.Endpoint endpoint = new Plan.Endpoint(
                spelled,
                List.of(),
                false,
                route.tls(),
                route.spelledProxy(),
                route.looksUpEach(),
                route.sources(),
                attempts,
                restarts,
                field(fields, "identify-node").flatMap(TargetReader::nodeHeader).orElse(null),
                launch);
        return new Experiment.Foreign(endpoint, uri, route.proxy());
    }

    /** By which answers tell their node, as it is spelled. */
    private static Optional<String> nodeHeader(YamlValue value) {
        String expected = "a header of the handshake's answer, as header:x-pod";
        String spelled = value.literal(expected, "", text -> {
            if (!text.matches("header:[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
                throw new NumberFormatException();
            }
            return text;
        });
        return spelled.isEmpty() ? Optional.empty() : Optional.of(spelled);
    }

    private static WebSocketUri webSocketUri(String text) {
        try {
            return WebSocketUri.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
        }
    }

    /** The limit of attempts a second; that of clients is checked here. */
    private double limits(YamlValue url, @Nullable YamlValue limits, WebSocketUri uri, List<Population> populations) {
        Map<String, YamlValue> fields = limits == null ? Map.of() : limits.fields("clients", "attempts");
        long most = field(fields, "clients")
                .map(v -> v.whole(1, ExperimentReader.MAX_CLIENTS, ExperimentReader.MAX_CLIENTS))
                .orElse(uri.namesLoopback() ? (long) ExperimentReader.MAX_CLIENTS : DEFAULT_CLIENTS);
        double attempts = field(fields, "attempts")
                .map(v -> v.quantity(Quantity.RATE, 1, "1/s", 1))
                .orElse(uri.namesLoopback() ? 0 : DEFAULT_ATTEMPTS_PER_SECOND);
        if (clients(populations) > most) {
            (limits == null ? url : limits)
                    .problem(clients(populations) + " clients at " + uri.host() + " (expected: at most " + most
                            + "; target.limits.clients raises it)");
        }
        double arrivals = PlannedAttempts.arrivalsWithinSecond(populations);
        if (attempts > 0 && arrivals > attempts) {
            warnings.add(new Problem(
                    url.location(),
                    "clients want to arrive at " + Quantity.RATE.format(Math.rint(arrivals))
                            + ", which is held back to the limit of " + Quantity.RATE.format(attempts)
                            + " (target.limits.attempts)"));
        }
        return attempts;
    }

    private Plan.ForeignRestarts restarts(@Nullable YamlValue restart) {
        Map<String, YamlValue> fields =
                restart == null ? Map.of() : restart.fields("command", "undo", "timeout", "settle", "deadline");
        if (fields.containsKey("undo") && !fields.containsKey("command")) {
            value(fields, "undo").problem("stands alone (expected: command beside it)");
        }
        return new Plan.ForeignRestarts(
                field(fields, "command").map(this::command).orElse(List.of()),
                field(fields, "undo").map(this::command).orElse(List.of()),
                field(fields, "timeout")
                        .map(v -> v.positiveDuration(DEFAULT_TIMEOUT_MICROS))
                        .orElse(DEFAULT_TIMEOUT_MICROS),
                field(fields, "settle").map(YamlValue::duration).orElse(DEFAULT_SETTLE_MICROS),
                field(fields, "deadline")
                        .map(v -> v.positiveDuration(Experiment.DEFAULT_DEADLINE_MICROS))
                        .orElse(Experiment.DEFAULT_DEADLINE_MICROS));
    }

    private List<String> command(YamlValue value) {
        List<String> command = new ArrayList<>();
        for (YamlValue word : value.list(COMMAND)) {
            command.add(word.spelled(COMMAND, expanded -> {}).orElse(""));
        }
        if (value.isList() && (command.isEmpty() || command.get(0).isBlank())) {
            value.problem("no program (expected: " + COMMAND + ")");
        }
        return command;
    }

    // ---- our own

    /** What a server of ours may negotiate. */
    static List<String> supported(YamlValue value) {
        List<String> extensions = new ArrayList<>();
        for (YamlValue each : value.list("a list, as [permessage-deflate]")) {
            extensions.add(each.oneOf(Map.of(Extension.PERMESSAGE_DEFLATE, Extension.PERMESSAGE_DEFLATE), ""));
        }
        return extensions;
    }

    /** What stands behind the handshake of a server of ours. */
    static Plan.Capacity capacity(YamlValue value) {
        Map<String, YamlValue> fields = value.fields("handshakes", "concurrent", "queue", "warm-up", "when-full");
        double rate = 1;
        if (fields.containsKey("handshakes")) {
            rate = value(fields, "handshakes").quantity(Quantity.RATE, 0.001, "0.001/s", 1);
        } else {
            value.problem("handshakes is missing (expected: " + Quantity.RATE.expected() + ")");
        }
        Map<String, WhenFull> words = new LinkedHashMap<>();
        for (WhenFull each : WhenFull.values()) {
            words.put(each.spelled(), each);
        }
        return new Plan.Capacity(
                rate,
                field(fields, "concurrent")
                        .map(v -> (int) v.whole(1, MAX_CONCURRENT, 1))
                        .orElse(0),
                field(fields, "queue")
                        .map(v -> (int) v.whole(0, ExperimentReader.MAX_CLIENTS, 0))
                        .orElse(DEFAULT_QUEUE),
                field(fields, "warm-up").map(YamlValue::duration).orElse(0L),
                field(fields, "when-full")
                        .map(v -> v.oneOf(words, WhenFull.UNAVAILABLE))
                        .orElse(WhenFull.UNAVAILABLE));
    }
}
