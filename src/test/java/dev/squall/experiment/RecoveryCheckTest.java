package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Dialogue;
import dev.squall.plan.Expansion;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.stats.Runs;
import dev.squall.verdict.Expectation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of a minute in which a server that restarts at 10 s listens from 11 s on and waits for its clients until 31 s. */
class RecoveryCheckTest {

    private static final String YAML = """
            duration: 60s
            load:
              phones: {clients: 40, hold: %s}
              quitters: {clients: 1, reconnect: none}
              desks: {clients: 1, reconnect: guide}
            faults: [{restart: {at: 10s, downtime: %s, deadline: 20s}}]
            """;

    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private YamlValue yaml(String text) throws ExperimentException {
        return new YamlValue(
                YamlText.compose(text, "test.yaml", "YAML"),
                "load",
                new YamlValue.Context("test.yaml", problems, new Expansion(name -> null)));
    }

    private static List<String> told(List<Problem> problems) {
        return problems.stream().map(Problem::toString).toList();
    }

    private static List<String> read(String hold, String downtime) {
        try {
            return told(new ExperimentReader(20_000, name -> null)
                    .read(YAML.formatted(hold, downtime), "test.yaml", List.of())
                    .warnings());
        } catch (ExperimentException e) {
            return told(e.problems());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0s  | 1s      |
            20s | 1s      |
            21s | 1s      | a hold of 21 s is longer than the deadline of the restart at 10 s: who relapses late in it cannot be back in time
            21s | forever |
            60s | forever |
            61s | forever | error
            20s | 10s     |
            20s | 11s     | who is ready again less than 20 s before the end, as the deadline of the restart at 10 s allows, counts as back though nobody knows whether it held
            """)
    void aHoldMustFitTheExperimentAndShouldFitItsRestarts(String hold, String downtime, String told) {
        String error = "61 s (expected: at most the duration, 60 s)";
        assertThat(read(hold, downtime))
                .isEqualTo(
                        told == null
                                ? List.of()
                                : List.of("test.yaml:3:31: load.phones.hold: " + (hold.equals("61s") ? error : told)));
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "'target: {url: ws://127.0.0.1:9/}', 0"})
    void aHoldCountsAfterARestartOnly(String target, int warned) throws ExperimentException {
        String calm = YAML.formatted("5s", "1s").replaceAll("faults:.*\n", "") + target + "\n";

        assertThat(new ExperimentReader(20_000, name -> null)
                        .read(calm, "test.yaml", List.of())
                        .warnings())
                .hasSize(warned)
                .allMatch(warning -> warning.toString().contains("no restart after which a hold counts"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            20 | ''
            21 | phones may take 21 s to be ready: longer than the deadline of the restart at 10 s
            60 | phones may take 60 s to be ready: longer than the deadline of the restart at 10 s
            61 | within 61 s (expected: at most the duration, 60 s)
            """)
    void aDialogueMustFitTheExperimentAndShouldFitItsRestarts(long within, String told) throws ExperimentException {
        Plan plan = Runs.plan(YAML.formatted("0s", "1s"), 1);
        List<Population> talking = Runs.with(
                        plan,
                        "phones",
                        p -> Runs.with(p, new Dialogue(null, "hello", within * 1_000_000), null, p.reconnect()))
                .populations();
        Map<String, YamlValue> phones = yaml("{ready: {until: hello}}").entries("a map");
        new RecoveryCheck(plan.durationMicros(), false, plan.restarts(), warnings)
                .check(talking, name -> name.equals("phones") ? phones : Map.of());

        assertThat(told(problems)).hasSize(within > 60 ? 1 : 0);
        problems.addAll(warnings);
        assertThat(told(problems))
                .isEqualTo(told.isEmpty() ? List.of() : List.of("test.yaml:1:9: load.ready: " + told));
    }

    @Test
    void anExpectationMayBeOfThoseWhoFollowOnePolicyOfAMix() throws ExperimentException {
        Plan plan = Runs.mixed(Runs.plan(YAML.formatted("5s", "1s"), 1), "phones", "quitters", "desks");
        List<Expectation> read = new ExpectationReader(plan, 0.95, warnings).read(yaml("""
                - phones/guide: restart.recovered.rate >= 99%
                - phones/guide: restart.relapsed.count == 0
                - phones/guide: echo.rtt.p99 <= 1s
                - phones/signalr: restart.recovered.rate >= 99%
                - desks/guide: restart.recovered.rate >= 99%
                """));

        assertThat(read).extracting(Expectation::population).containsExactly("phones/guide", "phones/guide");
        assertThat(told(warnings)).singleElement().asString().endsWith("there are 20");
        assertThat(told(problems))
                .satisfiesExactly(
                        first -> assertThat(first).contains("echo.rtt.p99 cannot be measured"),
                        second -> assertThat(second)
                                .contains("population phones/signalr (expected: phones | phones/none | phones/guide |"),
                        third -> assertThat(third).contains("population desks/guide"));
    }
}
