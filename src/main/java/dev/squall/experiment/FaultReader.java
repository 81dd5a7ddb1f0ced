package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.fault.Alter;
import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Faults;
import dev.squall.fault.HandshakeFault;
import dev.squall.fault.IgnoreClose;
import dev.squall.fault.Kind;
import dev.squall.fault.Match;
import dev.squall.fault.Withhold;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.protocol.Extension;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads {@code faults}. */
final class FaultReader {

    private static final List<String> NAMES = Stream.concat(
                    Stream.of(Faults.RESTART), Faults.KINDS.stream().map(Kind::name))
            .toList();

    private final long duration;

    /** The end of a window that has none of its own. */
    private final long end;

    private final Experiment.Target target;
    private final List<Problem> warnings;
    private final List<Population> populations;
    private final RestartReader restartReader;
    private final List<FaultWindow> faults = new ArrayList<>();
    private final List<Plan.Restart> restarts = new ArrayList<>();

    /** For an experiment of this duration, in microseconds. */
    FaultReader(long duration, Experiment.Target target, List<Population> populations, List<Problem> warnings) {
        this(duration, Experiment.DEFAULT_DEADLINE_MICROS, duration, target, populations, warnings);
    }

    private FaultReader(
            long duration,
            long deadline,
            long end,
            Experiment.Target target,
            List<Population> populations,
            List<Problem> warnings) {
        this.duration = duration;
        this.end = end;
        this.target = target;
        this.populations = populations;
        this.restartReader = new RestartReader(duration, deadline, target, populations);
        this.warnings = warnings;
    }

    /** For a server that stands alone, where nobody is due; restarts repeat within {@code duration}. */
    static FaultReader ofServer(Experiment.Mock mock, long duration) {
        return new FaultReader(duration, 0, FaultWindow.OPEN_END, mock, List.of(), new ArrayList<>());
    }

    /** Reads the list; what it found is asked for then. */
    void read(YamlValue list) {
        for (YamlValue fault : list.list("a list of faults")) {
            fault(fault);
        }
        List<Plan.Restart> ordered = RestartReader.inOrder(list, restarts);
        restarts.clear();
        restarts.addAll(ordered);
        warnOfOverlaps(list.location());
        warnings.addAll(restartReader.warnings(list.location(), ordered));
    }

    /** What goes wrong but for the restarts, in the file's order. */
    List<FaultWindow> faults() {
        return List.copyOf(faults);
    }

    /** The restarts in order of time, repeated ones spelled out. */
    List<Plan.Restart> restarts() {
        return List.copyOf(restarts);
    }

    /** One fault that comes to a server while it runs, but no restart. */
    FaultWindow single(YamlValue value) {
        fault(value);
        if (!restarts.isEmpty()) {
            value.problem("a restart (expected: any other fault; POST /restart restarts the server)");
        }
        // Where it could not be read, a problem says so, and this is thrown away.
        return faults.isEmpty() ? FaultWindow.during(0, new IgnoreClose(), 0, 0, 0) : faults.get(0);
    }

    /** One restart that comes to a server while it runs: as a fault, or its settings alone; at once where it has no at. */
    Plan.Restart singleRestart(YamlValue value) {
        Map<String, YamlValue> outer = value.entries("a restart, as {code: 1012, downtime: 3s}");
        Map<String, YamlValue> fields = outer.containsKey(Faults.RESTART)
                ? fields(value, outer, Faults.RESTART, "at", RestartReader.SETTINGS)
                : value.fields(RestartReader.SETTINGS.toArray(String[]::new));
        field(fields, "every")
                .ifPresent(v -> v.problem("a restart that repeats (expected: one; faults repeat in a file)"));
        return restartReader.once(value, fields);
    }

