package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.fault.FaultWindow;
import dev.squall.fault.Withhold;
import dev.squall.profile.Profiles;
import dev.squall.protocol.Negotiation;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {

    private static final long SECOND = 1_000_000;

    private static final ReconnectPolicy RFC = Profiles.byDefault().policy();

    private static final Population STRICT = new Population(
            0,
            "strict",
            2000,
            10 * SECOND,
            List.of("permessage-deflate", "x-other; a=1"),
            List.of("permessage-deflate"),
            On1010.RETRY_WITHOUT,
            new Message(5 * SECOND, 64),
            RFC);
    private static final Population PHONES = new Population(
            1,
            "phones",
            3000,
            10 * SECOND,
            List.of(),
            List.of(),
            On1010.STOP,
            null,
            new ReconnectPolicy("inline", SECOND, 5 * SECOND, 1.5, 30 * SECOND, Jitter.EQUAL, true, 20, 7));
    private static final Plan.Restart RESTART = new Plan.Restart(
            0,
            20 * SECOND,
            2 * SECOND,
            new Plan.Batches(100, SECOND),
            3 * SECOND,
            30 * SECOND,
            1012,
            WhileDown.BLACK_HOLE,
            0,
            true,
            false,
            List.of(0, 2));
    private static final FaultWindow WITHHOLD =
            FaultWindow.during(0, new Withhold("permessage-deflate", false), 0.1, 5 * SECOND, 15 * SECOND);

    @TempDir
    Path directory;

    private static Plan plan(long seed, int nodes, int injectors) {
        return plan(seed, nodes, injectors, List.of(STRICT, PHONES));
    }

    private static Plan plan(long seed, int nodes, int injectors, List<Population> populations) {
        List<Plan.Node> servers = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            servers.add(new Plan.Node(i, "127.0.0." + (i + 1), 9001));
        }
        return new Plan(
                Plan.SCHEMA,
                "test",
                seed,
                60 * SECOND,
                injectors,
                servers,
                null,
                null,
                List.of("permessage-deflate"),
                new Plan.Capacity(800.5, 50, 1000, 5 * SECOND, WhenFull.HANG),
                populations,
                List.of(WITHHOLD),
                List.of(RESTART),
                new Plan.Limits(2, 3, 4, 5),
                List.of("restart.outage.p99 <= 15s", "strict: extension.1010.rate <= 12%"),
                0.95);
    }

    private static Plan of(long seed) {
        return plan(seed, 3, 2);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Path file = directory.resolve("plan.json");
        of(42).write(file);

        assertThat(Plan.read(file)).isEqualTo(of(42));
        assertThat(Plan.read(file).toJson()).isEqualTo(Files.readString(file));
    }

    @Test
    void aPlanWithoutWhatIsOptionalIsReadAgain() throws IOException {
        Plan bare = new Plan(
                Plan.SCHEMA,
                "bare",
                Long.MIN_VALUE,
                SECOND,
                1,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                new Plan.Limits(2, 3, 4, 5),
                List.of(),
                0);
        Path file = directory.resolve("plan.json");
        bare.write(file);

        assertThat(Plan.read(file)).isEqualTo(bare);
    }

    @Test
    void theFileHoldsOnlyWhatWasPlannedAndNoClient() {
        assertThat(of(42).toJson())
                .contains("\"schema\" : \"squall/plan/1\"", "\"atMicros\" : 20000000")
                .doesNotContain("drainedMicros", "dueMicros", "listeningMicros")
                .hasSizeLessThan(5000);
    }

    @Test
    void aFileOfAnotherVersionIsRefusedByName() throws IOException {
        Path file = directory.resolve("plan.json");
        Files.writeString(file, of(42).toJson().replace(Plan.SCHEMA, "squall/plan/99"));

        assertThatIOException()
                .isThrownBy(() -> Plan.read(file))
                .withMessageContainingAll(file.toString(), "squall/plan/99", "expected: squall/plan/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{}", "{\"schema\": \"squall/plan/1\"}", "7", "null"})
    void aDamagedFileIsAnErrorOfReading(String text) throws IOException {
        Path file = directory.resolve("plan.json");
        Files.writeString(file, text);

        assertThatIOException().isThrownBy(() -> Plan.read(file));
    }

    @Test
    void aPlanDoesNotChangeWithTheListsItWasMadeOf() {
        List<String> expectations = new ArrayList<>();
        Plan plan = new Plan(
                Plan.SCHEMA,
                "x",
                1,
                1,
                1,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                new Plan.Limits(1, 1, 1, 1),
                expectations,
                0);
        expectations.add("late");

        assertThat(plan.expectations()).isEmpty();
        assertThatThrownBy(() -> plan.nodes().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void theSameSeedGivesTheSameRunWhateverTheShards() {
        Plan one = plan(42, 3, 1);
        Plan other = plan(42, 5, 7);
        for (int client = 0; client < 2000; client += 13) {
            assertThat(one.arrivalMicros(STRICT, client)).isEqualTo(other.arrivalMicros(STRICT, client));
            assertThat(one.delayMicros(STRICT, client, 1, 2, 2, 0))
                    .isEqualTo(other.delayMicros(STRICT, client, 1, 2, 2, 0));
            assertThat(one.strikes(WITHHOLD, 0, 0, client, 1)).isEqualTo(other.strikes(WITHHOLD, 0, 0, client, 1));
            assertThat(one.closeOrder(RESTART, 0, client, 1)).isEqualTo(other.closeOrder(RESTART, 0, client, 1));
            assertThat(one.messagePhaseMicros(STRICT, client, 1))
                    .isEqualTo(other.messagePhaseMicros(STRICT, client, 1));
        }
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        int same = 0;
        for (int client = 0; client < 1000; client++) {
            same += of(1).arrivalMicros(STRICT, client) == of(2).arrivalMicros(STRICT, client) ? 1 : 0;
        }
        assertThat(same).isLessThan(10); // Each share is 5,000 us wide.
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MAX_VALUE, Long.MIN_VALUE})
    void clientsArriveInOrderEachWithinItsShareOfTheRamp(long seed) {
        Plan plan = of(seed);
        long previous = 0;
        for (int client = 0; client < PHONES.clients(); client++) {
            long arrival = plan.arrivalMicros(PHONES, client);
            double share = PHONES.arrivals().overMicros() / (double) PHONES.clients();
            assertThat(arrival).as("seed %d, client %d", seed, client).isGreaterThanOrEqualTo(previous);
            assertThat(arrival / share).isBetween(client - 0.001, client + 1.0);
            previous = arrival;
        }
        assertThat(previous).isLessThanOrEqualTo(PHONES.arrivals().overMicros());
    }

    @Test
    void arrivalsAreAtARandomPlaceOfTheirShare() {
        double mean = 0;
        double share = PHONES.arrivals().overMicros() / (double) PHONES.clients();
        for (int client = 0; client < PHONES.clients(); client++) {
            mean += (of(42).arrivalMicros(PHONES, client) / share - client) / PHONES.clients();
        }
        assertThat(mean).isCloseTo(0.5, within(0.03));
    }

    @Test
    void aRampOfNothingIsAllAtOnce() {
        Population all = new Population(0, "all", 100, 0, List.of(), List.of(), On1010.STOP, null, RFC);

        assertThat(of(42).arrivalMicros(all, 0)).isZero();
        assertThat(of(42).arrivalMicros(all, 99)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void theSharesCoverEachClientExactlyOnce(int injectors) {
        Plan plan = plan(42, 1, injectors);
        for (int client = 0; client < 2000; client++) {
            int runs = 0;
            for (int injector = 0; injector < injectors; injector++) {
                runs += plan.runs(injector, client) ? 1 : 0;
            }
            assertThat(runs).as("client %d of %d injectors", client, injectors).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7})
    void theSharesAreEven(int injectors) {
        Plan plan = plan(42, 1, injectors);
        for (int injector = 0; injector < injectors; injector++) {
            int share = 0;
            for (int client = 0; client < 2000; client++) {
                share += plan.runs(injector, client) ? 1 : 0;
            }
            assertThat(share).isBetween(2000 / injectors, 2000 / injectors + 1);
        }
    }

    @Test
    void aClientDialsTheSameNodeWhateverTheSeedAndTheShards() {
        for (int client = 0; client < 100; client++) {
            assertThat(plan(1, 3, 1).node(0, client)).isEqualTo(plan(2, 3, 4).node(0, client));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyNodeHasAnEvenPartOfEachPopulation(int nodes) {
        Plan plan = plan(42, nodes, 1);
        for (int population = 0; population < 2; population++) {
            int[] clients = new int[nodes];
            for (int client = 0; client < 2000; client++) {
                clients[plan.node(population, client).index()]++;
            }
            for (int at : clients) {
                assertThat(at).isBetween(2000 / nodes, 2000 / nodes + 1);
            }
        }
    }

    @Test
    void aDelayFollowsThePopulationsPolicyAndDiffersByClientLossAndFailure() {
        Plan plan = of(42);
        List<Long> delays = List.of(
                plan.delayMicros(STRICT, 0, 1, 0, 0, 0),
                plan.delayMicros(STRICT, 1, 1, 0, 0, 0),
                plan.delayMicros(STRICT, 0, 2, 0, 0, 0),
                plan.delayMicros(STRICT, 0, 1, 1, 0, 0));

        assertThat(delays).doesNotHaveDuplicates().allMatch(d -> d >= 0 && d <= 5 * SECOND);
        assertThat(plan.delayMicros(STRICT, 0, 1, 0, 0, 0)).isEqualTo(delays.get(0));
    }

    @Test
    void everyProfileIsTheSameInThePlansFile() throws IOException {
        List<Mix.Part> parts = Profiles.all().values().stream()
                .map(profile -> new Mix.Part(profile.policy(), 1))
                .toList();
        Population mixed = new Population(
                0,
                "mixed",
                10,
                Arrivals.over(0),
                Request.PLAIN,
                Timeouts.DEFAULT,
                List.of(),
                List.of(),
                On1010.AS_POLICY,
                null,
                0,
                null,
                null,
                new Mix(parts));
        Plan plan = plan(42, 3, 2, List.of(mixed));
        Path file = directory.resolve("mixed.json");
        plan.write(file);

        assertThat(Plan.read(file)).isEqualTo(plan);
    }

    @Test
    void aDelayDrawnOnceStaysWithItsClient() {
        ReconnectPolicy once = new ReconnectPolicy(
                "inline", SECOND, 5 * SECOND, 1, 5 * SECOND, Jitter.NONE, true, ReconnectPolicy.UNLIMITED, 0);
        Population drawn = new Population(0, "x", 10, 0, List.of(), List.of(), On1010.STOP, null, once);
        long first = of(42).delayMicros(drawn, 3, 1, 0, 0, 0);

        assertThat(of(42).delayMicros(drawn, 3, 2, 5, 5, 0)).isEqualTo(first);
        assertThat(of(42).delayMicros(drawn, 4, 1, 0, 0, 0)).isNotEqualTo(first);
    }

    @Test
    void aFailedTryIsNeverFollowedAtOnce() {
        Population rash = new Population(
                0,
                "rash",
                10,
                0,
                List.of(),
                List.of(),
                On1010.RETRY,
                null,
                Profiles.named("immediate").orElseThrow().policy());

        assertThat(of(42).delayMicros(rash, 0, 1, 0, 0, 0)).isZero();
        assertThat(of(42).delayMicros(rash, 0, 1, 1, 1, 0)).isEqualTo(10_000);
    }

    @Test
    void theFirstMessageFallsSomewhereIntoItsPeriod() {
        double mean = 0;
        for (int client = 0; client < 2000; client++) {
            long phase = of(42).messagePhaseMicros(STRICT, client, 1);
            assertThat(phase).isBetween(0L, 5 * SECOND - 1);
            mean += phase / 2000.0;
        }
        assertThat(mean).isCloseTo(2.5 * SECOND, within(0.2 * SECOND));
        assertThat(of(42).messagePhaseMicros(STRICT, 0, 1)).isNotEqualTo(of(42).messagePhaseMicros(STRICT, 0, 2));
        assertThatIllegalStateException()
                .isThrownBy(() -> of(42).messagePhaseMicros(PHONES, 0, 1))
                .withMessageContaining("phones");
    }

    @Test
    void aShareOfTheHandshakesIsWithheld() {
        int withheld = 0;
        for (int client = 0; client < 20_000; client++) {
            withheld += of(42).strikes(WITHHOLD, 0, 0, client, 1) ? 1 : 0;
        }
        assertThat(withheld / 20_000.0).isCloseTo(0.1, within(0.01));
    }

    @Test
    void allOrNothingIsWithheldAtTheEndsOfProbability() {
        FaultWindow all = FaultWindow.during(0, new Withhold("permessage-deflate", false), 1, 0, SECOND);
        FaultWindow none = FaultWindow.during(0, new Withhold("permessage-deflate", false), 0, 0, SECOND);
        for (int client = 0; client < 1000; client++) {
            assertThat(of(42).strikes(all, 0, 0, client, 1)).isTrue();
            assertThat(of(42).strikes(none, 0, 0, client, 1)).isFalse();
        }
    }

    @Test
    void eachHandshakeOfAClientIsDecidedAnew() {
        FaultWindow half = FaultWindow.during(0, new Withhold("permessage-deflate", false), 0.5, 0, SECOND);
        int differ = 0;
        for (int client = 0; client < 1000; client++) {
            differ += of(42).strikes(half, 0, 0, client, 1) != of(42).strikes(half, 0, 0, client, 2) ? 1 : 0;
        }
        assertThat(differ).isBetween(430, 570);
    }

    @Test
    void aWindowBeginsWithItsFromAndEndsBeforeItsTo() {
        assertThat(WITHHOLD.covers(5 * SECOND - 1)).isFalse();
        assertThat(WITHHOLD.covers(5 * SECOND)).isTrue();
        assertThat(WITHHOLD.covers(15 * SECOND - 1)).isTrue();
        assertThat(WITHHOLD.covers(15 * SECOND)).isFalse();
    }

    @Test
    void closesGoOutInAnotherOrderThanTheClientsArrived() {
        int ascending = 0;
        for (int client = 0; client < 1000; client++) {
            ascending +=
                    of(42).closeOrder(RESTART, 0, client, 1) < of(42).closeOrder(RESTART, 0, client + 1, 1) ? 1 : 0;
        }
        assertThat(ascending).isBetween(430, 570);
    }

    @Test
    void aRestartsMomentsFollowFromItsSettings() {
        assertThat(RESTART.drainedMicros()).isEqualTo(22 * SECOND);
        assertThat(RESTART.listeningMicros()).isEqualTo(25 * SECOND);
        assertThat(RESTART.dueMicros()).isEqualTo(55 * SECOND);
    }

    private static Plan.Restart closing(Plan.Batches batches, long downtime) {
        return new Plan.Restart(
                0,
                20 * SECOND,
                2 * SECOND,
                batches,
                downtime,
                30 * SECOND,
                1012,
                WhileDown.REFUSE,
                0,
                false,
                false,
                List.of(0));
    }

    @Test
    void aNodeThatIsDownForGoodNeverListensAndItsDeadlineCountsFromTheDrainsEnd() {
        Plan.Restart forGood = closing(null, Plan.Restart.FOREVER);

        assertThat(forGood.isForGood()).isTrue();
        assertThat(forGood.listeningMicros()).isEqualTo(Plan.Restart.NEVER);
        assertThat(forGood.dueMicros()).isEqualTo(52 * SECOND);
        assertThat(RESTART.isForGood()).isFalse();
    }

    @Test
    void closesGoOutEvenlyOverTheDrainWindow() {
        Plan.Restart evenly = closing(null, SECOND);

        assertThat(evenly.closeMicros(0, 4)).isEqualTo(20 * SECOND + SECOND / 4);
        assertThat(evenly.closeMicros(3, 4)).isEqualTo(22 * SECOND - SECOND / 4);
        assertThat(evenly.closeMicros(0.5, 21 * SECOND)).isEqualTo(21 * SECOND + SECOND / 2);
        assertThat(evenly.closing(1000)).isSameAs(evenly);
    }

    @Test
    void closesGoOutInBatchesTheFirstAtOnce() {
        Plan.Restart restart = closing(new Plan.Batches(10, SECOND), SECOND);

        assertThat(restart.closeMicros(0, 25)).isEqualTo(20 * SECOND);
        assertThat(restart.closeMicros(9, 25)).isEqualTo(20 * SECOND);
        assertThat(restart.closeMicros(10, 25)).isEqualTo(21 * SECOND);
        assertThat(restart.closeMicros(24, 25)).isEqualTo(22 * SECOND);
        assertThat(restart.closeMicros(0.1, 20 * SECOND + 1)).isEqualTo(21 * SECOND);
        assertThat(restart.closeMicros(0.99, 21 * SECOND + 1)).isEqualTo(22 * SECOND);
        assertThat(restart.closeMicros(0.0, 21 * SECOND)).isEqualTo(21 * SECOND);
    }

    @Test
    void theWindowIsAsLongAsPlannedUnlessMoreConnectionsNeedMoreBatches() {
        Plan.Restart restart = closing(new Plan.Batches(10, SECOND), SECOND);

        assertThat(restart.closing(5)).isSameAs(restart);
        assertThat(restart.closing(30)).isSameAs(restart);
        assertThat(restart.closing(31).drainMicros()).isEqualTo(3 * SECOND);
        assertThat(restart.closing(31).listeningMicros()).isEqualTo(24 * SECOND);
        assertThat(new Plan.Batches(10, SECOND).windowMicros(0)).isZero();
        assertThat(new Plan.Batches(10, SECOND).windowMicros(10)).isZero();
        assertThat(new Plan.Batches(10, SECOND).windowMicros(11)).isEqualTo(SECOND);
    }

    @Test
    void batchesAndCapacitiesThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> new Plan.Batches(0, 1)).hasMessage("of: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new Plan.Batches(1, 0)).hasMessage("every: 0 us (expected: > 0 us)");
        assertThatThrownBy(() -> new Plan.Capacity(0, 0, 1, 0, WhenFull.HANG))
                .hasMessage("handshakes: 0.0/s (expected: > 0/s)");
        assertThatThrownBy(() -> new Plan.Capacity(1, -1, 1, 0, WhenFull.HANG))
                .hasMessage("concurrent: -1 (expected: >= 0)");
        assertThatThrownBy(() -> new Plan.Capacity(1, 0, -1, 0, WhenFull.HANG))
                .hasMessage("queue: -1 (expected: >= 0)");
        assertThatThrownBy(() -> new Plan.Capacity(1, 0, 1, -1, WhenFull.HANG))
                .hasMessage("warm-up: -1 (expected: >= 0)");
    }

    @Test
    void populationsAreCountedAndFoundByName() {
        assertThat(of(42).clients()).isEqualTo(5000);
        assertThat(of(42).population("phones")).contains(PHONES);
        assertThat(of(42).population("nobody")).isEmpty();
    }

    @Test
    void aPopulationsOfferAndRequirementMakeItsNegotiation() {
        Negotiation negotiation = STRICT.negotiation();

        assertThat(negotiation.header()).isEqualTo("permessage-deflate, x-other; a=1");
        assertThat(negotiation.judge("x-other").worst()).isEqualTo(Negotiation.Outcome.MISSING);
        assertThat(STRICT.rules(RFC).on1010()).isEqualTo(On1010.RETRY_WITHOUT);
        assertThat(STRICT.rules(RFC).policy()).isEqualTo(RFC);
    }

    private static final int CLIENTS = 20_000;

    private static double share(long[] gaps, long above) {
        return (double) LongStream.of(gaps).filter(gap -> gap > above).count() / gaps.length;
    }

    @Test
    void poissonMessagesHaveExponentialGapsFromTheFirstOn() {
        Message message = new Message(SECOND, true, false, 64, null, null);
        Population talking =
                new Population(0, "talking", CLIENTS, SECOND, List.of(), List.of(), On1010.STOP, message, RFC);
        Plan plan = of(42);
        long[] first = IntStream.range(0, CLIENTS)
                .mapToLong(c -> plan.messagePhaseMicros(talking, c, 1))
                .toArray();
        long[] ofAClient = LongStream.range(0, CLIENTS)
                .map(k -> plan.messageGapMicros(talking, message, 7, 1, k))
                .toArray();

        for (long[] gaps : List.of(first, ofAClient)) {
            assertThat(LongStream.of(gaps).average().orElseThrow()).isCloseTo(SECOND, within(0.03 * SECOND));
            assertThat(LongStream.of(gaps).min().orElseThrow()).isPositive();
            for (int seconds = 1; seconds <= 3; seconds++) {
                assertThat(share(gaps, seconds * SECOND)).isCloseTo(Math.exp(-seconds), within(0.015));
            }
        }
    }

    @Test
    void theTimesOfMessagesDependOnSeedClientConnectionAndNumberAlone() {
        Message message = new Message(SECOND, true, false, 64, null, null);
        Population talking = new Population(0, "talking", 10, SECOND, List.of(), List.of(), On1010.STOP, message, RFC);
        long gap = of(42).messageGapMicros(talking, message, 7, 1, 3);

        assertThat(of(42).messageGapMicros(talking, message, 7, 1, 3)).isEqualTo(gap);
        assertThat(List.of(
                        of(43).messageGapMicros(talking, message, 7, 1, 3),
                        of(42).messageGapMicros(talking, message, 8, 1, 3),
                        of(42).messageGapMicros(talking, message, 7, 2, 3),
                        of(42).messageGapMicros(talking, message, 7, 1, 4)))
                .doesNotContain(gap)
                .doesNotHaveDuplicates();
        Message fixed = new Message(SECOND, 64);
        assertThat(of(42).messageGapMicros(talking, fixed, 7, 1, 3)).isEqualTo(SECOND);
    }

    @Test
    void theFirstPingsOfManyClientsAreSpreadOverThePeriod() {
        Ping ping = new Ping(SECOND, 0);
        long[] phases = IntStream.range(0, CLIENTS)
                .mapToLong(c -> of(42).pingPhaseMicros(PHONES, ping, c, 1))
                .toArray();

        assertThat(LongStream.of(phases)).allMatch(phase -> phase >= 0 && phase < SECOND);
        assertThat(share(phases, SECOND / 4)).isCloseTo(0.75, within(0.015));
    }
}
