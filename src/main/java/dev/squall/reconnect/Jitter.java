package dev.squall.reconnect;

/**
 * How a computed delay is spread, so that clients which lost their connection together do not return together.
 *
 * @param share the part of the delay that is random, 0 to 1
 * @param bothWays whether it makes the delay longer as well as shorter; else only shorter
 */
public record Jitter(double share, boolean bothWays) {

    /** The delay as computed. */
    public static final Jitter NONE = new Jitter(0, false);

    /** Uniform over [0, delay). */
    public static final Jitter FULL = new Jitter(1, false);

    /** Half of the delay, and uniform over the other half. */
    public static final Jitter EQUAL = new Jitter(0.5, false);

    public Jitter {
        ReconnectPolicy.require(share >= 0 && share <= 1, "jitter", share, "0..1");
    }

    /** The delay, plus or minus up to this share of it. */
    public static Jitter around(double share) {
        return new Jitter(share, true);
    }

    /** {@code delay} spread by {@code unit}, a number in [0, 1), and at most {@code cap}; all in one unit of time. */
    double spread(double delay, double cap, double unit) {
        if (!bothWays) {
            return Math.min(cap, delay) * (1 - share * (1 - unit));
        }
        // As backo2 draws it, which socket.io uses: one number gives the deviation and, by its first decimal, the sign.
        double deviation = share * delay * unit;
        return Math.min(cap, ((int) (unit * 10) & 1) == 0 ? delay - deviation : delay + deviation);
    }
}
