package dev.squall.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import dev.squall.predict.Model;
import dev.squall.profile.Profiles;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.stats.Runs;
import dev.squall.verdict.Expectation;
import dev.squall.verdict.Verdict;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AdvisorTest {

    private static final long SECOND = 1_000_000;

    private static Plan plan(String restart, String expect) {
        return Runs.plan(String.format("""
                duration: 90s
                load: {phones: {clients: 1000, arrive: {over: 5s}, reconnect: none}, desks: {clients: 500, arrive: {over: 5s}, reconnect: none}}
                faults: [{restart: {at: 10s, %s}}]
                expect: [%s]
                """, restart, expect), 3);
    }

    private static List<ReconnectPolicy> policies(String... names) {
        return Stream.of(names)
                .map(name -> Profiles.named(name).orElseThrow().policy())
                .toList();
    }

    private static List<Candidate> predicted(Plan plan, String... names) {
        return new Advisor(plan, Model.IDEAL)
                .policies(policies(names), share -> {})
                .candidates();
    }

    private static Advice advice(List<Candidate> policies, List<Candidate> windows, long within) {
        return new Advice(
                "storm", 3, 1500, "an ideal server", policies, List.of(), windows, within, List.of(), List.of());
    }

    @Test
    void the_cheapest_policy_is_that_with_the_lowest_peak_of_those_that_meet_the_expectations() {
        List<Candidate> policies = predicted(
                plan("drain: 1s, downtime: 2s", "restart.outage.p99 <= 10s"), "immediate", "iana-1012", "guide");
        Advice advice = advice(policies, List.of(), SECOND);

        assertThat(policies).extracting(Candidate::name).containsExactly("as it is", "immediate", "iana-1012", "guide");
        assertThat(policies)
                .extracting(Candidate::verdict)
                .containsExactly(Verdict.FAIL, Verdict.PASS, Verdict.FAIL, Verdict.PASS);
        assertThat(policies.get(2).peakAttempts()).isLessThan(policies.get(3).peakAttempts());
        assertThat(policies.get(2).broken()).startsWith("restart.outage.p99 <= 10s, observed ");
        assertThat(advice.policy().orElseThrow().name()).isEqualTo("guide");
        assertThat(advice.verdict()).isEqualTo(Verdict.PASS);
        assertThat(advice.toString())
                .contains("PASS  storm")
                .contains("cheapest policy that meets the expectations: guide (peak ");
    }

    @Test
    void attempts_are_those_that_failed_and_those_that_came_back() {
        List<Candidate> candidates = predicted(plan("downtime: 4s", "clients.lost.count == 0"), "guide", "phoenix-js");
        assertThat(candidates.get(0).attempts()).as("as it is: none").isZero();
        for (Candidate each : candidates.subList(1, 3)) {
            assertThat(each.attempts()).as(each.name()).isEqualTo(each.wasted() + 1500);
            assertThat(each.storm().stream().mapToLong(Long::longValue).sum()).isEqualTo(each.attempts());
            assertThat(each.storm()).contains(each.peakAttempts());
            assertThat(each.back99Seconds()).isBetween(4.0, each.back100Seconds());
            assertThat(each.lostSeconds() / (1500 * 80))
                    .isCloseTo(1 - each.availability(), org.assertj.core.data.Offset.offset(0.01));
        }
    }

    @Test
    void where_no_policy_does_that_is_said() {
        Advice advice =
                advice(predicted(plan("downtime: 2s", "restart.recovered.rate >= 100%"), "none"), List.of(), SECOND);

        assertThat(advice.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(advice.sentences()).containsExactly("no policy meets the expectations");
        assertThat(advice.json().at("/policies/0/back100Seconds").isNull()).isTrue();
    }

    @Test
    void the_safest_drain_window_has_the_lowest_peak_of_those_that_bring_all_back_in_time() {
        Plan plan = plan("drain: 1s, downtime: 2s, deadline: 20s", "restart.recovered.rate >= 100%");
        List<Candidate> windows = new Advisor(plan, Model.IDEAL)
                .windows(policies("partysocket").get(0), 30 * SECOND, share -> {})
                .candidates();
        Candidate safest = advice(List.of(), windows, 30 * SECOND).window().orElseThrow();

        assertThat(windows)
                .extracting(Candidate::name)
                .startsWith("drain 0s", "drain 1s")
                .endsWith("drain 30s");
        assertThat(safest.back100Seconds()).isLessThanOrEqualTo(30);
        assertThat(windows)
                .filteredOn(each -> each.back100Seconds() <= 30)
                .allMatch(each -> each.peakAttempts() >= safest.peakAttempts());
        assertThat(safest.peakAttempts()).isLessThan(windows.get(0).peakAttempts() / 2);
    }

    @Test
    void a_restart_in_batches_is_tried_with_other_sizes() {
        Plan plan = plan("batches: {of: 100, every: 1s}, downtime: 1s, deadline: 20s", "clients.lost.count == 0");
        List<Candidate> windows = new Advisor(plan, Model.IDEAL)
                .windows(policies("guide").get(0), 60 * SECOND, share -> {})
                .candidates();

        assertThat(windows).extracting(Candidate::name).contains("batches of 1500", "batches of 150", "batches of 15");
        assertThat(windows)
                .filteredOn(each -> each.name().equals("batches of 1500"))
                .allMatch(each -> each.back100Seconds() < 10);
        assertThat(windows)
                .filteredOn(each -> each.name().equals("batches of 15"))
                .allMatch(each -> each.back100Seconds() > 95);
    }

    @Test
    void windows_that_would_run_into_the_next_restart_are_not_tried() {
        Plan plan = plan("every: 20s, drain: 1s, downtime: 2s, deadline: 10s", "clients.lost.count == 0");
        List<Candidate> windows = new Advisor(plan, Model.IDEAL)
                .windows(policies("guide").get(0), 60 * SECOND, share -> {})
                .candidates();

        assertThat(windows).extracting(Candidate::name).contains("drain 15s").doesNotContain("drain 20s", "drain 30s");
    }

    @Test
    void what_the_experiment_says_itself_is_compared_unless_it_is_one_of_them() {
        Plan plan = Runs.plan("""
                duration: 60s
                load: {phones: {clients: 100, arrive: {over: 5s}, reconnect: guide}}
                faults: [{restart: {at: 10s, drain: 1500ms, downtime: 2s}}]
                """, 3);

        assertThat(predicted(plan, "guide", "iana-1012"))
                .extracting(Candidate::name)
                .containsExactly("guide", "iana-1012");
        assertThat(predicted(plan, "iana-1012"))
                .extracting(Candidate::name)
                .containsExactly(Advisor.AS_IT_IS, "iana-1012");
        assertThat(new Advisor(plan, Model.IDEAL)
                        .windows(null, 2 * SECOND, share -> {})
                        .candidates())
                .extracting(Candidate::name)
                .containsExactly("drain 0s", "drain 1s", "drain 1500ms", "drain 2s");
    }

    @Test
    void of_a_kill_no_drain_window_is_tried() {
        Plan plan = plan("kill: true, downtime: 2s", "clients.lost.count == 0");

        assertThat(new Advisor(plan, Model.IDEAL)
                        .windows(policies("guide").get(0), 60 * SECOND, share -> {})
                        .candidates())
                .isEmpty();
    }

    @Test
    void what_a_prediction_cannot_tell_decides_nothing_but_is_named() {
        Plan plan = plan("downtime: 2s", "restart.recovered.rate >= 100%, ledger.unmatched == 0");
        Advisor advisor = new Advisor(plan, Model.IDEAL);
        List<String> unknown = advisor.unknown().stream().map(Expectation::text).toList();
        List<Candidate> policies = predicted(plan, "guide");
        Advice predicted = new Advice("storm", 3, 1500, "", policies, List.of(), List.of(), SECOND, unknown, List.of());
        Advice run = new Advice("storm", 3, 1500, "", policies, policies, List.of(), SECOND, unknown, List.of());

        assertThat(unknown).containsExactly("ledger.unmatched == 0");
        assertThat(predicted.policy().orElseThrow().name()).isEqualTo("guide");
        assertThat(predicted.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(predicted.sentences())
                .contains(
                        "a prediction knows nothing of ledger.unmatched == 0: --measure 3 runs the three best policies");
        assertThat(run.verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void what_takes_too_many_steps_is_given_up() {
        Advisor.Tried tried = new Advisor(plan("downtime: 30s", "clients.lost.count == 0"), Model.IDEAL, 200_000)
                .policies(policies("guide", "immediate"), share -> {});

        assertThat(tried.candidates()).extracting(Candidate::name).containsExactly("as it is", "guide");
        assertThat(tried.givenUp()).containsExactly("immediate");
    }
}
