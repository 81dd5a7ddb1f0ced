package dev.squall.plan;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of each client of a population, and when they are due.
 *
 * @param everyMicros from one to the next (with {@code poisson}: on average), above 0; the first is due at a random phase
 * @param poisson whether the times between them are exponential rather than equal
 * @param binary whether they are binary messages rather than text
 * @param bytes how long each is, where it has no text
 * @param text a {@link Template} of its content; null: words that fill {@code bytes}
 * @param feed a CSV file with a header line; its columns may be referred to in the text, row after row; null: none
 */
public record Message(
        long everyMicros,
        boolean poisson,
        boolean binary,
        int bytes,
        @Nullable String text,
        @Nullable String feed) {

    /** What a text may refer to as the number of its message. */
    public static final String NUMBER = "message";

    /** What a text may refer to; {@code message} is the number of the message on its connection, from 1. */
    public static List<String> names(@Nullable Feed feed) {
        List<String> names = new ArrayList<>(Template.OF_A_CLIENT);
        names.add(NUMBER);
        if (feed != null) {
            names.addAll(feed.columns());
        }
        return names;
    }

    /** Binary messages of so many bytes at a fixed rate. */
    public Message(long everyMicros, int bytes) {
        this(everyMicros, false, true, bytes, null, null);
    }

    public Message {
        if (everyMicros < 1) {
            throw new IllegalArgumentException("every: " + everyMicros + " us (expected: > 0 us)");
        }
        if (feed != null && text == null) {
            throw new IllegalArgumentException("feed: " + feed + " (expected: with a text that refers to its columns)");
        }
    }
}
