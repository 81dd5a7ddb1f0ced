package dev.squall.verdict;

import dev.squall.journal.HarnessJournal;
import dev.squall.plan.Plan;
import dev.squall.quantity.Quantity;
import dev.squall.role.Vitals;
import dev.squall.stats.Evidence;
import dev.squall.stats.Share;
import dev.squall.stats.Statistics;
import dev.squall.stats.Trust;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.statistics.interval.Interval;

/**
 * Holds the expectations against what was measured. What cannot be known is inconclusive: a count after a lost child or a
 * dropped event, a time that a stall of the measuring processes could have turned.
 */
public final class Judge {

    private static final String UNSTEADY = "steady state did not hold";

    private final Evidence evidence;
    private final double confidence;

    /** {@code confidence}: 0 judges a share as observed, else by the Wilson bound of that confidence. */
    public Judge(Evidence evidence, double confidence) {
        this.evidence = evidence;
        this.confidence = confidence;
    }

    /** What is expected of every run of this plan though the experiment does not say so. */
    public static List<Expectation> implied(Plan plan, boolean withoutOwn) {
        List<Expectation> implied = new ArrayList<>();
        if (withoutOwn) {
            Expectation recovered = Expectation.parse("restart.recovered.rate >= 100%");
            if (recovered.metric().unmeasurable(plan, "").isEmpty()) {
                implied.add(recovered);
            }
            implied.add(Expectation.parse("clients.lost.count == 0"));
        }
        if (!plan.nodes().isEmpty()) {
            implied.add(Expectation.parse("ledger.unmatched == 0"));
            implied.add(Expectation.parse("ledger.causality == 0"));
            if (plan.restarts().stream().anyMatch(restart -> !restart.kill())) {
                implied.add(Expectation.parse("restart.miscoded == 0"));
            }
            if (plan.populations().stream().anyMatch(p -> !p.offer().isEmpty())) {
                implied.add(Expectation.parse("extension.unmatched == 0"));
            }
        }
        return implied;
    }

    /** A finding for each expectation, then one for each implied one. */
    public List<Finding> judge(List<Expectation> expectations) {
        List<Finding> findings = new ArrayList<>();
        int steady = 0;
        for (Expectation expectation : expectations) {
            if (expectation.steady() && isPredicted()) {
                continue; // Nothing waits for leave to go wrong.
            }
            findings.add(
                    expectation.steady() && evidence instanceof Statistics statistics
                            ? judged(expectation, statistics, steady++)
                            : judge(expectation, false));
        }
        if (evidence instanceof Statistics statistics) {
            statistics.aborts().stream()
                    .filter(abort ->
                            abort.condition() < statistics.plan().abortWhen().size())
                    .map(abort -> aborted(abort, statistics.plan()))
                    .forEach(findings::add);
            boolean withoutOwn = expectations.stream().allMatch(Expectation::steady);
            for (Expectation expectation : implied(statistics.plan(), withoutOwn)) {
                // Of restarts that nobody planned and nobody saw there is nothing to say.
                boolean known =
                        !isPredicted() || expectation.metric().unpredictable().isEmpty();
                if (known && !readings(expectation).isEmpty()) {
                    findings.add(judge(expectation, true));
                }
            }
        }
        return findings;
    }

    /** The worst of some findings. */
    public static Verdict verdict(List<Finding> findings) {
        return findings.stream().map(Finding::verdict).reduce(Verdict.PASS, Verdict::worst);
    }

    private List<Reading> readings(Expectation expectation) {
        return expectation.metric().reader().read(evidence, expectation.population());
    }

    private boolean isPredicted() {
        return evidence instanceof Statistics statistics && statistics.predicted();
    }

    private Finding judge(Expectation expectation, boolean implied) {
        Optional<String> unknown = isPredicted() ? expectation.metric().unpredictable() : Optional.empty();
        if (unknown.isPresent()) {
            return new Finding(expectation, Double.NaN, Verdict.INCONCLUSIVE, null, null, unknown.get(), implied);
        }
        Finding worst = null;
        for (Reading reading : readings(expectation)) {
            Finding finding = judge(expectation, reading, implied);
            if (worst == null || isWorse(finding, worst, expectation)) {
                worst = finding;
            }
        }
        return worst == null
                ? new Finding(expectation, Double.NaN, Verdict.INCONCLUSIVE, null, null, nothing(expectation), implied)
                : worst;
    }

    /** What the harness found of the steady state while the run went on: upon that it let the faults begin, or not. */
    private static Finding judged(Expectation expectation, Statistics statistics, int place) {
        if (place >= statistics.steady().size()) {
            return new Finding(
                    expectation,
                    Double.NaN,
                    Verdict.INCONCLUSIVE,
                    null,
                    null,
                    "the run ended before the steady state was judged",
                    false);
        }
        HarnessJournal.Steady found = statistics.steady().get(place);
        String when = "measured " + statistics.plan().steady() + ", before the first fault";
        return new Finding(
                expectation,
                found.observed(),
                found.held() ? Verdict.PASS : Verdict.INCONCLUSIVE,
                null,
                null,
                (found.held() ? "" : UNSTEADY + ": ") + when + (found.note().isEmpty() ? "" : "; " + found.note()),
                false);
    }

    /** A limit of harm that the user drew was passed: that is a failure, whatever else is known. */
    private static Finding aborted(HarnessJournal.Abort abort, Plan plan) {
        return new Finding(
                Expectation.parse(plan.abortWhen().get(abort.condition())),
                abort.observed(),
                Verdict.FAIL,
                null,
                null,
                "abort-when: it held at " + Quantity.DURATION.format(abort.micros()) + ", where load and faults ended",
                false);
    }

