package dev.squall.bench;

import dev.squall.plan.Draw;
import dev.squall.profile.Profiles;
import dev.squall.protocol.ClientRules;
import dev.squall.protocol.ConnectionMachine;
import dev.squall.protocol.ConnectionMachine.Event;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A client's loss and return, over and over: per operation one transition, and per return (four transitions) one delay
 * with its random bits. Reads the states from an array larger than the processor's caches, as a large fleet does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConnectionMachineBenchmark {

    private static final int CLIENTS = 1 << 20;
    private static final int TRANSITIONS = 4;

    @Param({"rfc6455", "guide"})
    private String policy;

    private ClientRules rules;
    private ReconnectPolicy reconnect;
    private long[] states;
    private int client;

    @Setup
    public void setUp() {
        reconnect = Profiles.named(policy).orElseThrow().policy();
        rules = new ClientRules(reconnect, On1010.RETRY, false);
        states = new long[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            long state = ConnectionMachine.next(ConnectionMachine.initial(), Event.ARRIVE, 0, rules);
            states[i] = ConnectionMachine.next(state, Event.ACCEPTED, 0, rules);
        }
    }

    @Benchmark
    @OperationsPerInvocation(TRANSITIONS)
    public long lossAndReturn() {
        client = client + 1 & CLIENTS - 1;
        long state = states[client];
        state = ConnectionMachine.next(state, Event.CLOSE, 1012, rules);
        state = ConnectionMachine.next(state, Event.CLOSED, 1012, rules);
        int losses = ConnectionMachine.losses(state);
        int failures = ConnectionMachine.failures(state);
        long once = Draw.bits(1, Draw.Purpose.CLIENT_DELAY, 0, client, 0, 0);
        long each = Draw.bits(1, Draw.Purpose.ATTEMPT_DELAY, 0, client, losses, failures);
        long delay = reconnect.delayMicros(ConnectionMachine.retry(state, reconnect), failures > 0, 0, once, each);
        state = ConnectionMachine.next(state, Event.DIAL, 0, rules);
        state = ConnectionMachine.next(state, Event.ACCEPTED, 0, rules);
        states[client] = state;
        return delay;
    }
}
