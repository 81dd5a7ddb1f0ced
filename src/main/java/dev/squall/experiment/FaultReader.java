package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

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

/** Reads {@code faults}. */
final class FaultReader {

    private static final int MAX_RESTARTS = 1000;

    /** What only our own nodes do. */
    private static final List<String> OF_A_NODE =
            List.of("code", "drain", "downtime", "while-down", "listen-while-draining", "kill", "nodes");

    private final long duration;
    private final Experiment.Target target;
    private final List<Problem> warnings;
    private final List<Plan.Withhold> withholds = new ArrayList<>();
    private final List<Plan.Restart> restarts = new ArrayList<>();

    /** {@code duration} of the experiment, in microseconds. */
    FaultReader(long duration, Experiment.Target target, List<Problem> warnings) {
        this.duration = duration;
        this.target = target;
        this.warnings = warnings;
    }

    /** Reads the list; what it found is asked for then. */
    void read(YamlValue faults, List<Plan.Population> populations) {
        for (YamlValue fault : faults.list("a list of faults")) {
            fault(fault);
        }
        order(faults);
        warnOfOverlaps(faults.location(), populations);
    }

    /** The withheld extensions, in the file's order. */
    List<Plan.Withhold> withholds() {
        return List.copyOf(withholds);
    }

    /** The restarts in order of time, repeated ones spelled out. */
    List<Plan.Restart> restarts() {
        return List.copyOf(restarts);
    }

    private void fault(YamlValue value) {
        Map<String, YamlValue> outer = value.entries("a fault, as {restart: {at: 20s}}");
        List<String> names = outer.keySet().stream()
                .filter(key -> key.equals("withhold") || key.equals("restart"))
                .toList();
        if (names.size() != 1) {
            if (value.isMap()) {
                value.problem((names.isEmpty() ? "no fault's name" : names.size() + " faults in one map")
                        + " (expected: exactly one of withhold, restart)");
            }
            return;
        }
        String name = names.get(0);
        YamlValue inner = value(outer, name);
        boolean isWithhold = name.equals("withhold");
        String main = isWithhold ? "extension" : "at";
        String[] settings = isWithhold
                ? new String[] {"extension", "probability", "from", "to"}
                : new String[] {
                    "at",
                    "every",
                    "code",
                    "drain",
                    "downtime",
                    "while-down",
                    "deadline",
                    "listen-while-draining",
                    "kill",
                    "nodes"
                };
        Map<String, YamlValue> fields;
        if (inner.isMap()) {
            if (outer.size() > 1) {
                value.problem("settings stand beside " + name + " and in the map under it (expected: one of both)");
            }
            fields = inner.fields(settings);
        } else {
            List<String> keys = new ArrayList<>(List.of(settings));
            keys.add(name);
            fields = value.fields(keys.toArray(String[]::new));
            fields.remove(name);
            if (!inner.isNothing()) {
                if (fields.containsKey(main)) {
                    value.problem(main + " stands twice (expected: once, under " + name + " or beside it)");
                }
                fields.put(main, inner);
            }
        }
        if (!fields.containsKey(main)) {
            value.problem(name + " has no " + main + " (expected: "
                    + (isWithhold ? "an extension" : "a duration, as 20s") + ")");
        } else if (target instanceof Experiment.Mock mock) {
            if (isWithhold) {
                withholds.add(withhold(fields, mock));
            } else {
                restart(value, fields, nodeRestart(fields, mock));
            }
        } else if (target instanceof Experiment.Foreign foreign) {
            if (isWithhold) {
                value.problem("needs a server of ours, which can leave an extension out (expected: target.mock; of this"
                        + " one, squall probe URL --require EXTENSION tells what it negotiates)");
            } else {
                foreignRestart(value, fields, foreign.endpoint().restarts());
            }
        }
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

    private Plan.Withhold withhold(Map<String, YamlValue> fields, Experiment.Mock mock) {
        Map<String, String> served = new LinkedHashMap<>();
        mock.extensions().forEach(e -> served.put(e, e));
        YamlValue name = value(fields, "extension");
        if (served.isEmpty()) {
            name.problem("cannot be withheld (expected: an extension of target.mock.extensions, which is empty)");
        }
        String extension = served.isEmpty() ? "" : name.oneOf(served, "");
        double probability = field(fields, "probability").map(YamlValue::share).orElse(1.0);
        long from = field(fields, "from").map(this::withinDuration).orElse(0L);
        long to = field(fields, "to").map(this::withinDuration).orElse(duration);
        if (to <= from) {
            Optional.ofNullable(fields.getOrDefault("to", fields.get("from")))
                    .ifPresent(v -> v.problem(Quantity.DURATION.format(to) + " (expected: after from, "
                            + Quantity.DURATION.format(from) + ")"));
        }
        return new Plan.Withhold(withholds.size(), extension, probability, from, to);
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
        String expected = "a code that a server may send: 1000 to 1003, 1007 to 1009, 1011 to 1014, 3000 to 4999";
        return value.scalar(expected, CloseCode.SERVICE_RESTART.code(), text -> {
            int code = Integer.parseInt(text);
            // 1010 is the client's code (RFC 6455 section 7.4.1): a server never sends it.
            if (!CloseCode.mayTravel(code) || code == CloseCode.MANDATORY_EXTENSION.code()) {
                throw new NumberFormatException();
            }
            return code;
        });
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

    private void order(YamlValue faults) {
        List<Plan.Restart> sorted = new ArrayList<>(restarts);
        sorted.sort(Comparator.comparingLong(Plan.Restart::atMicros));
        restarts.clear();
        for (Plan.Restart r : sorted) {
            for (Plan.Restart earlier : restarts) {
                boolean same = earlier.nodes().stream().anyMatch(r.nodes()::contains);
                if (same && r.atMicros() < earlier.listeningMicros()) {
                    faults.problem("a restart at " + Quantity.DURATION.format(r.atMicros())
                            + " begins before the one at " + Quantity.DURATION.format(earlier.atMicros())
                            + " is over (expected: after " + Quantity.DURATION.format(earlier.listeningMicros())
                            + ")");
                }
            }
            restarts.add(r.at(restarts.size(), r.atMicros(), r.deadlineMicros()));
        }
    }

    private void warnOfOverlaps(Location location, List<Plan.Population> populations) {
        for (Plan.Restart restart : restarts) {
            for (Plan.Withhold withhold : withholds) {
                if (withhold.fromMicros() < restart.dueMicros() && withhold.toMicros() > restart.atMicros()) {
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
