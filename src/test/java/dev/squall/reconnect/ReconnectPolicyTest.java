package dev.squall.reconnect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squall.plan.Draw;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each policy against its definition in DESIGN section 4, on 20,000 clients with fixed random bits. */
class ReconnectPolicyTest {

    private static final int CLIENTS = 20_000;
    private static final long SEED = 20_260_101;
    private static final long ONES = -1L;

    private static ReconnectPolicy named(String name) {
        return Profiles.named(name).orElseThrow().policy();
    }

    private static ReconnectPolicy inline(
            long min, long max, double growth, long cap, Jitter jitter, boolean drawOnce) {
        return new ReconnectPolicy("inline", min, max, growth, cap, jitter, drawOnce, ReconnectPolicy.UNLIMITED, 0);
    }

    /** The delays of many clients before one retry, in order. */
    private static double[] delays(ReconnectPolicy policy, int retry) {
        double[] delays = new double[CLIENTS];
        for (int client = 0; client < CLIENTS; client++) {
            long once = Draw.bits(SEED, Draw.Purpose.CLIENT_DELAY, 0, client, 0, 0);
            long each = Draw.bits(SEED, Draw.Purpose.ATTEMPT_DELAY, 0, client, 1, retry);
            delays[client] = policy.delayMicros(retry, retry > 0, 0, once, each);
        }
        Arrays.sort(delays);
        return delays;
    }

