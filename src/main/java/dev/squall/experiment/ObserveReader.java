package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;

import com.fasterxml.jackson.core.JsonPointer;
import dev.squall.plan.Observation;
import dev.squall.plan.Observation.Kind;
import dev.squall.plan.Request;
import dev.squall.plan.RequestField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads {@code observe}: what is polled beside the run. */
final class ObserveReader {

    /** What is polled beside a run: each has threads of its own. */
    static final int MOST = 16;

    private static final String FORM =
            "a map of names, as {db-connections: {prometheus: http://127.0.0.1:9100/metrics, metric: pg_connections}}";
    private static final String KINDS =
            Arrays.stream(Kind.values()).map(Kind::spelled).collect(Collectors.joining(" | "));

    /** Prometheus' data model; a metric's name may have colons, a label's may not. */
    private static final Pattern METRIC = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private static final int MOST_UNIT_CHARACTERS = 32;

    private final long duration;

    ObserveReader(long duration) {
        this.duration = duration;
    }

    List<Observation> read(YamlValue observe) {
        List<Observation> observations = new ArrayList<>();
        observe.entries(FORM).forEach((name, value) -> {
            if (!ExperimentReader.NAME.matcher(name).matches()) {
                value.problem(name + " (expected: a name of " + ExperimentReader.NAME_FORM + ")");
            }
            observation(name, value).ifPresent(observations::add);
        });
        if (observations.size() > MOST) {
            observe.problem(observations.size() + " observations (expected: at most " + MOST + ")");
        }
        return observations;
    }

    private Optional<Observation> observation(String name, YamlValue value) {
        Map<String, YamlValue> fields = value.fields(
                "prometheus",
                "prometheus-query",
                "json",
                "status",
                "metric",
                "labels",
                "query",
                "field",
                "every",
                "headers",
                "unit");
        List<Kind> kinds = Arrays.stream(Kind.values())
                .filter(kind -> fields.containsKey(kind.spelled()))
                .toList();
        if (kinds.size() != 1) {
            if (value.isMap()) {
                value.problem((kinds.isEmpty() ? "nothing to ask" : kinds.size() + " of them") + " (expected: one of "
                        + KINDS + ", with its URL)");
            }
            return Optional.empty();
        }
        Kind kind = kinds.get(0);
        return Optional.of(new Observation(
                name,
                kind,
                url(kind, YamlValue.value(fields, kind.spelled())),
                selector(kind, value, fields),
                field(fields, "labels").map(ObserveReader::labels).orElse(List.of()),
                field(fields, "every").map(this::every).orElse(Observation.LEAST_EVERY_MICROS),
                field(fields, "headers").map(ObserveReader::headers).orElse(List.of()),
                field(fields, "unit").map(ObserveReader::unit).orElse("")));
    }

    private static String url(Kind kind, YamlValue value) {
        return value.spelled(Observation.EXPECTED_URL, expanded -> {
                    boolean asks = Observation.uri(expanded).getRawQuery() != null;
                    if (asks && kind == Kind.PROMETHEUS_QUERY) {
                        throw new IllegalArgumentException(
                                "a URL with a query (expected: Prometheus' own, as http://127.0.0.1:9090)");
                    }
                })
                .orElse("http://localhost/");
    }

    /** What of the answer counts; settings that belong to another kind are mistakes. */
    private static String selector(Kind kind, YamlValue whole, Map<String, YamlValue> fields) {
        for (Kind other : Kind.values()) {
            if (other != kind) {
                foreign(kind, other, fields);
            }
        }
        return switch (kind) {
            case PROMETHEUS ->
                selector(whole, fields, "metric", "a metric's name, as pg_stat_activity_count", text -> {
                    if (!METRIC.matcher(text).matches()) {
                        throw new NumberFormatException();
                    }
                });
            case PROMETHEUS_QUERY ->
                selector(whole, fields, "query", "a query with one value, as sum(rate(requests_total[5s]))", text -> {
                    if (text.isBlank()) {
                        throw new NumberFormatException();
                    }
                });
            case JSON ->
                selector(whole, fields, "field", "a JSON Pointer to a number, as /pool/active", text -> {
                    if (!text.startsWith("/")) {
                        throw new NumberFormatException();
                    }
                    JsonPointer.compile(text);
                });
            case STATUS -> "";
        };
    }

    private static void foreign(Kind kind, Kind other, Map<String, YamlValue> fields) {
        List<String> keys = switch (other) {
            case PROMETHEUS -> List.of("metric", "labels");
            case PROMETHEUS_QUERY -> List.of("query");
            case JSON -> List.of("field");
            case STATUS -> List.of();
        };
        keys.forEach(key -> field(fields, key)
                .ifPresent(v -> v.problem("stands beside " + kind.spelled() + " (expected: " + other.spelled() + ")")));
    }

    private static String selector(
            YamlValue whole, Map<String, YamlValue> fields, String key, String expected, Consumer<String> check) {
        YamlValue value = fields.get(key);
        if (value == null) {
            whole.problem(key + " is missing (expected: " + expected + ")");
            return "";
        }
        return value.literal(expected, "", text -> {
            check.accept(text);
            return text;
        });
    }

    private static List<Request.Pair> labels(YamlValue value) {
        List<Request.Pair> labels = new ArrayList<>();
        value.entries("a map of labels, as {state: active}").forEach((name, label) -> {
            if (!LABEL.matcher(name).matches()) {
                label.problem(name + " (expected: a label's name, of letters, digits and _)");
            }
            labels.add(new Request.Pair(name, label.literal("a label's value", "", Function.identity())));
        });
        return labels;
    }

    private long every(YamlValue value) {
        long every = value.positiveDuration(Observation.LEAST_EVERY_MICROS);
        if (every < Observation.LEAST_EVERY_MICROS || every > duration) {
            value.problem("not between 1s and the duration (expected: from one poll to the next, as 5s)");
            return Observation.LEAST_EVERY_MICROS;
        }
        return every;
    }

    private static List<Request.Pair> headers(YamlValue value) {
        List<Request.Pair> headers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        value.entries("a map of headers, as {Authorization: \"Bearer ${env:TOKEN}\"}")
                .forEach((name, header) -> {
                    try {
                        if (!name.equalsIgnoreCase("cookie")) {
                            RequestField.HEADER.checkName(name);
                        }
                    } catch (IllegalArgumentException e) {
                        header.problem(String.valueOf(e.getMessage()));
                        return;
                    }
                    if (!names.add(name.toLowerCase(Locale.ROOT))) {
                        header.problem("stands twice (expected: each header once)"); // In other letters.
                    }
                    header.spelled(
                                    "a value for " + name + ", of printable ASCII",
                                    expanded -> RequestField.HEADER.checkValue(name, expanded))
                            .ifPresent(spelled -> headers.add(new Request.Pair(name, spelled)));
                });
        return headers;
    }

    private static String unit(YamlValue value) {
        String expected = "a unit in at most " + MOST_UNIT_CHARACTERS + " characters, as connections";
        return value.literal(expected, "", text -> {
            if (text.length() > MOST_UNIT_CHARACTERS || text.isBlank()) {
                throw new NumberFormatException();
            }
            return text;
        });
    }
}
