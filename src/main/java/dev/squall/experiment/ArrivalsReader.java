package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Arrivals;
import dev.squall.plan.Arrivals.Stage;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how many clients a population has, how they come and whether they go: {@code clients}, arrive, model, stay. */
final class ArrivalsReader {

    /** Stairs, or stages that somebody wrote. */
    private static final int MOST_STAGES = 1000;

    private static final long DEFAULT_ARRIVAL_MICROS = 1_000_000;
    private static final double LEAST_RATE = 0.001;
    private static final double SECOND = 1e6;
    private static final long SECOND_MICROS = 1_000_000;
    private static final double LEAST_STAY_MICROS = 1000;
    private static final List<String> FORMS = List.of("over", "rate", "stairs", "stages");
    private static final String ARRIVE = "at-once, or one of {over: 10s}, {rate: 200/s},"
            + " {stairs: {from: 10/s, by: 10/s, every: 5s}}, {stages: [{for: 10s, rate: 10/s..100/s}]}";
    private static final String RATE = "a rate or a range, as 10/s or 10/s..100/s";

    private final long duration;
    private long clients = 1;

    /** {@code duration} of the experiment, in microseconds. */
    ArrivalsReader(long duration) {
        this.duration = duration;
    }

    /** How many clients there are: as the population says, or as many as its stages bring. */
    int clients() {
        return (int) clients;
    }

    Arrivals read(YamlValue population, Map<String, YamlValue> fields) {
        YamlValue arrive = fields.get("arrive");
        Map<String, YamlValue> settings = arrive == null || !arrive.isMap()
                ? Map.of()
                : arrive.fields("over", "rate", "stairs", "stages", "after", "spread");
        Optional<YamlValue> given = field(fields, "clients");
        clients = given.map(v -> v.whole(1, ExperimentReader.MAX_CLIENTS, 1)).orElse(1L);
        if (given.isEmpty() && population.isMap() && !settings.containsKey("stages")) {
            population.problem("clients is missing (expected: a whole number)");
        }
        List<Stage> stages = new ArrayList<>();
        long after = field(settings, "after").map(YamlValue::duration).orElse(0L);
        if (after > 0) {
            stages.add(new Stage(after, 0, 0));
        }
        stages.addAll(stages(arrive, settings, given, after));
        return new Arrivals(
                stages,
                field(settings, "spread")
                        .map(v -> v.isSecond("even", "poisson"))
                        .orElse(false),
                field(fields, "model").map(v -> v.isSecond("open", "closed")).orElse(false),
                field(fields, "stay").map(ArrivalsReader::stay).orElse(null));
    }

    private List<Stage> stages(
            @Nullable YamlValue arrive, Map<String, YamlValue> settings, Optional<YamlValue> given, long after) {
        if (arrive == null) {
            return over(Math.min(DEFAULT_ARRIVAL_MICROS, duration));
        }
        if (!arrive.isMap()) {
            arrive.scalar(ARRIVE, "", text -> {
                if (!text.equals("at-once")) {
                    throw new NumberFormatException();
                }
                return text;
            });
            return List.of();
        }
        List<String> forms = FORMS.stream().filter(settings::containsKey).toList();
        if (forms.size() > 1 || forms.isEmpty() && !settings.containsKey("after")) {
            arrive.problem(
                    "has " + (forms.isEmpty() ? "none" : String.join(" and ", forms)) + " (expected: " + ARRIVE + ")");
            return List.of();
        }
        List<Stage> stages = switch (forms.isEmpty() ? "" : forms.get(0)) {
            case "over" -> over(value(settings, "over").duration());
            case "rate" -> over((long) (clients * SECOND / rate(value(settings, "rate"), LEAST_RATE)));
            case "stairs" -> stairs(value(settings, "stairs"), Math.max(0, duration - after));
            case "stages" -> written(value(settings, "stages"), given);
            default -> over(Math.min(DEFAULT_ARRIVAL_MICROS, Math.max(0, duration - after)));
        };
        long last = after + stages.stream().mapToLong(Stage::micros).sum();
        if (last > duration) {
            arrive.problem("the last client arrives after " + Quantity.DURATION.format(last)
                    + " (expected: within the duration, " + Quantity.DURATION.format(duration) + ")");
        }
        return stages;
    }

    private static List<Stage> over(long micros) {
        return Arrivals.over(micros).stages();
    }

    private static double rate(YamlValue value, double least) {
        return value.quantity(Quantity.RATE, least, least == 0 ? "0/s" : "0.001/s", SECOND);
    }

