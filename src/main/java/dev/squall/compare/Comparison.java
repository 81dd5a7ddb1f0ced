package dev.squall.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A side held against a base.
 *
 * @param tolerance how much worse a figure may be, as a share of the base's
 */
public record Comparison(Side base, Side run, double tolerance) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/compare/1";

    private static final int NAME_WIDTH = 34;

    /** Each figure that both sides have. */
    List<Difference> differences() {
        List<JsonNode> all = new ArrayList<>(base.runs());
        all.addAll(run.runs());
        return Figure.of(all).stream()
                .map(figure -> new Difference(figure, known(figure.of(base)), known(figure.of(run))))
                .filter(difference -> difference.base().length > 0 && difference.run().length > 0)
                .toList();
    }

    private static double[] known(double[] values) {
        return Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
    }

    /** The figures that are worse by more than the tolerance, and not by noise as far as that can be told. */
    List<Difference> regressions() {
        return differences().stream()
                .filter(difference -> difference.isRegression(tolerance))
                .toList();
    }

    /** Whether a figure is worse by more than the tolerance, and not by noise as far as that can be told. */
    public boolean isRegression() {
        return !regressions().isEmpty();
    }

    /** Whether a run of either side is inconclusive. */
    public boolean isInconclusive() {
        return base.isInconclusive() || run.isInconclusive();
    }

    /** In what the experiments differ, in words; what is compared is then more than one change. */
    List<String> otherwise() {
        List<String> otherwise = new ArrayList<>();
        JsonNode was = base.first();
        JsonNode is = run.first();
        differ(
                otherwise,
                "experiment",
                was.path("experiment").asText(),
                is.path("experiment").asText());
        differ(otherwise, "target", target(was), target(is));
        differ(otherwise, "load", load(was), load(is));
        differ(otherwise, "faults", faults(was), faults(is));
        return otherwise;
    }

    private static void differ(List<String> otherwise, String what, String was, String is) {
        if (!was.equals(is)) {
            otherwise.add(what + ": " + was + " -> " + is);
        }
    }

    private static String target(JsonNode run) {
        JsonNode target = run.path("target");
        return target.has("url")
                ? target.path("url").asText()
                : target.path("mock").size() + " nodes, "
                        + target.path("balance").asText();
    }

    private static String load(JsonNode run) {
        return joined(elements(run.path("populations"))
                .map(population -> population.path("name").asText() + " "
                        + population.at("/clients/planned").asText() + " "
                        + joined(elements(population.path("policies"))
                                .map(policy -> policy.path("name").asText()))));
    }

    private static String faults(JsonNode run) {
        return joined(elements(run.path("faults"))
                .map(fault ->
                        fault.path("fault").asText() + " " + fault.path("text").asText()));
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String joined(Stream<String> texts) {
        List<String> all = texts.toList();
        return all.isEmpty() ? "none" : String.join(", ", all);
    }

    /** Whether noise can be told from change. */
    private boolean isRepeated() {
        return base.runs().size() >= Difference.REPEATS && run.runs().size() >= Difference.REPEATS;
    }

    /** For a terminal: what is worse first. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        List<Difference> all = differences();
        text.append(isRegression() ? "REGRESSION" : "NO REGRESSION").append("  ");
        text.append(named(base)).append(" -> ").append(named(run)).append('\n');
        otherwise().forEach(what -> text.append("differs ").append(what).append('\n'));
        text.append(String.format(
                Locale.ROOT, "%n          %-" + NAME_WIDTH + "s %10s %10s %10s%n", "", "base", "run", "change"));
        for (String word : List.of("worse", "better", "changed", "noise", "same")) {
            all.stream().filter(d -> word(d).equals(word)).forEach(d -> line(text, word, d));
        }
        text.append('\n');
        if (isRepeated()) {
            text.append(
                            "noise: what repeats of the same show more often than once in 20 (test of Mann and Whitney); so of 20")
                    .append(" figures that did not change one may look as if it had\n");
        } else {
            text.append("whether it is noise cannot be told: fewer than ").append(Difference.REPEATS);
            text.append(" runs on a side      next: squall run --repeat ")
                    .append(Difference.REPEATS)
                    .append('\n');
        }
        if (isInconclusive()) {
            text.append("a run is inconclusive, so nothing is concluded from it\n");
        }
        return text.toString();
    }

    private static String named(Side side) {
        int runs = side.runs().size();
        return side.name() + (runs == 1 ? "" : " (" + runs + " runs)");
    }

    /** What became of a figure: worse, better, changed (which of them it is nobody says), noise, or the same. */
    private String word(Difference difference) {
        if (!difference.exceeds(tolerance)) {
            return "same";
        }
        if (difference.noise() == Difference.Noise.LIKELY) {
            return "noise";
        }
        return difference.isWorse() ? "worse" : difference.isBetter() ? "better" : "changed";
    }

    private static void line(StringBuilder text, String word, Difference difference) {
        Quantity unit = difference.figure().unit();
        String probability = difference.noise() == Difference.Noise.UNKNOWN || difference.change() == 0
                ? ""
                : String.format(Locale.ROOT, "  p %.2g", difference.probability());
        text.append(String.format(
                        Locale.ROOT,
                        "%-9s %-" + NAME_WIDTH + "s %10s %10s %10s%s",
                        word,
                        difference.figure().name(),
                        unit.format(difference.baseMedian()),
                        unit.format(difference.runMedian()),
                        percent(difference.relative()),
                        probability))
                .append('\n');
    }

    private static String percent(double relative) {
        return relative == 0
                ? "="
                : Double.isInfinite(relative)
                        ? (relative > 0 ? "from 0" : "from none")
                        : String.format(Locale.ROOT, "%+.0f%%", relative * 100);
    }

    /** The same as a tree, {@value #SCHEMA}; times are seconds, what is infinite or unknown null. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("base", base.name()).put("baseRuns", base.runs().size());
        root.put("run", run.name()).put("runRuns", run.runs().size());
        root.put("tolerance", tolerance);
        root.put("regression", isRegression());
        root.put("inconclusive", isInconclusive());
        root.put("noiseKnown", isRepeated());
        ArrayNode otherwise = root.putArray("differs");
        otherwise().forEach(otherwise::add);
        ArrayNode figures = root.putArray("figures");
        for (Difference difference : differences()) {
            ObjectNode node = figures.addObject();
            double scale = difference.figure().unit() == Quantity.DURATION ? 1e-6 : 1;
            node.put("metric", difference.figure().name());
            node.put("better", difference.figure().better().name().toLowerCase(Locale.ROOT));
            node.put("became", word(difference));
            number(node, "base", difference.baseMedian() * scale);
            number(node, "run", difference.runMedian() * scale);
            number(node, "change", difference.change() * scale);
            number(node, "relative", difference.relative());
            number(node, "p", difference.noise() == Difference.Noise.UNKNOWN ? Double.NaN : difference.probability());
            values(node.putArray("baseValues"), difference.base(), scale);
            values(node.putArray("runValues"), difference.run(), scale);
        }
        return root;
    }

    private static void values(ArrayNode array, double[] values, double scale) {
        for (double value : values) {
            if (Double.isInfinite(value)) {
                array.addNull();
            } else {
                array.add(value * scale);
            }
        }
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            node.putNull(name);
        } else {
            node.put(name, value);
        }
    }
}
