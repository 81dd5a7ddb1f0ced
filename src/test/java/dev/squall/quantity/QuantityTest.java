package dev.squall.quantity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "DURATION, 7us, 7",
        "DURATION, 250ms, 250000",
        "DURATION, 3s, 3000000",
        "DURATION, 1.5s, 1500000",
        "DURATION, 2m, 120000000",
        "DURATION, 1h, 3600000000",
        "DURATION, ' 3 s ', 3000000",
        "DURATION, -1s, -1000000",
        "SIZE, 64B, 64",
        "SIZE, 16KiB, 16384",
        "SIZE, 1MiB, 1048576",
        "RATE, 200/s, 200",
        "RATE, 60/m, 1",
        "RATE, 6000/m, 100",
        "SHARE, 10%, 0.1",
        "SHARE, 0.1, 0.1",
        "SHARE, 100%, 1",
        "NUMBER, 10_000, 10000",
        "NUMBER, 1.5, 1.5",
        "NUMBER, +3, 3"
    })
    void aSpellingIsReadInTheQuantitysUnit(Quantity quantity, String text, double value) {
        assertThat(quantity.parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "DURATION, 7us",
        "DURATION, 1500ms",
        "DURATION, 120s",
        "SIZE, 16384B",
        "RATE, 0.5/s",
        "SHARE, 12.5%",
        "NUMBER, 10000",
        "NUMBER, 1.5"
    })
    void whatIsSpelledIsReadAgain(Quantity quantity, String text) {
        assertThat(quantity.spelled(quantity.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"99.9%, 0.999", "99.99%, 0.9999", "33.3%, 0.333", "0.07%, 0.0007", "12%, 0.12"})
    void aShareIsTheNearestDoubleOfItsDecimals(String text, double value) {
        assertThat(Quantity.SHARE.parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "DURATION, 3, 'a duration, as'",
        "DURATION, 3S, 'a duration, as'",
        "DURATION, 3 sec, 'a duration, as'",
        "DURATION, s, 'a duration, as'",
        "DURATION, .5s, 'a duration, as'",
        "DURATION, 1e3s, 'a duration, as'",
        "DURATION, 1s 500ms, 'a duration, as'",
        "SIZE, 64KB, 'a size, as'",
        "SIZE, 64, 'a size, as'",
        "RATE, 200, 'a rate, as'",
        "RATE, 200/h, 'a rate, as'",
        "SHARE, 10 percent, 'a share, as'",
        "SHARE, NaN, 'a share, as'",
        "NUMBER, 3s, 'a number, as'",
        "NUMBER, '1,000', 'a number, as'",
        "NUMBER, '', 'a number, as'"
    })
    void anotherSpellingIsRefusedWithTheTextAndWhatIsAccepted(Quantity quantity, String text, String expected) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> quantity.parse(text))
                .withMessageStartingWith(text + " (expected: " + expected)
                .withMessageContaining(quantity.expected());
    }

    @ParameterizedTest
    @CsvSource({
        "DURATION, 0, 0 s",
        "DURATION, 250, 250 us",
        "DURATION, 6100, 6.1 ms",
        "DURATION, 6000, 6 ms",
        "DURATION, 61400, 61 ms",
        "DURATION, 250000, 250 ms",
        "DURATION, 999400, 999 ms",
        "DURATION, 999600, 1 s",
        "DURATION, 6100000, 6.1 s",
        "DURATION, 20000000, 20 s",
        "DURATION, 99960000, 100 s",
        "DURATION, 3600000000, '3,600 s'",
        "DURATION, -2000000, -2 s",
        "DURATION, Infinity, never",
        "SIZE, 16384, '16,384 B'",
        "RATE, 812, 812/s",
        "RATE, 811.96, 812/s",
        "RATE, 1.25, 1.25/s",
        "NUMBER, 4790, '4,790'",
        "NUMBER, 1.4, 1.4",
        "NUMBER, 12.34, 12.3",
        "NUMBER, 0, 0"
    })
    void aValueIsWrittenForPeople(Quantity quantity, double value, String text) {
        assertThat(quantity.format(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0%",
        "1, 100%",
        "0.1, 10%",
        "0.102, 10.2%",
        "0.5, 50%",
        "0.9992, 99.92%",
        "0.99996, 99.996%",
        "0.00004, 0.004%",
        "3, 300%",
        "-0.25, -25%"
    })
    void aShareIsWrittenAsPercent(double share, String text) {
        assertThat(Quantity.SHARE.format(share)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.9999999, 100%", "0.0000001, 0%", "0.9999998, 100%", "0.99999, 100%"})
    void aShareThatIsNearlyAllOrNothingIsToldFromIt(double share, String all) {
        assertThat(Quantity.SHARE.format(share)).isNotEqualTo(all);
    }
}
