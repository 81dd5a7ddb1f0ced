package dev.squall.live;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Drops peers that take nothing of what is written to them, so that none holds a thread for long. */
final class Patience {

    /** What is written to a peer. */
    interface Writing {
        void run() throws IOException;
    }

    /** One that goes on. */
    private static final class Turn {
        private final Thread writer = Thread.currentThread();
        private int ticks;
        private boolean over;

        synchronized void tick(int most) {
            ticks++;
            if (!over && ticks > most) {
                writer.interrupt(); // Which closes the channel that it writes to: InterruptibleChannel.
            }
        }

        synchronized void end() {
            over = true;
        }
    }

    private final int mostTicks;
    private final Set<Turn> turns = ConcurrentHashMap.newKeySet();

    /** Has patience for so many ticks. */
    Patience(int mostTicks) {
        this.mostTicks = mostTicks;
    }

    /**
     * Writes to a peer on an interruptible channel.
     *
     * @throws IOException also if it took too long
     */
    void during(Writing writing) throws IOException {
        Turn turn = new Turn();
        turns.add(turn);
        try {
            writing.run();
        } finally {
            turn.end();
            turns.remove(turn);
        }
    }

    /** Time has passed. */
    void tick() {
        turns.forEach(turn -> turn.tick(mostTicks));
    }
}