    private void fault(YamlValue value) {
        Map<String, YamlValue> outer = value.entries("a fault, as {restart: {at: 20s}}");
        List<String> names = outer.keySet().stream().filter(NAMES::contains).toList();
        if (names.size() != 1) {
            if (value.isMap()) {
                value.problem((names.isEmpty() ? "no fault's name" : names.size() + " faults in one map")
                        + " (expected: exactly one of " + String.join(", ", NAMES) + ")");
            }
            return;
        }
        String name = names.get(0);
        Optional<Kind> kind = Faults.kind(name);
        if (kind.isPresent()) {
            List<String> settings = new ArrayList<>(
                    kind.get().settings().stream().map(Kind.Setting::name).toList());
            settings.addAll(FaultWindow.SETTINGS);
            Map<String, YamlValue> fields =
                    fields(value, outer, name, kind.get().main(), settings);
            if (target instanceof Experiment.Mock mock) {
                faults.add(window(kind.get(), new YamlSettings(value, name, fields), fields, mock));
            } else {
                value.problem(name + " needs a server of ours (expected: target.mock"
                        + (kind.get().type() == Withhold.class
                                ? "; of this one, squall probe URL --require EXTENSION tells what it negotiates)"
                                : ")"));
            }
        } else {
            restart(value, fields(value, outer, name, "at", RestartReader.SETTINGS));
        }
    }

    private void restart(YamlValue value, Map<String, YamlValue> fields) {
        if (fields.containsKey("at")) {
            restarts.addAll(restartReader.read(value, fields));
        } else {
            value.problem("restart has no at (expected: a duration, as 20s)");
        }
    }

    /** The settings of a fault: beside its name, or in the map under it; a scalar there is its main setting. */
    private static Map<String, YamlValue> fields(
            YamlValue value, Map<String, YamlValue> outer, String name, String main, List<String> settings) {
        YamlValue inner = value(outer, name);
        if (inner.isMap()) {
            if (outer.size() > 1) {
                value.problem("settings stand beside " + name + " and in the map under it (expected: one of both)");
            }
            return inner.fields(settings.toArray(String[]::new));
        }
        List<String> keys = new ArrayList<>(settings);
        keys.add(name);
        Map<String, YamlValue> fields = value.fields(keys.toArray(String[]::new));
        fields.remove(name);
        if (main.isEmpty()) {
            if (!inner.isNothing() && !inner.flag()) {
                inner.problem(name + " has no main setting (expected: " + name + ": true, or no such fault)");
            }
        } else if (!inner.isNothing()) {
            if (fields.containsKey(main)) {
                value.problem(main + " stands twice (expected: once, under " + name + " or beside it)");
            }
            fields.put(main, inner);
        }
        return fields;
    }

    private FaultWindow window(Kind kind, YamlSettings settings, Map<String, YamlValue> fields, Experiment.Mock mock) {
        Fault fault = kind.reader().apply(settings);
        if (fault instanceof Withhold withhold) {
            served(withhold.extension(), "withheld", fields, mock);
        } else if (fault instanceof Alter alter) {
            served(Extension.parse(alter.extension()).name(), "altered", fields, mock);
        }
        boolean moments = fields.containsKey("at") || fields.containsKey("every");
        if (moments) {
            moments = momentsFit(kind, fields);
        }
        long from = field(fields, moments ? "at" : "from")
                .map(v -> v.within(duration))
                .orElse(0L);
        long to =
                moments ? end : field(fields, "to").map(v -> v.within(duration)).orElse(end);
        if (!moments && to <= from) {
            Optional.ofNullable(fields.getOrDefault("to", fields.get("from")))
                    .ifPresent(v -> v.problem(Quantity.DURATION.format(to) + " (expected: after from, "
                            + Quantity.DURATION.format(from) + ")"));
        }
        long every =
                field(fields, "every").map(v -> v.positiveDuration(1_000_000)).orElse(0L);
        if (fields.containsKey("probability") && fields.containsKey("count")) {
            value(fields, "count").problem("stands beside probability (expected: one of both)");
        }
        return new FaultWindow(
                faults.size(),
                fault,
                moments,
                from,
                Math.max(from, to),
                every,
                field(fields, "probability").map(YamlValue::share).orElse(1.0),
                field(fields, "count")
                        .map(v -> v.whole(1, Integer.MAX_VALUE, 1))
                        .orElse(0L),
                field(fields, "match").map(v -> match(v, mock)).orElse(Match.ALL));
    }

