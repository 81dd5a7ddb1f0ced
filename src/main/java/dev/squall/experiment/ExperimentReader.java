package dev.squall.experiment;

import dev.squall.plan.Plan;
import dev.squall.plan.WhileDown;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.verdict.Expectation;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads an experiment strictly: unknown keys, wrong units and impossible plans are errors with their place. */
public final class ExperimentReader {

    /** Descriptors that a process needs besides its connections. */
    public static final int RESERVED_DESCRIPTORS = 200;

    /** Clients that one address can have at one port: fewer than the ephemeral range has ports. */
    public static final int MAX_CLIENTS_PER_PROCESS = 20_000;

    /** Ports above this are the kernel's to give away: a client that dials one there may connect to itself. */
    public static final int LAST_PORT = 32_767;

    private static final int MAX_CLIENTS = 10_000_000;
    private static final int MAX_NODES = 1000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String NAME_FORM = "letters, digits, - and _, at most 64";
    private static final String EXTENSION =
            "an extension, as permessage-deflate or \"permessage-deflate; server_no_context_takeover\"";
    private static final long DEFAULT_CAP_MICROS = 60_000_000;
    private static final long DEFAULT_ARRIVAL_MICROS = 1_000_000;
    private static final int MAX_RESTARTS = 1000;

    private final long descriptors;
    private final UnaryOperator<@Nullable String> environment;

    /**
     * Reads for this machine.
     *
     * @param descriptors how many files a process may have open
     * @param environment gives a variable's value, null for an unset one
     */
    public ExperimentReader(long descriptors, UnaryOperator<@Nullable String> environment) {
        this.descriptors = descriptors;
        this.environment = environment;
    }

    /**
     * Reads a file.
     *
     * @param overrides values of {@code --set}, each {@code PATH=VALUE}
     * @throws ExperimentException with every problem found
     */
    public Experiment read(Path file, List<String> overrides) throws ExperimentException {
        Location whole = new Location(file.toString(), 1, 1);
        try {
            return read(Files.readString(file), file.toString(), overrides);
        } catch (NoSuchFileException e) {
            throw new ExperimentException(whole, "no such file (expected: an experiment; squall init writes one)");
        } catch (CharacterCodingException e) {
            throw new ExperimentException(whole, "not UTF-8 (expected: a YAML text file)");
        } catch (IOException e) {
            throw new ExperimentException(whole, "cannot be read: " + e.getMessage() + " (expected: a readable file)");
        }
    }

    /** Reads a text; {@code file} names it in messages. */
    public Experiment read(String text, String file, List<String> overrides) throws ExperimentException {
        Node root = compose(text, file);
        refuseAliases(root, file, Collections.newSetFromMap(new IdentityHashMap<>()));
        for (String override : overrides) {
            Overrides.apply(root, override);
        }
        List<Problem> problems = new ArrayList<>();
        YamlValue.Context context = new YamlValue.Context(file, problems, new Expansion(environment));
        Experiment experiment = new Reading(file, text).experiment(new YamlValue(root, "", context));
        if (!problems.isEmpty()) {
            problems.sort(Comparator.comparingInt((Problem p) -> p.location().line())
                    .thenComparingInt(p -> p.location().column()));
            throw new ExperimentException(problems);
        }
        return experiment;
    }

