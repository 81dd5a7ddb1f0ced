package dev.squall.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches on made-up services, whose edge is known. */
class SearchTest {

    private static final int MOST = 10_000_000;
    private static final long SEED = 20261123;

    /** Trials about the edge: that its interval holds 95% takes some. */
    private static final double REPEATS = 12;

    private record Found(Answer answer, List<Double> tried) {
        boolean holds(double threshold) {
            return answer.low() <= threshold && threshold <= answer.high();
        }
    }

    private static Axis clients(int start, double precision) {
        return new Clients(Map.of("phones", start), MOST, precision);
    }

    private static Found search(Axis axis, int most, DoublePredicate passes) {
        Search search = new Search(axis, most);
        List<Double> tried = new ArrayList<>();
        while (search.next().isPresent()) {
            double value = search.next().getAsDouble();
            tried.add(value);
            search.tell(passes.test(value) ? Outcome.PASS : Outcome.FAIL);
        }
        return new Found(search.answer().orElseThrow(), tried);
    }

    /** How often doubling, then halving, would ask if nothing were to be repeated. */
    private static double leastTrials(double start, double threshold, double precision) {
        double doublings = Math.ceil(Math.abs(Math.log(threshold / start) / Math.log(2))) + 1;
        return doublings + Math.log(Math.log(2) / (2 * Math.log1p(precision))) / Math.log(2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.05, 0.1})
    void aSharpEdgeIsFoundWhereverItIsInAFewTrialsMoreThanDoublingAndBisectionTake(double precision) {
        Random random = new Random(SEED);
        for (int i = 0; i < 20; i++) {
            int start = (int) Math.exp(random.nextDouble() * Math.log(100_000));
            double threshold = Math.floor(Math.exp(random.nextDouble() * Math.log(5_000_000)));
            Found found = search(clients(start, precision), 100, value -> value <= threshold);

            assertThat(found.answer().ending()).isEqualTo(Ending.FOUND);
            assertThat(found)
                    .as("seed %d: %,d to %,.0f: %s", SEED, start, threshold, found)
                    .matches(each -> each.holds(threshold))
                    .matches(each -> each.tried().size() <= leastTrials(start, threshold, precision) + REPEATS);
            double steps = 2 * clients(start, precision).step(threshold); // Both ends are rounded away from it.
            assertThat(found.answer().high() - found.answer().low())
                    .isLessThanOrEqualTo(Math.max(1, 2.1 * precision * threshold) + steps);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.005, 0.9", "0.02, 0.9", "0.05, 0.9", "0.1, 0.85"})
    void ofNoisyEdgesTheIntervalHoldsNineInTen(double width, double least) {
        Random random = new Random(SEED);
        int searches = 40;
        int held = 0;
        for (int i = 0; i < searches; i++) {
            double threshold = Math.exp(Math.log(5_000) + random.nextDouble() * 2);
            Found found = search(
                    clients(10_000, 0.05),
                    24,
                    value -> random.nextDouble() < 1 / (1 + Math.exp(Math.log(value / threshold) / width)));
            held += found.holds(threshold) ? 1 : 0;
        }
        assertThat(held).as("seed %d: of %d", SEED, searches).isGreaterThanOrEqualTo((int) (least * searches));
    }

    @Test
    void theSafeValuePassesInNineteenOfTwentyRunsThoughAtTheAnswerOnlyHalfDo() {
        Random random = new Random(SEED);
        double width = 0.05;
        double passing = 0;
        for (int i = 0; i < 20; i++) {
            Found found = search(
                    clients(10_000, 0.05),
                    40,
                    value -> random.nextDouble() < 1 / (1 + Math.exp(Math.log(value / 12_000) / width)));
            assertThat(found.answer().safe()).isLessThan(found.answer().value());
            passing += 1 / (1 + Math.exp(Math.log(found.answer().safe() / 12_000) / width)) / 20;
        }
        assertThat(passing).as("seed %d", SEED).isBetween(0.9, 0.99);
    }

    @Test
    void theSameOutcomesGiveTheSameSearch() {
        DoublePredicate noisy = value -> Math.sin(value) * 2_000 + 20_000 > value;
        assertThat(search(clients(1_000, 0.05), 24, noisy)).isEqualTo(search(clients(1_000, 0.05), 24, noisy));
    }

    @Test
    void anEdgeFarFromAFirstTrialThatFailedByBadLuckIsFoundAllTheSame() {
        List<Double> tried = new ArrayList<>();
        Found found = search(clients(1_000, 0.05), 60, value -> {
            tried.add(value);
            return tried.size() > 1 && value <= 9_000;
        });
        assertThat(found.holds(9_000)).as("%s", found).isTrue();
    }

    @Test
    void oneTrialThatWentWrongForAnotherReasonNeitherMisleadsNorCostsMany() {
        Random random = new Random(SEED);
        int held = 0;
        int trials = 0;
        for (int i = 0; i < 40; i++) {
            double threshold = Math.exp(Math.log(5_000) + random.nextDouble() * 2);
            int wrong = 3 + random.nextInt(6);
            List<Double> tried = new ArrayList<>();
            Found found = search(clients(10_000, 0.05), 60, value -> {
                tried.add(value);
                return value <= threshold == (tried.size() != wrong);
            });
            held += found.holds(threshold) ? 1 : 0;
            trials += found.tried().size();
        }
        assertThat(held).as("seed %d: of 40", SEED).isGreaterThanOrEqualTo(36);
        // Without lapses nothing but a wide edge explains it: that takes 24 each.
        assertThat(trials / 40.0).isLessThan(21);
    }

    @Test
    void whatNeverFailsIsTriedUpToTheMost() {
        Found found = search(new Clients(Map.of("phones", 1_000), 10_000, 0.05), 24, value -> true);

        assertThat(found.tried()).containsExactly(1_000.0, 2_000.0, 4_000.0, 8_000.0, 10_000.0);
        assertThat(found.answer().ending()).isEqualTo(Ending.ALL_PASS);
        assertThat(found.answer().value()).isEqualTo(10_000);
        assertThat(found.answer().high()).isNaN();
    }

    @Test
    void whatNeverPassesIsTriedDownToOneClient() {
        Found found = search(clients(10, 0.05), 24, value -> false);

        assertThat(found.tried()).containsExactly(10.0, 5.0, 2.0, 1.0);
        assertThat(found.answer().ending()).isEqualTo(Ending.NONE_PASS);
        assertThat(found.answer().value()).isNaN();
        assertThat(found.answer().high()).isEqualTo(1);
    }

    @Test
    void betweenNeighbouringNumbersNothingIsLeftToFind() {
        Found found = search(clients(10, 0.05), 40, value -> value <= 3);

        assertThat(found.answer().ending()).isEqualTo(Ending.FOUND);
        assertThat(found.answer().value()).isEqualTo(3);
        assertThat(found.holds(3)).isTrue();
    }

    @Test
    void whatSaysNothingIsTriedTwiceMoreAndThenTheHarnessBinds() {
        Search search = new Search(clients(1_000, 0.05), 24);
        search.tell(Outcome.PASS);
        search.tell(Outcome.UNKNOWN);
        search.tell(Outcome.UNKNOWN);
        assertThat(search.next()).hasValue(2_000);
        search.tell(Outcome.PASS);
        for (int i = 0; i < 3; i++) {
            assertThat(search.next()).hasValue(4_000);
            search.tell(Outcome.UNKNOWN);
        }

        assertThat(search.next()).isEmpty();
        assertThat(search.answer().orElseThrow())
                .isEqualTo(new Answer(Ending.HARNESS, 2_000, 2_000, Double.NaN, Double.NaN, true));
    }

    @Test
    void whatCannotBeTriedEndsItAtOnce() {
        Search search = new Search(clients(1_000, 0.05), 24);
        search.tell(Outcome.PASS);
        search.tell(Outcome.REFUSED);
        assertThat(search.answer().map(Answer::ending)).contains(Ending.REFUSED);
    }

    @Test
    void trialsThatAreUsedUpEndItWithWhatIsKnown() {
        Found found = search(clients(1_000, 0.05), 5, value -> value <= 3_000);

        assertThat(found.tried()).hasSize(5);
        assertThat(found.answer().ending()).isEqualTo(Ending.TRIALS);
        assertThat(found.holds(3_000)).isTrue();
    }

    @Test
    void anInterruptedSearchTellsWhatIsKnown() {
        Search search = new Search(clients(1_000, 0.05), 24);
        search.tell(Outcome.FAIL);
        search.interrupt();
        assertThat(search.next()).isEmpty();
        assertThat(search.answer().orElseThrow())
                .isEqualTo(new Answer(Ending.INTERRUPTED, Double.NaN, Double.NaN, 1_000, Double.NaN, true));
    }

    // ---- settings ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEdgeOfASettingIsFoundWhicheverEndPasses(boolean lowPasses) {
        Random random = new Random(SEED);
        for (int i = 0; i < 20; i++) {
            double threshold = random.nextDouble() * 60e6;
            Found found = search(
                    Setting.parse("faults.0.restart.drain", "0s..60s", 0.05),
                    40,
                    value -> value <= threshold == lowPasses);

            assertThat(found.tried()).startsWith(0.0, 60e6).allMatch(value -> value % 500_000 == 0);
            assertThat(found.answer().ending()).isEqualTo(Ending.FOUND);
            assertThat(found.answer().passesBelow()).isEqualTo(lowPasses);
            assertThat(found).as("seed %d: %.0f: %s", SEED, threshold, found).matches(each -> each.holds(threshold));
            assertThat(found.answer().high() - found.answer().low()).isLessThanOrEqualTo(6e6 + 2 * 500_000);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, ALL_PASS", "false, NONE_PASS"})
    void aSettingWhoseEndsAgreeHasNoEdge(boolean passes, Ending ending) {
        Found found = search(Setting.parse("x", "1..9", 0.05), 24, value -> passes);
        assertThat(found.tried()).containsExactly(1.0, 9.0);
        assertThat(found.answer().ending()).isEqualTo(ending);
    }
}
