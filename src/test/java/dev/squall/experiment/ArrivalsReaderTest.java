package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Arrivals;
import dev.squall.plan.Arrivals.Stage;
import dev.squall.plan.Population;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrivalsReaderTest {

    private static final long SECOND = 1_000_000;

    private static Population phones(String settings) throws ExperimentException {
        String yaml = "duration: 60s\nload:\n  phones: {" + settings + "}\n";
        return new ExperimentReader(20_000, name -> null)
                .read(yaml, "test.yaml", List.of())
                .populations()
                .get(0);
    }

    @Test
    void stairsEndWithTheLastClient() throws ExperimentException {
        assertThat(phones("clients: 90, arrive: {stairs: {from: 10/s, by: 10/s, every: 2s}}")
                        .arrivals()
                        .stages())
                .containsExactly(
                        new Stage(2 * SECOND, 10, 10), new Stage(2 * SECOND, 20, 20), new Stage(SECOND, 30, 30));
    }

    @Test
    void stagesSayHowManyClientsThereAre() throws ExperimentException {
        Population phones =
                phones("arrive: {after: 1s, stages: [{for: 10s, rate: 10/s}, {for: 20s, rate: 10/s..60/m}]}");

        assertThat(phones.clients()).isEqualTo(210);
        assertThat(phones.arrivals().stages())
                .containsExactly(
                        new Stage(SECOND, 0, 0), new Stage(10 * SECOND, 10, 10), new Stage(20 * SECOND, 10, 1));
        assertThat(phones("clients: 5, arrive: {stages: [{for: 10s, rate: 0/s..1/s}]}")
                        .clients())
                .isEqualTo(5);
    }

    @Test
    void modelAndStayAreRead() throws ExperimentException {
        assertThat(phones("clients: 5, arrive: at-once, model: closed, stay: 500ms..2m")
                        .arrivals())
                .isEqualTo(new Arrivals(List.of(), false, true, new Arrivals.Stay(500_000, 120 * SECOND)));
        assertThat(phones("clients: 5, arrive: {over: 3s, spread: poisson}, model: open, stay: 3s")
                        .arrivals())
                .isEqualTo(new Arrivals(
                        List.of(new Stage(3 * SECOND, 1, 1)), true, false, new Arrivals.Stay(3 * SECOND, 3 * SECOND)));
        assertThat(phones("clients: 5").arrivals()).isEqualTo(Arrivals.over(SECOND));
    }

    @Test
    void theClosedModelNeedsNoStayWhereClientsMayGiveUp() throws ExperimentException {
        assertThat(phones("clients: 5, model: closed, reconnect: none")
                        .arrivals()
                        .closed())
                .isTrue();
        assertThat(phones("clients: 5, model: closed, reconnect: {delay: 1s, attempts: 3}")
                        .arrivals()
                        .closed())
                .isTrue();
        assertThat(phones("clients: 5, model: closed, on-1010: stop").arrivals().closed())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "clients: 5, arrive: soon                          | 3:32 | soon (expected: at-once, or one of {over: 10s}",
                "clients: 5, arrive: [1s]                          | 3:32 | a list (expected: at-once",
                "clients: 5, arrive: {spread: even}                | 3:32 | has none (expected: at-once, or one of",
                "clients: 5, arrive: {over: 1s, stages: []}        | 3:32 | has over and stages (expected:",
                "clients: 5, arrive: {over: 1s, spread: odd}       | 3:51 | odd (expected: even | poisson)",
                "clients: 5, arrive: {after: 50s, over: 11s}       | 3:32 | arrives after 61 s (expected: within",
                "clients: 5, arrive: {stairs: 10/s}                | 3:41 | 10/s (expected: a map with from, by, every)",
                "clients: 5, arrive: {stairs: {from: 1/s}}         | 3:41 | by and every missing (expected: all of {from:",
                "clients: 9000, arrive: {stairs: {from: 1/s, by: 1/s, every: 1s}} | 3:44 "
                        + " | 1891 of 9000 clients arrive within 61 s (expected: all of them",
                "clients: 9000, arrive: {stairs: {from: 1/s, by: 1/s, every: 1ms}} | 3:44 "
                        + " | 500 of 9000 clients arrive within 1 s (expected: all of them, within the duration and by at"
                        + " most 1000 stairs)",
                "clients: 9, arrive: {stages: [{for: 10s, rate: 1/s}]} | 3:21 | 9, but 10 arrive within 10 s by the"
                        + " stages (expected: 10, or no clients beside stages)",
                "arrive: {stages: [{for: 10s, rate: 0/s}]}         | 3:29 | 0 clients arrive (expected: 1 to 10000000)",
                "arrive: {stages: [{for: 10s}]}                    | 3:30 | rate missing (expected: all of {for:",
                "arrive: {stages: [{for: 10s, rate: 10/s..fast}]}  | 3:47 | fast (expected: a rate, as",
                "arrive: {stages: [{for: 10s, rate: 1/s..2/s..3/s}]} | 3:47 | 1/s..2/s..3/s (expected: a rate or a range",
                "arrive: {stages: [{for: 61s, rate: 1/s}]}         | 3:20 | the last client arrives after 61 s (expected:",
                "arrive: {stages: 10/s}                            | 3:29 | 10/s (expected: a list, as [{for: 10s",
                "arrive: {over: 10s}                               | 3:11 | clients is missing (expected: a whole number)",
                "clients: 5, model: half                           | 3:31 | half (expected: open | closed)",
                "clients: 5, model: closed                         | 3:31 | nobody ever leaves (expected: stay beside it",
                "clients: 5, stay: 0s                              | 3:30 | 0s (expected: 1ms to 168h, the lower end first)",
                "clients: 5, stay: 2s..1s                          | 3:30 | 2s..1s (expected: 1ms to 168h",
                "clients: 5, stay: long                            | 3:30 | long (expected: a duration",
            })
    void aMistakeIsOneProblemWithItsPlaceTheValueAndWhatIsAccepted(String settings, String at, String problem) {
        ExperimentException e = catchThrowableOfType(ExperimentException.class, () -> phones(settings));

        assertThat(e.problems()).hasSize(1);
        assertThat(e.problems().get(0).toString())
                .startsWith("test.yaml:" + at + ": ")
                .contains(problem);
    }
}
