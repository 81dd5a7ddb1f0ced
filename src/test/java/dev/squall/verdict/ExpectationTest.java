package dev.squall.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squall.verdict.Expectation.Op;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationTest {

    private static final double Z95 = 1.959963984540054;

    @Test
    void populationMetricOperatorAndValueAreRead() {
        Expectation expectation = Expectation.parse(" strict:  extension.1010.rate <= 12% ");

        assertThat(expectation.population()).isEqualTo("strict");
        assertThat(expectation.metric().name()).isEqualTo("extension.1010.rate");
        assertThat(expectation.op()).isEqualTo(Op.AT_MOST);
        assertThat(expectation.low()).isEqualTo(0.12);
        assertThat(expectation.high()).isEqualTo(0.12);
        assertThat(expectation.text()).isEqualTo("strict:  extension.1010.rate <= 12%");
    }

    @Test
    void withoutAPopulationItIsOfAll() {
        assertThat(Expectation.parse("restart.outage.p99 <= 15s").population()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7", "::1", "user@example.com", "a:b"})
    void aClientUnderTestIsNamedByItsKey(String key) {
        assertThat(Expectation.parse(key + ": client.reconnect.rate >= 99%").population())
                .isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource({
        "in 1..5, 2, 5, true",
        "in 1..5, 0, 2, false",
        "in 1..5, 4, 6, false",
        "in 1..5, 0, 6, false",
        "in 1..5, 5.1, 9, true",
        "<= 5, 4, 5, true",
        "<= 5, 5, 4, true",
        "<= 5, 4, 6, false",
        "> 5, 6, Infinity, true",
        "== 5, 5, 5, true",
        "== 5, 4, 6, false",
        "== 5, 6, 7, true",
        "!= 5, 4, 6, false",
        "!= 5, 6, 7, true"
    })
    void aRangeOfValuesIsSettledIfNoneOfThemWouldTurnIt(String rest, double one, double other, boolean settled) {
        assertThat(Expectation.parse("restart.amplification " + rest).isSettled(one, other))
                .isEqualTo(settled);
    }

    @ParameterizedTest
    @CsvSource({
        "restart.outage.p99 <= 15s, 15000000",
        "restart.outage.p99 <= 250ms, 250000",
        "restart.recovered.rate >= 99.9%, 0.999",
        "restart.recovered.rate >= 0.5, 0.5",
        "restart.peak-attempts <= 600/s, 600",
        "restart.peak-attempts <= 600, 600",
        "restart.peak-attempts <= 600/m, 10",
        "restart.amplification < 1.5, 1.5",
        "closes.1012.count == 10_000, 10000",
        "ledger.unmatched == 0, 0"
    })
    void aValueIsReadInTheMetricsUnit(String text, double value) {
        assertThat(Expectation.parse(text).low()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "==, 5, true, ==, 4.9, false",
        "!=, 5, false, !=, 4.9, true",
        "<, 4.9, true, <, 5, false",
        "<=, 5, true, <=, 5.1, false",
        ">, 5.1, true, >, 5, false",
        ">=, 5, true, >=, 4.9, false"
    })
    void anOperatorHoldsUpToItsValue(
            String op, double value, boolean holds, String sameOp, double other, boolean otherHolds) {
        Expectation expectation = Expectation.parse("restart.amplification " + op + " 5");

        assertThat(sameOp).isEqualTo(op);
        assertThat(expectation.holds(value)).isEqualTo(holds);
        assertThat(expectation.holds(other)).isEqualTo(otherHolds);
    }

    @Test
    void aRangeHoldsAtBothItsEnds() {
        Expectation range = Expectation.parse("extension.1010.rate in 8%..12%");

        assertThat(range.op()).isEqualTo(Op.IN);
        assertThat(range.holds(0.0799)).isFalse();
        assertThat(range.holds(0.08)).isTrue();
        assertThat(range.holds(0.12)).isTrue();
        assertThat(range.holds(0.1201)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "EQUAL, true, true",
        "NOT_EQUAL, false, false",
        "LESS, true, false",
        "AT_MOST, true, false",
        "MORE, false, true",
        "AT_LEAST, false, true",
        "IN, true, true"
    })
    void anOperatorSaysWhichSideCanBreakIt(Op op, boolean above, boolean below) {
        assertThat(op.limitsAbove()).isEqualTo(above);
        assertThat(op.limitsBelow()).isEqualTo(below);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| (expected: [population:] metric op value",
                "restart.outage.p99| restart.outage.p99 (expected: [population:] metric op value",
                "restart.outage.p99<=15s| restart.outage.p99<=15s (expected: [population:] metric op value",
                "restart.outage.p99 <=| (expected: [population:] metric op value",
                "restart.outage.p42 <= 1s| metric restart.outage.p42 (expected: restart.recovered.rate, restart.ready.rate",
                "nothing.like.it <= 1s| metric nothing.like.it (expected: ",
                "restart.outage.p99 =< 1s| operator =< (expected: == != < <= > >= or in a..b)",
                "restart.outage.p99 <= 15| 15 (expected: a duration",
                "restart.outage.p99 <= soon| soon (expected: a duration",
                "restart.recovered.rate >= 101%| 101% (expected: a share from 0% to 100%)",
                "restart.recovered.rate >= -1%| -1% (expected: a share from 0% to 100%)",
                "restart.peak-attempts <= 6/h| 6/h (expected: a rate",
                "closes.1012.count == 5s| 5s (expected: a number",
                "extension.1010.rate in 8%| range 8% (expected: a..b)",
                "extension.1010.rate in 8%..9%..10%| range 8%..9%..10% (expected: a..b)",
                "extension.1010.rate in 12%..8%| range 12%..8% (expected: the lower end first)",
                "closes.101.count == 0| metric closes.101.count (expected: closes.CODE.count",
                "closes.10122.count == 0| metric closes.10122.count (expected: closes.CODE.count"
            })
    void whatCannotBeReadSaysWhatIsWrongAndWhatIsAccepted(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Expectation.parse(text))
                .withMessageContaining(message);
    }

    @Test
    void anUnknownMetricPointsToTheListOfAll() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Expectation.parse("handshake.times.p99 <= 1s"))
                .withMessageContainingAll("handshake.time.pNN", "squall help metrics");
    }

    @ParameterizedTest
    @CsvSource({
        "restart.recovered.rate >= 99.9%, 3838",
        "restart.recovered.rate > 99%, 381",
        "extension.1010.rate <= 1%, 381",
        "extension.1010.rate < 0.1%, 3838"
    })
    void aShareNeedsAsManyClientsAsItsWilsonBoundTakes(String text, long clients) {
        Expectation expectation = Expectation.parse(text);

        assertThat(expectation.clientsNeeded(Z95)).isEqualTo(clients);
        // The bound of n of n is n / (n + z^2): just enough with as many, not with one less.
        double strictness = text.contains("recovered") ? expectation.low() : 1 - expectation.low();
        assertThat(clients / (clients + Z95 * Z95)).isGreaterThanOrEqualTo(strictness);
        assertThat((clients - 1) / (clients - 1 + Z95 * Z95)).isLessThan(strictness);
    }

    @Test
    void noNumberOfClientsShowsAllOrNothing() {
        assertThat(Expectation.parse("restart.recovered.rate >= 100%").clientsNeeded(Z95))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(Expectation.parse("extension.1010.rate <= 0%").clientsNeeded(Z95))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsNoShareNeedsNoNumberOfClients() {
        assertThat(Expectation.parse("restart.outage.p99 <= 15s").clientsNeeded(Z95))
                .isZero();
        assertThat(Expectation.parse("closes.1012.count >= 5").clientsNeeded(Z95))
                .isZero();
    }
}
