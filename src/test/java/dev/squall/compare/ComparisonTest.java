package dev.squall.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

    private static final String RUN = """
            {"schema": "squall/results/1", "experiment": "chat", "seed": 1, "verdict": "pass",
             "findings": [{"expect": "restart.outage.p95 <= 15s", "observed": P95, "verdict": "pass", "implied": false}],
             "clients": {"gaveUp": 0, "lost": 0},
             "populations": [{"name": "phones", "clients": {"planned": 100}, "policies": [{"name": "POLICY"}]}],
             "restarts": [
               {"found": "plan", "downSeconds": 3, "affected": 100, "successRate": RATE, "peakAttemptsPerSecond": 50,
                "outageSeconds": {"p50": 2, "p99": P99, "max": 9, "reasons": REASONS}},
               {"found": "plan", "downSeconds": null, "affected": 100, "successRate": 0,
                "outageSeconds": {"p50": null, "p99": null, "max": null, "reasons": {"p99": "100 of 100 never came back"}}}]}
            """;

    @TempDir
    private Path directory;

    private static String results(String p99, String rate) {
        return RUN.replace("P99", p99)
                .replace("P95", p99)
                .replace("RATE", rate)
                .replace("POLICY", "guide")
                .replace("REASONS", p99.equals("null") ? "{\"p99\": \"7 of 100 never came back\"}" : "{}");
    }

    private static Side side(String... p99s) {
        return new Side(
                String.join("+", p99s),
                Arrays.stream(p99s).map(p99 -> tree(results(p99, "1"))).toList());
    }

    private static JsonNode tree(String json) {
        try {
            return JsonMapper.builder().build().readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }

    private static Difference difference(Comparison comparison, String name) {
        return comparison.differences().stream()
                .filter(d -> d.figure().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "5 6 7, 8 9 10, true", // Three against three that do not overlap: the least that can be told from noise.
        "5 6 8.5, 8 9 10, false",
        "5 6 7, 5 6 7, false",
        "5 6 7, 7.1 7.2 7.3, true",
        "10 10.1 10.2, 10.3 10.4 10.5, false", // Beyond noise, within the tolerance.
        "8 9 10, 5 6 7, false", // Better.
        "5, 6, true", // Too few to tell: any difference beyond the tolerance counts.
        "5, 5.4, false",
        "5 6, 8 9 10, true",
        "5, null, true", // A client that never came is worse than any.
        "null, null, false",
        "5 6 7, 8 null 9, true",
    })
    void aRegressionIsBeyondTheToleranceAndMoreThanNoise(String base, String run, boolean regression) {
        Comparison comparison = new Comparison(side(base.split(" ")), side(run.split(" ")), 0.1);

        assertThat(comparison.isRegression()).as(comparison.toString()).isEqualTo(regression);
    }

    @ParameterizedTest
    @CsvSource({
        "0.999, 0.99, true",
        "1, 0.99, true",
        "1, 0.9995, false",
        "0.9, 0.895, false",
        "0.9, 0.88, true",
        "0.9, 1, false"
    })
    void ofAShareOfWhichMoreIsBetterWhatIsWantingIsCompared(String was, String is, boolean regression) {
        Comparison comparison = new Comparison(
                new Side("a", List.of(tree(results("5", was)))), new Side("b", List.of(tree(results("5", is)))), 0.1);

        assertThat(comparison.isRegression()).as(comparison.toString()).isEqualTo(regression);
    }

    @Test
    void theFiguresThatWereExpectedAreComparedToo() {
        Difference expected = difference(new Comparison(side("5"), side("6"), 0.1), "restart.outage.p95");

        assertThat(expected.baseMedian()).isEqualTo(5e6);
        assertThat(expected.isWorse()).isTrue();
    }

    @Test
    void aNodeThatIsDownForGoodIsNotTheWorstRestart() {
        assertThat(difference(new Comparison(side("5"), side("6"), 0.1), "restart.recovered.rate")
                        .baseMedian())
                .isEqualTo(1);
    }

    @Test
    void whatIsWorseStandsFirstAndWhatIsToldDependsOnTheRepeats() {
        assertThat(new Comparison(side("5", "6", "7"), side("8", "9", "10"), 0.1))
                .asString()
                .startsWith("REGRESSION  5+6+7 (3 runs) -> 8+9+10 (3 runs)\n")
                .containsPattern("worse +restart.outage.p99 +6 s +9 s +\\+50%  p 0.050\n")
                .contains("noise: what repeats of the same show")
                .doesNotContain("differs", "cannot be told");
        assertThat(new Comparison(side("5"), side("5"), 0.1))
                .asString()
                .startsWith("NO REGRESSION  5 -> 5\n")
                .contains("whether it is noise cannot be told: fewer than 3 runs on a side");
    }

    @Test
    void whatElseDiffersIsSaid() {
        Side other = new Side("b", List.of(tree(results("5", "1").replace("guide", "phoenix-js"))));

        assertThat(new Comparison(side("5"), other, 0.1))
                .asString()
                .contains("differs load: phones 100 guide -> phones 100 phoenix-js\n");
    }

    @Test
    void anInconclusiveRunLeavesAllOpen() {
        Side open = new Side(
                "b",
                List.of(tree(results("9", "1")
                        .replace("\"pass\", \"findings\"", "")
                        .replaceFirst("\"verdict\": \"pass\"", "\"verdict\": \"inconclusive\""))));

        assertThat(new Comparison(side("5"), open, 0.1).isInconclusive()).isTrue();
    }

    @Test
    void repeatsAreFoundAgainByTheirFileAndTheWorstOfThemCounts() throws IOException {
        Path first = run("one", results("5", "1"));
        Path second = run("two", results("7", "1").replaceFirst("\"verdict\": \"pass\"", "\"verdict\": \"fail\""));
        Repeats repeats = Repeats.read(List.of(first, second));
        Path file = directory.resolve("repeat-x.json");
        Files.writeString(file, repeats.json().toString());

        assertThat(repeats.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(repeats)
                .asString()
                .startsWith("FAIL  chat   2 runs: 1 pass, 1 fail\n")
                .containsPattern("restart.outage.p95 <= 15s +5 s +6 s +7 s   2 pass\n");
        assertThat(Side.read(file.toString()).runs()).hasSize(2);
        assertThat(Side.read(first + "," + second).runs()).hasSize(2);
        assertThat(Side.read(first.resolve("results.json").toString()).runs()).hasSize(1);
    }

    @Test
    void whatIsNoRunIsRefusedWithWhatIsAccepted() throws IOException {
        Path odd = run("odd", "{\"schema\": \"other/1\"}");
        Path damaged = run("damaged", "{");

        assertThatThrownBy(() -> Side.read(directory.resolve("nowhere").toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("nowhere", "there is no", "(expected: a run directory, its results.json");
        assertThatThrownBy(() -> Side.read(odd.toString())).hasMessageContaining("schema other/1 (expected:");
        assertThatThrownBy(() -> Side.read(damaged.toString())).hasMessageContaining("damaged");
    }

    private Path run(String name, String results) throws IOException {
        Path run = Files.createDirectory(directory.resolve(name));
        Files.writeString(run.resolve("results.json"), results);
        return run;
    }
}
