package dev.squall.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import org.junit.jupiter.api.Test;

/** A population of which half never come back. */
class MixTest {

    private static final int CLIENTS = 40;

    private static Plan plan() {
        Plan plain = Runs.plan("""
                duration: 60s
                load:
                  quitters: {clients: 1, reconnect: none}
                  desks: {clients: 1, reconnect: guide}
                  phones: {clients: 40, offer: [permessage-deflate]}
                faults: [{restart: {at: 10s, deadline: 20s}}]
                """, 1);
        return Runs.mixed(plain, "phones", "quitters", "desks");
    }

    @Test
    void whoFollowsWhichPolicyHasFiguresOfItsOwnThatAddUp() {
        Plan plan = plan();
        Population phones = plan.population("phones").orElseThrow();
        Story story = new Story(plan).restart(0, 10, 11);
        long quitters = 0;
        for (int i = 0; i < CLIENTS; i++) {
            story.client(2, i).arrives(1).opens(1).ready(1).restarted(0, 10);
            if (plan.policy(phones, i).name().equals("none")) {
                story.givesUp(10);
                quitters++;
            } else {
                story.waits(10).back(13);
            }
        }
        assertThat(quitters).as("a mix").isBetween(10L, 30L);

        Statistics statistics = story.statistics();
        RestartFigures none = statistics.scope("phones/none").restarts().get(0);
        RestartFigures guide = statistics.scope("phones/guide").restarts().get(0);
        assertThat(none.success()).isEqualTo(new Share(0, quitters));
        assertThat(none.gaveUp()).isEqualTo(quitters);
        assertThat(guide.success()).isEqualTo(new Share(CLIENTS - quitters, CLIENTS - quitters));
        assertThat(guide.attempts()).isEqualTo(CLIENTS - quitters);
        assertThat(guide.hasBegun()).isTrue();
        assertThat(guide.complete()).isTrue();
        assertThat(statistics.scope("phones").restarts().get(0).success())
                .isEqualTo(new Share(CLIENTS - quitters, CLIENTS));
        assertThat(statistics.scope("phones/none").planned()).isEqualTo((int) quitters);
        assertThat(statistics.scope("phones/none").gaveUp()).isEqualTo(quitters);
        assertThat(statistics.scope("phones/guide").open()).isEqualTo(CLIENTS - quitters);
        assertThat(statistics.scope("phones/guide").extension("permessage-deflate"))
                .isPresent();
        assertThat(statistics.scope("desks").parts()).isEmpty();
    }
}
