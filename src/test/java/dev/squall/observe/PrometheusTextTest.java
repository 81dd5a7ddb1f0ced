package dev.squall.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Request;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {

    /** The example of the format's documentation, and what else exporters write. */
    private static final String TEXT = """
            # HELP http_requests_total The total number of HTTP requests.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            http_requests_total{method="post",code="400"}    3 1395066363000
            http_requests_total{ method = "get" , code = "200", } 4.5e1
            msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
            metric_without_timestamp_and_labels 12.47
            # an exemplar, as in OpenMetrics
            with_exemplar_bucket{le="1"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
            something_weird{problem="division by zero"} +Inf -3982045
            not_yet NaN
            ns:rule:sum5m{} -.5

            """;

    private static double sum(String text, String metric, String... labels) throws UnreadableException {
        return PrometheusText.sum(
                text,
                metric,
                List.of(labels).stream()
                        .map(label -> label.split("=", 2))
                        .map(pair -> new Request.Pair(pair[0], pair[1]))
                        .toList());
    }

    @Test
    void theSeriesThatMatchAreSummed() throws UnreadableException {
        assertThat(sum(TEXT, "http_requests_total")).isEqualTo(1075);
        assertThat(sum(TEXT, "http_requests_total", "code=200")).isEqualTo(1072);
        assertThat(sum(TEXT, "http_requests_total", "code=200", "method=get")).isEqualTo(45);
        assertThat(sum(TEXT, "metric_without_timestamp_and_labels")).isEqualTo(12.47);
        assertThat(sum(TEXT, "with_exemplar_bucket")).isEqualTo(17);
        assertThat(sum(TEXT, "ns:rule:sum5m")).isEqualTo(-0.5);
        assertThat(sum("a 1", "a")).isEqualTo(1);
        assertThat(sum("\ta\t2\r\n", "a")).isEqualTo(2);
    }

    @Test
    void aLabelIsComparedAsItReadsAndAnEmptyOneAsIfItWereNotThere() throws UnreadableException {
        assertThat(sum(TEXT, "msdos_file_access_time_seconds", "error=Cannot find file:\n\"FILE.TXT\""))
                .isEqualTo(1_458_255_915);
        assertThat(sum(TEXT, "msdos_file_access_time_seconds", "path=C:\\DIR\\FILE.TXT"))
                .isPositive();
        assertThat(sum(TEXT, "metric_without_timestamp_and_labels", "path=")).isEqualTo(12.47);
    }

    @Test
    void whatIsNotThereIsNoZero() {
        assertThatThrownBy(() -> sum(TEXT, "http_requests")).hasMessage("no such series");
        assertThatThrownBy(() -> sum(TEXT, "http_requests_total", "code=500")).hasMessage("no such series");
        assertThatThrownBy(() -> sum("", "a")).hasMessage("no such series");
    }

    @Test
    void whatIsNoNumberIsNone() {
        assertThatThrownBy(() -> sum(TEXT, "not_yet")).hasMessage("a series that is no number: NaN");
        assertThatThrownBy(() -> sum(TEXT, "something_weird")).hasMessage("a series that is no number: Infinity");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>",
                "a",
                "a{",
                "a{b=\"c\" 1",
                "a{b=c} 1",
                "a{b=\"c\"d=\"e\"} 1",
                "a{b=\"c\",b=\"c\"} 1",
                "a{b=\"\\t\"} 1",
                "a{b=\"c\\",
                "a{,} 1",
                "a one",
                "a 1d",
                "a 0x10",
                "a 1,000",
                "a 1 now",
                "a 1 2 3",
                "a 1#",
                "1a 1",
                "a-b 1",
                "{\"a\": 1}"
            })
    void aLineThatIsNoneOfTheFormatSpoilsTheWhole(String line) {
        assertThatThrownBy(() -> sum("b 1\n" + line + "\n", "b")).hasMessage("not Prometheus' text: line 2");
    }
}
