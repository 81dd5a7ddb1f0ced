package dev.squall.client;

import dev.squall.role.RunClock;
import dev.squall.role.Vitals;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The clients of one event loop, its clock and its heartbeat. Everything but {@link #start} and finishSoon is on the loop. */
final class LoopClients {

    private static final int SCRATCH_BYTES = 8192;

    final Fleet fleet;
    final EventLoop loop;
    final Handshake handshake = new Handshake();
    /** Finds the target's addresses for each attempt; null where they are known. */
    final @Nullable Lookup lookup;

    /** Where decompressed messages pass through. */
    final byte[] scratch = new byte[SCRATCH_BYTES];

    private final List<VirtualClient> clients = new ArrayList<>();
    private RunClock clock = new RunClock(System.nanoTime());
    private boolean finishing;

    LoopClients(Fleet fleet, EventLoop loop) {
        this.fleet = fleet;
        this.loop = loop;
        this.lookup = fleet.lookup(loop);
    }

    void add(VirtualClient client) {
        clients.add(client);
    }

    void start(RunClock runClock, LongConsumer beat) {
        after(0, () -> {
            clock = runClock;
            clients.forEach(VirtualClient::plan);
            after(fleet.plan.durationMicros() - micros(), this::finish);
            new Heartbeat(beat).start();
        });
    }

    /** Microseconds since the start of the run. */
    long micros() {
        return clock.micros();
    }

    /** Runs a task of the whole loop after a delay in microseconds; what it throws is a defect. */
    private void after(long micros, Runnable task) {
        var unused = loop.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException | Error e) {
                        fleet.defective(e);
                        throw e;
                    }
                },
                Math.max(0, micros),
                TimeUnit.MICROSECONDS);
    }

    void finishSoon() {
        after(0, this::finish);
    }

    /** The closing phase: clients leave in order of rank, and whoever is still there at its end is dropped. */
    private void finish() {
        if (finishing) {
            return;
        }
        finishing = true;
        long spread = fleet.closingSpreadMicros();
        clients.forEach(client -> client.finish(spread * client.rank() / fleet.size()));
        after(fleet.plan.limits().closingPhaseMicros(), () -> clients.forEach(VirtualClient::abort));
    }

    /** Notices when the loop stands still: nothing on it is punctual then. */
    private final class Heartbeat implements Runnable {
        private final LongConsumer beat;
        private long due;

        Heartbeat(LongConsumer beat) {
            this.beat = beat;
        }

        void start() {
            due = micros();
            next();
        }

        private void next() {
            due += TimeUnit.MILLISECONDS.toMicros(Vitals.BEAT_MILLIS);
            after(due - micros(), this);
        }

        @Override
        public void run() {
            long now = micros();
            beat.accept(now - due);
            due = now; // One stall is one late beat, not one for each that it swallowed.
            next();
        }
    }
}
