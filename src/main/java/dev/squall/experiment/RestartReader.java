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
import java.util.stream.IntStream;

/** Reads a {@code restart} of {@code faults}. */
final class RestartReader {

    /** Its settings; the first is the main one. */
    static final List<String> SETTINGS = List.of(
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

    private static final int MAX_RESTARTS = 1000;

    /** What only our own nodes do. */
    private static final List<String> OF_A_NODE =
            List.of("code", "drain", "downtime", "while-down", "listen-while-draining", "kill", "nodes");

    private final long duration;
    private final Experiment.Target target;

    /** {@code duration} of the experiment, in microseconds. */
    RestartReader(long duration, Experiment.Target target) {
        this.duration = duration;
        this.target = target;
    }

    /** The restart as often as it repeats; {@link #inOrder} numbers it among all. */
    List<Plan.Restart> read(YamlValue fault, Map<String, YamlValue> fields) {
        return repeated(fault, fields, restart(fault, fields));
    }

    /** The restart as it is due once, its index not yet known. */
    Plan.Restart once(YamlValue fault, Map<String, YamlValue> fields) {
        Plan.Restart restart = restart(fault, fields);
        return restart.at(0, at(fields), deadline(fields, restart));
    }

    private Plan.Restart restart(YamlValue fault, Map<String, YamlValue> fields) {
        return target instanceof Experiment.Mock mock
                ? ofNodes(fields, mock)
                : ofServer(
                        fault, fields, ((Experiment.Foreign) target).endpoint().restarts());
    }

    private long at(Map<String, YamlValue> fields) {
        return field(fields, "at").map(v -> v.within(duration)).orElse(0L);
    }

    private static long deadline(Map<String, YamlValue> fields, Plan.Restart restart) {
        return field(fields, "deadline").map(v -> v.positiveDuration(1)).orElse(restart.deadlineMicros());
    }

    /** A server that is not ours closes as its own command makes it. */
    private static Plan.Restart ofServer(YamlValue fault, Map<String, YamlValue> fields, Plan.ForeignRestarts ways) {
        for (String key : OF_A_NODE) {
            field(fields, key)
                    .ifPresent(v -> v.problem("needs a server of ours (expected: restart: {at, every, deadline}, as"
                            + " target.restart.command decides the rest; or target.mock)"));
        }
        if (ways.command().isEmpty()) {
            fault.problem("nobody knows how to restart this server (expected: target.restart.command, as [systemctl,"
                    + " restart, chat]; or no such fault: restart it yourself, and Squall finds it by the losses)");
        }
        return new Plan.Restart(0, 0, 0, 0, ways.deadlineMicros(), 0, WhileDown.REFUSE, false, false, List.of(0));
    }

    /** What a fault says of a restart besides its times; its index and time are not yet known. */
    private static Plan.Restart ofNodes(Map<String, YamlValue> fields, Experiment.Mock mock) {
        long drain = field(fields, "drain").map(YamlValue::duration).orElse(0L);
        long downtime = field(fields, "downtime").map(YamlValue::duration).orElse(1_000_000L);
        int code = field(fields, "code").map(RestartReader::serverCode).orElse(CloseCode.SERVICE_RESTART.code());
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

    /** Once, or as often as it repeats. */
    private List<Plan.Restart> repeated(YamlValue fault, Map<String, YamlValue> fields, Plan.Restart restart) {
        long at = at(fields);
        long deadline = deadline(fields, restart);
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
            return List.of();
        }
        if ((duration - at) / every > MAX_RESTARTS) {
            value(fields, "every").problem("more than " + MAX_RESTARTS + " restarts (expected: fewer)");
            return List.of();
        }
        List<Plan.Restart> restarts = new ArrayList<>();
        long time = at;
        do {
            restarts.add(restart.at(restarts.size(), time, deadline));
            time += every;
        } while (time + due <= duration);
        return restarts;
    }

    private static int serverCode(YamlValue value) {
        return value.scalar(CloseCode.OF_A_SERVER, CloseCode.SERVICE_RESTART.code(), CloseCode::parseOfServer);
    }

    /** Numbers of nodes of ours. */
    static List<Integer> nodes(YamlValue value, Experiment.Mock mock) {
        List<Integer> nodes = new ArrayList<>();
        for (YamlValue each : value.list("a list of node numbers from 0, as [0]")) {
            nodes.add((int) each.whole(0, mock.nodes() - 1L, 0));
        }
        if (value.isList() && new HashSet<>(nodes).size() != Math.max(1, nodes.size())) {
            value.problem("no node, or one twice (expected: each node once, as [0])");
        }
        return nodes;
    }

    /** All restarts in order of time with their indices; those that overlap at a node are a problem. */
    static List<Plan.Restart> inOrder(YamlValue faults, List<Plan.Restart> restarts) {
        List<Plan.Restart> sorted = new ArrayList<>(restarts);
        sorted.sort(Comparator.comparingLong(Plan.Restart::atMicros));
        List<Plan.Restart> ordered = new ArrayList<>();
        for (Plan.Restart r : sorted) {
            for (Plan.Restart earlier : ordered) {
                boolean same = earlier.nodes().stream().anyMatch(r.nodes()::contains);
                if (same && r.atMicros() < earlier.listeningMicros()) {
                    faults.problem("a restart at " + Quantity.DURATION.format(r.atMicros())
                            + " begins before the one at " + Quantity.DURATION.format(earlier.atMicros())
                            + " is over (expected: after " + Quantity.DURATION.format(earlier.listeningMicros())
                            + ")");
                }
            }
            ordered.add(r.at(ordered.size(), r.atMicros(), r.deadlineMicros()));
        }
        return ordered;
    }

    /** Policies that may begin too late to be back by the deadline. */
    static List<Problem> warnings(Location location, List<Plan.Restart> restarts, List<Plan.Population> populations) {
        List<Problem> warnings = new ArrayList<>();
        for (Plan.Restart restart : restarts) {
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
        return warnings;
    }
}
