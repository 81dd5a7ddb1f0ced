package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
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

    /** Ports above this are the kernel's to give away: a client that dials one there may connect to itself. */
    public static final int LAST_PORT = 32_767;

    /** Clients of an experiment. */
    public static final int MAX_CLIENTS = 10_000_000;

    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    static final String NAME_FORM = "letters, digits, - and _, at most 64";

    private final Processes processes;
    private final UnaryOperator<@Nullable String> environment;

    /**
     * Reads for this machine.
     *
     * @param descriptors how many files a process may have open
     * @param environment gives a variable's value, null for an unset one
     */
    public ExperimentReader(long descriptors, UnaryOperator<@Nullable String> environment) {
        this.processes = new Processes(descriptors);
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
                    "name",
                    "seed",
                    "duration",
                    "confidence",
                    "injectors",
                    "target",
                    "allow",
                    "load",
                    "faults",
                    "expect");
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
            List<Plan.Population> populations = new LoadReader(processes, duration).read(root, fields.get("load"));
            int clients = (int) Math.min(
                    MAX_CLIENTS,
                    populations.stream().mapToLong(Plan.Population::clients).sum());
            Experiment.Target target = new TargetReader(processes, warnings).read(fields.get("target"), populations);
            List<String> allow = field(fields, "allow").map(this::hosts).orElse(List.of());
            int injectors = field(fields, "injectors")
                    .map(v -> processes.read(v, clients))
                    .orElseGet(() -> processes.forClients(clients));
            FaultReader faults = new FaultReader(duration, target, populations, warnings);
            field(fields, "faults").ifPresent(faults::read);
            Experiment experiment = new Experiment(
                    name,
                    seed,
                    duration,
                    target,
                    allow,
                    injectors,
                    populations,
                    faults.faults(),
                    faults.restarts(),
                    List.of(),
                    confidence,
                    List.of(),
                    source);
            List<Expectation> expectations = field(fields, "expect")
                    .map(new ExpectationReader(experiment.plan(0, target), confidence, warnings)::read)
                    .orElse(List.of());
            return experiment.expecting(expectations, warnings);
        }

        private List<String> hosts(YamlValue value) {
            String expected = "a host as the URL has it, as staging.example.com, or a list of them";
            if (!value.isList()) {
                return List.of(host(value, expected));
            }
            return value.list(expected).stream().map(v -> host(v, expected)).toList();
        }

        private String host(YamlValue value, String expected) {
            return value.text(expected).strip().toLowerCase(Locale.ROOT);
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
    }
}
