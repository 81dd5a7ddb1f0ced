package dev.squall.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.squall.plan.Draw;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each profile against the definition of what it models, on 20,000 clients with fixed random bits. */
class ProfilesTest {

    private static final int CLIENTS = 20_000;
    private static final long SEED = 20_260_105;

    /** Kolmogorov and Smirnov at a level of one in a million: 2.7 / sqrt(n). */
    private static final double DISTANCE = 2.7 / Math.sqrt(CLIENTS);

    private static final List<Integer> CODES = List.of(1000, 1001, 1006, 1010, 1011, 1012, 1013);

    static Stream<String> names() {
        return Profiles.all().keySet().stream();
    }

    private static Profile profile(String name) {
        return Profiles.named(name).orElseThrow();
    }

    private static ReconnectPolicy policy(String name) {
        return profile(name).policy();
    }

    private static long bits(int client, int retry) {
        return Draw.bits(SEED, Draw.Purpose.ATTEMPT_DELAY, 0, client, 1, retry);
    }

    /** The delays of many clients before one retry, in seconds and in order; each has waited for all retries before. */
    private static double[] delays(String name, int retry) {
        ReconnectPolicy policy = policy(name);
        double[] delays = new double[CLIENTS];
        for (int client = 0; client < CLIENTS; client++) {
            long own = Draw.bits(SEED, Draw.Purpose.CLIENT_DELAY, 0, client, 0, 0);
            long delay = 0;
            for (int k = Math.max(0, retry - 12); k <= retry; k++) {
                delay = policy.delayMicros(k, k > 0, delay, own, bits(client, k));
            }
            delays[client] = delay / 1e6;
        }
        Arrays.sort(delays);
        return delays;
    }

    /** The largest distance of a sample from a distribution function that may jump. */
    private static void assertDistributed(String what, double[] sorted, DoubleUnaryOperator function) {
        double worst = 0;
        for (int i = 0; i < sorted.length; i++) {
            if (i + 1 == sorted.length || sorted[i + 1] > sorted[i]) {
                worst = Math.max(worst, Math.abs((i + 1.0) / sorted.length - function.applyAsDouble(sorted[i])));
            }
        }
        assertThat(worst).as("%s, seed %s", what, SEED).isLessThan(DISTANCE);
    }

    private static double uniform(double x, double low, double high) {
        return Math.max(0, Math.min(1, (x - low) / (high - low)));
    }

    // ---- the file

