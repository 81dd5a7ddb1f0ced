package dev.squall.profile;

import dev.squall.plan.Draw;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.CloseCode;
import dev.squall.protocol.ConnectionMachine;
import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.ConnectionMachine.Phase;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Reaction;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the clients of a policy do when a server closes all their connections with one code and then takes nobody back:
 * each tries, fails at once, and waits. It drives the clients' own machine in virtual time, with the same random bits each
 * time that it is asked.
 *
 * @param policy whose clients
 * @param code the close code
 * @param closes whether the server lets each try in and closes it before it is ready; else it refuses them
 */
public record Outage(ReconnectPolicy policy, int code, boolean closes) {

    /** So many that their quantiles are right to about 1%. */
    private static final int CLIENTS = 10_001;

    /** Enough for a median of whole numbers. */
    private static final int COUNTED_CLIENTS = 101;

    /** No policy tries more often in the time that it is asked about. */
    private static final int MAX_TRIES = 100_000;

    private static final long SEED = 6455;

    /** The delays of all clients before one try, in microseconds. */
    public record Delays(long least, long median, long most) {}

    /** One in which the tries fail as this policy's clients survive them best: refused, if that does not end them. */
    public static Outage survived(ReconnectPolicy policy, int code) {
        return new Outage(policy, code, policy.failedTries() == FailedTries.FATAL);
    }

    /** What they do about the loss; their own 1010 is a failed try, which nobody repeats at once. */
    public Reaction reaction() {
        if (code != CloseCode.MANDATORY_EXTENSION.code()) {
            return policy.reaction(code);
        }
        return policy.stopsAfter1010() ? Reaction.STOP : Reaction.RETRY;
    }

    /** The delays before each of the first tries, fewer if the clients give up before. */
    public List<Delays> delays(int tries) {
        long[][] delays = new long[tries][];
        int made = tries;
        for (int client = 0; client < CLIENTS; client++) {
            long[] own = delays(client, tries, Long.MAX_VALUE);
            made = Math.min(made, own.length);
            for (int i = 0; i < own.length; i++) {
                if (delays[i] == null) {
                    delays[i] = new long[CLIENTS];
                }
                delays[i][client] = own[i];
            }
        }
        List<Delays> all = new ArrayList<>();
        for (int i = 0; i < made; i++) {
            Arrays.sort(delays[i]);
            all.add(new Delays(delays[i][0], delays[i][CLIENTS / 2], delays[i][CLIENTS - 1]));
        }
        return all;
    }

    /** How often one of them tries within a time from its loss, in microseconds: the median. */
    public int triesWithin(long micros) {
        int[] tries = new int[COUNTED_CLIENTS];
        for (int client = 0; client < COUNTED_CLIENTS; client++) {
            tries[client] = delays(client, MAX_TRIES, micros).length;
        }
        Arrays.sort(tries);
        return tries[COUNTED_CLIENTS / 2];
    }

    /** After how many tries they give up; nothing if they never do. */
    public OptionalLong lastTry() {
        if (reaction() == Reaction.STOP) {
            return OptionalLong.of(0);
        }
        if (policy.failedTries() == FailedTries.FATAL && !closes) {
            return OptionalLong.of(1);
        }
        return policy.attempts() == ReconnectPolicy.UNLIMITED
                ? OptionalLong.empty()
                : OptionalLong.of(policy.attempts());
    }

    /** The delays of one client before each try, at most so many, as long as their sum is within a time. */
    long[] delays(int client, int tries, long micros) {
        ClientRules rules = new ClientRules(policy, On1010.AS_POLICY, true);
        long state = lost(rules);
        long[] delays = new long[Math.min(tries, 16)];
        int made = 0;
        long delay = 0;
        long sum = 0;
        long clientBits = Draw.bits(SEED, Draw.Purpose.CLIENT_DELAY, 0, client, 0, 0);
        while (made < tries && ConnectionMachine.phase(state) == Phase.WAITING) {
            delay = policy.delayMicros(
                    ConnectionMachine.retry(state, policy),
                    ConnectionMachine.failures(state) > 0,
                    delay,
                    clientBits,
                    Draw.bits(SEED, Draw.Purpose.ATTEMPT_DELAY, 0, client, 1, made));
            sum += delay;
            if (sum > micros) {
                break;
            }
            if (made == delays.length) {
                delays = Arrays.copyOf(delays, 2 * made);
            }
            delays[made++] = delay;
            state = ConnectionMachine.next(state, Event.DIAL, 0, rules);
            if (closes) {
                state = ConnectionMachine.next(state, Event.ACCEPTED, 0, rules);
                state = ConnectionMachine.next(state, Event.CLOSED, code, rules);
            } else {
                state = ConnectionMachine.next(state, Event.FAILED, 0, rules);
            }
        }
        return Arrays.copyOf(delays, made);
    }

    /** The state of a client whose connection has proved itself and is lost to the code; 1010: found no extension. */
    private long lost(ClientRules rules) {
        boolean own = code == CloseCode.MANDATORY_EXTENSION.code();
        List<Event> life = own
                ? List.of(
                        Event.ARRIVE,
                        Event.ACCEPTED,
                        Event.DIALOGUE_DONE,
                        Event.STABLE,
                        Event.CLOSED,
                        Event.DIAL,
                        Event.LACKING,
                        Event.CLOSED)
                : List.of(Event.ARRIVE, Event.ACCEPTED, Event.DIALOGUE_DONE, Event.STABLE, Event.CLOSED);
        long state = ConnectionMachine.initial();
        for (Event event : life) {
            if (ConnectionMachine.phase(state) == Phase.GAVE_UP) {
                break; // It does not even come back to find out.
            }
            state = ConnectionMachine.next(state, event, own ? CloseCode.ABNORMAL_CLOSURE.code() : code, rules);
        }
        return state;
    }
}
