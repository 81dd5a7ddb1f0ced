package dev.squall.behaviour;

import java.util.List;
import java.util.OptionalLong;

/**
 * Some times in microseconds.
 *
 * @param count how many there were
 * @param longest the longest of all; 0 of none
 * @param latest those that were kept, the shortest first
 */
public record Times(long count, long longest, List<Long> latest) {

    public Times {
        latest = List.copyOf(latest);
    }

    /** The median of those that were kept: the lower one of two; empty of none. */
    public OptionalLong median() {
        return latest.isEmpty() ? OptionalLong.empty() : OptionalLong.of(latest.get((latest.size() - 1) / 2));
    }
}
