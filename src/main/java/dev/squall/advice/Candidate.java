package dev.squall.advice;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Statistics;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Judge;
import dev.squall.verdict.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of one choice: of the restarts of an experiment together the worst.
 *
 * @param name what was chosen, as a policy's name
 * @param verdict on the experiment's expectations
 * @param broken the first expectation that did not hold, with what was observed; empty if all did
 * @param peakAttempts most attempts within a second
 * @param back99Seconds from a restart's beginning until 99% of the affected are back; infinite if they never are
 * @param back100Seconds the same of all
 * @param attempts of affected clients until each was back or gone
 * @param wasted those of them that failed
 * @param availability of all clients, from 0 to 1; NaN if none was ever ready
 * @param lostSeconds what that lacks, in client-seconds
 * @param storm attempts in each second since the first restart began
 */
public record Candidate(
        String name,
        Verdict verdict,
        String broken,
        long peakAttempts,
        double back99Seconds,
        double back100Seconds,
        long attempts,
        long wasted,
        double availability,
        double lostSeconds,
        List<Long> storm) {

    private static final double MICROS = 1e6;

    public Candidate {
        storm = List.copyOf(storm);
    }

    /** What a run, or a prediction, came to. */
    public static Candidate of(String name, Statistics statistics, List<Finding> findings) {
        Map<Integer, List<RestartFigures>> ofNodes = new TreeMap<>();
        statistics
                .all()
                .restarts()
                .forEach(each -> ofNodes.computeIfAbsent(each.restart().index(), index -> new ArrayList<>())
                        .add(each));
        List<RestartFigures> restarts =
                ofNodes.values().stream().map(RestartFigures::together).toList();
        List<Long> storm = new ArrayList<>();
        restarts.stream().limit(1).forEach(first -> {
            for (long attempts : first.attemptsBySecond()) {
                storm.add(attempts);
            }
        });
        return new Candidate(
                name,
                Judge.verdict(findings),
                findings.stream()
                        .filter(finding -> finding.verdict() != Verdict.PASS)
                        .findFirst()
                        .map(finding -> finding.expectation().text() + ", observed " + finding.observedText())
                        .orElse(""),
                restarts.stream()
                        .mapToLong(RestartFigures::peakAttemptsPerSecond)
                        .max()
                        .orElse(0),
                back(restarts, 0.99),
                back(restarts, 1),
                restarts.stream().mapToLong(RestartFigures::attempts).sum(),
                restarts.stream()
                        .map(RestartFigures::failed)
                        .map(Map::values)
                        .flatMap(Collection::stream)
                        .mapToLong(Long::longValue)
                        .sum(),
                statistics.all().availability(),
                statistics.all().lostMicros() / MICROS,
                storm);
    }

    private static double back(List<RestartFigures> restarts, double share) {
        return restarts.stream()
                        .mapToDouble(each -> each.back().quantile(share).orElse(0))
                        .max()
                        .orElse(0)
                / MICROS;
    }

    /** As it stands in policies.json. */
    ObjectNode json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", name);
        node.put("verdict", verdict.word());
        node.put("broken", broken);
        node.put("peakAttemptsPerSecond", peakAttempts);
        seconds(node, "back99Seconds", back99Seconds);
        seconds(node, "back100Seconds", back100Seconds);
        node.put("attempts", attempts);
        node.put("wasted", wasted);
        seconds(node, "availability", availability);
        node.put("lostClientSeconds", lostSeconds);
        ArrayNode bySecond = node.putArray("storm");
        storm.forEach(bySecond::add);
        return node;
    }

    private static void seconds(ObjectNode node, String name, double value) {
        node.put(name, Double.isFinite(value) ? (Double) value : null);
    }

    /** Its figures as cells of a table for a terminal, in the order of {@link #HEADINGS}. */
    List<String> cells() {
        return List.of(
                name,
                verdict.word(),
                Quantity.NUMBER.format(peakAttempts),
                time(back99Seconds),
                time(back100Seconds),
                Quantity.NUMBER.format(attempts),
                Quantity.NUMBER.format(wasted),
                Double.isNaN(availability) ? "-" : Quantity.SHARE.format(availability));
    }

    /** What the {@link #cells} are. */
    static final List<String> HEADINGS =
            List.of("policy", "verdict", "peak/s", "99% back", "all back", "attempts", "wasted", "availability");

    private static String time(double seconds) {
        return Double.isInfinite(seconds)
                ? "never"
                : Quantity.DURATION.format(Math.round(seconds * 10) / 10.0 * MICROS);
    }

    /** For a sentence. */
    String told() {
        return "peak " + Quantity.NUMBER.format(peakAttempts) + " attempts/s, 99% back after " + time(back99Seconds)
                + ", all after " + time(back100Seconds);
    }
}
