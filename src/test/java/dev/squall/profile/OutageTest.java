package dev.squall.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.reconnect.Reaction;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutageTest {

    private static Outage refused(String name, int code) {
        return new Outage(Profiles.named(name).orElseThrow().policy(), code, false);
    }

    private static List<Long> medians(Outage outage, int tries) {
        return outage.delays(tries).stream().map(each -> each.median() / 1000).toList();
    }

    @Test
    void everyTryHasItsDelayAndNoMoreThanTheClientsMake() {
        assertThat(medians(refused("phoenix-js", 1012), 10))
                .containsExactly(10L, 50L, 100L, 150L, 200L, 250L, 500L, 1000L, 2000L, 5000L);
        assertThat(medians(refused("signalr", 1012), 10)).containsExactly(0L, 2000L, 10_000L, 30_000L);
        assertThat(medians(refused("none", 1012), 10)).isEmpty();
        assertThat(refused("guide", 1012).delays(1)).singleElement().satisfies(first -> {
            assertThat(first.least()).isBetween(1_000_000L, 1_010_000L);
            assertThat(first.median()).isBetween(2_900_000L, 3_100_000L);
            assertThat(first.most()).isBetween(4_990_000L, 5_000_000L);
        });
    }

    @Test
    void aTryAtOnceComesBeforeTheDelays() {
        List<Long> medians = medians(refused("python-websockets", 1012), 4);

        assertThat(medians.get(0)).isZero();
        assertThat(medians.get(1)).isBetween(2400L, 2600L);
        assertThat(medians.subList(2, 4)).containsExactly(3000L, 5000L);
    }

    @Test
    void whoEndsWithARefusedTryIsShownBeingClosedInstead() {
        Profile graphql = Profiles.named("graphql-ws").orElseThrow();

        assertThat(refused("graphql-ws", 1012).delays(10)).hasSize(1);
        assertThat(refused("graphql-ws", 1012).lastTry()).hasValue(1);
        assertThat(Outage.survived(graphql.policy(), 1012).delays(10)).hasSize(5);
        assertThat(Outage.survived(graphql.policy(), 1012).lastTry()).hasValue(5);
    }

    @ParameterizedTest
    @CsvSource({"guide, 1012, RETRY", "graphql-ws, 1011, STOP", "graphql-ws, 1000, AT_ONCE", "none, 1012, STOP"})
    void theReactionIsThePolicys(String name, int code, Reaction reaction) {
        assertThat(refused(name, code).reaction()).isEqualTo(reaction);
    }

    @ParameterizedTest
    @CsvSource({"guide, RETRY, 1", "graphql-ws, STOP, 0", "python-websockets, RETRY, 1", "none, STOP, 0"})
    void aClientsOwn1010IsAFailedTryThatNobodyRepeatsAtOnce(String name, Reaction reaction, int tries) {
        Outage outage = refused(name, 1010);

        assertThat(outage.reaction()).isEqualTo(reaction);
        assertThat(outage.delays(1)).hasSize(tries).allMatch(each -> each.least() > 0);
    }

    @ParameterizedTest
    @CsvSource({"immediate, 6001", "partysocket, 8", "signalr, 4", "none, 0", "graphql-ws, 1"})
    void theTriesOfAMinuteAreCounted(String name, int tries) {
        assertThat(refused(name, 1012).triesWithin(60_000_000)).isEqualTo(tries);
    }

    @Test
    void whoNeverGivesUpHasNoLastTry() {
        assertThat(refused("guide", 1012).lastTry()).isEmpty();
        assertThat(refused("signalr", 1012).lastTry()).hasValue(4);
        assertThat(refused("graphql-ws", 1011).lastTry()).hasValue(0);
    }
}
