package dev.squall.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Plan;
import dev.squall.stats.RestartFigures;
import dev.squall.stats.Runs;
import dev.squall.stats.Scope;
import dev.squall.stats.Statistics;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server makes of clients on virtual time. */
class ServerTest {

    private static Plan plan(String capacity, String policy, long seed) {
        return Runs.plan(String.format("""
                duration: 120s
                target: {mock: {%s}}
                load: {phones: {clients: 2000, arrive: {over: 10s}, reconnect: %s}}
                faults: [{restart: {at: 20s, drain: 1s, downtime: 2s, deadline: 60s}}]
                """, capacity, policy), seed);
    }

    private static Statistics predicted(Plan plan, Model model) {
        return Prediction.of(plan, model, each -> {}, share -> {});
    }

    private static RestartFigures restart(Statistics statistics) {
        return statistics.all().restarts().get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "full-jitter, 1",
        "full-jitter, 2",
        "guide, 3",
        "phoenix-js, 4",
        "immediate, 5",
        "signalr, 6",
        "rfc6455, 7"
    })
    void no_client_is_lost_or_doubled(String policy, long seed) {
        for (String capacity : new String[] {
            "",
            "capacity: {handshakes: 200/s, queue: 100, when-full: 503}",
            "capacity: {handshakes: 200/s, queue: 100, when-full: 1013}",
            "capacity: {handshakes: 200/s, queue: 100, when-full: hang}"
        }) {
            Scope all = predicted(plan(capacity, policy, seed), new Model(1_000, 500, 100, null))
                    .all();
            RestartFigures restart = all.restarts().get(0);

            assertThat(all.arrived()).isEqualTo(2000);
            assertThat(all.connecting() + all.open() + all.waiting() + all.gaveUp() + all.finished())
                    .as("%s %s seed %d", policy, capacity, seed)
                    .isEqualTo(2000);
            assertThat(restart.affected())
                    .isEqualTo(restart.recovered() + restart.gaveUp() + restart.leftWith1010() + restart.late());
            assertThat(restart.outage().count()).isEqualTo(restart.affected());
            assertThat(restart.attempts())
                    .isGreaterThanOrEqualTo(restart.failed().values().stream()
                            .mapToLong(Long::longValue)
                            .sum());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void more_capacity_never_recovers_the_fleet_later(long seed) {
        double before = Double.POSITIVE_INFINITY;
        for (int perSecond : new int[] {100, 150, 200, 300, 500, 1000, 5000}) {
            Statistics statistics = predicted(
                    plan("capacity: {handshakes: " + perSecond + "/s, queue: 1000000, when-full: 503}", "guide", seed),
                    Model.IDEAL);
            double back = restart(statistics).back().quantile(1).orElseThrow();
            assertThat(back).as("seed %d, %d/s", seed, perSecond).isLessThanOrEqualTo(before);
            before = back;
        }
        before = Double.POSITIVE_INFINITY;
        for (int perSecond : new int[] {200, 400, 800, 2000, 0}) {
            Statistics statistics = predicted(plan("", "guide", seed), new Model(1_000, perSecond, 0, null));
            double back = restart(statistics).back().quantile(1).orElseThrow();
            assertThat(back).as("seed %d, %d/s accepted", seed, perSecond).isLessThanOrEqualTo(before);
            before = back;
        }
    }

    @Test
    void the_heap_that_is_asked_for_is_enough() {
        Plan plan = plan("", "guide", 1).scaled(3_000_000);
        UnpredictableException refusal =
                catchThrowableOfType(UnpredictableException.class, () -> Prediction.check(plan, 100 << 20));
        long asked = Long.parseLong(refusal.getMessage().replaceFirst("(?s).*-Xmx(\\d+)m\\).*", "$1")) << 20;
        long usable = asked - asked / 30; // As the serial collector leaves of it.

        assertThatCode(() -> Prediction.check(plan, usable)).doesNotThrowAnyException();
    }

    @Test
    void a_bounded_rate_is_kept_second_by_second() {
        Statistics statistics = predicted(
                plan("capacity: {handshakes: 150/s, queue: 1000000, when-full: 503}", "guide", 1), Model.IDEAL);

        long[] opened = statistics.all().series().opened();
        for (int second = 24; second < opened.length; second++) {
            assertThat(opened[second]).as("second %d", second).isLessThanOrEqualTo(151);
        }
        assertThat(opened[28]).isBetween(149L, 151L);
    }

    @Test
    void who_finds_the_backlog_full_comes_again_as_its_kernel_does() {
        // All 300 dial in the same instant; 100 wait, the others' SYNs are sent again after 1 s, then after 3 s.
        Plan plan = Runs.plan("""
                duration: 30s
                load: {phones: {clients: 300, arrive: at-once}}
                """, 1);
        Scope all = predicted(plan, new Model(1_000, 100, 100, null)).all();

        assertThat(all.failed()).isEmpty();
        assertThat(all.series().opened()).startsWith(99, 100, 2, 99, 0);
        assertThat(all.handshakeTime().quantile(1).orElseThrow()).isBetween(3_900_000.0, 4_100_000.0);
    }

    @Test
    void who_is_never_accepted_gives_up_after_the_timeout_of_its_connect() {
        Plan plan = Runs.plan("""
                duration: 30s
                load: {phones: {clients: 2000, arrive: at-once, reconnect: none}}
                """, 1);
        Scope all = predicted(plan, new Model(1_000, 100, 100, null)).all();

        assertThat(all.failed()).containsOnlyKeys("timeout");
        assertThat(all.gaveUp() + all.open()).isEqualTo(2000);
        assertThat(all.open()).isBetween(300L, 304L);
    }

    @Test
    void who_waits_too_long_to_be_accepted_gives_up_after_the_timeout_of_its_handshake() {
        Plan plan = Runs.plan("""
                duration: 30s
                load: {phones: {clients: 2000, arrive: at-once, reconnect: none}}
                """, 1);
        Scope all = predicted(plan, new Model(1_000, 100, 0, null)).all();

        assertThat(all.failed()).containsOnlyKeys("timeout");
        assertThat(all.open()).isBetween(998L, 1002L);
        assertThat(all.gaveUp()).isEqualTo(2000 - all.open());
        assertThat(all.handshakeTime().quantile(1).orElseThrow()).isLessThanOrEqualTo(10_001_000);
    }

    @Test
    void who_waits_to_be_accepted_when_the_node_stops_is_reset() {
        Plan plan = Runs.plan("""
                duration: 30s
                load: {phones: {clients: 2000, arrive: at-once, reconnect: none}}
                faults: [{restart: {at: 5s, downtime: 1s, deadline: 20s}}]
                """, 1);
        Scope all = predicted(plan, new Model(1_000, 100, 0, null)).all();

        assertThat(all.failed()).containsOnlyKeys("reset");
        assertThat(all.failed().get("reset")).isBetween(1499L, 1501L);
    }

    @ParameterizedTest
    @CsvSource({
        "30s, downtime: 1s, timeout", // Nobody waits so long.
        "8s, downtime: 1s, http-503", // Told at once, not when the answer would have come.
        "8s, 'downtime: 1s, kill: true', eof",
    })
    void a_slow_answer_that_never_comes_is_heard_of_in_time(String delay, String restart, String cause) {
        Plan plan = Runs.plan(String.format("""
                duration: 40s
                load: {phones: {clients: 100, arrive: at-once, reconnect: none}}
                faults:
                  - {slow-handshake: %s, from: 0s, to: 2s}
                  - restart: {at: %s, %s, deadline: 20s}
                """, delay, cause.equals("timeout") ? "15s" : "3s", restart), 1);
        Statistics statistics = predicted(plan, Model.IDEAL);

        assertThat(statistics.all().failed()).containsExactly(Map.entry(cause, 100L));
        long[] failed = statistics.all().series().failed();
        assertThat(failed[cause.equals("timeout") ? 10 : 3]).isEqualTo(100);
    }

    @Test
    void steps_that_a_machine_carries_one_after_the_other_take_as_long_as_their_sum() {
        Model here = new Model(100, 0, 0, new Model.Bench(100, 400, 200));
        RestartFigures restart = restart(predicted(plan("", "partysocket", 1), here));

        // 2,000 closes of 200 us do not delay anybody in a drain of 1 s; they all dial 3 s later, within that second
        // too.
        assertThat(restart.recovered()).isEqualTo(2000);
        assertThat(restart.back().quantile(1).orElseThrow()).isBetween(4_000_000.0, 4_200_000.0);

        Model slow = new Model(100, 0, 0, new Model.Bench(1_000, 4_000, 200));
        // 2,000 dials and handshakes of 5 ms take 10 s from 23 s on.
        assertThat(restart(predicted(plan("", "partysocket", 1), slow))
                        .back()
                        .quantile(1)
                        .orElseThrow())
                .isBetween(12_900_000.0, 13_200_000.0);
    }
}
