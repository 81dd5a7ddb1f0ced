package dev.squall.reconnect;

import java.util.List;

/**
 * The reconnect policies of a population, and how many of its clients follow each.
 *
 * @param parts at least one
 */
public record Mix(List<Part> parts) {

    /**
     * One policy and its clients.
     *
     * @param weight above 0; what counts is its part of the sum of all weights
     */
    public record Part(ReconnectPolicy policy, double weight) {
        public Part {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("weight of " + policy.name() + ": " + weight + " (expected: > 0)");
            }
        }
    }

    public Mix {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("mix: no policy (expected: at least one)");
        }
    }

    /** Everybody follows this policy. */
    public static Mix of(ReconnectPolicy policy) {
        return new Mix(List.of(new Part(policy, 1)));
    }

    /** The place of the part that a client belongs to; {@code unit}: a number in [0, 1) of this client. */
    public int part(double unit) {
        double sum = 0;
        for (int i = 0; i < parts.size(); i++) { // By index: this is asked at each retry, and allocates nothing.
            sum += parts.get(i).weight();
        }
        double rest = unit * sum;
        for (int i = 0; i < parts.size() - 1; i++) {
            rest -= parts.get(i).weight();
            if (rest < 0) {
                return i;
            }
        }
        return parts.size() - 1;
    }

    /** The part of all clients that belongs to the part at this place, in (0, 1]. */
    public double share(int place) {
        return parts.get(place).weight()
                / parts.stream().mapToDouble(Part::weight).sum();
    }

    /** The policy of the part at a place. */
    public ReconnectPolicy policy(int part) {
        return parts.get(part).policy();
    }

    /** The policies, in the order of the parts. */
    public List<ReconnectPolicy> policies() {
        return parts.stream().map(Part::policy).toList();
    }
}
