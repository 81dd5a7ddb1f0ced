package dev.squall.behaviour;

import java.util.Locale;

/**
 * What can be said of a question about a client.
 *
 * @param answer yes, no, or that nothing that was seen tells
 * @param reason what was seen, or what it would have taken
 */
public record Judgement(Answer answer, String reason) {

    /** Three answers: nothing is claimed that was not seen. */
    public enum Answer {
        YES,
        NO,
        UNKNOWN;

        /** As in results: yes, no, unknown. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Judgement yes(String reason) {
        return new Judgement(Answer.YES, reason);
    }

    static Judgement no(String reason) {
        return new Judgement(Answer.NO, reason);
    }

    static Judgement unknown(String reason) {
        return new Judgement(Answer.UNKNOWN, reason);
    }
}