    @Test
    void allPoliciesOfDocumentsAndOfLibrariesAreThere() {
        assertThat(Profiles.all().keySet())
                .containsExactly(
                        "rfc6455",
                        "guide",
                        "iana-1012",
                        "immediate",
                        "none",
                        "full-jitter",
                        "equal-jitter",
                        "decorrelated-jitter",
                        "reconnecting-websocket",
                        "partysocket",
                        "phoenix-js",
                        "socket.io",
                        "graphql-ws",
                        "signalr",
                        "centrifuge-js",
                        "python-websockets");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyValueHasASourceAndThePolicyItsName(String name) {
        Profile profile = profile(name);

        assertThat(profile.sources().keySet()).containsAll(profile.spelled().keySet());
        assertThat(profile.sources().values()).noneMatch(String::isBlank);
        assertThat(profile.policy().name()).isEqualTo(name);
    }

    @Test
    void aLibrarysProfileSaysEverythingThatHasADefault() {
        Set<String> said = Set.of("attempts", "stable-after", "proved-by", "failed-tries", "stop-on");
        List<Profile> libraries = Profiles.all().values().stream()
                .filter(profile -> profile.runtime() != Profile.Runtime.ANY)
                .toList();

        assertThat(libraries).hasSize(8).allSatisfy(profile -> {
            assertThat(profile.spelled().keySet()).as(profile.name()).containsAll(said);
            assertThat(profile.origin()).as(profile.name()).matches(".* [0-9]+\\.[0-9]+.* \\(.*\\)");
            assertThat(profile.spelled().keySet().stream().map(profile.sources()::get))
                    .as(profile.name())
                    .allMatch(source -> source.matches(".*\\.(ts|js|py):[0-9]+.*"));
        });
    }

    @Test
    void aValueWithoutASourceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Profile(
                        "x",
                        "about",
                        "origin",
                        Profile.Runtime.ANY,
                        "models",
                        "omits",
                        PolicySettings.none(),
                        Map.of("delay", "1s"),
                        Map.of("codes", "ours")))
                .withMessage("x: delay has no source");
    }

    @Test
    void browsersCannotSend1010() {
        assertThat(profile("phoenix-js").cannotSend1010()).isTrue();
        assertThat(profile("python-websockets").cannotSend1010()).isFalse();
        assertThat(profile("rfc6455").cannotSend1010()).isFalse();
    }

    // ---- delays

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "2, 4", "4, 16", "5, 30", "100000, 30"})
    void fullJitterIsUniformFromZero(int retry, double high) {
        assertDistributed(
                "full " + retry,
                delays("full-jitter", retry),
                x -> x <= 0.01 && retry > 0 ? uniform(0.01, 0, high) : uniform(x, 0, high));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "2, 4", "5, 30", "100000, 30"})
    void equalJitterIsUniformOverTheUpperHalf(int retry, double high) {
        assertDistributed("equal " + retry, delays("equal-jitter", retry), x -> uniform(x, high / 2, high));
    }

    @Test
    void decorrelatedJitterIsUniformUpToThreeTimesTheDelayBefore() {
        ReconnectPolicy policy = policy("decorrelated-jitter");

        assertDistributed("decorrelated 0", delays("decorrelated-jitter", 0), x -> uniform(x, 1, 3));
        double[] after = new double[CLIENTS];
        for (int client = 0; client < CLIENTS; client++) {
            after[client] = policy.delayMicros(3, true, 4_000_000, 0, bits(client, 3)) / 1e6;
        }
        Arrays.sort(after);
        assertDistributed("decorrelated after 4 s", after, x -> uniform(x, 1, 12));
        assertThat(policy.delayMicros(9, true, 30_000_000, 0, -1L)).isEqualTo(30_000_000);
        assertThat(policy.delayMicros(0, false, 30_000_000, 0, -1L)).isLessThanOrEqualTo(3_000_000);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1.3", "2, 1.69", "4, 2.8561"})
    void reconnectingWebsocketGrowsFromADelayOfItsOwn(int retry, double factor) {
        assertDistributed(
                "rws " + retry,
                delays("reconnecting-websocket", retry),
                x -> x >= 10 ? 1 : uniform(x, factor, 5 * factor));
        ReconnectPolicy policy = policy("reconnecting-websocket");
        assertThat(policy.delayMicros(1, true, 0, 77, 1)).isEqualTo(policy.delayMicros(1, true, 0, 77, -1));
        assertThat(policy.stableMicros()).isEqualTo(5_000_000);
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 3.9", "2, 5.07", "3, 6.591", "4, 8.5683", "5, 10", "100000, 10"})
    void partysocketWaitsThreeSecondsAndMoreWithoutJitter(int retry, double seconds) {
        assertThat(delays("partysocket", retry)).containsOnly(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10",
        "1, 50",
        "2, 100",
        "3, 150",
        "4, 200",
        "5, 250",
        "6, 500",
        "7, 1000",
        "8, 2000",
        "9, 5000",
        "100000, 5000"
    })
    void phoenixHasATable(int retry, double millis) {
        assertThat(delays("phoenix-js", retry)).containsOnly(millis / 1000);
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 2000", "2, 4000", "3, 8000", "20, 1048576000"})
    void socketIoIsWhatBacko2Draws(int retry, double millis) {
        // Its code, written down again: ms = min * factor^attempts, deviation, sign, cap; over a grid of random
        // numbers.
        double[] backo2 = new double[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            double random = (i + 0.5) / CLIENTS;
            double deviation = Math.floor(random * 0.5 * millis);
            double ms = ((int) Math.floor(random * 10) & 1) == 0 ? millis - deviation : millis + deviation;
            backo2[i] = (int) Math.min(ms, 5000) / 1e3;
        }
        Arrays.sort(backo2);
        double[] ours = delays("socket.io", retry);
        double worst = 0;
        for (double x : ours) {
            worst = Math.max(worst, Math.abs(share(backo2, x) - share(ours, x)));
        }
        assertThat(worst).as("retry %s, seed %s", retry, SEED).isLessThan(DISTANCE);
    }

    /** The share of a sample within a millisecond above x, the grain of its clock, or below. */
    private static double share(double[] sorted, double x) {
        int place = Arrays.binarySearch(sorted, x + 0.0005);
        return (place < 0 ? -place - 1 : place) / (double) sorted.length;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "2, 4", "3, 8", "4, 16"})
    void graphqlWsAddsToPowersOfTwo(int retry, double base) {
        assertDistributed("graphql-ws " + retry, delays("graphql-ws", retry), x -> uniform(x, base + 0.3, base + 3));
        assertThat(policy("graphql-ws").attempts()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 2", "2, 10", "3, 30"})
    void signalrHasFourTries(int retry, double seconds) {
        assertThat(delays("signalr", retry)).containsOnly(seconds);
        assertThat(policy("signalr").attempts()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.5", "1, 1", "2, 2", "5, 16"})
    void centrifugeAddsFullJitterToItsLeastDelay(int retry, double most) {
        assertDistributed("centrifuge " + retry, delays("centrifuge-js", retry), x -> uniform(x, 0.5, 0.5 + most));
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 31, 100_000})
    void centrifugeIsCappedAsAWhole(int retry) {
        assertDistributed(
                "centrifuge " + retry, delays("centrifuge-js", retry), x -> x >= 20 ? 1 : uniform(x, 0.5, 20.5));
    }

    @Test
    void pythonWebsocketsBeginsAtRandomAndGoesOnInWholeSeconds() {
        assertDistributed("websockets 0", delays("python-websockets", 0), x -> uniform(x, 0, 5));
        double[] seconds = {3, 5, 8, 13, 21, 34, 55, 60, 60, 60};
        for (int retry = 1; retry <= seconds.length; retry++) {
            assertThat(delays("python-websockets", retry)).containsOnly(seconds[retry - 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void afterAnyNumberOfRetriesADelayIsNeitherNegativeNorLongerThanItsLimit(String name) {
        ReconnectPolicy policy = policy(name);
        for (int retry : new int[] {0, 1, 30, 63, 64, 1023, 1024, 100_000, ReconnectPolicy.UNLIMITED}) {
            for (long bits : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
                assertThat(policy.delayMicros(retry, true, Long.MAX_VALUE / 4, bits, bits))
                        .as("%s %s %s", name, retry, bits)
                        .isBetween(ReconnectPolicy.MIN_DELAY_AFTER_FAILURE_MICROS, 60_000_000L);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLongestFirstDelayIsReachedAndNotPassed(String name) {
        double longest = policy(name).longestFirstDelayMicros(1012) / 1e6;
        boolean atOnce = policy(name).reaction(1012) == Reaction.AT_ONCE;
        double[] delays = delays(name, 0);

        assertThat(atOnce ? 0 : delays[CLIENTS - 1]).isCloseTo(longest, within(0.1 + longest * 0.01));
        assertThat(longest).isGreaterThanOrEqualTo(atOnce ? 0 : delays[CLIENTS - 1]);
    }

    // ---- reactions

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rfc6455                | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "none                   | STOP STOP STOP STOP STOP STOP STOP",
                "reconnecting-websocket | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "partysocket            | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "phoenix-js             | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "socket.io              | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "graphql-ws             | AT_ONCE RETRY RETRY STOP STOP RETRY RETRY",
                "signalr                | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "centrifuge-js          | RETRY RETRY RETRY RETRY RETRY RETRY RETRY",
                "python-websockets      | AT_ONCE AT_ONCE AT_ONCE AT_ONCE AT_ONCE AT_ONCE AT_ONCE"
            })
    void theReactionToEachCodeIsTheLibrarys(String name, String reactions) {
        assertThat(CODES.stream().map(policy(name)::reaction).map(Reaction::name))
                .containsExactly(reactions.split(" "));
    }

    @Test
    void codesOfTheirOwnStopThoseWhoKnowThem() {
        assertThat(policy("graphql-ws").reaction(4401)).isEqualTo(Reaction.STOP);
        assertThat(policy("graphql-ws").reaction(4403)).isEqualTo(Reaction.RETRY);
        assertThat(policy("graphql-ws").reaction(4499)).isEqualTo(Reaction.RETRY);
        assertThat(policy("centrifuge-js").reaction(1009)).isEqualTo(Reaction.STOP);
        assertThat(policy("centrifuge-js").reaction(3500)).isEqualTo(Reaction.STOP);
        assertThat(policy("centrifuge-js").reaction(4499)).isEqualTo(Reaction.RETRY);
        assertThat(policy("centrifuge-js").reaction(4500)).isEqualTo(Reaction.STOP);
    }
}
