package dev.squall.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    private static Clients clients(int... each) {
        Map<String, Integer> populations = new LinkedHashMap<>();
        for (int clients : each) {
            populations.put("p" + populations.size(), clients);
        }
        return new Clients(populations, 1_000_000, 0.05);
    }

    @Test
    void populationsAreScaledInProportionEachToOneClientAtLeastAndTogetherToTheNumberThatIsTried() {
        assertThat(clients(300, 700).overrides(5_000)).containsExactly("load.p0.clients=1500", "load.p1.clients=3500");
        assertThat(clients(1, 1, 1).overrides(10))
                .containsExactly("load.p0.clients=3", "load.p1.clients=3", "load.p2.clients=4");
        assertThat(clients(1, 10_000, 1).overrides(3))
                .containsExactly("load.p0.clients=1", "load.p1.clients=1", "load.p2.clients=1");
        assertThat(clients(1, 10_000, 1).overrides(5_000))
                .containsExactly("load.p0.clients=1", "load.p1.clients=4998", "load.p2.clients=1");
    }

    @ParameterizedTest
    @CsvSource({"17_543, 17500, 17600", "999, 990, 1000", "231, 230, 235", "7.3, 7, 8", "0.2, 1, 1"})
    void clientsAreRoundedFinerThanThePrecision(String value, double floor, double ceil) {
        double exact = Double.parseDouble(value.replace("_", ""));
        Axis clients = clients(1_000);
        double step = clients.step(exact);
        assertThat(step).isLessThanOrEqualTo(Math.max(1, 0.025 * exact));
        assertThat(clients.floor(exact)).isBetween(Math.max(1, exact - step), Math.max(1, exact));
        assertThat(clients.ceil(exact)).isBetween(exact, Math.max(1, exact + step));
        assertThat(clients.floor(exact)).isGreaterThanOrEqualTo(floor);
        assertThat(clients.ceil(exact)).isLessThanOrEqualTo(ceil);
    }

    @ParameterizedTest
    @CsvSource({
        "0s..60s, 12500000, 12500ms, 12.5 s",
        "0s..60s, 12000000, 12s, 12 s",
        "10us..20us, 15, 15us, 15 us",
        "100/s..2000/s, 250, 250/s, 250/s",
        "10..500, 120, 120, 120",
        "0.1..0.5, 0.25, 0.25, 0.25",
        "0%..50%, 0.125, 12.5%, 12.5%",
        "64B..1KiB, 512, 512B, 512 B"
    })
    void aSettingIsSpelledAsExperimentsSpellIt(String between, double value, String spelled, String told) {
        Setting setting = Setting.parse("a.b", between, 0.05);
        assertThat(setting.overrides(value)).containsExactly("a.b=" + spelled);
        assertThat(setting.format(value)).isEqualTo(told);
    }

    @ParameterizedTest
    @CsvSource({"0s..60s, 500000", "0s..10s, 100000", "10..50, 1", "0..10000, 100", "0.1..0.5, 0.002", "0us..3us, 1"})
    void theRoundValuesOfASettingAreFinerThanThePrecision(String between, double step) {
        Setting setting = Setting.parse("x", between, 0.05);
        assertThat(setting.step(setting.least()))
                .isCloseTo(step, org.assertj.core.data.Percentage.withPercentage(1e-6));
        assertThat(setting.floor(setting.most())).isEqualTo(setting.most());
        assertThat(setting.ceil(setting.least())).isEqualTo(setting.least());
    }

    @ParameterizedTest
    @CsvSource({"0..60s", "60s..0s", "5s", "5s..5s", "a..b", "1s..2s..3s", "1s..2/s", "''"})
    void whatIsNoRangeSaysWhatIsAccepted(String between) {
        assertThatThrownBy(() -> Setting.parse("x", between, 0.05))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--between: " + between + " (expected: A..B with the lower end first");
    }

    @Test
    void aPrecisionThatCannotBeMetSaysWhatIsAccepted() {
        assertThatThrownBy(() -> Setting.parse("x", "0s..1s", 0)).hasMessage("--precision: 0% (expected: 0.1% to 50%)");
        assertThatThrownBy(() -> new Clients(Map.of("a", 1), 10, 0.9))
                .hasMessage("--precision: 90% (expected: 0.1% to 50%)");
        assertThatThrownBy(() -> new Clients(Map.of("a", 1, "b", 1), 1, 0.05))
                .hasMessage("--most: 1 (expected: >= 2, a client of each population)");
    }
}
