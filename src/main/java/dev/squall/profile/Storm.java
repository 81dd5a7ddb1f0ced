package dev.squall.profile;

import dev.squall.plan.Plan;
import dev.squall.plan.Timeouts;
import dev.squall.plan.WhileDown;
import dev.squall.reconnect.ReconnectPolicy;

/**
 * What a restart makes the clients of a policy do on paper: each learns of its Close when that is due, waits as its policy
 * says, fails while the node is down, and is back with its first try after that, however many come with it.
 *
 * @param policy whose clients
 * @param timeouts how long a try takes that nobody answers
 * @param restart as planned
 * @param elsewhere whether another node takes them meanwhile
 */
public record Storm(ReconnectPolicy policy, Timeouts timeouts, Plan.Restart restart, boolean elsewhere) {

    /** So many that a second with a hundredth of all tries is right to about 10%. */
    private static final int CLIENTS = 10_000;

    /** Fewer clients are drawn if they have tried so often. */
    private static final long ENOUGH_TRIES = 2_000_000;

    /** No client tries more often in the time that is looked at: no delay is shorter than 10 ms. */
    private static final int MOST_TRIES = 100_000;

    /** Spreads any number of places evenly, one after the other. */
    private static final double GOLDEN_RATIO = 0.6180339887498949;

    private static final long SECOND_MICROS = 1_000_000;

    /**
     * The tries of so many clients by second since the restart began.
     *
     * @param clients at least 1
     * @param seconds how many seconds are looked at, at most 1,000
     */
    public double[] attempts(long clients, int seconds) {
        Outage outage = new Outage(policy, restart.seenCode(), false);
        double[] bySecond = new double[seconds];
        long tries = 0;
        int drawn = 0;
        while (drawn < Math.min(clients, CLIENTS) && tries < ENOUGH_TRIES) {
            tries += draw(outage, drawn++, clients, bySecond);
        }
        double each = (double) clients / drawn;
        for (int second = 0; second < seconds; second++) {
            bySecond[second] *= each;
        }
        return bySecond;
    }

    /** Counts the tries of one client. */
    private int draw(Outage outage, int client, long clients, double[] bySecond) {
        int place = (int) ((client * GOLDEN_RATIO) % 1 * clients);
        long micros = restart.kill()
                ? 0
                : restart.closeMicros(place, (int) Math.min(Integer.MAX_VALUE, clients)) - restart.atMicros();
        long horizon = bySecond.length * SECOND_MICROS;
        int tries = 0;
        for (long delay : outage.delays(client, MOST_TRIES, horizon)) {
            micros += delay;
            if (micros >= horizon) {
                break;
            }
            bySecond[(int) (micros / SECOND_MICROS)]++;
            tries++;
            if (isServed(micros)) {
                break;
            }
            micros += restart.whileDown() == WhileDown.BLACK_HOLE ? timeouts.handshakeMicros() : 0;
        }
        return tries;
    }

    private boolean isServed(long micros) {
        long at = restart.atMicros() + micros;
        return elsewhere
                || (!restart.isForGood() && at >= restart.listeningMicros())
                || (restart.listenWhileDraining() && at < restart.drainedMicros());
    }
}
