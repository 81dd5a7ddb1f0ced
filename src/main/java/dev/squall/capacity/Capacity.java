package dev.squall.capacity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Trust;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a search has found of an experiment: a statement, and all that it rests on.
 *
 * @param experiment its name
 * @param study what was searched
 * @param answer what was found
 * @param trials every trial, in order
 * @param context how it came about
 */
public record Capacity(String experiment, Study study, Answer answer, List<Trial> trials, Context context) {

    /** The version of the format. */
    public static final String SCHEMA = "squall/capacity/1";

    /** Failed trials by which the first expectation to break is known: those nearest to the answer. */
    private static final int NEAREST = 5;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /**
     * How it came about.
     *
     * @param directory where its files go; run directories are told relative to it
     * @param startedAt when the search began, as ISO 8601
     * @param machine facts of the machine, as run.json has them
     * @param versions of Squall and what it stands on
     * @param command the command line
     */
    public record Context(
            Path directory,
            String startedAt,
            Map<String, String> machine,
            Map<String, String> versions,
            List<String> command) {}

    /**
     * The expectation that is the first to break as values go from those that pass to those that fail.
     *
     * @param expectation what was expected
     * @param lastPassing the trial that passed furthest; null if none did
     * @param firstFailing the least far trial that broke it
     */
    private record Break(Expectation expectation, @Nullable Trial lastPassing, Trial firstFailing) {}

    public Capacity {
        trials = List.copyOf(trials);
    }

    private Axis axis() {
        return study.axis();
    }

    /** Pass: there is an answer; fail: nothing passes; inconclusive: nobody knows. */
    public Verdict verdict() {
        return switch (answer.ending()) {
            case FOUND, ALL_PASS -> Verdict.PASS;
            case NONE_PASS -> Verdict.FAIL;
            case HARNESS, REFUSED, TRIALS, INTERRUPTED -> Verdict.INCONCLUSIVE;
        };
    }

    /** The answer in words. */
    public String statement() {
        String found = switch (answer.ending()) {
            case FOUND -> upTo() + " " + meet(answer.value()) + " in half of the runs" + safe() + ".";
            case ALL_PASS ->
                axis() instanceof Clients
                        ? axis().told(answer.value()) + ", the most that was to be tried, " + meet(answer.value()) + "."
                        : "Whatever " + axis().name() + " is from " + ends() + ": both ends meet " + every() + ".";
            case NONE_PASS ->
                axis() instanceof Clients
                        ? "Not even " + axis().told(axis().least()) + " " + meet(axis().least()) + "."
                        : "Whatever " + axis().name() + " is from " + ends() + ": neither end meets " + every() + ".";
            case TRIALS ->
                known("Not known to " + Quantity.SHARE.format(axis().precision()) + " after " + trials.size()
                        + " trials");
            case INTERRUPTED -> known("Interrupted " + afterTrials());
            case HARNESS, REFUSED -> known("At " + axis().told(last().value()) + " " + last().note());
        };
        return found + broken().map(this::told).orElse("") + saturation();
    }

    private Trial last() {
        return trials.get(trials.size() - 1);
    }

    private String ends() {
        return axis().format(axis().least()) + " to " + axis().format(axis().most());
    }

    private String upTo() {
        String interval = " (95%: " + axis().format(answer.low()) + " to " + axis().format(answer.high()) + ")";
        if (axis() instanceof Clients) {
            return "Up to " + axis().told(answer.value()) + interval;
        }
        return axis().name() + " of " + (answer.passesBelow() ? "up to " : "at least ") + axis().format(answer.value())
                + interval;
    }

    private String safe() {
        return Double.isNaN(answer.safe()) ? "" : ", " + axis().format(answer.safe()) + " in 95% of them";
    }

    private String meet(double value) {
        return (axis() instanceof Clients && Math.round(value) != 1 ? "meet " : "meets ") + every();
    }

    private String every() {
        String expected = expectations().stream().map(Expectation::text).collect(Collectors.joining(", "));
        return "every expectation" + (expected.isEmpty() ? "" : " (" + expected + ")");
    }

