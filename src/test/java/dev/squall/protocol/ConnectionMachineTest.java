package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.reconnect.CodeRange;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.reconnect.Span;
import dev.squall.reconnect.Steps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionMachineTest {

    private static final ClientRules ALWAYS = rules(ReconnectPolicy.UNLIMITED, 0, On1010.RETRY, false);

    private static ClientRules rules(int attempts, long stableMicros, On1010 on1010, boolean dialogue) {
        ReconnectPolicy policy = new ReconnectPolicy("test", 1, 1, 1, 1, Jitter.NONE, false, attempts, stableMicros);
        return new ClientRules(policy, on1010, dialogue);
    }

    /** Those of a policy that 1010 and 4001 stop, and that comes back at once after 1000. */
    private static ClientRules with(FailedTries failedTries, boolean provedWhenReady, boolean dialogue) {
        ReconnectPolicy policy = new ReconnectPolicy(
                "test",
                new Steps(List.of(Span.ZERO)),
                ReconnectPolicy.UNLIMITED,
                0,
                provedWhenReady,
                failedTries,
                List.of(new CodeRange(1010, 1010), new CodeRange(4001, 4001)),
                List.of(new CodeRange(1000, 1000)),
                false);
        return new ClientRules(policy, On1010.RETRY, dialogue);
    }

    /** The state after these events; closes have code 1012. */
    private static long after(ClientRules rules, Event... events) {
        return continued(ConnectionMachine.initial(), rules, events);
    }

    private static long continued(long state, ClientRules rules, Event... events) {
        long s = state;
        for (Event event : events) {
            s = ConnectionMachine.next(s, event, 1012, rules);
        }
        return s;
    }

    private static Phase phase(long state) {
        return ConnectionMachine.phase(state);
    }

    @Test
    void aClientBeginsPlannedWithNothingBehindIt() {
        long state = ConnectionMachine.initial();

        assertThat(phase(state)).isEqualTo(Phase.PLANNED);
        assertThat(ConnectionMachine.failures(state)).isZero();
        assertThat(ConnectionMachine.losses(state)).isZero();
        assertThat(ConnectionMachine.code(state)).isZero();
        assertThat(ConnectionMachine.relaxed(state)).isFalse();
        assertThat(ConnectionMachine.retry(state, ALWAYS.policy())).isZero();
    }

    @Test
    void aClientWithoutADialogueIsReadyAtOnce() {
        assertThat(phase(after(ALWAYS, Event.ARRIVE))).isEqualTo(Phase.CONNECTING);
        assertThat(phase(after(ALWAYS, Event.ARRIVE, Event.ACCEPTED))).isEqualTo(Phase.READY);
    }

    @Test
    void aClientWithADialogueIsReadyAfterIt() {
        ClientRules rules = rules(1, 0, On1010.STOP, true);

        assertThat(phase(after(rules, Event.ARRIVE, Event.ACCEPTED))).isEqualTo(Phase.OPEN);
        assertThat(phase(after(rules, Event.ARRIVE, Event.ACCEPTED, Event.DIALOGUE_DONE)))
                .isEqualTo(Phase.READY);
    }

    @Test
    void aRestartedClientWaitsAndDialsAgain() {
        long closing = after(ALWAYS, Event.ARRIVE, Event.ACCEPTED, Event.CLOSE);
        assertThat(phase(closing)).isEqualTo(Phase.CLOSING);
        assertThat(ConnectionMachine.code(closing)).isEqualTo(1012);
        assertThat(ConnectionMachine.losses(closing)).isZero();

        long waiting = continued(closing, ALWAYS, Event.CLOSED);
        assertThat(phase(waiting)).isEqualTo(Phase.WAITING);
        assertThat(ConnectionMachine.losses(waiting)).isEqualTo(1);
        assertThat(ConnectionMachine.failures(waiting)).isZero();

        assertThat(phase(continued(waiting, ALWAYS, Event.DIAL))).isEqualTo(Phase.CONNECTING);
        assertThat(phase(continued(waiting, ALWAYS, Event.DIAL, Event.ACCEPTED)))
                .isEqualTo(Phase.READY);
    }

    @Test
    void theFirstCloseCounts() {
        long state = after(ALWAYS, Event.ARRIVE, Event.ACCEPTED, Event.CLOSE);
        state = ConnectionMachine.next(state, Event.CLOSE, 1000, ALWAYS);
        assertThat(phase(state)).isEqualTo(Phase.CLOSING);
        state = ConnectionMachine.next(state, Event.CLOSED, 1006, ALWAYS);

        assertThat(ConnectionMachine.code(state)).isEqualTo(1012);
    }

    @Test
    void aConnectionThatIsGoneWithoutACloseIs1006() {
        long state = ConnectionMachine.next(after(ALWAYS, Event.ARRIVE, Event.ACCEPTED), Event.CLOSED, 1006, ALWAYS);

        assertThat(phase(state)).isEqualTo(Phase.WAITING);
        assertThat(ConnectionMachine.code(state)).isEqualTo(1006);
        assertThat(ConnectionMachine.losses(state)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1010, 3000, 4999})
    void everyCodeOfTheWireIsKept(int code) {
        long state = ConnectionMachine.next(after(ALWAYS, Event.ARRIVE, Event.ACCEPTED), Event.CLOSE, code, ALWAYS);

        assertThat(ConnectionMachine.code(state)).isEqualTo(code);
        assertThat(ConnectionMachine.losses(state)).isZero();
        assertThat(ConnectionMachine.relaxed(state)).isFalse();
    }

    @Test
    void aClientThatLeavesWith1010WasNeverOpenAndLosesNothing() {
        long leaving = after(ALWAYS, Event.ARRIVE, Event.LACKING);
        assertThat(phase(leaving)).isEqualTo(Phase.LEAVING);
        assertThat(ConnectionMachine.code(leaving)).isEqualTo(1010);

        long left = continued(leaving, ALWAYS, Event.CLOSE, Event.CLOSED);
        assertThat(ConnectionMachine.code(left)).isEqualTo(1010);
        assertThat(ConnectionMachine.losses(left)).isZero();
    }

    @Test
    void stopStaysAwayAfter1010() {
        ClientRules rules = rules(ReconnectPolicy.UNLIMITED, 0, On1010.STOP, false);

        assertThat(phase(after(rules, Event.ARRIVE, Event.LACKING, Event.CLOSED)))
                .isEqualTo(Phase.FINISHED);
    }

    @Test
    void retryComesBackAsStrictAsBefore() {
        long state = after(ALWAYS, Event.ARRIVE, Event.LACKING, Event.CLOSED);

        assertThat(phase(state)).isEqualTo(Phase.WAITING);
        assertThat(ConnectionMachine.failures(state)).isEqualTo(1);
        assertThat(ConnectionMachine.relaxed(state)).isFalse();
    }

    @Test
    void retryWithoutComesBackWithoutItsRequirementForGood() {
        ClientRules rules = rules(ReconnectPolicy.UNLIMITED, 0, On1010.RETRY_WITHOUT, false);
        long state = after(rules, Event.ARRIVE, Event.LACKING, Event.CLOSED);
        assertThat(phase(state)).isEqualTo(Phase.WAITING);
        assertThat(ConnectionMachine.relaxed(state)).isTrue();

        long later = continued(state, rules, Event.DIAL, Event.ACCEPTED, Event.CLOSE, Event.CLOSED, Event.DIAL);
        assertThat(ConnectionMachine.relaxed(later)).isTrue();
    }

    @Test
    void aClientWhosePolicyNeverReconnectsGivesUpAfter1010AndAfterALoss() {
        ClientRules never = rules(0, 0, On1010.RETRY, false);

        assertThat(phase(after(never, Event.ARRIVE, Event.LACKING, Event.CLOSED)))
                .isEqualTo(Phase.GAVE_UP);
        assertThat(phase(after(never, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED)))
                .isEqualTo(Phase.GAVE_UP);
        assertThat(phase(after(never, Event.ARRIVE, Event.FAILED))).isEqualTo(Phase.GAVE_UP);
    }

    @Test
    void attemptsBoundTheFailedTriesSinceTheLastLoss() {
        ClientRules three = rules(3, 0, On1010.RETRY, false);
        long state = after(three, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED);
        for (int failed = 1; failed <= 2; failed++) {
            state = continued(state, three, Event.DIAL, Event.FAILED);
            assertThat(phase(state)).isEqualTo(Phase.WAITING);
            assertThat(ConnectionMachine.failures(state)).isEqualTo(failed);
        }

        assertThat(phase(continued(state, three, Event.DIAL, Event.FAILED))).isEqualTo(Phase.GAVE_UP);
    }

    @Test
    void leavingWith1010IsAFailedTry() {
        ClientRules two = rules(2, 0, On1010.RETRY, false);
        long state = after(two, Event.ARRIVE, Event.FAILED, Event.DIAL, Event.LACKING, Event.CLOSED);

        assertThat(phase(state)).isEqualTo(Phase.GAVE_UP);
        assertThat(ConnectionMachine.failures(state)).isEqualTo(2);
    }

    @Test
    void openingForgetsTheFailedTries() {
        ClientRules two = rules(2, 0, On1010.RETRY, false);
        long state = after(two, Event.ARRIVE, Event.FAILED, Event.DIAL, Event.ACCEPTED);

        assertThat(ConnectionMachine.failures(state)).isZero();
    }

    @Test
    void stableAfterForgetsThemOnlyOnceTheConnectionHasLasted() {
        ClientRules rules = rules(5, 1_000_000, On1010.RETRY, false);
        long open = after(rules, Event.ARRIVE, Event.FAILED, Event.DIAL, Event.ACCEPTED);
        assertThat(ConnectionMachine.failures(open)).isEqualTo(1);

        long lostEarly = continued(open, rules, Event.CLOSED);
        assertThat(ConnectionMachine.failures(lostEarly)).isEqualTo(2);
        assertThat(ConnectionMachine.retry(lostEarly, rules.policy())).isEqualTo(1);

        long lostLate = continued(open, rules, Event.STABLE, Event.CLOSED);
        assertThat(ConnectionMachine.failures(lostLate)).isZero();
        assertThat(ConnectionMachine.retry(lostLate, rules.policy())).isZero();
    }

    @Test
    void aConnectionThatIsLostBeforeItProvedItselfIsAFailedTry() {
        ClientRules rules = rules(3, 1_000_000, On1010.RETRY, false);
        long first = after(rules, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED);
        assertThat(ConnectionMachine.retry(first, rules.policy())).isZero();
        long second = continued(first, rules, Event.DIAL, Event.ACCEPTED, Event.CLOSED);
        assertThat(ConnectionMachine.retry(second, rules.policy())).isEqualTo(1);
        assertThat(phase(continued(second, rules, Event.DIAL, Event.ACCEPTED, Event.CLOSED)))
                .isEqualTo(Phase.GAVE_UP);

        long proved = continued(second, rules, Event.DIAL, Event.ACCEPTED, Event.STABLE, Event.CLOSED);
        assertThat(ConnectionMachine.retry(proved, rules.policy())).isZero();
        long unproved = continued(proved, rules, Event.DIAL, Event.ACCEPTED, Event.CLOSED);
        assertThat(ConnectionMachine.retry(unproved, rules.policy())).isEqualTo(1);
    }

    @Test
    void aPolicyMayAskForADialogueBeforeItForgetsFailedTries() {
        ClientRules open = with(FailedTries.RETRIED, false, true);
        ClientRules ready = with(FailedTries.RETRIED, true, true);
        Event[] early = {Event.ARRIVE, Event.FAILED, Event.DIAL, Event.ACCEPTED};

        assertThat(ConnectionMachine.failures(after(open, early))).isZero();
        assertThat(ConnectionMachine.failures(after(ready, early))).isEqualTo(1);
        assertThat(ConnectionMachine.failures(continued(after(ready, early), ready, Event.STABLE)))
                .isEqualTo(1);
        assertThat(ConnectionMachine.failures(continued(after(ready, early), ready, Event.DIALOGUE_DONE)))
                .isZero();
        assertThat(ConnectionMachine.failures(after(with(FailedTries.RETRIED, true, false), early)))
                .isZero();
    }

    @Test
    void fatalFailedTriesEndTheClientAndLossesDoNot() {
        ClientRules rules = with(FailedTries.FATAL, false, false);
        long lost = after(rules, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED);

        assertThat(phase(after(rules, Event.ARRIVE, Event.FAILED))).isEqualTo(Phase.GAVE_UP);
        assertThat(phase(lost)).isEqualTo(Phase.WAITING);
        assertThat(phase(continued(lost, rules, Event.DIAL, Event.FAILED))).isEqualTo(Phase.GAVE_UP);
    }

    @Test
    void failedTriesMayBeRetriedOnlyOnceAConnectionHasProvedItself() {
        ClientRules rules = with(FailedTries.RETRIED_ONCE_PROVED, true, true);

        assertThat(phase(after(rules, Event.ARRIVE, Event.FAILED))).isEqualTo(Phase.GAVE_UP);
        assertThat(phase(after(rules, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED)))
                .isEqualTo(Phase.GAVE_UP);
        long lost = after(rules, Event.ARRIVE, Event.ACCEPTED, Event.DIALOGUE_DONE, Event.CLOSED);
        assertThat(phase(lost)).isEqualTo(Phase.WAITING);
        assertThat(phase(continued(lost, rules, Event.DIAL, Event.FAILED))).isEqualTo(Phase.WAITING);
    }

    @Test
    void theCloseCodeDecidesWhetherAClientComesBackAndWhetherAtOnce() {
        ClientRules rules = with(FailedTries.RETRIED, false, false);
        long open = after(rules, Event.ARRIVE, Event.ACCEPTED);

        long stopped = ConnectionMachine.next(open, Event.CLOSED, 4001, rules);
        assertThat(phase(stopped)).isEqualTo(Phase.GAVE_UP);
        assertThat(ConnectionMachine.losses(stopped)).isEqualTo(1);
        long atOnce = ConnectionMachine.next(open, Event.CLOSED, 1000, rules);
        assertThat(phase(atOnce)).isEqualTo(Phase.WAITING);
        assertThat(ConnectionMachine.retry(atOnce, rules.policy())).isEqualTo(-1);
        assertThat(ConnectionMachine.retry(continued(atOnce, rules, Event.DIAL, Event.FAILED), rules.policy()))
                .isZero();
    }

    @Test
    void without1010OfItsOwnAPopulationDoesAsItsPolicySays() {
        ReconnectPolicy fatal = with(FailedTries.RETRIED, false, false).policy();
        ClientRules stops = new ClientRules(fatal, On1010.AS_POLICY, false);
        Event[] leaves = {Event.ARRIVE, Event.LACKING, Event.CLOSED};

        assertThat(phase(after(stops, leaves))).isEqualTo(Phase.FINISHED);
        assertThat(phase(after(new ClientRules(fatal, On1010.RETRY, false), leaves)))
                .isEqualTo(Phase.WAITING);
        assertThat(phase(after(rules(9, 0, On1010.AS_POLICY, false), leaves))).isEqualTo(Phase.WAITING);
        assertThat(phase(after(rules(0, 0, On1010.AS_POLICY, false), leaves))).isEqualTo(Phase.FINISHED);
    }

    @Test
    void theFirstRetryOfThePolicyIsZeroAfterALossAndAfterAClientsVeryFirstFailure() {
        assertThat(ConnectionMachine.retry(after(ALWAYS, Event.ARRIVE, Event.FAILED), ALWAYS.policy()))
                .isZero();
        assertThat(ConnectionMachine.retry(
                        after(ALWAYS, Event.ARRIVE, Event.FAILED, Event.DIAL, Event.FAILED), ALWAYS.policy()))
                .isEqualTo(1);

        long lost = after(ALWAYS, Event.ARRIVE, Event.ACCEPTED, Event.CLOSED);
        assertThat(ConnectionMachine.retry(lost, ALWAYS.policy())).isZero();
        assertThat(ConnectionMachine.retry(continued(lost, ALWAYS, Event.DIAL, Event.FAILED), ALWAYS.policy()))
                .isEqualTo(1);
    }

    @Test
    void lossesAreCountedOverTheWholeLife() {
        long state = after(ALWAYS, Event.ARRIVE);
        for (int i = 1; i <= 1000; i++) {
            state = continued(state, ALWAYS, Event.ACCEPTED, Event.CLOSE, Event.CLOSED, Event.DIAL);
            assertThat(ConnectionMachine.losses(state)).isEqualTo(i);
        }
        assertThat(phase(state)).isEqualTo(Phase.CONNECTING);
    }

    @Test
    void anUnlimitedPolicyNeverGivesUpAndItsCounterDoesNotRunOver() {
        long state = after(ALWAYS, Event.ARRIVE);
        for (int i = 0; i < ReconnectPolicy.UNLIMITED + 10; i++) {
            state = continued(state, ALWAYS, Event.FAILED, Event.DIAL);
        }

        assertThat(ConnectionMachine.failures(state)).isEqualTo(ReconnectPolicy.UNLIMITED);
        assertThat(ConnectionMachine.losses(state)).isZero();
        assertThat(phase(state)).isEqualTo(Phase.CONNECTING);
    }

    @ParameterizedTest
    @EnumSource(
            value = Event.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FINISH"})
    void whoGaveUpOrFinishedComesBackByNothing(Event event) {
        long gaveUp = after(rules(1, 0, On1010.RETRY, false), Event.ARRIVE, Event.FAILED);
        long finished = after(ALWAYS, Event.FINISH);

        assertThat(phase(gaveUp)).isEqualTo(Phase.GAVE_UP);
        assertThatIllegalStateException()
                .isThrownBy(() -> ConnectionMachine.next(gaveUp, event, 1000, ALWAYS))
                .withMessage(event + " in phase GAVE_UP");
        assertThatIllegalStateException().isThrownBy(() -> ConnectionMachine.next(finished, event, 1000, ALWAYS));
    }

    @Test
    void theEndOfTheRunFinishesEverybodyButThoseWhoGaveUp() {
        long gaveUp = after(rules(1, 0, On1010.RETRY, false), Event.ARRIVE, Event.FAILED);

        assertThat(continued(gaveUp, ALWAYS, Event.FINISH)).isEqualTo(gaveUp);
        assertThat(phase(after(ALWAYS, Event.FINISH))).isEqualTo(Phase.FINISHED);
        assertThat(phase(after(ALWAYS, Event.ARRIVE, Event.ACCEPTED, Event.FINISH)))
                .isEqualTo(Phase.FINISHED);
    }

    @ParameterizedTest
    @EnumSource(On1010.class)
    void fromEveryReachableStateExactlyTheEventsOfItsPhaseArePossible(On1010 on1010) {
        Map<Phase, Set<Event>> possible = new EnumMap<>(Phase.class);
        possible.put(Phase.PLANNED, EnumSet.of(Event.ARRIVE, Event.FINISH));
        possible.put(Phase.CONNECTING, EnumSet.of(Event.ACCEPTED, Event.LACKING, Event.FAILED, Event.FINISH));
        possible.put(
                Phase.OPEN, EnumSet.of(Event.DIALOGUE_DONE, Event.STABLE, Event.CLOSE, Event.CLOSED, Event.FINISH));
        possible.put(Phase.READY, EnumSet.of(Event.STABLE, Event.CLOSE, Event.CLOSED, Event.FINISH));
        possible.put(Phase.LEAVING, EnumSet.of(Event.CLOSE, Event.CLOSED, Event.FINISH));
        possible.put(Phase.CLOSING, EnumSet.of(Event.CLOSE, Event.CLOSED, Event.FINISH));
        possible.put(Phase.WAITING, EnumSet.of(Event.DIAL, Event.FINISH));
        possible.put(Phase.GAVE_UP, EnumSet.of(Event.FINISH));
        possible.put(Phase.FINISHED, EnumSet.of(Event.FINISH));
        ClientRules rules = rules(3, 1_000_000, on1010, true);

        Set<Long> seen = new HashSet<>();
        Set<Phase> phases = EnumSet.noneOf(Phase.class);
        Deque<Long> open = new ArrayDeque<>();
        open.add(ConnectionMachine.initial());
        while (!open.isEmpty()) {
            long state = open.remove();
            if (!seen.add(state) || ConnectionMachine.losses(state) > 2) {
                continue;
            }
            phases.add(phase(state));
            for (Event event : Event.values()) {
                if (possible.get(phase(state)).contains(event)) {
                    open.add(ConnectionMachine.next(state, event, 1012, rules));
                } else {
                    assertThatIllegalStateException()
                            .isThrownBy(() -> ConnectionMachine.next(state, event, 1012, rules));
                }
            }
        }
        assertThat(phases).containsExactlyInAnyOrder(Phase.values());
    }
}
