package dev.squall.plan;

/**
 * A cold cache that grows warm: work begins at {@value #COLD} of its full speed and grows linearly to it. It translates
 * between time and work done, both in nanoseconds; at full speed a nanosecond of work is done in each of time.
 *
 * @param nanos how long it takes; 0: it is warm from the beginning
 */
record WarmUp(double nanos) {

    /** The speed at the beginning. */
    static final double COLD = 0.1;

    WarmUp {
        if (!(nanos >= 0)) {
            throw new IllegalArgumentException("warm-up: " + nanos + " ns (expected: >= 0 ns)");
        }
    }

    /** Work that is not done because of the cold. */
    private double lost() {
        return nanos * (1 - COLD) / 2;
    }

    /** The speed grows by this within a nanosecond; half of it, as it stands in the sums. */
    private double growth() {
        return (1 - COLD) / (2 * nanos);
    }

    /** The work that is done within this time of the beginning. */
    double work(double time) {
        return time >= nanos ? time - lost() : time * (COLD + growth() * time);
    }

    /** How long after the beginning so much work is done. */
    double time(double work) {
        return work >= nanos - lost()
                ? work + lost()
                : (Math.sqrt(COLD * COLD + 4 * growth() * work) - COLD) / (2 * growth());
    }
}
