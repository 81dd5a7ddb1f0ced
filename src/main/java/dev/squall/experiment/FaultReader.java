package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Faults;
import dev.squall.fault.HandshakeFault;
import dev.squall.fault.Kind;
import dev.squall.fault.Match;
import dev.squall.fault.Withhold;
import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads {@code faults}. */
final class FaultReader {

    private static final int MAX_RESTARTS = 1000;

    /** What only our own nodes do. */
    private static final List<String> OF_A_NODE =
            List.of("code", "drain", "downtime", "while-down", "listen-while-draining", "kill", "nodes");

    /** When and whom any fault but a restart strikes. */
    private static final List<String> WHEN_AND_WHOM =
            List.of("from", "to", "at", "every", "probability", "count", "match");

    private static final List<String> RESTART = List.of(
            "at",
            "every",
            "code",
            "drain",
            "downtime",
            "while-down",
            "deadline",
            "listen-while-draining",
            "kill",
            "nodes");

    private static final List<String> NAMES = Stream.concat(
                    Stream.of("restart"), Faults.KINDS.stream().map(Kind::name))
            .toList();

    private final long duration;

    /** The end of a window that has none of its own. */
    private final long end;

    private final Experiment.Target target;
    private final List<Problem> warnings;
    private final List<Plan.Population> populations;
    private final List<FaultWindow> faults = new ArrayList<>();
    private final List<Plan.Restart> restarts = new ArrayList<>();

    /** For an experiment of this duration, in microseconds. */
    FaultReader(long duration, Experiment.Target target, List<Plan.Population> populations, List<Problem> warnings) {
        this(duration, duration, target, populations, warnings);
    }

    private FaultReader(
            long duration,
            long end,
            Experiment.Target target,
            List<Plan.Population> populations,
            List<Problem> warnings) {
        this.duration = duration;
        this.end = end;
        this.target = target;
        this.populations = populations;
        this.warnings = warnings;
    }

    /** For a server that serves until it is stopped. */
    static FaultReader ofServer(Experiment.Mock mock) {
        return new FaultReader(YamlValue.WEEK_MICROS, FaultWindow.OPEN_END, mock, List.of(), new ArrayList<>());
    }

    /** Reads the list; what it found is asked for then. */
    void read(YamlValue list) {
        for (YamlValue fault : list.list("a list of faults")) {
            fault(fault);
        }
        order(list);
        warnOfOverlaps(list.location());
    }

    /** What goes wrong but for the restarts, in the file's order. */
    List<FaultWindow> faults() {
        return List.copyOf(faults);
    }

