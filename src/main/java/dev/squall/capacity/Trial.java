package dev.squall.capacity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.quantity.Quantity;
import dev.squall.stats.Trust;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Finding;
import dev.squall.verdict.Metric;
import dev.squall.verdict.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One value tried.
 *
 * @param value what was tried
 * @param seed the seed of its run
 * @param outcome what it says of the value
 * @param directory the run's files; null if nothing was run
 * @param findings what became of each expectation
 * @param saturatedSeconds seconds of the run in which the processors were saturated
 * @param seconds how long it took, its start and judgement included
 * @param note why it says nothing; empty if it says something
 */
public record Trial(
        double value,
        long seed,
        Outcome outcome,
        @Nullable Path directory,
        List<Finding> findings,
        long saturatedSeconds,
        double seconds,
        String note) {

    private static final double MICROS = 1e6;

    /** A stall is short that is no more than this share of the time that is expected. */
    private static final double SHORT = 0.05;

    public Trial {
        findings = List.copyOf(findings);
    }

    /** A value that could not be tried. */
    public static Trial refused(double value, long seed, String why) {
        return new Trial(value, seed, Outcome.REFUSED, null, List.of(), 0, 0, why);
    }

    /** A run, or a predicted one, by its results.json. */
    public static Trial of(double value, long seed, Path directory, double seconds, JsonNode results) {
        JsonNode injector = results.path("injector");
        List<Finding> findings = new ArrayList<>();
        for (JsonNode node : results.path("findings")) {
            findings.add(asObserved(finding(node)));
        }
        boolean trusted = injector.path("trusted").asBoolean(true);
        Outcome outcome = outcome(findings, trusted);
        return new Trial(
                value,
                seed,
                outcome,
                directory,
                findings,
                injector.at("/processors/saturatedSeconds").asLong(),
                seconds,
                outcome == Outcome.UNKNOWN ? why(findings, injector) : "");
    }

    private static Finding finding(JsonNode node) {
        Expectation expectation = Expectation.parse(node.path("expect").asText());
        Verdict verdict = Verdict.valueOf(node.path("verdict").asText().toUpperCase(Locale.ROOT));
        boolean time = expectation.metric().unit() == Quantity.DURATION;
        double observed = node.path("observed").asDouble(Double.NaN) * (time ? MICROS : 1);
        if (time && Double.isNaN(observed) && verdict == Verdict.FAIL) {
            observed = Double.POSITIVE_INFINITY; // It falls on a client that never came back.
        }
        return new Finding(
                expectation,
                observed,
                verdict,
                null,
                null,
                node.path("note").asText(),
                node.path("implied").asBoolean(),
                Math.round(node.path("stallSeconds").asDouble(0) * MICROS));
    }

    /**
     * A single run that a stall could have turned cannot be judged; but here it is a trial on the edge, and those are what a
     * search is made of: its outcome is as good as a coin's, which the search reckons with, and a short stall moves the edge by
     * less than anybody asks for. A long one leaves it inconclusive.
     */
    private static Finding asObserved(Finding finding) {
        Expectation expectation = finding.expectation();
        if (finding.stallMicros() == 0 || finding.stallMicros() > SHORT * expectation.high()) {
            return finding;
        }
        return new Finding(
                expectation,
                finding.observed(),
                expectation.holds(finding.observed()) ? Verdict.PASS : Verdict.FAIL,
                finding.low(),
                finding.high(),
                finding.note() + "; taken as observed",
                finding.implied());
    }

    /**
     * A failure is the service's only if it stands. The judge has taken the times of a saturated or stalled machine for
     * inconclusive already, so a time that still fails, and a count, stand; but not after a lost child or a dropped event, and
     * what fails of the measuring itself is never the service's.
     */
    private static Outcome outcome(List<Finding> findings, boolean trusted) {
        if (!trusted) {
            return Outcome.UNKNOWN;
        }
        if (!findings.isEmpty() && findings.stream().allMatch(finding -> finding.verdict() == Verdict.PASS)) {
            return Outcome.PASS;
        }
        return findings.stream().anyMatch(Trial::stands) ? Outcome.FAIL : Outcome.UNKNOWN;
    }

    private static boolean stands(Finding finding) {
        return finding.verdict() == Verdict.FAIL
                && finding.expectation().metric().kind() != Metric.Kind.TRUST;
    }

    /** What decided in the service's place. */
    private static String why(List<Finding> findings, JsonNode injector) {
        String harness = "the harness, not the service, is what binds: ";
        JsonNode reasons = injector.path("reasons");
        if (!reasons.isEmpty()) {
            return harness + reasons.get(0).asText();
        }
        Finding first = findings.stream()
                .filter(finding -> finding.verdict() != Verdict.PASS)
                .findFirst()
                .orElse(null);
        if (first == null) {
            return "nothing was expected";
        }
        boolean measuring = first.verdict() == Verdict.FAIL
                || first.stallMicros() > 0
                || injector.at("/processors/saturatedSeconds").asLong() >= Trust.SATURATED_SECONDS;
        return (measuring ? harness : "no run can be judged: ")
                + first.expectation().text() + ": "
                + (first.note().isEmpty() ? first.observedText() : first.note());
    }

    /** The findings by which it failed. */
    public List<Finding> broken() {
        return outcome == Outcome.FAIL ? findings.stream().filter(Trial::stands).toList() : List.of();
    }

    /** What became of an expectation in it; empty if nothing was run. */
    Optional<Finding> finding(Expectation expectation) {
        return findings.stream()
                .filter(finding -> finding.expectation().text().equals(expectation.text()))
                .findFirst();
    }
}
