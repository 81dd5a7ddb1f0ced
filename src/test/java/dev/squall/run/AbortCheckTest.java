package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Observation;
import dev.squall.plan.Plan;
import dev.squall.stats.Runs;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Conditions that end a run, held against what is known of it so far. */
class AbortCheckTest {

    private static final Map<String, Long> ALL_OPEN = counts(100, 0, 0);

    private static Plan plan(String... conditions) {
        return Runs.plan("""
                duration: 100s
                target: {mock: {nodes: 1}}
                load: {all: {clients: 100}}
                observe:
                  db: {json: "http://localhost/", field: /a}
                  health: {status: "http://localhost/"}
                abort-when: ['%s']
                """.formatted(String.join("', '", conditions)), 1);
    }

    private static Map<String, Long> counts(long open, long connecting, long waiting) {
        return Map.of("open", open, "connecting", connecting, "waiting", waiting);
    }

    private static Observation observation(Plan plan, String name) {
        return plan.observations().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theLatestValueCountsAtOnceHoweverMuchOfTheRunIsToCome() {
        Plan plan = plan("observed.db.last > 90");
        AbortCheck check = new AbortCheck(plan);

        check.answered(observation(plan, "db"), 0, 90);
        Optional<AbortCheck.Held> before = check.held(ALL_OPEN);
        check.answered(observation(plan, "db"), 1, 97);

        assertThat(before).isEmpty();
        assertThat(check.held(ALL_OPEN)).contains(new AbortCheck.Held(0, 97));
    }

    @Test
    void aValueThatWasSeenCountsThoughManyPollsHadNoAnswer() {
        Plan plan = plan("observed.db.last > 90");
        AbortCheck check = new AbortCheck(plan);
        for (int poll = 0; poll < 5; poll++) {
            check.missed(observation(plan, "db"), poll, "HTTP 500");
        }

        Optional<AbortCheck.Held> nothing = check.held(ALL_OPEN);
        check.answered(observation(plan, "db"), 5, 97);

        assertThat(nothing).as("no value at all").isEmpty();
        assertThat(check.held(ALL_OPEN)).contains(new AbortCheck.Held(0, 97));
    }

    @Test
    void aPollThatIsToComeIsNoGap() {
        Plan plan = plan("observed.db.gaps > 1", "observed.health.up.rate < 60%");
        AbortCheck check = new AbortCheck(plan);
        Optional<AbortCheck.Held> atFirst = check.held(ALL_OPEN);
        check.answered(observation(plan, "health"), 0, 200);
        check.answered(observation(plan, "health"), 1, 204);
        check.answered(observation(plan, "db"), 0, 1);
        check.missed(observation(plan, "db"), 1, "HTTP 500");
        Optional<AbortCheck.Held> oneGap = check.held(ALL_OPEN);
        check.answered(observation(plan, "health"), 2, 503);
        check.missed(observation(plan, "health"), 3, "no connection");

        assertThat(atFirst).isEmpty();
        assertThat(oneGap).isEmpty();
        assertThat(check.held(ALL_OPEN))
                .as("2 of 4 polls were answered with 2xx")
                .contains(new AbortCheck.Held(1, 0.5));
        check.missed(observation(plan, "db"), 2, "HTTP 500");
        assertThat(check.held(ALL_OPEN)).contains(new AbortCheck.Held(0, 2));
    }

    @Test
    void whoDialsForTheFirstTimeIsNotMissing() {
        AbortCheck check = new AbortCheck(plan("clients.open.rate < 50%"));

        assertThat(check.held(Map.of())).as("nobody has arrived").isEmpty();
        assertThat(check.held(counts(0, 100, 0))).as("all dial").isEmpty();
        assertThat(check.held(counts(5, 95, 0))).as("the first are open").isEmpty();
        assertThat(check.held(counts(80, 20, 0))).isEmpty();
        assertThat(check.held(counts(30, 70, 0)))
                .as("they were open, and dial again")
                .contains(new AbortCheck.Held(0, 0.3));
    }

    @Test
    void whoWasRefusedIsMissingFromTheBeginning() {
        AbortCheck check = new AbortCheck(plan("clients.open.rate < 50%"));

        assertThat(check.held(counts(0, 60, 40))).contains(new AbortCheck.Held(0, 0));
    }

    @Test
    void failedAttemptsAreCountedFromTheStart() {
        AbortCheck check = new AbortCheck(plan("attempts.failed.count > 9"));

        assertThat(check.held(Map.of("failed", 9L))).isEmpty();
        assertThat(check.held(Map.of("failed", 10L))).contains(new AbortCheck.Held(0, 10));
    }
}
