package dev.squall.behaviour;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the waits of a client tell of its backoff: whether they grow while it fails, and whether they spread. */
final class Retries {

    /** Two waits are alike if they differ by at most this share of the longer one, or by {@link #ALIKE_MICROS}. */
    static final double ALIKE = 0.05;

    /** A busy machine makes equal timers differ by so much. */
    static final long ALIKE_MICROS = 20_000;

    /** Timers of a busy machine are late by less than this share of a wait; what differs by more was drawn. */
    static final double APART = 0.2;

    /** So many waits between failures, in one outage, show whether they grow. */
    static final int WAITS_TO_SHOW_GROWTH = 4;

    /** So many waits must be alike before it is said that they do not spread. */
    static final int WAITS_TO_SHOW_NO_SPREAD = 3;

    /** Libraries forget their failures once a connection has been up for so long: waits after shorter ones may have grown. */
    static final long SETTLED_MICROS = 5_000_000;

    /** So many outages show that waits with jitter do not grow: in fewer, jitter hides growth too often. */
    static final int OUTAGES_TO_SHOW_NO_GROWTH = 3;

    /** A trend, in standard deviations, that chance makes in 2 to 4% of all cases. */
    private static final double CERTAIN = 2;

    /** One that a backoff which doubles under full jitter falls short of as seldom, in that many outages. */
    private static final double NOTHING = 0.5;

    private Retries() {}

    /**
     * Whether waits grow from failure to failure: Mann and Kendall's test for a trend, over the outages together. Each
     * pair of an outage's waits counts for growth or against it, and not at all if both are alike.
     *
     * @param outages of each outage the waits after its first, second, ... failure, in microseconds
     */
    static Judgement grew(List<List<Long>> outages) {
        int most = outages.stream().mapToInt(List::size).max().orElse(0);
        if (most < WAITS_TO_SHOW_GROWTH) {
            return Judgement.unknown(most + " waits between failed attempts in one outage (it takes "
                    + WAITS_TO_SHOW_GROWTH + " to see growth)");
        }
        long sum = 0;
        double variance = 0;
        for (List<Long> waits : outages) {
            for (int later = 1; later < waits.size(); later++) {
                for (int earlier = 0; earlier < later; earlier++) {
                    sum += alike(waits.get(earlier), waits.get(later))
                            ? 0
                            : Long.signum(waits.get(later) - waits.get(earlier));
                }
            }
            double n = waits.size();
            variance += n * (n - 1) * (2 * n + 5) / 18;
        }
        double trend = sum / Math.sqrt(variance);
        String seen = most + " waits in one outage";
        if (trend >= CERTAIN) {
            return Judgement.yes(String.format(Locale.ROOT, "by a factor of about %.1f, %s", factor(outages), seen));
        }
        long shown = outages.stream()
                .filter(waits -> waits.size() >= WAITS_TO_SHOW_GROWTH)
                .count();
        boolean alike = outages.stream().allMatch(waits -> alike(waits));
        return alike || trend <= -CERTAIN || (shown >= OUTAGES_TO_SHOW_NO_GROWTH && trend <= NOTHING)
                ? Judgement.no("no trend, " + seen)
                : Judgement.unknown("what trend there is may be chance, " + seen);
    }

    /** By how much a wait is multiplied until the longest is reached: the median over the outages; 1 if nothing tells. */
    static double factor(List<List<Long>> outages) {
        List<Double> factors = new ArrayList<>();
        for (List<Long> waits : outages) {
            long longest = waits.stream().mapToLong(Long::longValue).max().orElse(0);
            int steps = 0;
            while (steps < waits.size() && !alike(waits.get(steps), longest)) {
                steps++;
            }
            if (steps > 0 && steps < waits.size()) {
                factors.add(Math.pow((double) waits.get(steps) / Math.max(1, waits.get(0)), 1.0 / steps));
            }
        }
        factors.sort(Comparator.naturalOrder());
        return factors.isEmpty() ? 1 : factors.get((factors.size() - 1) / 2);
    }

    /**
     * Whether waits that a client without jitter makes equal are not: those after losses by the same code of connections
     * that were up for long, and those after as many failures. Also, a wait that is shorter than one before it in the same
     * outage is none of a growing backoff.
     */
    static Judgement spread(List<Delay> delays, List<List<Long>> outages) {
        List<Delay> seen = delays.stream().filter(delay -> !delay.atMost()).toList();
        List<List<Long>> equals = new ArrayList<>();
        seen.stream()
                .filter(delay -> delay.upMicros() >= SETTLED_MICROS)
                .collect(Collectors.groupingBy(
                        Delay::code, TreeMap::new, Collectors.mapping(Delay::micros, Collectors.toList())))
                .values()
                .forEach(equals::add);
        Map<Integer, List<Long>> byFailure = new TreeMap<>();
        for (List<Long> waits : outages) {
            for (int i = 0; i < waits.size(); i++) {
                byFailure.computeIfAbsent(i, failure -> new ArrayList<>()).add(waits.get(i));
            }
        }
        equals.addAll(byFailure.values());
        for (List<Long> waits : equals) {
            if (apart(Collections.min(waits), Collections.max(waits))) {
                return Judgement.yes("waits of " + range(waits));
            }
        }
        for (List<Long> waits : outages) {
            for (int i = 1; i < waits.size(); i++) {
                if (apart(waits.get(i), waits.get(i - 1))) {
                    return Judgement.yes("waits of " + range(waits) + " in one outage, shorter ones after longer ones");
                }
            }
        }
        List<List<Long>> samples = new ArrayList<>(equals);
        samples.addAll(outages);
        samples.add(seen.stream().map(Delay::micros).toList());
        for (List<Long> waits : samples) {
            if (waits.size() >= WAITS_TO_SHOW_NO_SPREAD && alike(waits)) {
                return Judgement.no(waits.size() + " waits of " + range(waits));
            }
        }
        return Judgement.unknown(
                seen.isEmpty() && outages.isEmpty()
                        ? "no wait was seen whole"
                        : "too few waits that should be equal (it takes 2 that differ, or " + WAITS_TO_SHOW_NO_SPREAD
                                + " that do not)");
    }

    private static String range(List<Long> waits) {
        long shortest = waits.stream().mapToLong(Long::longValue).min().orElse(0);
        long longest = waits.stream().mapToLong(Long::longValue).max().orElse(0);
        return String.format(Locale.ROOT, "%.2f to %.2f s", shortest / 1e6, longest / 1e6);
    }

    private static boolean alike(List<Long> waits) {
        long shortest = waits.stream().mapToLong(Long::longValue).min().orElse(0);
        return alike(shortest, waits.stream().mapToLong(Long::longValue).max().orElse(0));
    }

    /** Whether the second wait is so much longer that no busy machine made it so. */
    private static boolean apart(long shorter, long longer) {
        return longer - shorter > Math.max(ALIKE_MICROS, (long) (APART * longer));
    }

    private static boolean alike(long a, long b) {
        return Math.abs(a - b) <= Math.max(ALIKE_MICROS, ALIKE * Math.max(a, b));
    }
}
