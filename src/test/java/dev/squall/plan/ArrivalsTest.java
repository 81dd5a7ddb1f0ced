package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squall.plan.Arrivals.Stage;
import dev.squall.stats.Runs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalsTest {

    private static final long SECOND = 1_000_000;

    private static Plan plan(String population, long seed) {
        return Runs.plan("duration: 60s\nload: {phones: {" + population + "}}\n", seed);
    }

    /** How many arrive in each second. */
    private static long[] perSecond(Plan plan) {
        Population phones = plan.populations().get(0);
        long[] seconds = new long[60];
        IntStream.range(0, phones.clients())
                .forEach(client -> seconds[(int) (plan.arrivalMicros(phones, client) / SECOND)]++);
        return seconds;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clients: 1000, arrive: {over: 10s}                                    | 10 * 100",
                "clients: 1000, arrive: {rate: 50/s}                                   | 20 * 50",
                "clients: 1000, arrive: {after: 5s, rate: 50/s}                        | 5 * 0, 20 * 50",
                "clients: 1000, arrive: {after: 2s}                                    | 2 * 0, 1 * 1000",
                "clients: 1000, arrive: at-once                                        | 1 * 1000",
                "clients: 1000, arrive: {after: 7s, over: 0s}                          | 7 * 0, 1 * 1000",
                "clients: 325, arrive: {stairs: {from: 10/s, by: 20/s, every: 3s}}     | 3 * 10, 3 * 30, 3 * 50, 1 * 55",
                "arrive: {stages: [{for: 5s, rate: 10/s}, {for: 10s, rate: 100/s}]}    | 5 * 10, 10 * 100",
                "arrive: {stages: [{for: 2s, rate: 10/s}, {for: 3s, rate: 0/s}, {for: 1s, rate: 5/s}]}"
                        + " | 2 * 10, 3 * 0, 1 * 5",
                "arrive: {stages: [{for: 4s, rate: 0/s..400/s}, {for: 4s, rate: 400/s..0/s}]}"
                        + " | 1 * 50, 1 * 150, 1 * 250, 1 * 350, 1 * 350, 1 * 250, 1 * 150, 1 * 50",
            })
    void asManyArriveInEachSecondAsTheModelSays(String population, String expected) {
        long seed = 42;
        long[] planned = new long[60];
        int second = 0;
        for (String run : expected.split(", ")) {
            String[] numbers = run.strip().split(" \\* ");
            for (int i = 0; i < Integer.parseInt(numbers[0]); i++) {
                planned[second++] = Long.parseLong(numbers[1]);
            }
        }

        long[] arrived = perSecond(plan(population, seed));

        for (int i = 0; i < planned.length; i++) {
            assertThat(arrived[i]).as("seed %d, second %d", seed, i).isCloseTo(planned[i], within(1L));
        }
        assertThat(Arrays.stream(arrived).sum())
                .isEqualTo(Arrays.stream(planned).sum());
    }

    @Test
    void aPoissonProcessIsAsManyInAllButNotInEachSecond() {
        long seed = 7;
        long[] seconds = perSecond(plan("clients: 4000, arrive: {over: 40s, spread: poisson}", seed));

        double variance = IntStream.range(0, 40)
                .mapToDouble(i -> (seconds[i] - 100.0) * (seconds[i] - 100) / 40)
                .sum();
        assertThat(Arrays.stream(seconds).sum()).isEqualTo(4000);
        // Of a Poisson process the mean, 100; of an even one less than 1. Chi squared of 39 degrees: within 4 sigma.
        assertThat(variance).as("seed %d", seed).isBetween(10.0, 190.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stages: [{for: 5s, rate: 1/s..40/s}]", "over: 10s", "over: 10s, spread: poisson"})
    void whenAClientArrivesDependsOnNothingButItselfAndTheSeed(String arrive) {
        String load = "duration: 60s\nload: {phones: {clients: 100, arrive: {" + arrive + "}}}\ninjectors: ";
        load = arrive.startsWith("stages") ? load.replace("clients: 100, ", "") : load;
        Plan one = Runs.plan(load + 1, 3);
        Plan seven = Runs.plan(load + 7, 3);
        Plan otherSeed = Runs.plan(load + 1, 4);

        int same = 0;
        Population phones = one.populations().get(0);
        for (int client = phones.clients() - 1; client >= 0; client--) {
            assertThat(seven.arrivalMicros(phones, client)).isEqualTo(one.arrivalMicros(phones, client));
            same += otherSeed.arrivalMicros(phones, client) == one.arrivalMicros(phones, client) ? 1 : 0;
        }
        assertThat(same).isLessThan(5);
    }

    @Test
    void theSharesThatHaveComeAndTheTimesAreInverse() {
        Arrivals arrivals = new Arrivals(
                List.of(new Stage(2 * SECOND, 0, 0), new Stage(3 * SECOND, 0, 9), new Stage(SECOND, 9, 1)),
                false,
                false,
                null);

        for (double share = 0.01; share < 1; share += 0.01) {
            assertThat(arrivals.share(arrivals.micros(share))).isCloseTo(share, within(1e-5));
        }
        assertThat(arrivals.share(2 * SECOND)).isZero();
        assertThat(arrivals.share(6 * SECOND)).isCloseTo(1, within(1e-12));
        assertThat(arrivals.share(60 * SECOND)).isCloseTo(1, within(1e-12));
    }

    @Test
    void anIncarnationHasRandomValuesOfItsOwn() {
        Plan plan = plan("clients: 10, model: closed, stay: 10s..20s", 5);
        Population phones = plan.populations().get(0);

        long first = Draw.who(3, 0);
        long second = Draw.who(3, 1);
        assertThat(plan.stayMicros(phones, first)).isBetween(10 * SECOND, 20 * SECOND);
        assertThat(plan.stayMicros(phones, first)).isNotEqualTo(plan.stayMicros(phones, second));
        assertThat(plan.delayMicros(phones, first, 1, 0, 0, 0))
                .isNotEqualTo(plan.delayMicros(phones, second, 1, 0, 0, 0));
        assertThat(plan.successionMicros(phones, first, true)).isEqualTo(Arrivals.SUCCESSION_MICROS);
        assertThat(plan.successionMicros(phones, first, false))
                .isBetween(Arrivals.SUCCESSION_MICROS, Arrivals.SUCCESSION_MICROS + Arrivals.SUCCESSION_SPREAD_MICROS)
                .isNotEqualTo(plan.successionMicros(phones, second, false));
    }

    @Test
    void aPlanKeepsItsArrivals(@TempDir Path directory) throws Exception {
        Plan plan = plan("arrive: {after: 1s, stages: [{for: 2s, rate: 1/s..9/s}]}, model: closed, stay: 2s..3s", 5);

        plan.write(directory.resolve("plan.json"));

        assertThat(Plan.read(directory.resolve("plan.json"))).isEqualTo(plan);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stage(0, 1, 1))
                .withMessage("for: 0 us (expected: > 0 us)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stage(1, -1, 1))
                .withMessage("rate: -1.0..1.0 (expected: >= 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Arrivals.Stay(2, 1))
                .withMessage("stay: 2 us..1 us (expected: > 0 us, the lower end first)");
    }
}
