package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Launch;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.WhileDown;
import dev.squall.protocol.CloseCode;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads a {@code restart} of {@code faults}. */
final class RestartReader {

    /** Its settings; the first is the main one. */
    static final List<String> SETTINGS = List.of(
            "at",
            "every",
            "code",
            "drain",
            "batches",
            "rolling",
            "downtime",
            "while-down",
            "retry-after",
            "deadline",
            "listen-while-draining",
            "kill",
            "nodes");

    private static final long SECOND = 1_000_000;
    /** How long a server that is paused stands still, where nobody says. */
    private static final long PAUSE = 5 * SECOND;

    private static final int MAX_RESTARTS = 1000;

    /** What a server that is not ours decides for itself. */
    private static final List<String> OF_A_NODE = SETTINGS.stream()
            .filter(setting -> !List.of("at", "every", "deadline").contains(setting))
            .toList();

    /** What Squall decides of one that it has started. */
    private static final List<String> OF_A_LAUNCHED_SERVER = List.of("downtime", "kill");

    /** What a killed process has no time for. */
    private static final List<String> NOT_OF_A_KILL =
            List.of("drain", "batches", "code", "listen-while-draining", "while-down", "retry-after");

    /** Nodes that restart one after the other: the one that does so last has e times its even share by then. */
    private static final int ROLLED_SHARES = 3;

    private static final String FOREVER = "forever";

    private final long duration;
    private final long defaultDeadline;
    private final Experiment.Target target;
    private final List<Population> populations;

    /**
     * Of an experiment that lasts {@code duration} microseconds.
     *
     * @param defaultDeadline who is due how long after a restart, in microseconds, where it does not say so
     * @param populations the clients, whose number decides how many batches it takes; empty: the node will see
     */
    RestartReader(long duration, long defaultDeadline, Experiment.Target target, List<Population> populations) {
        this.duration = duration;
        this.defaultDeadline = defaultDeadline;
        this.target = target;
        this.populations = populations;
    }

