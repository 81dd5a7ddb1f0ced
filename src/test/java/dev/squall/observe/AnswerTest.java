package dev.squall.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Observation;
import dev.squall.plan.Observation.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {

    private static double value(Kind kind, String selector, String body) throws UnreadableException {
        Observation observation =
                new Observation("x", kind, "http://localhost/", selector, List.of(), 1_000_000, List.of(), "");
        return new Answer(200, body.getBytes(StandardCharsets.UTF_8)).value(observation);
    }

    private static String query(String type, String result) {
        return "{\"status\": \"success\", \"data\": {\"resultType\": \"" + type + "\", \"result\": " + result + "}}";
    }

    @Test
    void aQueryHasOneValue() throws UnreadableException {
        assertThat(value(Kind.PROMETHEUS_QUERY, "x", query("scalar", "[1, \"1.5e3\"]")))
                .isEqualTo(1500);
        assertThat(value(Kind.PROMETHEUS_QUERY, "x", query("vector", "[{\"value\": [1, \"-2\"]}]")))
                .isEqualTo(-2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vector|[]|0 series (expected: one; sum them in the query)",
                "vector|[{\"value\": [1, \"1\"]}, {\"value\": [1, \"2\"]}]|2 series (expected: one; sum them in the query)",
                "matrix|[]|neither a scalar nor an instant vector",
                "string|[1, \"a\"]|neither a scalar nor an instant vector",
                "scalar|[1, \"NaN\"]|not a number: NaN",
                "scalar|[1]|not a number"
            })
    void aQueryWithoutOneValueHasNone(String type, String result, String why) {
        assertThatThrownBy(() -> value(Kind.PROMETHEUS_QUERY, "x", query(type, result)))
                .hasMessage(why);
    }

    @Test
    void aQueryThatFailsSaysHow() {
        assertThatThrownBy(
                        () -> value(Kind.PROMETHEUS_QUERY, "x", "{\"status\": \"error\", \"errorType\": \"timeout\"}"))
                .hasMessage("the query failed: timeout");
        assertThatThrownBy(() -> value(Kind.PROMETHEUS_QUERY, "x", "[]")).hasMessage("the query failed: no reason");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": [1, 2.5]}|/a/1|2.5",
                "{\"a/b\": -7}|/a~1b|-7",
                "{\"\": 12345678901234567}|/|1.2345678901234568E16"
            })
    void aPointerLeadsToANumber(String body, String pointer, double value) throws UnreadableException {
        assertThat(value(Kind.JSON, pointer, body)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": \"1\"}|not a number",
                "{\"a\": null}|not a number",
                "{\"a\": true}|not a number",
                "{\"a\": 1e999}|not a number",
                "{}|no such field",
                "''|no such field",
                "{\"a\": 1} {}|not JSON",
                "{\"a\": |not JSON"
            })
    void whatIsNoNumberIsNone(String body, String why) {
        assertThatThrownBy(() -> value(Kind.JSON, "/a", body)).hasMessage(why);
    }
}
