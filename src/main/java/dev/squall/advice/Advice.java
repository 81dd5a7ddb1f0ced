package dev.squall.advice;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.quantity.Quantity;
import dev.squall.verdict.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Choices side by side, and which to take.
 *
 * @param experiment its name
 * @param seed of all predictions
 * @param clients in each
 * @param source where the model of the server is from, for people
 * @param policies what came of each reconnect policy
 * @param measured the same of those that were run, in the same words
 * @param windows what came of the cheapest policy with other drain windows or batch sizes; empty if none were tried
 * @param withinMicros by when everybody is to be back with those, from the restart's beginning
 * @param unpredicted the expectations that a prediction knows nothing of
 * @param notes what else is to be said, in sentences
 */
public record Advice(
        String experiment,
        long seed,
        int clients,
        String source,
        List<Candidate> policies,
        List<Candidate> measured,
        List<Candidate> windows,
        long withinMicros,
        List<String> unpredicted,
        List<String> notes) {

    /** The version of policies.json. */
    public static final String SCHEMA = "squall/policies/1";

    private static final Comparator<Candidate> CHEAPEST =
            Comparator.comparingLong(Candidate::peakAttempts).thenComparingLong(Candidate::wasted);

    public Advice {
        policies = List.copyOf(policies);
        measured = List.copyOf(measured);
        windows = List.copyOf(windows);
        unpredicted = List.copyOf(unpredicted);
        notes = List.copyOf(notes);
    }

    /** Those that meet the expectations, the cheapest first: the lowest peak, then the fewest wasted attempts. */
    public static List<Candidate> passing(List<Candidate> candidates) {
        return candidates.stream()
                .filter(each -> each.verdict() == Verdict.PASS)
                .sorted(CHEAPEST)
                .toList();
    }

    /** The cheapest policy that meets the expectations. */
    public Optional<Candidate> policy() {
        return passing(policies).stream().findFirst();
    }

    /** The drain window or batch size with the lowest peak of those that meet the expectations with everybody back in time. */
    public Optional<Candidate> window() {
        return passing(windows).stream()
                .filter(each -> each.back100Seconds() <= withinMicros / 1e6)
                .findFirst();
    }

    /**
     * Pass if a policy meets the expectations, fail if none does, inconclusive if of none it is known: as long as there are
     * expectations that a prediction knows nothing of, only a run passes.
     */
    public Verdict verdict() {
        if (!passing(measured).isEmpty() || policy().isPresent() && unpredicted.isEmpty()) {
            return Verdict.PASS;
        }
        boolean all = policies.stream().allMatch(each -> each.verdict() == Verdict.FAIL);
        return all && !policies.isEmpty() ? Verdict.FAIL : Verdict.INCONCLUSIVE;
    }

    /** What to do, in sentences. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        sentences.add(policy().map(best ->
                        "cheapest policy that meets the expectations: " + best.name() + " (" + best.told() + ")")
                .orElseGet(() -> verdict() == Verdict.FAIL
                        ? "no policy meets the expectations"
                        : "of no policy it is known that it meets the expectations"));
        if (!windows.isEmpty()) {
            String within = String.format(
                    Locale.ROOT, "for %,d clients within %s", clients, Quantity.DURATION.format(withinMicros));
            sentences.add(window().map(best -> "safest " + within + ": " + best.name() + " (" + best.told() + ")")
                    .orElseGet(() -> "no drain window or batch size that was tried is safe " + within));
        }
        if (!unpredicted.isEmpty()) {
            sentences.add("a prediction knows nothing of " + String.join(", ", unpredicted)
                    + (measured.isEmpty() ? ": --measure 3 runs the three best policies" : ""));
        }
        sentences.addAll(notes);
        return sentences;
    }

    /** policies.json. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", SCHEMA);
        root.put("experiment", experiment);
        root.put("seed", seed);
        root.put("clients", clients);
        root.put("source", source);
        root.put("verdict", verdict().word());
        ArrayNode advice = root.putArray("advice");
        sentences().forEach(advice::add);
        ArrayNode unknown = root.putArray("unpredicted");
        unpredicted.forEach(unknown::add);
        add(root.putArray("policies"), policies);
        add(root.putArray("measured"), measured);
        root.put("withinSeconds", withinMicros / 1e6);
        add(root.putArray("windows"), windows);
        return root;
    }

    private static void add(ArrayNode array, List<Candidate> candidates) {
        candidates.forEach(each -> array.add(each.json()));
    }

    /** For a terminal: the tables, and what to do. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s  %s   predicted   seed %d   %,d clients, %s%n%n",
                verdict(),
                experiment,
                seed,
                clients,
                source));
        List<Candidate> sorted = new ArrayList<>(policies);
        sorted.sort(Comparator.comparing(Candidate::verdict).thenComparing(CHEAPEST));
        table(text, sorted, "policy");
        if (!measured.isEmpty()) {
            text.append('\n');
            table(text, measured, "measured");
        }
        if (!windows.isEmpty()) {
            text.append('\n');
            table(text, windows, "with");
        }
        text.append('\n');
        sentences().forEach(sentence -> text.append("  ").append(sentence).append('\n'));
        return text.toString();
    }

    private static void table(StringBuilder text, List<Candidate> candidates, String heading) {
        List<List<String>> rows = new ArrayList<>();
        List<String> headings = new ArrayList<>(Candidate.HEADINGS);
        headings.set(0, heading);
        rows.add(headings);
        candidates.forEach(each -> rows.add(each.cells()));
        List<Integer> widths = new ArrayList<>(Collections.nCopies(headings.size(), 0));
        rows.forEach(row -> {
            for (int i = 0; i < row.size(); i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        });
        rows.forEach(row -> {
            StringBuilder line = new StringBuilder("  ");
            for (int i = 0; i < row.size(); i++) {
                // Words to the left, numbers to the right.
                line.append(String.format(Locale.ROOT, (i < 2 ? "%-" : "%") + widths.get(i) + "s  ", row.get(i)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        });
    }
}