    /** Kolmogorov and Smirnov: the largest distance from the uniform distribution, at a level of one in a million. */
    private static void assertUniform(double[] sorted, double low, double high) {
        double worst = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = (sorted[i] - low) / (high - low);
            worst = Math.max(
                    worst, Math.max((i + 1.0) / sorted.length - expected, expected - i / (double) sorted.length));
        }
        assertThat(sorted[0]).isGreaterThanOrEqualTo(low);
        assertThat(sorted[sorted.length - 1]).isLessThanOrEqualTo(high);
        assertThat(worst).as("distance from U(%s, %s)", low, high).isLessThan(2.7 / Math.sqrt(sorted.length));
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "1, 10", "2, 20", "3, 40", "4, 60", "5, 60", "30, 60", "2000, 60"})
    void rfc6455IsUniformUpToFiveSecondsThenTwiceThatEachTimeUpToAMinute(int retry, long highSeconds) {
        // A failed try is followed by at least 10 ms: that is within the distance that the bound allows for.
        assertUniform(delays(named("rfc6455"), retry), 0, highSeconds * 1e6);
    }

    @ParameterizedTest
    @CsvSource({"guide, 0, 1, 5", "guide, 7, 1, 5", "iana-1012, 0, 5, 30", "iana-1012, 7, 5, 30"})
    void guideAndIanaAreUniformInTheirRangeEachTime(String name, int retry, long lowSeconds, long highSeconds) {
        assertUniform(delays(named(name), retry), lowSeconds * 1e6, highSeconds * 1e6);
    }

    @Test
    void immediateIsAtOnceAfterALossAndTenMillisecondsAfterAFailure() {
        assertThat(delays(named("immediate"), 0)).containsOnly(0);
        assertThat(delays(named("immediate"), 1)).containsOnly(10_000);
        assertThat(delays(named("immediate"), 1000)).containsOnly(10_000);
        assertThat(named("immediate").reconnects()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 1500", "2, 2250", "3, 3375", "4, 4000", "100, 4000", "1000000, 4000"})
    void withoutJitterTheDelayGrowsUpToItsCap(int retry, long millis) {
        ReconnectPolicy policy = inline(1_000_000, 1_000_000, 1.5, 4_000_000, Jitter.NONE, false);

        assertThat(delays(policy, retry)).containsOnly(millis * 1000.0);
    }

    @Test
    void fullJitterIsUniformFromZeroToTheDelay() {
        assertUniform(delays(inline(1_000_000, 1_000_000, 2, 60_000_000, Jitter.FULL, false), 2), 0, 4e6);
    }

    @Test
    void equalJitterIsUniformOverTheUpperHalf() {
        assertUniform(delays(inline(1_000_000, 1_000_000, 2, 60_000_000, Jitter.EQUAL, false), 2), 2e6, 4e6);
    }

    @Test
    void theCapComesBeforeTheJitter() {
        assertUniform(delays(inline(1_000_000, 1_000_000, 2, 3_000_000, Jitter.EQUAL, false), 9), 1.5e6, 3e6);
    }

    @Test
    void firstDelayAndJitterAreDrawnIndependently() {
        double[] delays = delays(inline(1_000_000, 3_000_000, 1, 3_000_000, Jitter.FULL, false), 0);

        // The product of U(1, 3) and U(0, 1): mean 1, variance E(d^2)/3 - 1 = 13/9 - 1. Correlated, the mean were 1.17.
        double mean = Arrays.stream(delays).average().orElseThrow();
        double variance =
                Arrays.stream(delays).map(d -> (d - mean) * (d - mean)).sum() / CLIENTS;
        assertThat(mean / 1e6).isCloseTo(1, within(0.02));
        assertThat(variance / 1e12).isCloseTo(4.0 / 9, within(0.02));
    }

    @Test
    void whatIsAddedIsDrawnIndependentlyOfTheJitter() {
        Span twoSeconds = new Span(2_000_000, 2_000_000);
        Backoff sum = new Exponential(twoSeconds, 1, 4_000_000, Jitter.FULL, false, new Span(0, 2_000_000));

        // U(0, 2) + U(0, 2): variance 4/12 + 4/12; the same draw for both were twice that.
        double squares = 0;
        for (int client = 0; client < CLIENTS; client++) {
            double delay = sum.micros(0, 0, 0, Draw.bits(SEED, Draw.Purpose.ATTEMPT_DELAY, 0, client, 1, 0)) / 1e6;
            squares += (delay - 2) * (delay - 2);
        }
        assertThat(squares / CLIENTS).isCloseTo(2.0 / 3, within(0.03));
    }

    @Test
    void drawnOnceTheFirstDelayIsTheSameAtEachAttemptOfAClientAndDiffersBetweenClients() {
        ReconnectPolicy once = inline(1_000_000, 5_000_000, 1, 5_000_000, Jitter.NONE, true);
        long clientBits = 0x4000_0000_0000_0000L;

        assertThat(once.delayMicros(0, false, 0, clientBits, 1)).isEqualTo(2_000_000);
        assertThat(once.delayMicros(5, true, 0, clientBits, ONES)).isEqualTo(2_000_000);
        assertUniform(delays(once, 3), 1e6, 5e6);
    }

    @Test
    void drawnEachTimeTheClientsBitsDoNotMatter() {
        ReconnectPolicy each = inline(1_000_000, 5_000_000, 1, 5_000_000, Jitter.NONE, false);

        assertThat(each.delayMicros(0, false, 0, 0, 0x8000_0000_0000_0000L)).isEqualTo(3_000_000);
        assertThat(each.delayMicros(0, false, 0, ONES, 0x8000_0000_0000_0000L)).isEqualTo(3_000_000);
    }

    @Test
    void drawnOnceTheJitterIsStillDrawnEachTime() {
        ReconnectPolicy once = inline(1_000_000, 1_000_000, 1, 1_000_000, Jitter.FULL, true);

        assertThat(once.delayMicros(0, false, 0, 0, 0x4000_0000L)).isEqualTo(250_000);
        assertThat(once.delayMicros(0, false, 0, 0, 0xc000_0000L)).isEqualTo(750_000);
    }

    @Test
    void noPolicyRetriesWithinTenMillisecondsOfAFailure() {
        for (Profile profile : Profiles.all().values()) {
            ReconnectPolicy policy = profile.policy();
            for (long bits : new long[] {0, 1, ONES, Long.MIN_VALUE}) {
                assertThat(policy.delayMicros(1, true, 0, bits, bits))
                        .as(policy.name())
                        .isGreaterThanOrEqualTo(ReconnectPolicy.MIN_DELAY_AFTER_FAILURE_MICROS);
            }
        }
        assertThat(named("rfc6455").delayMicros(0, false, 0, 0, 0)).isZero();
    }

    @Test
    void aZeroDelayStaysZeroHoweverItGrows() {
        ReconnectPolicy policy = inline(0, 0, 1000, 60_000_000, Jitter.FULL, false);

        assertThat(policy.delayMicros(100_000, false, 0, ONES, ONES)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 60, 5", "1, 5, 3, 3", "0, 0, 60, 0"})
    void theLongestFirstDelayIsTheRangesEndOrTheCap(long min, long max, long cap, long longest) {
        ReconnectPolicy policy = inline(min, max, 2, cap, Jitter.NONE, false);

        assertThat(policy.longestFirstDelayMicros(1012)).isEqualTo(longest);
        assertThat(policy.delayMicros(0, false, 0, ONES, ONES)).isLessThanOrEqualTo(longest);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1, 1, 1, 1, 0, 'delay: -1us (expected: >= 0s)'",
        "2, 1, 1, 1, 1, 0, 'delay: 2us..1us (expected: low..high)'",
        "1, 1, 0.5, 1, 1, 0, 'growth: 0.5 (expected: 1..1000)'",
        "1, 1, 1001, 1, 1, 0, 'growth: 1001.0 (expected: 1..1000)'",
        "1, 1, NaN, 1, 1, 0, 'growth: NaN (expected: 1..1000)'",
        "1, 1, 1, -1, 1, 0, 'cap: -1us (expected: >= 0s)'",
        "1, 1, 1, 1, -1, 0, 'attempts: -1 (expected: 0..1048575)'",
        "1, 1, 1, 1, 1048576, 0, 'attempts: 1048576 (expected: 0..1048575)'",
        "1, 1, 1, 1, 1, -1, 'stable-after: -1us (expected: >= 0s)'"
    })
    void anImpossiblePolicyNamesItsFieldAndWhatIsAccepted(
            long min, long max, double growth, long cap, int attempts, long stable, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReconnectPolicy("x", min, max, growth, cap, Jitter.NONE, false, attempts, stable))
                .withMessage(message);
    }
}
