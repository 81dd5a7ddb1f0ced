package dev.squall.fault;

import dev.squall.quantity.Quantity;
import java.util.function.Function;

/**
 * The settings of a fault as somebody wrote them. One that is missing or wrong is told to whoever wrote it, with what is
 * accepted, and read as something harmless, so that one reading tells all that is wrong.
 */
public interface Settings {

    /** No duration is longer, in microseconds: a week. */
    long LONGEST_MICROS = 7L * 24 * 3600 * 1_000_000;

    /**
     * A setting that must be there.
     *
     * @param expected what is accepted, in words
     * @param harmless what a wrong one is read as
     * @param conversion of its text; an IllegalArgumentException says that it is wrong
     */
    <T> T required(String key, String expected, T harmless, Function<String, T> conversion);

    /**
     * A setting that may be absent.
     *
     * @param absent what it is read as then, and if it is wrong: text that {@code conversion} takes
     */
    <T> T optional(String key, String expected, String absent, Function<String, T> conversion);

    /** A duration in microseconds, up to a week; 0 if absent. */
    default long duration(String key) {
        return optional(key, Quantity.DURATION.expected(), "0s", Settings::micros);
    }

    /** A duration in microseconds that must be there. */
    default long requiredDuration(String key) {
        return required(key, Quantity.DURATION.expected(), 0L, Settings::micros);
    }

    /** A whole number within bounds. */
    default long whole(String key, long least, long most, long absent) {
        String expected = "a whole number, " + least + (most == Long.MAX_VALUE ? " or more" : " to " + most);
        return optional(key, expected, Long.toString(absent), text -> {
            long value = Long.parseLong(text.replace("_", ""));
            if (value < least || value > most) {
                throw new NumberFormatException();
            }
            return value;
        });
    }

    private static long micros(String text) {
        double micros = Quantity.DURATION.parse(text);
        if (micros < 0 || micros > LONGEST_MICROS) {
            throw new IllegalArgumentException(text + " (expected: 0s to 168h)");
        }
        return (long) micros;
    }
}