    /** The restart as often as it repeats, for each node where it rolls; {@link #inOrder} numbers it among all. */
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
                : ofServer(fault, fields, ((Experiment.Foreign) target).endpoint());
    }

    private long at(Map<String, YamlValue> fields) {
        return field(fields, "at").map(v -> v.within(duration)).orElse(0L);
    }

    private static long deadline(Map<String, YamlValue> fields, Plan.Restart restart) {
        return field(fields, "deadline").map(v -> v.positiveDuration(1)).orElse(restart.deadlineMicros());
    }

    /** A server that is not ours closes as its own command makes it, or as it does when Squall ends it. */
    private static Plan.Restart ofServer(YamlValue fault, Map<String, YamlValue> fields, Plan.Endpoint endpoint) {
        Launch launch = endpoint.launch();
        for (String key : OF_A_NODE) {
            if (launch == null || !OF_A_LAUNCHED_SERVER.contains(key)) {
                field(fields, key)
                        .ifPresent(v -> v.problem("needs a server of ours (expected: restart: {at, every, "
                                + (launch == null
                                        ? "deadline}, as target.restart.command decides the rest; or target.mock)"
                                        : "downtime, deadline, kill}, as the server decides the rest; or"
                                                + " target.mock)")));
            }
        }
        if (launch == null && endpoint.restarts().command().isEmpty()) {
            fault.problem("nobody knows how to restart this server (expected: target.restart.command, as [systemctl,"
                    + " restart, chat]; or no such fault: restart it yourself, and Squall finds it by the losses)");
        }
        long downtime = launch == null ? 0 : launch.restart() == Launch.Way.PAUSE ? PAUSE : 0;
        return new Plan.Restart(
                0,
                0,
                0,
                null,
                field(fields, "downtime").map(YamlValue::duration).orElse(downtime),
                endpoint.restarts().deadlineMicros(),
                0,
                WhileDown.REFUSE,
                0,
                false,
                field(fields, "kill").map(YamlValue::flag).orElse(false),
                List.of(0));
    }

    /** What a fault says of a restart besides its times; its index and time are not yet known. */
    private Plan.Restart ofNodes(Map<String, YamlValue> fields, Experiment.Mock mock) {
        Plan.Batches batches =
                field(fields, "batches").map(v -> batches(v, fields)).orElse(null);
        long drain = batches != null
                ? batches.windowMicros(clientsOfANode(mock))
                : field(fields, "drain").map(YamlValue::duration).orElse(0L);
        long downtime = field(fields, "downtime")
                .map(v -> v.durationOr(FOREVER, Plan.Restart.FOREVER))
                .orElse(1_000_000L);
        int code = field(fields, "code").map(RestartReader::serverCode).orElse(CloseCode.SERVICE_RESTART.code());
        Map<String, WhileDown> words = new LinkedHashMap<>();
        for (WhileDown each : WhileDown.values()) {
            words.put(each.spelled(), each);
        }
        WhileDown whileDown = field(fields, "while-down")
                .map(v -> v.oneOf(words, WhileDown.REFUSE))
                .orElse(WhileDown.REFUSE);
        long retryAfter =
                field(fields, "retry-after").map(v -> retryAfter(v, whileDown)).orElse(0L);
        boolean listenWhileDraining =
                field(fields, "listen-while-draining").map(YamlValue::flag).orElse(false);
        boolean kill = field(fields, "kill").map(YamlValue::flag).orElse(false);
        if (kill) {
            for (String key : NOT_OF_A_KILL) {
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
                batches,
                downtime,
                defaultDeadline,
                code,
                whileDown,
                retryAfter,
                listenWhileDraining,
                kill,
                nodes);
    }

    private static Plan.@Nullable Batches batches(YamlValue value, Map<String, YamlValue> restart) {
        Map<String, YamlValue> fields = value.fields("of", "every");
        if (restart.containsKey("drain")) {
            value.problem("stands beside drain (expected: one of both)");
        }
        if (!fields.containsKey("of") || !fields.containsKey("every")) {
            if (value.isMap()) {
                value.problem((fields.containsKey("of") ? "every" : "of")
                        + " is missing (expected: both, as {of: 100, every: 1s})");
            }
            return null;
        }
        return new Plan.Batches(
                (int) value(fields, "of").whole(1, ExperimentReader.MAX_CLIENTS, 1),
                value(fields, "every").positiveDuration(1));
    }

    /** As many clients as the fullest node has. */
    private long clientsOfANode(Experiment.Mock mock) {
        return populations.stream()
                .mapToLong(p -> (p.clients() + mock.nodes() - 1L) / mock.nodes())
                .sum();
    }

    /** RFC 9110 section 10.2.3: Retry-After has whole seconds. */
    private static long retryAfter(YamlValue value, WhileDown whileDown) {
        long micros = value.positiveDuration(SECOND);
        if (whileDown != WhileDown.UNAVAILABLE) {
            value.problem("there is no answer to put it into (expected: while-down: 503 beside it)");
        } else if (micros % SECOND != 0) {
            value.problem(Quantity.DURATION.format(micros) + " (expected: whole seconds, as 5s)");
        }
        return micros;
    }

    /** Once, or as often as it repeats. */
    private List<Plan.Restart> repeated(YamlValue fault, Map<String, YamlValue> fields, Plan.Restart restart) {
        long at = at(fields);
        long deadline = deadline(fields, restart);
        long step = field(fields, "rolling").map(v -> v.positiveDuration(1)).orElse(0L);
        long rolled = step * Math.max(0, restart.nodes().size() - 1);
        Plan.Restart first = restart.at(0, at, deadline);
        long due = first.dueMicros() - at + rolled;
        if (at <= duration && at + due > duration) {
            fault.problem(sum(first, rolled) + " is " + Quantity.DURATION.format(at + due)
                    + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
        }
        if (fields.containsKey("every") && restart.isForGood()) {
            value(fields, "every").problem("what is down for good cannot restart (expected: downtime: a duration)");
            return List.of();
        }
        long every = field(fields, "every")
                .map(v -> v.positiveDuration(YamlValue.WEEK_MICROS))
                .orElse(YamlValue.WEEK_MICROS);
        long down = restart.drainMicros() + restart.downtimeMicros();
        if (fields.containsKey("every") && every <= down) {
            value(fields, "every")
                    .problem(Quantity.DURATION.format(every) + " (expected: longer than drain + downtime, "
                            + Quantity.DURATION.format(down) + ")");
            return List.of();
        }
        if ((duration - at) / every * (step == 0 ? 1 : restart.nodes().size()) > MAX_RESTARTS) {
            value(fields, "every")
                    .problem("more than " + MAX_RESTARTS + " restarts within " + Quantity.DURATION.format(duration)
                            + " (expected: fewer)");
            return List.of();
        }
        List<Plan.Restart> restarts = new ArrayList<>();
        long time = at;
        do {
            restarts.addAll(rolling(first.at(0, time, deadline), step));
            time += every;
        } while (time + due <= duration);
        return restarts;
    }

    /** One of each node, {@code step} after the one before; 0: one of all. */
    private static List<Plan.Restart> rolling(Plan.Restart restart, long step) {
        List<Integer> nodes = restart.nodes();
        return step == 0
                ? List.of(restart)
                : IntStream.range(0, nodes.size())
                        .mapToObj(k -> restart.of(nodes.get(k), restart.atMicros() + k * step))
                        .toList();
    }

    /** What has to fit into the run, in words. */
    private String sum(Plan.Restart restart, long rolled) {
        StringBuilder sum = new StringBuilder("at ").append(Quantity.DURATION.format(restart.atMicros()));
        if (rolled > 0) {
            add(sum, "rolling", rolled);
        }
        if (!(target instanceof Experiment.Mock)) {
            if (restart.downtimeMicros() > 0) {
                add(sum, "downtime", restart.downtimeMicros());
            }
        } else {
            add(sum, restart.batches() == null ? "drain" : "batches", restart.drainMicros());
            if (!restart.isForGood()) {
                add(sum, "downtime", restart.downtimeMicros());
            }
        }
        add(sum, "deadline", restart.deadlineMicros());
        return sum.toString();
    }

    private static void add(StringBuilder sum, String what, long micros) {
        sum.append(" + ").append(what).append(' ').append(Quantity.DURATION.format(micros));
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
                            + " is over (expected: "
                            + (earlier.isForGood()
                                    ? "no other of a node that is down for good"
                                    : "after " + Quantity.DURATION.format(earlier.listeningMicros()))
                            + ")");
                }
            }
            ordered.add(r.at(ordered.size(), r.atMicros(), r.deadlineMicros()));
        }
        return ordered;
    }

    /** Policies that may begin too late to be back by the deadline. */
    List<Problem> warnings(Location location, List<Plan.Restart> restarts) {
        List<Problem> warnings = new ArrayList<>();
        for (Plan.Restart restart : restarts) {
            for (Population population : populations) {
                for (ReconnectPolicy policy : population.reconnect().policies()) {
                    if (!restart.isForGood()
                            && policy.reaction(restart.seenCode()) != Reaction.STOP
                            && policy.longestFirstDelayMicros(restart.seenCode())
                                    > restart.downtimeMicros() + restart.deadlineMicros()) {
                        warnings.add(new Problem(
                                location,
                                "the first delay of " + population.name() + " ("
                                        + policy.name() + ") can be "
                                        + Quantity.DURATION.format(policy.longestFirstDelayMicros(restart.seenCode()))
                                        + ": longer than downtime and deadline of the restart at "
                                        + Quantity.DURATION.format(restart.atMicros())));
                    }
                }
            }
        }
        if (target instanceof Experiment.Mock mock
                && mock.balance().moves()
                && restarts.stream().anyMatch(restart -> restart.batches() != null)) {
            warnings.add(new Problem(
                    location,
                    "the batches are planned for an even share of the clients: with balance "
                            + mock.balance().spelled()
                            + " a node can have more, drains longer then, and is dialled before it listens"
                            + " (drain: a duration does not depend on that)"));
        }
        if (target instanceof Experiment.Mock mock) {
            long clients = populations.stream().mapToLong(Population::clients).sum();
            long enough = (clients * ROLLED_SHARES + Processes.MOST_CLIENTS_EACH - 1) / Processes.MOST_CLIENTS_EACH;
            if (mock.balance().moves()
                    && mock.nodes() < enough
                    && restarts.stream().anyMatch(restart -> restart.nodes().size() < mock.nodes())) {
                warnings.add(new Problem(
                        location,
                        "with balance " + mock.balance().spelled()
                                + " a restart of some nodes moves their clients to the"
                                + " others: one can come to have nearly " + ROLLED_SHARES
                                + " times its even share, which is more than a process holds (expected: target.mock.nodes: "
                                + enough + " or more)"));
            }
        }
        return warnings;
    }
}