    /** The restarts in order of time, repeated ones spelled out. */
    List<Plan.Restart> restarts() {
        return List.copyOf(restarts);
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
            List<String> settings = new ArrayList<>(kind.get().settings());
            settings.addAll(WHEN_AND_WHOM);
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
            restart(value, fields(value, outer, name, "at", RESTART));
        }
    }

    private void restart(YamlValue value, Map<String, YamlValue> fields) {
        if (!fields.containsKey("at")) {
            value.problem("restart has no at (expected: a duration, as 20s)");
        } else if (target instanceof Experiment.Mock mock) {
            restart(value, fields, nodeRestart(fields, mock));
        } else if (target instanceof Experiment.Foreign foreign) {
            foreignRestart(value, fields, foreign.endpoint().restarts());
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
        if (fault instanceof Withhold withhold && !mock.extensions().contains(withhold.extension())) {
            field(fields, "extension")
                    .ifPresent(v -> v.problem(withhold.extension() + " cannot be withheld (expected: "
                            + (mock.extensions().isEmpty()
                                    ? "an extension of target.mock.extensions, which is empty"
                                    : String.join(" | ", mock.extensions()))
                            + ")"));
        }
        boolean moments = fields.containsKey("at") || fields.containsKey("every");
        if (moments) {
            moments = momentsFit(kind, fields);
        }
        long from =
                field(fields, moments ? "at" : "from").map(this::withinDuration).orElse(0L);
        long to = moments ? end : field(fields, "to").map(this::withinDuration).orElse(end);
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
        return new Match(
                field(fields, "path")
                        .map(v -> v.literal("a path, in which * stands for any text, as /chat/*", "", text -> text))
                        .orElse(""),
                field(fields, "header").map(FaultReader::patterns).orElse(Map.of()),
                field(fields, "query").map(FaultReader::patterns).orElse(Map.of()),
                field(fields, "node")
                        .map(v -> v.isList() ? nodes(v, mock) : List.of((int) v.whole(0, mock.nodes() - 1L, 0)))
                        .orElse(List.of()),
                field(fields, "population")
                        .map(v -> names.isEmpty()
                                ? v.literal("a population's name", "", text -> text)
                                : v.oneOf(names, ""))
                        .orElse(""));
    }

    private static Map<String, String> patterns(YamlValue value) {
        String expected = "a map from names to patterns, in which * stands for any text, as {client: phone-*}";
        Map<String, String> patterns = new LinkedHashMap<>();
        value.entries(expected)
                .forEach((name, pattern) -> patterns.put(
                        name, pattern.literal("a pattern, in which * stands for any text", "", text -> text)));
        return patterns;
    }

    /** A server that is not ours closes as its own command makes it. */
    private void foreignRestart(YamlValue fault, Map<String, YamlValue> fields, Plan.ForeignRestarts ways) {
        for (String key : OF_A_NODE) {
            field(fields, key)
                    .ifPresent(v -> v.problem("needs a server of ours (expected: restart: {at, every, deadline}, as"
                            + " target.restart.command decides the rest; or target.mock)"));
        }
        if (ways.command().isEmpty()) {
            fault.problem("nobody knows how to restart this server (expected: target.restart.command, as [systemctl,"
                    + " restart, chat]; or no such fault: restart it yourself, and Squall finds it by the losses)");
        }
        restart(
                fault,
                fields,
                new Plan.Restart(0, 0, 0, 0, ways.deadlineMicros(), 0, WhileDown.REFUSE, false, false, List.of(0)));
    }

    private long withinDuration(YamlValue value) {
        long micros = value.duration();
        if (micros > duration) {
            value.problem(Quantity.DURATION.format(micros) + " is after the end (expected: within the duration, "
                    + Quantity.DURATION.format(duration) + ")");
        }
        return micros;
    }

    /** What a fault says of a restart besides its times; its index and time are not yet known. */
    private Plan.Restart nodeRestart(Map<String, YamlValue> fields, Experiment.Mock mock) {
        long drain = field(fields, "drain").map(YamlValue::duration).orElse(0L);
        long downtime = field(fields, "downtime").map(YamlValue::duration).orElse(1_000_000L);
        int code = field(fields, "code").map(this::serverCode).orElse(CloseCode.SERVICE_RESTART.code());
        Map<String, WhileDown> words = new LinkedHashMap<>();
        for (WhileDown each : WhileDown.values()) {
            words.put(each.spelled(), each);
        }
        WhileDown whileDown = field(fields, "while-down")
                .map(v -> v.oneOf(words, WhileDown.REFUSE))
                .orElse(WhileDown.REFUSE);
        boolean listenWhileDraining =
                field(fields, "listen-while-draining").map(YamlValue::flag).orElse(false);
        boolean kill = field(fields, "kill").map(YamlValue::flag).orElse(false);
        if (kill) {
            for (String key : List.of("drain", "code", "listen-while-draining", "while-down")) {
                field(fields, key)
                        .ifPresent(v -> v.problem("a killed node sends no Close and answers nobody"
                                + " (expected: kill: true without " + key + ")"));
            }
        }
        List<Integer> nodes = field(fields, "nodes")
                .map(v -> nodes(v, mock))
                .orElseGet(() -> IntStream.range(0, mock.nodes()).boxed().toList());
        return new Plan.Restart(
                0,
                0,
                drain,
                downtime,
                Experiment.DEFAULT_DEADLINE_MICROS,
                code,
                whileDown,
                listenWhileDraining,
                kill,
                nodes);
    }

    /** Adds the restart, once or as often as it repeats. */
    private void restart(YamlValue fault, Map<String, YamlValue> fields, Plan.Restart restart) {
        long at = withinDuration(value(fields, "at"));
        long deadline =
                field(fields, "deadline").map(v -> v.positiveDuration(1)).orElse(restart.deadlineMicros());
        long down = restart.drainMicros() + restart.downtimeMicros();
        long due = down + deadline;
        if (at <= duration && at + due > duration) {
            fault.problem("at " + Quantity.DURATION.format(at)
                    + (target instanceof Experiment.Mock
                            ? " + drain " + Quantity.DURATION.format(restart.drainMicros()) + " + downtime "
                                    + Quantity.DURATION.format(restart.downtimeMicros())
                            : "")
                    + " + deadline " + Quantity.DURATION.format(deadline) + " is " + Quantity.DURATION.format(at + due)
                    + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
        }
        long every = field(fields, "every")
                .map(v -> v.positiveDuration(YamlValue.WEEK_MICROS))
                .orElse(YamlValue.WEEK_MICROS);
        if (fields.containsKey("every") && every <= down) {
            value(fields, "every")
                    .problem(Quantity.DURATION.format(every) + " (expected: longer than drain + downtime, "
                            + Quantity.DURATION.format(down) + ")");
            return;
        }
        if ((duration - at) / every > MAX_RESTARTS) {
            value(fields, "every").problem("more than " + MAX_RESTARTS + " restarts (expected: fewer)");
            return;
        }
        long time = at;
        do {
            restarts.add(restart.at(restarts.size(), time, deadline));
            time += every;
        } while (time + due <= duration);
    }

    private int serverCode(YamlValue value) {
        return value.scalar(CloseCode.OF_A_SERVER, CloseCode.SERVICE_RESTART.code(), CloseCode::parseOfServer);
    }

    private List<Integer> nodes(YamlValue value, Experiment.Mock mock) {
        List<Integer> nodes = new ArrayList<>();
        for (YamlValue each : value.list("a list of node numbers from 0, as [0]")) {
            nodes.add((int) each.whole(0, mock.nodes() - 1L, 0));
        }
        if (value.isList() && new HashSet<>(nodes).size() != Math.max(1, nodes.size())) {
            value.problem("no node, or one twice (expected: each node once, as [0])");
        }
        return nodes;
    }

    private void order(YamlValue list) {
        List<Plan.Restart> sorted = new ArrayList<>(restarts);
        sorted.sort(Comparator.comparingLong(Plan.Restart::atMicros));
        restarts.clear();
        for (Plan.Restart r : sorted) {
            for (Plan.Restart earlier : restarts) {
                boolean same = earlier.nodes().stream().anyMatch(r.nodes()::contains);
                if (same && r.atMicros() < earlier.listeningMicros()) {
                    list.problem("a restart at " + Quantity.DURATION.format(r.atMicros())
                            + " begins before the one at " + Quantity.DURATION.format(earlier.atMicros())
                            + " is over (expected: after " + Quantity.DURATION.format(earlier.listeningMicros())
                            + ")");
                }
            }
            restarts.add(r.at(restarts.size(), r.atMicros(), r.deadlineMicros()));
        }
    }

    private void warnOfOverlaps(Location location) {
        for (Plan.Restart restart : restarts) {
            for (FaultWindow window : faults) {
                if (window.fault() instanceof Withhold withhold
                        && window.fromMicros() < restart.dueMicros()
                        && window.toMicros() > restart.atMicros()) {
                    warnings.add(new Problem(
                            location,
                            withhold.extension() + " is withheld while clients recover from"
                                    + " the restart at " + Quantity.DURATION.format(restart.atMicros())
                                    + ": some leave with 1010 instead of coming back"));
                }
            }
            for (Plan.Population population : populations) {
                ReconnectPolicy policy = population.reconnect();
                if (policy.reconnects()
                        && policy.longestFirstDelayMicros() > restart.downtimeMicros() + restart.deadlineMicros()) {
                    warnings.add(new Problem(
                            location,
                            "the first delay of " + population.name() + " ("
                                    + policy.name() + ") can be "
                                    + Quantity.DURATION.format(policy.longestFirstDelayMicros())
                                    + ": longer than downtime and deadline of the restart at "
                                    + Quantity.DURATION.format(restart.atMicros())));
                }
            }
        }
    }
}
