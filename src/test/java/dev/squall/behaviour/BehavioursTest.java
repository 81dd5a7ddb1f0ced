package dev.squall.behaviour;

import static dev.squall.journal.JournalWriter.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.behaviour.ClientBehaviour.Following;
import dev.squall.behaviour.ClientBehaviour.Reconnecting;
import dev.squall.behaviour.Judgement.Answer;
import dev.squall.behaviour.NodeRows.Visitor;
import dev.squall.journal.JournalEvent;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is claimed of clients, and what is not, on rows of virtual time. */
class BehavioursTest {

    private final NodeRows rows = new NodeRows();

    /** Three restarts that hide nothing, each answered after the same time. */
    private ClientBehaviour restarted(double... delays) {
        Visitor client = rows.client("it").opens(0);
        double now = 0;
        for (double delay : delays) {
            now += 10;
            client.closedBy(now, 1012);
            client.opens(now + delay);
        }
        return rows.of("it", now + 10);
    }

    // ---- delays ----

    @Test
    void aClientThatWaitsThreeSecondsEachTimeHasNoJitterAndHeedsTheGuide() {
        ClientBehaviour partysocket = restarted(3, 3.002, 3.004);

        Reconnecting reconnecting = partysocket.reconnecting();
        assertThat(partysocket.losses()).isEqualTo(Map.of(1012, 3L));
        assertThat(reconnecting.returned()).isEqualTo(3);
        assertThat(reconnecting.delays()).extracting(Delay::micros).containsExactly(3_000_000L, 3_002_000L, 3_004_000L);
        assertThat(reconnecting.spread().answer()).isEqualTo(Answer.NO);
        assertThat(reconnecting.following(Advice.RFC6455)).isEqualTo(new Following(3, 0, 0));
        assertThat(reconnecting.following(Advice.GUIDE)).isEqualTo(new Following(3, 0, 0));
        assertThat(reconnecting.following(Advice.IANA_1012)).isEqualTo(new Following(0, 3, 0));
        assertThat(reconnecting.gaveUp().answer()).isEqualTo(Answer.NO);
    }

    @Test
    void delaysThatDifferAfterEqualLossesAreSpread() {
        assertThat(restarted(1.2, 4.1).reconnecting().spread().answer()).isEqualTo(Answer.YES);
    }

    @Test
    void delaysAfterShortConnectionsMayHaveGrownAndAreNoSpread() {
        Visitor client = rows.client("it").opens(0);
        client.closedBy(10, 1012).opens(13).closedBy(14, 1012).opens(17.9);

        assertThat(rows.of("it", 30).reconnecting().spread().answer()).isEqualTo(Answer.UNKNOWN);
    }

