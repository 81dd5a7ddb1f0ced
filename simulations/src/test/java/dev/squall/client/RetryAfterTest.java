package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("1994-11-06T08:49:30Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0                             | 0",
                "7                             | 7",
                "' 120 '                       | 120",
                "999999999999999999            | 604800",
                "Sun, 06 Nov 1994 08:49:37 GMT | 7",
                "Sun, 06 Nov 1994 08:49:07 GMT | 0",
                "Tue, 05 Nov 2030 08:49:37 GMT | 604800",
                "-1                            | 0",
                "1.5                           | 0",
                "99999999999999999999999       | 0",
                "soon                          | 0"
            })
    void secondsAndDatesAreReadAndNothingElseIs(String header, long seconds) {
        assertThat(RetryAfter.micros(header, NOW)).isEqualTo(seconds * 1_000_000);
    }

    @Test
    void anAnswerWithoutTheHeaderAsksForNothing() {
        assertThat(RetryAfter.micros(null, NOW)).isZero();
    }
}
