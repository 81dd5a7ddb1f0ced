package dev.squall.plan;

/**
 * Random values as a pure function of the seed and of what they are for, so that they depend neither on the order of
 * events nor on how clients are spread over processes.
 *
 * <p>The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
 * Generators", 2014), applied once for each counter.
 */
public final class Draw {

    /** What a random value is for: values for different purposes are independent. */
    public enum Purpose {
        ARRIVAL,
        CLIENT_DELAY,
        ATTEMPT_DELAY,
        FAULT,
        CLOSE_ORDER,
        MESSAGE_PHASE,
        FAULT_CHANCE,
        POLICY,
        STAY,
        SUCCESSION,
        MESSAGE_GAP,
        PING_PHASE,
        BALANCE
    }

    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private Draw() {}

    /** 64 random bits for a purpose; the counters say for whom: unused ones are 0. */
    public static long bits(long seed, Purpose purpose, long a, long b, long c, long d) {
        long h = mix(seed + GAMMA * (purpose.ordinal() + 1));
        h = mix((h ^ a) + GAMMA);
        h = mix((h ^ b) + GAMMA);
        h = mix((h ^ c) + GAMMA);
        return mix((h ^ d) + GAMMA);
    }

    /**
     * A client as a counter.
     *
     * @param client its place within the population
     * @param incarnation how many clients had this place before it; 0 but in the closed model
     */
    public static long who(int client, int incarnation) {
        return client + ((long) incarnation << 32);
    }

    /** A number in [0, 1) from 64 random bits. */
    public static double unit(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