    private String afterTrials() {
        return "after " + trials.size() + (trials.size() == 1 ? " trial" : " trials");
    }

    private String known(String why) {
        if (answer.bracketed()) {
            return why + ". As far as is known the edge is at " + axis().format(answer.value()) + " (95%: "
                    + axis().format(answer.low()) + " to " + axis().format(answer.high()) + ").";
        }
        if (!Double.isNaN(answer.value())) {
            return why + "; " + axis().told(answer.value()) + " " + meet(answer.value()) + ".";
        }
        return why + "; nothing that was tried passed.";
    }

    private String told(Break broken) {
        Trial passing = broken.lastPassing();
        return " The first to break is " + broken.expectation().text() + ": "
                + (passing == null ? "" : at(broken, passing) + ", ") + at(broken, broken.firstFailing()) + ".";
    }

    private String at(Break broken, Trial trial) {
        return trial.finding(broken.expectation()).map(Finding::observedText).orElse("nothing") + " at "
                + (axis() instanceof Clients ? axis().told(trial.value()) : axis().format(trial.value()));
    }

    /** A count stands though the machine was full, but it may be what filled it that failed. */
    private String saturation() {
        long most = nearest().stream().mapToLong(Trial::saturatedSeconds).max().orElse(0);
        return most < Trust.SATURATED_SECONDS
                ? ""
                : " In trials that failed near the edge the processors were saturated for up to " + most
                        + " s: on a larger machine more may pass.";
    }

    /** The failed trials nearest to the edge. */
    private List<Trial> nearest() {
        double edge = Double.isNaN(answer.value()) ? axis().least() : answer.value();
        return trials.stream()
                .filter(trial -> trial.outcome() == Outcome.FAIL)
                .sorted(Comparator.comparingDouble(trial -> Math.abs(trial.value() - edge)))
                .limit(NEAREST)
                .toList();
    }

    private Optional<Break> broken() {
        Map<String, Integer> failures = new LinkedHashMap<>();
        Map<String, Trial> first = new LinkedHashMap<>();
        for (Trial trial : nearest()) {
            for (Finding finding : trial.broken()) {
                String text = finding.expectation().text();
                failures.merge(text, 1, Integer::sum);
                first.merge(text, trial, (one, other) -> further(one, other) < 0 ? one : other);
            }
        }
        int most = failures.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        Trial passing = trials.stream()
                .filter(trial -> trial.outcome() == Outcome.PASS)
                .max(this::further)
                .orElse(null);
        return first.entrySet().stream()
                .filter(entry -> failures.getOrDefault(entry.getKey(), 0) == most)
                .findFirst()
                .map(entry -> new Break(Expectation.parse(entry.getKey()), passing, entry.getValue()));
    }

    /** Compares two trials by how far they go towards the values that fail. */
    private int further(Trial one, Trial other) {
        int above = Double.compare(one.value(), other.value());
        return answer.passesBelow() ? above : -above;
    }

    /** What the experiment asks for; if it asks for nothing, what is always asked for. */
    private List<Expectation> expectations() {
        List<Finding> all = trials.stream()
                .filter(trial -> !trial.findings().isEmpty())
                .findFirst()
                .map(Trial::findings)
                .orElse(List.of());
        boolean own = all.stream().anyMatch(Capacity::isOwn);
        return all.stream()
                .filter(finding -> !own || isOwn(finding))
                .map(Finding::expectation)
                .toList();
    }

    private static boolean isOwn(Finding finding) {
        return !finding.implied() && !finding.expectation().steady();
    }

