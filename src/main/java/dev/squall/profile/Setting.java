package dev.squall.profile;

import java.util.function.Function;

/**
 * A setting of a reconnect policy, as experiments and the file of profiles spell it.
 *
 * @param name its key
 * @param expected what is accepted, in words
 * @param many whether it is a list of such values
 * @param conversion from a spelling; an IllegalArgumentException says what is accepted, a NumberFormatException leaves that
 *     to {@code expected}
 */
public record Setting<T>(String name, String expected, boolean many, Function<String, T> conversion) {}
