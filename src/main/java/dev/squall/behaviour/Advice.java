package dev.squall.behaviour;

import dev.squall.behaviour.Judgement.Answer;

/** What somebody asks of the delay before a client reconnects. */
public enum Advice {
    /** RFC 6455 section 7.2.3: after an abnormal closure, first a random delay of 0 to 5 s. */
    RFC6455("rfc6455", 0, 5_000_000),
    /** The guide that Squall follows: 1 to 5 s after 1012. */
    GUIDE("guide", 1_000_000, 5_000_000),
    /** The text by which 1012 was registered at IANA: 5 to 30 s. */
    IANA_1012("iana-1012", 5_000_000, 30_000_000);

    /** A delay as the node measures it has the way to the client, its timer and its connecting in it: so much more, in us. */
    public static final long SLACK_MICROS = 100_000;

    private final String word;
    private final long low;
    private final long high;

    Advice(String word, long low, long high) {
        this.word = word;
        this.low = low;
        this.high = high;
    }

    /** As in metrics and results. */
    public String word() {
        return word;
    }

    /** The range for people, as {@code 1..5 s}. */
    public String range() {
        return low / 1_000_000 + ".." + high / 1_000_000 + " s";
    }

    private boolean covers(long micros) {
        return micros >= low && micros <= high + SLACK_MICROS;
    }

    /** Whether it was followed; unknown where an attempt that nobody could see would turn it. */
    public Answer followed(Delay delay) {
        boolean seen = covers(delay.micros());
        if (!delay.atMost()) {
            return seen ? Answer.YES : Answer.NO;
        }
        if (seen && covers(delay.hiddenFromMicros()) && covers(delay.hiddenToMicros())) {
            return Answer.YES;
        }
        boolean mayBe = seen || (delay.hiddenFromMicros() <= high + SLACK_MICROS && delay.hiddenToMicros() >= low);
        return mayBe ? Answer.UNKNOWN : Answer.NO;
    }

    /** Whether a client that has not dialled for so long may still follow it. */
    public boolean mayStill(long micros) {
        return micros <= high + SLACK_MICROS;
    }
}