    /** All of it, as {@value #SCHEMA}: times in seconds, shares in 0..1, null for what is not known. */
    public ObjectNode json() {
        ObjectNode root = NODES.objectNode();
        root.put("schema", SCHEMA);
        root.put("experiment", experiment);
        root.put("seed", study.seed());
        root.put("startedAt", context.startedAt());
        root.put("varied", axis().name());
        root.put("unit", unit(axis().unit()));
        root.put("statement", statement());
        root.put("verdict", verdict().word());
        root.put("ending", answer.ending().word());
        number(root, "answer", axis().unit(), answer.value());
        ArrayNode interval = root.putArray("interval");
        number(interval, axis().unit(), answer.low());
        number(interval, axis().unit(), answer.high());
        number(root, "safe", axis().unit(), answer.safe());
        root.put("passesBelow", answer.passesBelow());
        root.put("precision", axis().precision());
        root.put("mostTrials", study.most());
        ArrayNode expected = root.putArray("expectations");
        expectations().forEach(expectation -> expected.add(expected(expectation)));
        root.set("firstToBreak", broken().map(this::json).orElse(null));
        ArrayNode each = root.putArray("trials");
        trials.forEach(trial -> each.add(json(trial)));
        root.set("machine", map(context.machine()));
        root.set("versions", map(context.versions()));
        ArrayNode words = root.putArray("command");
        context.command().forEach(words::add);
        return root;
    }

    private static ObjectNode expected(Expectation expectation) {
        Quantity unit = expectation.metric().unit();
        ObjectNode node = NODES.objectNode().put("expect", expectation.text()).put("unit", unit(unit));
        ArrayNode limits = node.putArray("limits");
        number(limits, unit, expectation.low());
        if (expectation.high() != expectation.low()) {
            number(limits, unit, expectation.high());
        }
        return node;
    }

    private ObjectNode json(Break broken) {
        ObjectNode node = NODES.objectNode().put("expect", broken.expectation().text());
        Trial passing = broken.lastPassing();
        node.set("lastPassing", passing == null ? null : at(broken.expectation(), passing));
        node.set("firstFailing", at(broken.expectation(), broken.firstFailing()));
        return node;
    }

    private ObjectNode at(Expectation expectation, Trial trial) {
        ObjectNode node = NODES.objectNode();
        number(node, "value", axis().unit(), trial.value());
        number(
                node,
                "observed",
                expectation.metric().unit(),
                trial.finding(expectation).map(Finding::observed).orElse(Double.NaN));
        return node;
    }

    private ObjectNode json(Trial trial) {
        ObjectNode node = NODES.objectNode();
        number(node, "value", axis().unit(), trial.value());
        node.put("seed", trial.seed());
        node.put("verdict", trial.outcome().word());
        Path run = trial.directory();
        node.put(
                "directory",
                run == null
                        ? null
                        : context.directory()
                                .toAbsolutePath()
                                .relativize(run.toAbsolutePath())
                                .toString());
        node.put("seconds", Math.round(trial.seconds() * 10) / 10.0);
        node.put("saturatedSeconds", trial.saturatedSeconds());
        node.put("note", trial.note());
        ArrayNode findings = node.putArray("findings");
        for (Finding finding : trial.findings()) {
            ObjectNode each = findings.addObject();
            Quantity unit = finding.expectation().metric().unit();
            each.put("expect", finding.expectation().text());
            number(each, "observed", unit, finding.observed());
            each.put("unit", unit(unit));
            each.put("verdict", finding.verdict().word());
            each.put("note", finding.note());
            each.put("implied", finding.implied());
        }
        return node;
    }

    private static ObjectNode map(Map<String, String> values) {
        ObjectNode node = NODES.objectNode();
        values.forEach(node::put);
        return node;
    }

    private static String unit(Quantity unit) {
        return switch (unit) {
            case DURATION -> "s";
            case SHARE -> "fraction";
            case RATE -> "/s";
            case SIZE -> "B";
            case NUMBER -> "";
        };
    }

    private static void number(ObjectNode node, String name, Quantity unit, double value) {
        ArrayNode one = NODES.arrayNode();
        number(one, unit, value);
        node.set(name, one.get(0));
    }

    private static void number(ArrayNode to, Quantity unit, double value) {
        double told = unit == Quantity.DURATION ? value / 1e6 : value;
        if (Double.isNaN(told) || Double.isInfinite(told)) {
            to.addNull();
        } else if (told == Math.rint(told)) {
            to.add((long) told);
        } else {
            to.add(told);
        }
    }
}