    /** Stair after stair until all clients have come; the last is as long as it takes. */
    private List<Stage> stairs(YamlValue value, long within) {
        Map<String, YamlValue> fields = value.fields("from", "by", "every");
        if (lacks(value, fields, List.of("from", "by", "every"), "{from: 10/s, by: 10/s, every: 5s}")) {
            return List.of();
        }
        double from = rate(value(fields, "from"), LEAST_RATE);
        double by = rate(value(fields, "by"), 0);
        long every = value(fields, "every").positiveDuration(SECOND_MICROS);
        List<Stage> stairs = new ArrayList<>();
        double missing = clients;
        long elapsed = 0;
        for (int i = 0; i < MOST_STAGES && missing > 0 && elapsed <= within; i++) {
            double rate = from + i * by;
            long micros = (long) Math.max(1, Math.min(every, Math.ceil(missing / rate * SECOND)));
            stairs.add(new Stage(micros, rate, rate));
            missing -= every * rate / SECOND;
            elapsed += micros;
        }
        if (missing > 0) {
            value.problem((long) Math.floor(clients - missing) + " of " + clients + " clients arrive within "
                    + Quantity.DURATION.format(elapsed) + " (expected: all of them, within the duration and by at most "
                    + MOST_STAGES + " stairs)");
            return List.of();
        }
        return stairs;
    }

    /** The stages of a list: they say how many clients come. */
    private List<Stage> written(YamlValue value, Optional<YamlValue> given) {
        List<Stage> stages = new ArrayList<>();
        List<YamlValue> list = value.list("a list, as [{for: 10s, rate: 10/s}, {for: 20s, rate: 10/s..100/s}]");
        for (YamlValue each : list) {
            stage(each).ifPresent(stages::add);
        }
        if (stages.size() < list.size() || !value.isList()) {
            return List.of(); // What is wrong has been said.
        }
        if (stages.size() > MOST_STAGES) {
            value.problem(stages.size() + " stages (expected: at most " + MOST_STAGES + ")");
        }
        Arrivals arrivals = new Arrivals(stages, false, false, null);
        long arriving = Math.round(arrivals.arriving());
        if (arriving < 1 || arriving > ExperimentReader.MAX_CLIENTS) {
            value.problem(arriving + " clients arrive (expected: 1 to " + ExperimentReader.MAX_CLIENTS + ")");
            return List.of();
        }
        given.filter(v -> clients != arriving)
                .ifPresent(v -> v.problem(clients + ", but " + arriving + " arrive within "
                        + Quantity.DURATION.format(arrivals.overMicros()) + " by the stages (expected: " + arriving
                        + ", or no clients beside stages)"));
        clients = arriving;
        return stages;
    }

    private static Optional<Stage> stage(YamlValue value) {
        Map<String, YamlValue> fields = value.fields("for", "rate");
        if (lacks(value, fields, List.of("for", "rate"), "{for: 10s, rate: 10/s}")) {
            return Optional.empty();
        }
        long micros = value(fields, "for").positiveDuration(SECOND_MICROS);
        double[] rates = value(fields, "rate").scalar(RATE, new double[0], text -> ends(text, Quantity.RATE));
        if (rates.length == 0) {
            return Optional.empty();
        }
        return Optional.of(new Stage(micros, rates[0], rates[1]));
    }

    private static boolean lacks(YamlValue value, Map<String, YamlValue> fields, List<String> keys, String example) {
        List<String> missing =
                keys.stream().filter(key -> !fields.containsKey(key)).toList();
        if (value.isMap() && !missing.isEmpty()) {
            value.problem(String.join(" and ", missing) + " missing (expected: all of " + example + ")");
        }
        return !missing.isEmpty();
    }

    private static Arrivals.@Nullable Stay stay(YamlValue value) {
        double[] ends = value.scalar("a duration or a range, as 30s or 30s..60s", new double[0], text -> {
            double[] read = ends(text, Quantity.DURATION);
            if (read[0] < LEAST_STAY_MICROS || read[1] < read[0] || read[1] > YamlValue.WEEK_MICROS) {
                throw new IllegalArgumentException(text + " (expected: 1ms to 168h, the lower end first)");
            }
            return read;
        });
        return ends.length == 0 ? null : new Arrivals.Stay((long) ends[0], (long) ends[1]);
    }

    /** Both ends of a range; a single value is both. */
    private static double[] ends(String text, Quantity quantity) {
        String[] ends = Quantity.ends(text);
        double first = quantity.parse(ends[0]);
        double last = quantity.parse(ends[1]);
        if (first < 0 || last < 0) {
            throw new IllegalArgumentException(text + " (expected: not below 0)");
        }
        return new double[] {first, last};
    }
}
