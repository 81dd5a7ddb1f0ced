package dev.squall.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Runs of one experiment that differ in their seeds only: the worst verdict wins, and the spread is told.
 *
 * @param directories the runs' directories, in order
 * @param side what came out
 */
public record Repeats(List<Path> directories, Side side) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/repeat/1";

    static final String RESULTS = "squall/results/1";

    /**
     * Reads their results.
     *
     * @throws IOException if one has none
     */
    public static Repeats read(List<Path> directories) throws IOException {
        List<JsonNode> runs = new ArrayList<>();
        for (Path directory : directories) {
            runs.addAll(Side.read(directory.toString()).runs());
        }
        return new Repeats(List.copyOf(directories), new Side("repeats", runs));
    }

    /** The worst of the runs. */
    public Verdict verdict() {
        return side.runs().stream().map(Repeats::verdict).reduce(Verdict.PASS, Verdict::worst);
    }

    private static Verdict verdict(JsonNode run) {
        return Verdict.valueOf(run.path("verdict").asText().toUpperCase(Locale.ROOT));
    }

    /** What one expectation came to in each run. */
    private record Spread(String expect, Quantity unit, List<Verdict> verdicts, List<Double> observed) {

        /** Those that there are, in order of size. */
        double[] known() {
            return observed.stream()
                    .mapToDouble(Double::doubleValue)
                    .filter(value -> !Double.isNaN(value))
                    .sorted()
                    .toArray();
        }

        String of(double value) {
            return Double.isNaN(value) ? "nothing" : unit.format(value);
        }
    }

    private List<Spread> spreads() {
        Map<String, Spread> spreads = new LinkedHashMap<>();
        for (JsonNode run : side.runs()) {
            for (JsonNode finding : run.path("findings")) {
                String expect = finding.path("expect").asText();
                Quantity unit = Expectation.parse(expect).metric().unit();
                String key = expect + (finding.path("implied").asBoolean() ? " (always expected)" : "");
                Spread spread =
                        spreads.computeIfAbsent(key, k -> new Spread(k, unit, new ArrayList<>(), new ArrayList<>()));
                spread.verdicts.add(verdict(finding));
                spread.observed.add(Figure.observed(finding, unit));
            }
        }
        return List.copyOf(spreads.values());
    }

    /** For a terminal. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(verdict())
                .append("  ")
                .append(side.first().path("experiment").asText());
        text.append("   ").append(side.runs().size()).append(" runs: ");
        text.append(counted(side.runs().stream().map(Repeats::verdict).toList()))
                .append("\n\n");
        List<Spread> spreads = spreads();
        int width = spreads.stream()
                .mapToInt(spread -> spread.expect.length())
                .max()
                .orElse(0);
        text.append(String.format(
                Locale.ROOT, "  %-" + width + "s %10s %10s %10s   %s%n", "observed", "least", "median", "most", ""));
        for (Spread spread : spreads) {
            double[] known = spread.known();
            text.append(String.format(
                    Locale.ROOT,
                    "  %-" + width + "s %10s %10s %10s   %s%n",
                    spread.expect,
                    spread.of(known.length == 0 ? Double.NaN : known[0]),
                    spread.of(known.length == 0 ? Double.NaN : Difference.median(known)),
                    spread.of(known.length == 0 ? Double.NaN : known[known.length - 1]),
                    counted(spread.verdicts)));
        }
        return text.toString();
    }

    /** As {@code 3 pass, 1 fail}. */
    private static String counted(List<Verdict> verdicts) {
        Map<Verdict, Long> counts =
                verdicts.stream().collect(Collectors.groupingBy(v -> v, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().word())
                .collect(Collectors.joining(", "));
    }

    /** The file by which the runs are found again, {@value #SCHEMA}: directories are relative to its own. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("experiment", side.first().path("experiment").asText());
        root.put("verdict", verdict().word());
        ArrayNode runs = root.putArray("runs");
        for (int i = 0; i < directories.size(); i++) {
            JsonNode run = side.runs().get(i);
            runs.addObject()
                    .put("directory", String.valueOf(directories.get(i).getFileName()))
                    .put("seed", run.path("seed").asLong())
                    .put("verdict", run.path("verdict").asText());
        }
        ArrayNode expectations = root.putArray("expectations");
        for (Spread spread : spreads()) {
            ObjectNode node = expectations.addObject();
            node.put("expect", spread.expect);
            ArrayNode verdicts = node.putArray("verdicts");
            spread.verdicts.forEach(verdict -> verdicts.add(verdict.word()));
            ArrayNode observed = node.putArray("observed");
            double scale = spread.unit == Quantity.DURATION ? 1e-6 : 1;
            for (double value : spread.observed) {
                if (Double.isNaN(value) || Double.isInfinite(value)) {
                    observed.addNull();
                } else {
                    observed.add(value * scale);
                }
            }
        }
        return root;
    }
}