    private static String nothing(Expectation expectation) {
        return expectation.metric().need().isOfRestarts() ? "no restart was found" : "nothing was measured";
    }

    private static boolean isWorse(Finding a, Finding b, Expectation expectation) {
        if (a.verdict() != b.verdict()) {
            return a.verdict().compareTo(b.verdict()) > 0;
        }
        return expectation.op().limitsAbove() ? a.observed() > b.observed() : a.observed() < b.observed();
    }

    private Finding judge(Expectation expectation, Reading reading, boolean implied) {
        Share share = reading.share();
        double value = reading.value();
        List<String> notes = new ArrayList<>();
        if (!reading.where().isEmpty()
                && evidence instanceof Statistics statistics
                && statistics.all().restarts().size() > 1) {
            notes.add(reading.where());
        }
        if (!reading.note().isEmpty()) {
            notes.add(reading.note());
        }
        Verdict verdict;
        long turning = 0;
        if (Double.isNaN(value)) {
            verdict = Verdict.INCONCLUSIVE;
            if (reading.note().isEmpty()) {
                notes.add("nothing was measured");
            }
        } else if (Double.isInfinite(value)) {
            notes.add("it falls on clients that never came back");
            verdict = expectation.op().limitsAbove() ? Verdict.FAIL : Verdict.INCONCLUSIVE;
        } else {
            boolean holds = share == null || confidence == 0
                    ? expectation.holds(value)
                    : holdsConfidently(expectation, share, notes);
            verdict = holds ? Verdict.PASS : Verdict.FAIL;
            if (expectation.metric().kind() == Metric.Kind.TIME) {
                boolean saturated = isSaturated(reading, notes);
                turning = saturated ? 0 : turning(expectation, reading, notes);
                verdict = saturated || turning > 0 ? Verdict.INCONCLUSIVE : verdict;
            }
        }
        if (!implied && evidence instanceof Statistics statistics && statistics.isUnsteady()) {
            verdict = Verdict.INCONCLUSIVE;
            turning = 0;
            notes.add(UNSTEADY + ", so nothing was injected");
        }
        boolean settled = !Double.isNaN(reading.other()) && expectation.isSettled(value, reading.other());
        if (!reading.doubt().isEmpty() && !settled) {
            verdict = Verdict.INCONCLUSIVE;
            turning = 0;
            notes.add(reading.doubt());
        }
        if (verdict == Verdict.PASS
                && expectation.metric().kind() != Metric.Kind.TRUST
                && evidence.interrupted()
                && reading.toMicros() >= evidence.endMicros()) {
            verdict = Verdict.INCONCLUSIVE;
            notes.add("the run ended early, at " + Quantity.DURATION.format(evidence.endMicros()));
        }
        if (verdict == Verdict.PASS
                && expectation.metric().kind() != Metric.Kind.TRUST
                && !evidence.trust().complete()) {
            verdict = Verdict.INCONCLUSIVE;
            notes.add(evidence.trust().reasons().stream().limit(3).collect(Collectors.joining(", ")));
        }
        return new Finding(
                expectation,
                value,
                verdict,
                share == null || share.whole() == 0 ? null : share.low(),
                share == null || share.whole() == 0 ? null : share.high(),
                String.join("; ", notes),
                implied,
                turning);
    }

    /** By the bound of the Wilson interval on the side that could break it; an exact value is judged as observed. */
    private boolean holdsConfidently(Expectation expectation, Share share, List<String> notes) {
        Expectation.Op op = expectation.op();
        if (share.whole() == 0 || op == Expectation.Op.EQUAL || op == Expectation.Op.NOT_EQUAL) {
            return expectation.holds(share.rate());
        }
        Interval interval = share.interval(1 - confidence);
        notes.add(String.format(
                Locale.ROOT,
                "judged by its %s interval, %s to %s",
                Quantity.SHARE.format(confidence),
                Quantity.SHARE.format(interval.getLowerBound()),
                Quantity.SHARE.format(interval.getUpperBound())));
        return (!op.limitsAbove() || expectation.holds(interval.getUpperBound()))
                && (!op.limitsBelow() || expectation.holds(interval.getLowerBound()));
    }

    /** Whether the machine had no processor to spare while it was measured. */
    private boolean isSaturated(Reading reading, List<String> notes) {
        int saturated = evidence.trust().longestSaturation(reading.fromMicros(), reading.toMicros());
        if (saturated < Trust.SATURATED_SECONDS) {
            return false;
        }
        notes.add("the processors were saturated for " + saturated + " s: its times are this machine's");
        return true;
    }

    /**
     * A stall of who measures, or of who is measured, may have made a time longer or hidden a part of it: how long it was, in
     * microseconds, if it could have turned the verdict; else 0.
     */
    private long turning(Expectation expectation, Reading reading, List<String> notes) {
        if (expectation.metric().unit() != Quantity.DURATION) {
            return 0;
        }
        Trust.Stall stall =
                evidence.trust().worstStall(reading.fromMicros(), reading.toMicros(), Vitals.STALL_ROW_MICROS);
        long lateness = evidence.trust().worstLateness(reading.fromMicros(), reading.toMicros());
        long slack = stall.micros() + lateness;
        boolean holds = expectation.holds(reading.value());
        boolean turned = expectation.holds(reading.value() - slack) != holds
                || expectation.holds(reading.value() + slack) != holds;
        if (turned) {
            notes.add("a stall of " + Quantity.DURATION.format(stall.micros())
                    + (stall.who().isEmpty() ? "" : " of " + stall.who())
                    + (lateness < Vitals.STALL_ROW_MICROS
                            ? ""
                            : " and tries up to " + Quantity.DURATION.format(lateness) + " late")
                    + " could have turned it");
            return slack;
        }
        return 0;
    }
}