    /** What the server does not negotiate can be neither withheld nor altered. */
    private static void served(String extension, String what, Map<String, YamlValue> fields, Experiment.Mock mock) {
        if (!mock.extensions().contains(extension)) {
            field(fields, "extension")
                    .ifPresent(v -> v.problem(extension + " cannot be " + what + " (expected: "
                            + (mock.extensions().isEmpty()
                                    ? "an extension of target.mock.extensions, which is empty"
                                    : String.join(" | ", mock.extensions()))
                            + ")"));
        }
    }

    /** Whether these settings make moments; else it has told why not. */
    private static boolean momentsFit(Kind kind, Map<String, YamlValue> fields) {
        if (HandshakeFault.class.isAssignableFrom(kind.type())) {
            YamlValue one = fields.containsKey("at") ? value(fields, "at") : value(fields, "every");
            one.problem(kind.name() + " strikes handshakes, not moments (expected: from and to)");
            return false;
        }
        for (String key : List.of("from", "to")) {
            field(fields, key)
                    .ifPresent(v -> v.problem("stands beside at or every (expected: from and to, or at and every)"));
        }
        if (!fields.containsKey("at")) {
            value(fields, "every").problem("stands without at (expected: at: the first moment)");
        }
        return true;
    }

    private Match match(YamlValue value, Experiment.Mock mock) {
        Map<String, YamlValue> fields = value.fields("path", "header", "query", "node", "population");
        Map<String, String> names = new LinkedHashMap<>();
        populations.forEach(p -> names.put(p.name(), p.name()));
        if (names.isEmpty()) {
            field(fields, "population")
                    .ifPresent(v -> v.problem(
                            "a server that stands alone knows no populations" + " (expected: path, header or query)"));
        }
        try {
            return new Match(
                    field(fields, "path")
                            .map(v -> v.literal("a path, in which * stands for any text, as /chat/*", "", text -> text))
                            .orElse(""),
                    field(fields, "header").map(FaultReader::patterns).orElse(Map.of()),
                    field(fields, "query").map(FaultReader::patterns).orElse(Map.of()),
                    field(fields, "node")
                            .map(v -> v.isList()
                                    ? RestartReader.nodes(v, mock)
                                    : List.of((int) v.whole(0, mock.nodes() - 1L, 0)))
                            .orElse(List.of()),
                    field(fields, "population")
                            .filter(v -> !names.isEmpty())
                            .map(v -> v.oneOf(names, ""))
                            .orElse(""));
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()));
            return Match.ALL;
        }
    }

    private static Map<String, String> patterns(YamlValue value) {
        String expected = "a map from names to patterns, in which * stands for any text, as {client: phone-*}";
        Map<String, String> patterns = new LinkedHashMap<>();
        value.entries(expected)
                .forEach((name, pattern) -> patterns.put(
                        name, pattern.literal("a pattern, in which * stands for any text", "", text -> text)));
        return patterns;
    }

    private void warnOfOverlaps(Location location) {
        for (Plan.Restart restart : restarts) {
            for (FaultWindow window : faults) {
                if (window.fault() instanceof Withhold withhold
                        && !restart.isForGood()
                        && window.fromMicros() < restart.dueMicros()
                        && window.toMicros() > restart.atMicros()) {
                    warnings.add(new Problem(
                            location,
                            withhold.extension() + " is withheld while clients recover from"
                                    + " the restart at " + Quantity.DURATION.format(restart.atMicros())
                                    + ": some leave with 1010 instead of coming back"));
                }
            }
        }
    }
}
