package dev.squall.live;

import dev.squall.plan.Plan;
import dev.squall.run.Progress;
import dev.squall.stats.Runs;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A run with a restart and a withheld extension, and how it stands. */
final class Stands {

    static final Plan PLAN = Runs.plan("""
            duration: 60s
            load: {phones: {clients: 100, offer: [permessage-deflate]}}
            faults:
              - {withhold: permessage-deflate, probability: 25%, from: 0s, to: 2s}
              - restart: {at: 5s, drain: 1s, downtime: 2s, deadline: 20s}
            """, 42);

    private Stands() {}

    /** After so many seconds; every total is a multiple of them. */
    static Progress at(int second) {
        return at(Progress.Phase.RUNNING, second);
    }

    static Progress at(Progress.Phase phase, int second) {
        Map<String, Long> counts = new TreeMap<>(Map.of(
                "open", 90L,
                "ready", 80L,
                "attempts", 10L * second,
                "opened", 7L * second,
                "failed", 3L * second,
                "failed.refused", 2L * second,
                "failed.http-503", (long) second,
                "closed.1012", 3L * second));
        return new Progress(
                phase, second * 1_000_000L + 3_000, PLAN.durationMicros(), 100, counts, 12_000, OptionalLong.of(250));
    }
}