    @Test
    void oneDelayShowsNeitherGrowthNorSpread() {
        Reconnecting reconnecting = restarted(3).reconnecting();

        assertThat(reconnecting.spread().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(reconnecting.spread().reason()).contains("it takes 2 that differ, or 3 that do not");
        assertThat(reconnecting.grew().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(reconnecting.grew().reason()).contains("it takes 4");
    }

    @Test
    void aDelayCountsFromTheEndOfTcpWhereNoCloseWasSent() {
        rows.client("it")
                .opens(0)
                .struck(9, "reset")
                .closed(10, 1006, "network fault")
                .opens(12);

        ClientBehaviour it = rows.of("it", 20);
        assertThat(it.losses()).isEqualTo(Map.of(1006, 1L));
        assertThat(it.reconnecting().delays()).extracting(Delay::micros).containsExactly(2_000_000L);
    }

    @Test
    void whoDialsAgainBeforeItsOldConnectionHasEndedIsBackFromTheClose() {
        Visitor old = rows.client("it").opens(0).sentClose(10, 1012, "");
        rows.client("it").opens(10.5);
        old.closed(18, 1012, "server timeout");

        ClientBehaviour it = rows.of("it", 20);
        assertThat(it.reconnecting().delays()).extracting(Delay::micros).containsExactly(500_000L);
        assertThat(it.losses()).isEqualTo(Map.of(1012, 1L));
        assertThat(it.connections().atOnce()).isEqualTo(1);
    }

    @Test
    void aDelayThatEndedAfterADowntimeIsAnUpperBound() {
        rows.down(10, 12, "drain refuse");
        rows.client("it").opens(0).closedBy(10.5, 1012).opens(13.5);

        Reconnecting reconnecting = rows.of("it", 30).reconnecting();
        Delay delay = reconnecting.delays().get(0);
        assertThat(delay.micros()).isEqualTo(3_000_000);
        assertThat(delay.atMost()).isTrue();
        assertThat(delay.leastMicros()).isZero();
        // An attempt within the first 1.5 s cannot be ruled out: in 0..5 s all the same, in 1..5 s perhaps.
        assertThat(reconnecting.following(Advice.RFC6455)).isEqualTo(new Following(1, 0, 0));
        assertThat(reconnecting.following(Advice.GUIDE)).isEqualTo(new Following(0, 0, 1));
        assertThat(reconnecting.following(Advice.IANA_1012)).isEqualTo(new Following(0, 1, 0));
        assertThat(reconnecting.spread().reason()).isEqualTo("no wait was seen whole");
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain 503", "drain black-hole", "listen-while-draining 503"})
    void whereTheNodeAnswersWhileItIsDownNothingIsHidden(String kind) {
        rows.down(10, 12, kind);
        rows.client("it").opens(0).closedBy(10.5, 1012).opens(13.5);

        assertThat(rows.of("it", 30).reconnecting().delays())
                .extracting(Delay::atMost)
                .containsExactly(false);
    }

    @Test
    void aNodeThatListensWhileItDrainsHidesNothingBeforeARequestThatCame() {
        rows.down(10, 15, "listen-while-draining refuse");
        rows.client("it")
                .opens(0)
                .closedBy(10.2, 1012)
                .opens(11.4)
                .closedBy(11.5, 1012)
                .opens(15.5);

        assertThat(rows.of("it", 30).reconnecting().delays())
                .extracting(Delay::atMost)
                .containsExactly(false, true);
    }

    @Test
    void onlyWhatADowntimeHidIsUnknown() {
        rows.down(20, 21, "drain refuse");
        rows.client("it")
                .opens(0)
                .struck(10, "reset")
                .closed(10, 1006, "network fault")
                .opens(22);

        Reconnecting reconnecting = rows.of("it", 60).reconnecting();
        assertThat(reconnecting.delays().get(0).leastMicros()).isEqualTo(10_000_000);
        // It dialled after 10 to 11 s, or after 12 s: never within 5 s, always within 5 to 30 s.
        assertThat(reconnecting.following(Advice.GUIDE)).isEqualTo(new Following(0, 1, 0));
        assertThat(reconnecting.following(Advice.IANA_1012)).isEqualTo(new Following(1, 0, 0));
    }

    // ---- growth ----

    /** A connection lost at 10 s, then attempts refused after these waits, and one that succeeds. */
    private ClientBehaviour backingOff(double first, double... waits) {
        Visitor client = rows.client("it").opens(0).closedBy(10, 1012);
        double now = 10 + first;
        for (double wait : waits) {
            client.rejected(now, 503);
            now += wait;
        }
        client.opens(now);
        return rows.of("it", now + 5);
    }

    @Test
    void waitsThatGrowFromFailureToFailureAreToldWithTheirFactor() {
        // As reconnecting-websocket: 1.3 times as long each time, at most 10 s.
        ClientBehaviour it = backingOff(3, 3.9, 5.07, 6.59, 8.57, 10, 10);

        assertThat(it.connections().rejected()).isEqualTo(6);
        assertThat(it.reconnecting().grew().answer()).isEqualTo(Answer.YES);
        assertThat(it.reconnecting().grew().reason()).contains("about 1.3");
        assertThat(it.reconnecting().returned()).isEqualTo(1);
    }

    @Test
    void waitsThatStayAlikeDoNotGrowAndDoNotSpread() {
        Reconnecting reconnecting = backingOff(3, 3, 3.001, 3.002, 3).reconnecting();

        assertThat(reconnecting.grew().answer()).isEqualTo(Answer.NO);
        assertThat(reconnecting.spread().answer()).isEqualTo(Answer.NO);
    }

    @Test
    void waitsThatShrinkWithinAnOutageAreSpreadButMayHideGrowth() {
        Reconnecting reconnecting = backingOff(3, 4, 1.5, 4.4, 2, 3.1, 1.2).reconnecting();

        assertThat(reconnecting.grew().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(reconnecting.spread().answer()).isEqualTo(Answer.YES);
    }

    @Test
    void waitsWithJitterInSeveralOutagesShowThatTheyDoNotGrow() {
        Visitor client = rows.client("it").opens(0);
        double now = 0;
        for (int outage = 0; outage < 3; outage++) {
            now += 10;
            client.closedBy(now, 1012);
            for (double wait : new double[] {4, 3.1, 4.4, 2, 1.5}) {
                now += wait;
                client.rejected(now, 503);
            }
            client.opens(now + 2.5);
        }

        assertThat(rows.of("it", now + 5).reconnecting().grew().answer()).isEqualTo(Answer.NO);
    }

    @Test
    void attemptsThatADowntimeMayHaveHiddenBreakTheRowOfWaits() {
        rows.down(11.2, 11.8, "drain refuse");
        Visitor client = rows.client("it").opens(0).closedBy(10, 1012);
        client.rejected(11, 503)
                .rejected(12, 503)
                .rejected(14, 503)
                .rejected(18, 503)
                .rejected(26, 503)
                .opens(42);

        assertThat(rows.of("it", 80).reconnecting().grew().answer()).isEqualTo(Answer.UNKNOWN);
    }

    @Test
    void anAttemptWhoseTcpEndsBeforeAnAnswerFailed() {
        Visitor client = rows.client("it").opens(0).closedBy(10, 1012);
        client.leftWaiting(11, 21)
                .leftWaiting(22, 32)
                .leftWaiting(34, 44)
                .leftWaiting(48, 58)
                .opens(66);

        ClientBehaviour it = rows.of("it", 70);
        assertThat(it.connections().unanswered()).isEqualTo(4);
        assertThat(it.reconnecting().grew().answer()).isEqualTo(Answer.YES);
        assertThat(it.reconnecting().grew().reason()).contains("about 2.0");
    }

    // ---- giving up ----

    @ParameterizedTest
    @CsvSource({"30, UNKNOWN", "69.9, UNKNOWN", "70.1, YES"})
    void whoDoesNotDialForAMinuteHasGivenUp(double now, Answer answer) {
        rows.client("it").opens(0).closedBy(10, 1012);

        ClientBehaviour it = rows.of("it", now);
        assertThat(it.reconnecting().gaveUp().answer()).isEqualTo(answer);
        assertThat(it.reconnecting().awayMicros()).isEqualTo(Math.round((now - 10) * 1e6));
        assertThat(it.reconnecting().returned()).isZero();
    }

    @Test
    void whoWaitedLongBeforeIsGivenThreeTimesAsLong() {
        rows.client("it").opens(0).closedBy(10, 1012).rejected(40, 503);

        assertThat(rows.of("it", 120).reconnecting().gaveUp().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(rows.of("it", 131).reconnecting().gaveUp().answer()).isEqualTo(Answer.YES);
    }

    @Test
    void whileNothingListensNobodyCanBeSeenToGiveUp() {
        rows.downForGood(9);
        rows.client("it").opens(0).closedBy(10, 1012);

        Reconnecting reconnecting = rows.of("it", 600).reconnecting();
        assertThat(reconnecting.gaveUp().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(reconnecting.awayMicros()).isZero();
    }

    @Test
    void whoLostNothingCannotHaveGivenUp() {
        rows.client("it").opens(0).leaves(5, 1000);

        ClientBehaviour it = rows.of("it", 600);
        assertThat(it.reconnecting().gaveUp().answer()).isEqualTo(Answer.UNKNOWN);
        assertThat(it.reconnecting().gaveUp().reason()).isEqualTo("it lost no connection");
        assertThat(it.leaves()).isEqualTo(Map.of(1000, 1L));
        assertThat(it.lost()).isZero();
    }

    // ---- closing ----

    @Test
    void whatIsAnsweredToACloseIsCounted() {
        Visitor client = rows.client("it").opens(0).closedBy(10, 1012);
        client.opens(11).sentClose(20, 4000, "").answers(20.02, 1005).closed(20.03, 4000, "server clean");
        client.opens(21).sentClose(30, 1012, "").closed(30.1, 1012, "server eof");
        client.opens(31).sentClose(40, 1012, "").closed(100, 1012, "server timeout");

        ClientBehaviour it = rows.of("it", 101);
        assertThat(it.closeAnswers().same()).isEqualTo(1);
        assertThat(it.closeAnswers().other()).isEqualTo(1);
        assertThat(it.closeAnswers().none()).isEqualTo(2);
        assertThat(it.closeAnswers().took().longest()).isEqualTo(20_000);
        assertThat(it.connections().tcpEndedByServer()).isEqualTo(3);
        assertThat(it.connections().tcpEndedByClient()).isEqualTo(1);
        assertThat(it.losses()).isEqualTo(Map.of(1012, 3L, 4000, 1L));
    }

    @Test
    void whatAStalledNodeDidNotReadIsNoMissingAnswer() {
        Visitor client = rows.client("it").opens(0).struck(5, "stall reading");
        client.sentClose(10, 1012, "").closed(70, 1012, "server timeout");

        ClientBehaviour it = rows.of("it", 71);
        assertThat(it.closeAnswers().none()).isZero();
        assertThat(it.closeAnswers().untold()).isEqualTo(1);
        assertThat(it.struck()).isEqualTo(Map.of("stall reading", 1L));
    }

    @Test
    void aClientThatDropsAStalledConnectionAndComesBackHasLostIt() {
        rows.client("it")
                .opens(0)
                .struck(5, "stall reading")
                .closed(15, 1006, "network eof")
                .opens(16);

        assertThat(rows.of("it", 30).reconnecting().delays())
                .extracting(Delay::micros)
                .containsExactly(1_000_000L);
    }

    @Test
    void aStalledConnectionThatTheClientHasReplacedIsNoLoss() {
        Visitor stalled = rows.client("it").opens(0).struck(5, "stall reading");
        rows.client("it").opens(15);
        stalled.closed(16, 1006, "network eof");

        ClientBehaviour it = rows.of("it", 300);
        assertThat(it.lost()).isZero();
        assertThat(it.connections().atOnce()).isEqualTo(1);
        assertThat(it.reconnecting().gaveUp().answer()).isNotEqualTo(Answer.YES);
    }

    @Test
    void aClientThatEndsTcpByItselfHasLeft() {
        rows.client("it").opens(0).closed(10, 1006, "network eof");

        ClientBehaviour it = rows.of("it", 300);
        assertThat(it.lost()).isZero();
        assertThat(it.leaves()).isEqualTo(Map.of(1006, 1L));
    }

    @Test
    void theNodesOwnEndIsNoLoss() {
        Visitor polite = rows.client("it").opens(0).closedBy(10, 1012).opens(13);
        polite.sentClose(60, 1001, "end").answers(60.01, 1001).closed(60.02, 1001, "server clean");
        rows.client("other").opens(0).closed(60, 1006, "network stopped");
        rows.client("late").opens(0).sentClose(59.9, 1012, "").closed(60, 1012, "server stopped");

        assertThat(rows.of("it", 60.1).losses()).isEqualTo(Map.of(1012, 1L));
        assertThat(rows.of("other", 60.1).losses()).isEmpty();
        assertThat(rows.of("late", 60.1).losses()).isEmpty();
        assertThat(rows.of("late", 60.1).closeAnswers().untold()).isEqualTo(1);
    }

    // ---- 1010 ----

    @Test
    void whoReturnsAfterItsOwn1010IsToldWithItsDelay() {
        rows.client("strict").opens(0).leaves(0.01, 1010).opens(2.01).leaves(2.02, 1010);

        ClientBehaviour strict = rows.of("strict", 600);
        assertThat(strict.mandatory().left()).isEqualTo(2);
        assertThat(strict.mandatory().returned()).isEqualTo(1);
        assertThat(strict.mandatory().after().latest()).containsExactly(2_000_000L);
        assertThat(strict.leaves()).isEqualTo(Map.of(1010, 2L));
        assertThat(strict.lost()).isZero();
        assertThat(strict.reconnecting().gaveUp().answer()).isEqualTo(Answer.UNKNOWN);
    }

    // ---- pings ----

    @Test
    void pongsAreCountedButNotPingsThatAreUnderWay() {
        Visitor client = rows.client("it").opens(0);
        client.pinged(10)
                .ponged(10.001, 1_000)
                .pinged(20)
                .pinged(30)
                .ponged(30.003, 3_000)
                .pinged(40);

        assertThat(rows.of("it", 41).pings().sent()).isEqualTo(3);
        assertThat(rows.of("it", 41).pings().answered()).isEqualTo(2);
        assertThat(rows.of("it", 41).pings().rtt().longest()).isEqualTo(3_000);
        assertThat(rows.of("it", 50).pings().sent()).isEqualTo(4);
        client.closed(42, 1006, "network eof");
        assertThat(rows.of("it", 50).pings().sent()).isEqualTo(3);
    }

    // ---- who is who ----

    @Test
    void ofConnectionsWithoutANameNothingAboutReconnectingIsClaimed() {
        rows.anybody().opens(0).closedBy(10, 1012);
        rows.anybody().opens(12).closedBy(20, 1012);

        Clientele all = rows.at(100);
        assertThat(all.clients()).isEmpty();
        ClientBehaviour unidentified = all.unidentified();
        assertThat(unidentified.connections().asked()).isEqualTo(2);
        assertThat(unidentified.closeAnswers().same()).isEqualTo(2);
        assertThat(unidentified.losses()).isEqualTo(Map.of(1012, 2L));
        assertThat(unidentified.reconnecting().delays()).isEmpty();
        assertThat(unidentified.reconnecting().untold()).isNotEmpty();
        assertThat(unidentified.reconnecting().gaveUp().answer()).isEqualTo(Answer.UNKNOWN);
    }

    @Test
    void ofAClientWithSeveralConnectionsAtOnceNobodyKnowsWhichOneCameBack() {
        Visitor one = rows.client("tabs").opens(0);
        Visitor two = rows.client("tabs").opens(1);
        one.closedBy(10, 1012);
        two.closedBy(10, 1012);
        one.opens(13);
        two.opens(14);

        ClientBehaviour tabs = rows.of("tabs", 20);
        assertThat(tabs.connections().atOnce()).isEqualTo(2);
        assertThat(tabs.losses()).isEqualTo(Map.of(1012, 2L));
        assertThat(tabs.reconnecting().untold()).contains("several connections at once");
        assertThat(tabs.reconnecting().delays()).isEmpty();
        assertThat(tabs.closeAnswers().same()).isEqualTo(2);
    }

    // ---- rows out of order ----

    @Test
    void rowsOfSeveralEventLoopsThatOvertakeOneAnotherAreNoDefect() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        JournalEvent[] events = {
            JournalEvent.ACCEPTED, JournalEvent.NEGOTIATED, JournalEvent.REJECTED, JournalEvent.STRUCK,
            JournalEvent.CLOSE_SENT, JournalEvent.CLOSE_RECEIVED, JournalEvent.CLOSED, JournalEvent.PING_SENT,
            JournalEvent.PONG_RECEIVED, JournalEvent.RESTART_BEGUN, JournalEvent.LISTENING
        };
        String[] details = {"listen-while-draining refuse", "drain refuse", "server clean", "network eof", "stall", ""};
        Behaviours behaviours = new Behaviours();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            now += 1_000;
            long client = random.nextInt(4);
            JournalEvent event = events[random.nextInt(events.length)];
            String detail = event == JournalEvent.ACCEPTED ? "it-" + client : details[random.nextInt(details.length)];
            long micros = now - random.nextInt(20_000);
            long code = random.nextBoolean() ? 1012 : 1010;
            behaviours.add(micros, client, random.nextInt(6), event, code, random.nextInt(1_000), detail);
        }
        Clientele all = behaviours.at(now);

        assertThat(all.clients())
                .as("seed %d", seed)
                .hasSize(4)
                .allSatisfy(it -> assertThat(it.pings().answered())
                        .isLessThanOrEqualTo(it.pings().sent()))
                .allSatisfy(it -> assertThat(it.losses().values()).allMatch(count -> count > 0));
    }

    @Test
    void aRequestStampedBeforeTheCloseThatItAnswersToWaitedForNothing() {
        rows.client("it").opens(0);
        Behaviours behaviours = new Behaviours();
        rows.rows().forEach(behaviours::add);
        behaviours.add(10_000_001, 0, 1, JournalEvent.CLOSE_SENT, 1012, NONE, "");
        behaviours.add(10_000_000, 0, 2, JournalEvent.ACCEPTED, NONE, NONE, "it");

        assertThat(behaviours
                        .at(20_000_000)
                        .client("it")
                        .orElseThrow()
                        .reconnecting()
                        .delays())
                .extracting(Delay::micros)
                .containsExactly(0L);
    }

    // ---- bounds ----

    @Test
    void moreClientsThanAreKeptAreCounted() {
        Behaviours behaviours = new Behaviours();
        for (int i = 0; i < Behaviours.MOST_CLIENTS + 5; i++) {
            behaviours.add(i, i, i, JournalEvent.ACCEPTED, NONE, NONE, "client-" + i);
        }

        Clientele all = behaviours.at(20_000);
        assertThat(all.clients()).hasSize(Behaviours.MOST_CLIENTS);
        assertThat(all.beyond()).isEqualTo(5);
    }

    @Test
    void ofManyDelaysTheLatestAreKeptAndTheOthersCounted() {
        Visitor client = rows.client("it").opens(0);
        for (int i = 1; i <= Behaviours.MOST_DELAYS + 10; i++) {
            client.closedBy(10 * i, 4000 + i).opens(10 * i + (i <= 10 ? 1 : 2));
        }

        ClientBehaviour it = rows.of("it", 10_000);
        assertThat(it.reconnecting().returned()).isEqualTo(Behaviours.MOST_DELAYS + 10);
        assertThat(it.reconnecting().unkept()).isEqualTo(10);
        assertThat(it.reconnecting().delays())
                .hasSize(Behaviours.MOST_DELAYS)
                .allMatch(delay -> delay.micros() == 2_000_000);
        assertThat(it.losses()).hasSize(Behaviours.MOST_CODES + 1);
        assertThat(it.losses().get(ClientBehaviour.OTHER_CODES)).isEqualTo(Behaviours.MOST_DELAYS + 10 - 32);
    }
}
