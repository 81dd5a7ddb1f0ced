package dev.squall.reconnect;

import java.util.Locale;

/** How a computed delay is spread, so that clients which lost their connection together do not return together. */
public enum Jitter {
    /** The delay as computed. */
    NONE {
        @Override
        double spread(double delay, double unit) {
            return delay;
        }
    },
    /** Uniform over [0, delay). */
    FULL {
        @Override
        double spread(double delay, double unit) {
            return delay * unit;
        }
    },
    /** Half of the delay, and uniform over the other half. */
    EQUAL {
        @Override
        double spread(double delay, double unit) {
            return delay / 2 + delay / 2 * unit;
        }
    };

    /** {@code delay} (any unit) spread by {@code unit}, a number in [0, 1). */
    abstract double spread(double delay, double unit);

    /** The name as an experiment spells it. */
    public String spelled() {
        return name().toLowerCase(Locale.ROOT);
    }
}
