package dev.squall.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.plan.Plan;
import dev.squall.stats.Runs;
import dev.squall.stats.Statistics;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class CalibrationTest {

    private static Plan plan(String policy) {
        return Runs.plan(String.format("""
                duration: 40s
                load: {phones: {clients: 1500, arrive: {over: 5s}, reconnect: %s}}
                faults: [{restart: {at: 10s, drain: 1s, downtime: 3s, deadline: 20s}}]
                """, policy), 5);
    }

    private static Statistics run(Plan plan, Model model) {
        return Prediction.of(plan, model, each -> {}, share -> {});
    }

    @Test
    void what_steps_cost_a_machine_is_found_from_one_run_on_it() {
        Model machine = new Model(200, 0, 0, new Model.Bench(400, 900, 700));
        Model found = new Calibration(run(plan("immediate"), machine)).modelHere(share -> {});

        Model.Bench bench = found.bench();
        assertThat(bench).isNotNull();
        assertThat(bench.dialMicros()).isCloseTo(400, within(40.0));
        assertThat(bench.dialMicros() + bench.handshakeMicros()).isCloseTo(1_300, within(260.0));
        // And with it another policy is predicted.
        Statistics measured = run(plan("phoenix-js"), machine);
        Statistics predicted = run(plan("phoenix-js"), found);
        assertThat((double) predicted.all().attempts())
                .isCloseTo(measured.all().attempts(), Percentage.withPercentage(10));
        assertThat(back(predicted)).isCloseTo(back(measured), Percentage.withPercentage(10));
    }

    private static double back(Statistics statistics) {
        return statistics.all().restarts().get(0).back().quantile(0.99).orElseThrow();
    }

    @Test
    void the_way_is_half_a_handshake_that_waited_for_nothing() {
        assertThat(new Calibration(run(plan("guide"), new Model(40_000, 0, 0, null))).model())
                .isEqualTo(new Model(40_000, 0, 0, null));
    }

    @Test
    void a_server_where_handshakes_waited_answered_as_many_as_it_can() {
        Model model = new Calibration(run(plan("partysocket"), new Model(2_000, 120, 0, null))).model();

        assertThat(model.handshakesPerSecond()).isCloseTo(120, within(2.0));
    }

    @Test
    void a_node_that_restarts_alone_tells_what_one_node_answers() {
        Plan plan = Runs.plan("""
                duration: 60s
                target: {mock: {nodes: 4}}
                load: {phones: {clients: 4000, arrive: {over: 20s}, reconnect: partysocket}}
                faults: [{restart: {at: 25s, downtime: 2s, nodes: [0], deadline: 30s}}]
                """, 5);
        Model model = new Calibration(run(plan, new Model(2_000, 120, 0, null))).model();

        assertThat(model.handshakesPerSecond()).isCloseTo(120, within(2.0));
    }
}