    private static Node compose(String text, String file) throws ExperimentException {
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder()
                            .setLabel(file)
                            .setAllowNonScalarKeys(true)
                            .build())
                    .composeString(text);
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark();
            throw new ExperimentException(
                    new Location(
                            file,
                            mark.map(m -> m.getLine() + 1).orElse(1),
                            mark.map(m -> m.getColumn() + 1).orElse(1)),
                    "not YAML: " + e.getProblem() + " (expected: YAML 1.2)");
        } catch (StackOverflowError e) {
            throw new ExperimentException(new Location(file, 1, 1), "not YAML: nested too deeply (expected: YAML 1.2)");
        } catch (YamlEngineException e) {
            throw new ExperimentException(
                    new Location(file, 1, 1), "not YAML: " + e.getMessage() + " (expected: YAML 1.2)");
        }
        return root.orElseThrow(() -> new ExperimentException(
                new Location(file, 1, 1), "empty (expected: an experiment; squall init writes one)"));
    }

    private static String extension(String text) {
        try {
            return Extension.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + " (expected: " + EXTENSION + "): " + e.getMessage(), e);
        }
    }

    /** An aliased node is one value in two places: a --set of one would change the other. */
    private static void refuseAliases(Node node, String file, Set<Node> seen) throws ExperimentException {
        if (!seen.add(node)) {
            throw new ExperimentException(
                    YamlValue.location(node, file),
                    "an alias stands for this (expected: the value itself at each place)");
        }
        if (node instanceof SequenceNode sequence) {
            for (Node each : sequence.getValue()) {
                refuseAliases(each, file, seen);
            }
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                refuseAliases(tuple.getKeyNode(), file, seen);
                refuseAliases(tuple.getValueNode(), file, seen);
            }
        }
    }

    /** One reading: what is needed across sections. */
    private final class Reading {
        private final String file;
        private final String source;
        private final List<Problem> warnings = new ArrayList<>();
        private long duration = YamlValue.WEEK_MICROS;

        Reading(String file, String source) {
            this.file = file;
            this.source = source;
        }

        Experiment experiment(YamlValue root) {
            Map<String, YamlValue> fields = root.fields(
                    "name", "seed", "duration", "confidence", "injectors", "target", "load", "faults", "expect");
            String name = field(fields, "name").map(this::name).orElseGet(this::nameOfFile);
            OptionalLong seed = field(fields, "seed")
                    .map(v -> OptionalLong.of(v.whole(Long.MIN_VALUE, Long.MAX_VALUE, 0)))
                    .orElse(OptionalLong.empty());
            YamlValue durationValue = fields.get("duration");
            if (durationValue == null) {
                root.problem("duration is missing (expected: " + Quantity.DURATION.expected() + ")");
            } else {
                duration = durationValue.positiveDuration(YamlValue.WEEK_MICROS);
            }
            double confidence =
                    field(fields, "confidence").map(this::confidence).orElse(0.0);
            List<Plan.Population> populations = populations(root, fields.get("load"));
            int clients = (int) Math.min(
                    MAX_CLIENTS,
                    populations.stream().mapToLong(Plan.Population::clients).sum());
            Experiment.Mock mock = target(fields.get("target"), clients);
            int injectors =
                    field(fields, "injectors").map(v -> processes(v, clients)).orElseGet(() -> processesFor(clients));
            List<Plan.Withhold> withholds = new ArrayList<>();
            List<Plan.Restart> restarts = new ArrayList<>();
            if (fields.containsKey("faults")) {
                for (YamlValue fault : value(fields, "faults").list("a list of faults")) {
                    fault(fault, mock, withholds, restarts);
                }
            }
            List<Plan.Restart> ordered = ordered(restarts, fields.get("faults"));
            warnOfOverlaps(withholds, ordered, populations, fields.get("faults"));
            Experiment experiment = new Experiment(
                    name,
                    seed,
                    duration,
                    mock,
                    injectors,
                    populations,
                    withholds,
                    ordered,
                    List.of(),
                    confidence,
                    warnings,
                    source);
            List<Expectation> expectations = fields.containsKey("expect")
                    ? expectations(value(fields, "expect"), experiment.plan(0, 0), confidence)
                    : List.of();
            return new Experiment(
                    name,
                    seed,
                    duration,
                    mock,
                    injectors,
                    populations,
                    List.copyOf(withholds),
                    ordered,
                    expectations,
                    confidence,
                    List.copyOf(warnings),
                    source);
        }

        private Optional<YamlValue> field(Map<String, YamlValue> fields, String key) {
            return Optional.ofNullable(fields.get(key));
        }

        private YamlValue value(Map<String, YamlValue> fields, String key) {
            return Objects.requireNonNull(fields.get(key), key);
        }

        private String name(YamlValue value) {
            return value.scalar(NAME_FORM, "", text -> {
                if (!NAME.matcher(text).matches()) {
                    throw new IllegalArgumentException(text + " (expected: " + NAME_FORM + ")");
                }
                return text;
            });
        }

        private String nameOfFile() {
            Path last = Path.of(file).getFileName();
            String stem = String.valueOf(last).replaceFirst("\\.ya?ml$", "").replaceAll("[^A-Za-z0-9_-]", "-");
            return stem.substring(0, Math.min(64, stem.length()));
        }

        private double confidence(YamlValue value) {
            return value.scalar(
                    "a share from 50% to below 100%, as 95%",
                    0.0, text -> {
                        double confidence = Quantity.SHARE.parse(text);
                        if (confidence < 0.5 || confidence >= 1) {
                            throw new NumberFormatException();
                        }
                        return confidence;
                    });
        }

        // ---- target ----

        private Experiment.Mock target(@Nullable YamlValue target, int clients) {
            if (target == null) {
                return new Experiment.Mock(processesFor(clients), 0, List.of(Extension.PERMESSAGE_DEFLATE), null);
            }
            YamlValue mock = target.fields("mock").get("mock");
            if (mock == null || mock.isNothing()) {
                return new Experiment.Mock(processesFor(clients), 0, List.of(Extension.PERMESSAGE_DEFLATE), null);
            }
            Map<String, YamlValue> fields = mock.fields("nodes", "port", "extensions", "capacity");
            int nodes = field(fields, "nodes").map(v -> processes(v, clients)).orElseGet(() -> processesFor(clients));
            int port = (int) (long)
                    field(fields, "port").map(v -> v.whole(1024, LAST_PORT, 0)).orElse(0L);
            List<String> extensions =
                    field(fields, "extensions").map(this::supported).orElse(List.of(Extension.PERMESSAGE_DEFLATE));
            return new Experiment.Mock(
                    nodes,
                    port,
                    extensions,
                    field(fields, "capacity").map(this::capacity).orElse(null));
        }

        private List<String> supported(YamlValue value) {
            List<String> extensions = new ArrayList<>();
            for (YamlValue each : value.list("a list, as [permessage-deflate]")) {
                extensions.add(each.oneOf(Map.of(Extension.PERMESSAGE_DEFLATE, Extension.PERMESSAGE_DEFLATE), ""));
            }
            return extensions;
        }

        private Plan.Capacity capacity(YamlValue value) {
            Map<String, YamlValue> fields = value.fields("handshakes", "queue", "when-full");
            double rate = 1;
            if (fields.containsKey("handshakes")) {
                rate = value(fields, "handshakes").quantity(Quantity.RATE, 0.001, "0.001/s", 1);
            } else {
                value.problem("handshakes is missing (expected: " + Quantity.RATE.expected() + ")");
            }
            long queue =
                    field(fields, "queue").map(v -> v.whole(0, 10_000_000, 0)).orElse(1000L);
            field(fields, "when-full").ifPresent(v -> v.oneOf(Map.of("503", 503), 503));
            return new Plan.Capacity(rate, (int) queue);
        }

        private int perProcess() {
            return (int) Math.max(1, Math.min(MAX_CLIENTS_PER_PROCESS, descriptors - RESERVED_DESCRIPTORS));
        }

        private int processesFor(int clients) {
            return Math.max(1, (clients + perProcess() - 1) / perProcess());
        }

        private int processes(YamlValue value, int clients) {
            int needed = processesFor(clients);
            long processes = value.scalar(
                    "auto, or a whole number from 1 to " + MAX_NODES,
                    (long) needed,
                    text -> text.equals("auto") ? needed : Long.parseLong(text));
            if (processes < 1 || processes > MAX_NODES) {
                value.problem(processes + " (expected: auto, or a whole number from 1 to " + MAX_NODES + ")");
                return needed;
            }
            if (processes < needed) {
                value.problem(String.format(
                        Locale.ROOT,
                        "%d for %,d clients (expected: auto, or at least %d: one process holds %,d clients here, with"
                                + " ulimit -n %d)",
                        processes,
                        clients,
                        needed,
                        perProcess(),
                        descriptors));
            }
            return (int) processes;
        }

        // ---- load ----

        private List<Plan.Population> populations(YamlValue root, @Nullable YamlValue load) {
            List<Plan.Population> populations = new ArrayList<>();
            if (load == null) {
                root.problem("load is missing (expected: a map of populations, as {phones: {clients: 1000}})");
                return populations;
            }
            load.entries("a map of populations, as {phones: {clients: 1000}}").forEach((name, value) -> {
                if (!NAME.matcher(name).matches()) {
                    value.problem(name + " (expected: a name of " + NAME_FORM + ")");
                }
                populations.add(population(populations.size(), name, value));
            });
            if (load.isMap() && populations.isEmpty()) {
                load.problem("no population (expected: at least one, as {phones: {clients: 1000}})");
            }
            long clients =
                    populations.stream().mapToLong(Plan.Population::clients).sum();
            long most = Math.min(MAX_CLIENTS, (long) MAX_NODES * perProcess());
            if (clients > most) {
                load.problem(clients + " clients (expected: at most " + most + " on this machine)");
            }
            return populations;
        }

        private Plan.Population population(int index, String name, YamlValue value) {
            Map<String, YamlValue> fields =
                    value.fields("clients", "arrive", "offer", "require", "on-1010", "message", "reconnect");
            long clients = 1;
            if (fields.containsKey("clients")) {
                clients = value(fields, "clients").whole(1, MAX_CLIENTS, 1);
            } else if (value.isMap()) {
                value.problem("clients is missing (expected: a whole number)");
            }
            long over = arrival(fields.get("arrive"), clients);
            List<String> offer = field(fields, "offer").map(this::extensions).orElse(List.of());
            List<String> require =
                    field(fields, "require").map(this::extensions).orElse(List.of());
            if (fields.containsKey("require")) {
                checkOffered(value(fields, "require"), offer, require);
            }
            ReconnectPolicy policy = field(fields, "reconnect")
                    .map(this::policy)
                    .orElseGet(
                            () -> Objects.requireNonNull(ReconnectPolicy.named().get("rfc6455")));
            On1010 byDefault = policy.reconnects() ? On1010.RETRY : On1010.STOP;
            Map<String, On1010> words = new LinkedHashMap<>();
            words.put("stop", On1010.STOP);
            words.put("retry", On1010.RETRY);
            words.put("retry-without", On1010.RETRY_WITHOUT);
            On1010 on1010 =
                    field(fields, "on-1010").map(v -> v.oneOf(words, byDefault)).orElse(byDefault);
            Plan.Message message = field(fields, "message").map(this::message).orElse(null);
            return new Plan.Population(index, name, (int) clients, over, offer, require, on1010, message, policy);
        }

        private long arrival(@Nullable YamlValue arrive, long clients) {
            if (arrive == null) {
                return Math.min(DEFAULT_ARRIVAL_MICROS, duration);
            }
            Map<String, YamlValue> fields = arrive.fields("over", "rate");
            if (fields.size() != 1) {
                if (arrive.isMap()) {
                    arrive.problem("has " + fields.size() + " settings (expected: one of {over: 10s}, {rate: 200/s})");
                }
                return 0;
            }
            long over = fields.containsKey("over")
                    ? value(fields, "over").duration()
                    : (long) (clients * 1e6 / value(fields, "rate").quantity(Quantity.RATE, 0.001, "0.001/s", 1e6));
            if (over > duration) {
                arrive.problem("the last client arrives after " + Quantity.DURATION.format(over)
                        + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
            }
            return over;
        }

        private List<String> extensions(YamlValue value) {
            List<String> extensions = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (YamlValue each : value.list("a list, as [permessage-deflate]")) {
                String text = each.scalar(EXTENSION, "", ExperimentReader::extension);
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

        private Plan.Message message(YamlValue value) {
            Map<String, YamlValue> fields = value.fields("every", "size");
            if (!fields.containsKey("every") && value.isMap()) {
                value.problem("every is missing (expected: " + Quantity.DURATION.expected() + ")");
            }
            long every = field(fields, "every")
                    .map(v -> v.positiveDuration(1_000_000))
                    .orElse(1_000_000L);
            double size = field(fields, "size")
                    .map(v -> v.quantity(Quantity.SIZE, 1, "1B", 64))
                    .orElse(64.0);
            if (size > 1024 * 1024) {
                value(fields, "size").problem(Quantity.SIZE.format(size) + " (expected: at most 1MiB)");
            }
            return new Plan.Message(every, (int) size);
        }

        private ReconnectPolicy policy(YamlValue value) {
            Map<String, ReconnectPolicy> named = ReconnectPolicy.named();
            ReconnectPolicy fallback = Objects.requireNonNull(named.get("rfc6455"));
            if (!value.isMap()) {
                return value.scalar(
                        String.join(" | ", named.keySet()) + ", or a map with delay, growth, cap, ...",
                        fallback,
                        text -> {
                            ReconnectPolicy policy = named.get(text);
                            if (policy == null) {
                                throw new NumberFormatException();
                            }
                            return policy;
                        });
            }
            Map<String, YamlValue> fields =
                    value.fields("delay", "growth", "cap", "jitter", "draw", "attempts", "stable-after");
            if (!fields.containsKey("delay")) {
                value.problem("delay is missing (expected: a duration or a range, as 3s or 1s..5s)");
                return fallback;
            }
            long[] delay =
                    value(fields, "delay").scalar("a duration or a range, as 3s or 1s..5s", new long[2], this::range);
            double growth = field(fields, "growth")
                    .map(v -> v.quantity(Quantity.NUMBER, 1, "1", 1))
                    .orElse(1.0);
            long cap = field(fields, "cap")
                    .map(YamlValue::duration)
                    .orElse(growth > 1 ? Math.max(DEFAULT_CAP_MICROS, delay[1]) : delay[1]);
            Map<String, Jitter> jitters = new LinkedHashMap<>();
            for (Jitter jitter : Jitter.values()) {
                jitters.put(jitter.spelled(), jitter);
            }
            Jitter jitter = field(fields, "jitter")
                    .map(v -> v.oneOf(jitters, Jitter.NONE))
                    .orElse(Jitter.NONE);
            Map<String, Boolean> draws = new LinkedHashMap<>();
            draws.put("each", false);
            draws.put("once", true);
            boolean once = field(fields, "draw").map(v -> v.oneOf(draws, false)).orElse(false);
            long attempts = field(fields, "attempts")
                    .map(v -> v.whole(0, ReconnectPolicy.UNLIMITED - 1L, 0))
                    .orElse((long) ReconnectPolicy.UNLIMITED);
            long stable = field(fields, "stable-after").map(YamlValue::duration).orElse(0L);
            try {
                return new ReconnectPolicy(
                        "inline", delay[0], delay[1], growth, cap, jitter, once, (int) attempts, stable);
            } catch (IllegalArgumentException e) {
                value.problem(String.valueOf(e.getMessage()));
                return fallback;
            }
        }

        private long[] range(String text) {
            String[] ends = text.split("\\.\\.", -1);
            if (ends.length > 2) {
                throw new NumberFormatException();
            }
            long low = (long) Quantity.DURATION.parse(ends[0]);
            long high = ends.length == 1 ? low : (long) Quantity.DURATION.parse(ends[1]);
            if (low < 0 || high < low) {
                throw new IllegalArgumentException(text + " (expected: >= 0s, the lower end first)");
            }
            return new long[] {low, high};
        }

        // ---- faults ----

        private void fault(
                YamlValue value, Experiment.Mock mock, List<Plan.Withhold> withholds, List<Plan.Restart> restarts) {
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
            } else if (isWithhold) {
                withholds.add(withhold(fields, mock, withholds.size()));
            } else {
                restart(value, fields, mock, restarts);
            }
        }

        private Plan.Withhold withhold(Map<String, YamlValue> fields, Experiment.Mock mock, int index) {
            Map<String, String> served = new LinkedHashMap<>();
            mock.extensions().forEach(e -> served.put(e, e));
            YamlValue name = value(fields, "extension");
            if (served.isEmpty()) {
                name.problem("cannot be withheld (expected: an extension of target.mock.extensions, which is empty)");
            }
            String extension = served.isEmpty() ? "" : name.oneOf(served, "");
            double probability =
                    field(fields, "probability").map(YamlValue::share).orElse(1.0);
            long from = field(fields, "from").map(this::withinDuration).orElse(0L);
            long to = field(fields, "to").map(this::withinDuration).orElse(duration);
            if (to <= from) {
                Optional.ofNullable(fields.getOrDefault("to", fields.get("from")))
                        .ifPresent(v -> v.problem(Quantity.DURATION.format(to) + " (expected: after from, "
                                + Quantity.DURATION.format(from) + ")"));
            }
            return new Plan.Withhold(index, extension, probability, from, to);
        }

        private long withinDuration(YamlValue value) {
            long micros = value.duration();
            if (micros > duration) {
                value.problem(Quantity.DURATION.format(micros) + " is after the end (expected: within the duration, "
                        + Quantity.DURATION.format(duration) + ")");
            }
            return micros;
        }

        private void restart(
                YamlValue fault, Map<String, YamlValue> fields, Experiment.Mock mock, List<Plan.Restart> restarts) {
            long at = withinDuration(value(fields, "at"));
            long drain = field(fields, "drain").map(YamlValue::duration).orElse(0L);
            long downtime = field(fields, "downtime").map(YamlValue::duration).orElse(1_000_000L);
            long deadline =
                    field(fields, "deadline").map(v -> v.positiveDuration(1)).orElse(30_000_000L);
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
            long due = drain + downtime + deadline;
            if (at <= duration && at + due > duration) {
                fault.problem(String.format(
                        Locale.ROOT,
                        "at %s + drain %s + downtime %s + deadline %s is %s (expected: within the duration, %s)",
                        Quantity.DURATION.format(at),
                        Quantity.DURATION.format(drain),
                        Quantity.DURATION.format(downtime),
                        Quantity.DURATION.format(deadline),
                        Quantity.DURATION.format(at + due),
                        Quantity.DURATION.format(duration)));
            }
            long every = field(fields, "every")
                    .map(v -> v.positiveDuration(YamlValue.WEEK_MICROS))
                    .orElse(YamlValue.WEEK_MICROS);
            if (fields.containsKey("every") && every <= drain + downtime) {
                value(fields, "every")
                        .problem(Quantity.DURATION.format(every) + " (expected: longer than drain + downtime, "
                                + Quantity.DURATION.format(drain + downtime) + ")");
                return;
            }
            if ((duration - at) / every > MAX_RESTARTS) {
                value(fields, "every").problem("more than " + MAX_RESTARTS + " restarts (expected: fewer)");
                return;
            }
            long time = at;
            do {
                restarts.add(new Plan.Restart(
                        restarts.size(),
                        time,
                        drain,
                        downtime,
                        deadline,
                        code,
                        whileDown,
                        listenWhileDraining,
                        kill,
                        nodes));
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

        private List<Plan.Restart> ordered(List<Plan.Restart> restarts, @Nullable YamlValue faults) {
            List<Plan.Restart> sorted = new ArrayList<>(restarts);
            sorted.sort(Comparator.comparingLong(Plan.Restart::atMicros));
            List<Plan.Restart> ordered = new ArrayList<>();
            for (Plan.Restart r : sorted) {
                for (Plan.Restart earlier : ordered) {
                    boolean same = earlier.nodes().stream().anyMatch(r.nodes()::contains);
                    if (faults != null && same && r.atMicros() < earlier.listeningMicros()) {
                        faults.problem("a restart at " + Quantity.DURATION.format(r.atMicros())
                                + " begins before the one at " + Quantity.DURATION.format(earlier.atMicros())
                                + " is over (expected: after " + Quantity.DURATION.format(earlier.listeningMicros())
                                + ")");
                    }
                }
                ordered.add(new Plan.Restart(
                        ordered.size(),
                        r.atMicros(),
                        r.drainMicros(),
                        r.downtimeMicros(),
                        r.deadlineMicros(),
                        r.code(),
                        r.whileDown(),
                        r.listenWhileDraining(),
                        r.kill(),
                        r.nodes()));
            }
            return List.copyOf(ordered);
        }

        private void warnOfOverlaps(
                List<Plan.Withhold> withholds,
                List<Plan.Restart> restarts,
                List<Plan.Population> populations,
                @Nullable YamlValue faults) {
            Location location = faults == null ? new Location(file, 1, 1) : faults.location();
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

        // ---- expectations ----

        private List<Expectation> expectations(YamlValue value, Plan plan, double confidence) {
            List<Expectation> expectations = new ArrayList<>();
            for (YamlValue each : value.list("a list, as [restart.outage.p99 <= 15s]")) {
                expectation(each, plan).ifPresent(expectation -> {
                    expectations.add(expectation);
                    if (confidence > 0) {
                        warnOfTooFew(each, expectation, plan, confidence);
                    }
                });
            }
            return List.copyOf(expectations);
        }

        private Optional<Expectation> expectation(YamlValue value, Plan plan) {
            YamlValue at = value;
            String prefix = "";
            if (value.isMap()) {
                // In YAML, "- strict: metric <= 1" is a map of one entry.
                Map<String, YamlValue> entries = value.entries("population: metric op value");
                if (entries.size() != 1) {
                    value.problem(entries.size() + " entries (expected: one, as strict: extension.1010.rate <= 12%)");
                    return Optional.empty();
                }
                prefix = entries.keySet().iterator().next() + ": ";
                at = entries.values().iterator().next();
            }
            String population = prefix;
            Optional<Expectation> read = at.literal(
                    "metric op value, as restart.outage.p99 <= 15s",
                    Optional.empty(),
                    text -> Optional.of(Expectation.parse(population + text)));
            if (read.isEmpty()) {
                return read;
            }
            Expectation expectation = read.get();
            List<String> names =
                    plan.populations().stream().map(Plan.Population::name).toList();
            if (!expectation.population().isEmpty() && !names.contains(expectation.population())) {
                at.problem("population " + expectation.population() + " (expected: " + String.join(" | ", names) + ")");
                return Optional.empty();
            }
            Optional<String> unmeasurable = expectation.metric().unmeasurable(plan, expectation.population());
            if (unmeasurable.isPresent()) {
                at.problem(expectation.metric().name() + " cannot be measured: " + unmeasurable.get()
                        + " (expected: a metric of what this experiment does)");
                return Optional.empty();
            }
            return Optional.of(expectation);
        }

        private void warnOfTooFew(YamlValue value, Expectation expectation, Plan plan, double confidence) {
            double z = NormalDistribution.of(0, 1).inverseCumulativeProbability(0.5 + confidence / 2);
            long needed = expectation.clientsNeeded(z);
            long clients = plan.populations().stream()
                    .filter(p -> expectation.population().isEmpty() || p.name().equals(expectation.population()))
                    .mapToLong(Plan.Population::clients)
                    .sum();
            if (needed > clients) {
                warnings.add(new Problem(
                        value.location(),
                        expectation.text() + " at " + Quantity.SHARE.format(confidence)
                                + " confidence needs "
                                + (needed == Long.MAX_VALUE ? "infinitely many" : "at least " + needed)
                                + " clients even if nothing goes wrong; there are " + clients));
            }
        }
    }
}
