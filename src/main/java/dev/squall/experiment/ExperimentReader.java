package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Expansion;
import dev.squall.plan.Population;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads an experiment strictly: unknown keys, wrong units and impossible plans are errors with their place. */
public final class ExperimentReader {

    /** Ports above this are the kernel's to give away: a client that dials one there may connect to itself. */
    public static final int LAST_PORT = 32_767;

    /** Clients of an experiment. */
    public static final int MAX_CLIENTS = 10_000_000;

    private static final String EXPECTED = "an experiment; squall init writes one";

    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    static final String NAME_FORM = "letters, digits, - and _, at most 64";

    private final Processes injecting;
    private final Processes nodes;
    private final UnaryOperator<@Nullable String> environment;

    /**
     * Reads for this machine.
     *
     * @param descriptors how many files a process may have open
     * @param environment gives a variable's value, null for an unset one
     */
    public ExperimentReader(long descriptors, UnaryOperator<@Nullable String> environment) {
        this(descriptors, Long.MAX_VALUE, environment);
    }

    /**
     * The same where ports may be fewer than descriptors.
     *
     * @param ephemeralPorts how many the kernel has for the clients of one address at another
     */
    public ExperimentReader(long descriptors, long ephemeralPorts, UnaryOperator<@Nullable String> environment) {
        this.injecting = new Processes(descriptors);
        this.nodes = injecting.nodes(ephemeralPorts);
        this.environment = environment;
    }

    /**
     * Reads a file.
     *
     * @param overrides values of {@code --set}, each {@code PATH=VALUE}
     * @throws ExperimentException with every problem found
     */
    public Experiment read(Path file, List<String> overrides) throws ExperimentException {
        return read(YamlText.of(file, EXPECTED), file.toString(), overrides);
    }

    /** Reads a text; {@code file} names it in messages. */
    public Experiment read(String text, String file, List<String> overrides) throws ExperimentException {
        Node root = YamlText.compose(text, file, EXPECTED);
        for (String override : overrides) {
            Overrides.apply(root, override);
        }
        List<Problem> problems = new ArrayList<>();
        YamlValue.Context context = new YamlValue.Context(file, problems, new Expansion(environment));
        Experiment experiment = new Reading(file, text).experiment(new YamlValue(root, "", context));
        ExperimentException.throwIfAny(problems);
        return experiment;
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
                    "allow-restart",
                    "load",
                    "faults",
                    "observe",
                    "expect",
                    "abort-when");
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
            LoadReader load = new LoadReader(injecting, duration, warnings);
            List<Population> populations = load.read(root, fields.get("load"));
            int clients = (int) Math.min(
                    MAX_CLIENTS,
                    populations.stream().mapToLong(Population::clients).sum());
            Experiment.Target target = new TargetReader(nodes, warnings).read(fields.get("target"), populations);
            List<String> allow = field(fields, "allow").map(this::hosts).orElse(List.of());
            int injectors = field(fields, "injectors")
                    .map(v -> injecting.read(v, clients))
                    .orElseGet(() -> injecting.forClients(clients));
            FaultReader faults = new FaultReader(duration, target, populations, warnings);
            field(fields, "faults").ifPresent(faults::read);
            new RecoveryCheck(duration, target instanceof Experiment.Foreign, faults.restarts(), warnings)
                    .check(populations, load::settings);
            Experiment experiment = new Experiment(
                    name,
                    seed,
                    duration,
                    target,
                    allow,
                    field(fields, "allow-restart").map(this::hosts).orElse(List.of()),
                    injectors,
                    populations,
                    faults.faults(),
                    faults.restarts(),
                    List.of(),
                    List.of(),
                    confidence,
                    field(fields, "observe")
                            .map(new ObserveReader(duration)::read)
                            .orElse(List.of()),
                    List.of(),
                    source);
            List<Expectation> expectations = field(fields, "expect")
                    .map(new ExpectationReader(experiment.plan(0, target), confidence, warnings)::read)
                    .orElse(List.of());
            List<Expectation> abortWhen = field(fields, "abort-when")
                    .map(new ExpectationReader(experiment.plan(0, target), 0, warnings)::conditions)
                    .orElse(List.of());
            return experiment.expecting(expectations, abortWhen, warnings);
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
