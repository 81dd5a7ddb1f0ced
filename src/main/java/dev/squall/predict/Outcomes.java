package dev.squall.predict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The outcomes that occur in a prediction, each once, so that a client's is a number. */
final class Outcomes {

    private static final long SECOND_MICROS = 1_000_000;

    private final List<Outcome> all = new ArrayList<>();
    private final Map<Outcome, Integer> numbers = new IdentityHashMap<>();
    private final Map<Long, Outcome> refusals = new HashMap<>();
    private final Map<Response, Outcome> answers = new IdentityHashMap<>();
    private final Map<Response, Outcome> turnedAway = new IdentityHashMap<>();

    Outcome refused(int status, long retryAfterSeconds) {
        return refusals.computeIfAbsent(
                retryAfterSeconds << 16 | status, key -> Outcome.refused(status, retryAfterSeconds * SECOND_MICROS));
    }

    Outcome answered(Response response, boolean away) {
        return (away ? turnedAway : answers).computeIfAbsent(response, each -> Outcome.answered(each, away));
    }

    /** The number of one of these outcomes, or of a constant one. */
    int number(Outcome outcome) {
        return numbers.computeIfAbsent(outcome, each -> {
            all.add(each);
            return all.size() - 1;
        });
    }

    Outcome of(int number) {
        return all.get(number);
    }
}
