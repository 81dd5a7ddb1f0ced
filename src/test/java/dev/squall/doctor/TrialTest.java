package dev.squall.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentReader;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.run.RunException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a trial does of an experiment. */
class TrialTest {

    private static final String LARGE = """
            duration: 1h
            target: {mock: {nodes: 13, capacity: {handshakes: 100/s}}}
            load:
              strict: {clients: 90000, arrive: {over: 10m}, offer: [permessage-deflate], message: {every: 5m}}
              phones: {clients: 30000, model: closed, stay: 9s}
            faults:
              - {withhold: permessage-deflate, probability: 10%}
              - restart: {at: 20m, downtime: 1m, kill: true}
            """;

    private static Plan scaled(String yaml, int clients) throws Exception {
        Experiment experiment = new ExperimentReader(20_000, name -> null).read(yaml, "test.yaml", List.of());
        return Trial.scaled(experiment.plan(1, experiment.target()), clients);
    }

    @Test
    void aTrialHasTheSamePopulationsInTheSamePartsAtOneNodeInLessThanAMinute() throws Exception {
        Plan plan = scaled(LARGE, Trial.CLIENTS);

        assertThat(plan.populations()).extracting(Population::clients).containsExactly(3000, 1000);
        assertThat(plan.nodes()).hasSize(1);
        assertThat(plan.injectors()).isEqualTo(1);
        assertThat(plan.capacity()).isNull();
        assertThat(plan.durationMicros()).isLessThan(60_000_000);
        assertThat(plan.arrivalMicros(plan.populations().get(0), 0)).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void ofAllFaultsThereIsOneRestartAndNobodyIsKilled() throws Exception {
        Plan plan = scaled(LARGE, 100);

        assertThat(plan.faults()).isEmpty();
        assertThat(plan.restarts()).singleElement().satisfies(restart -> {
            assertThat(restart.kill()).isFalse();
            assertThat(restart.code()).isEqualTo(1012);
            assertThat(restart.dueMicros()).isLessThanOrEqualTo(plan.durationMicros());
        });
        assertThat(scaled("duration: 60s\nload: {a: {clients: 10}}\n", 100).restarts())
                .isEmpty();
    }

    @Test
    void everyClientSpeaksForCompressionTakesNothingBefore() throws Exception {
        Population strict = scaled(LARGE, 100).populations().get(0);

        assertThat(strict.message()).isNotNull();
        assertThat(strict.message().everyMicros()).isLessThanOrEqualTo(4_000_000);
    }

    @Test
    void nobodysServerIsTried() {
        assertThatThrownBy(() ->
                        scaled("duration: 9s\nload: {a: {clients: 1}}\ntarget: {url: 'ws://127.0.0.1:9/'}\n", 100))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("--trial: the target is a server of yours");
    }
}
