package dev.squall.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A kind of fault.
 *
 * @param name as an experiment spells it
 * @param type its record
 * @param main the setting that a scalar under the name stands for; empty: there is none, and the scalar is {@code true}
 * @param text what it does, in a sentence
 * @param example as it stands in a list of faults
 * @param reader makes it of its settings; it asks for each that there is, so that what it does not ask for is unknown
 */
public record Kind(
        String name,
        Class<? extends Fault> type,
        String main,
        String text,
        String example,
        Function<Settings, Fault> reader) {

    /** The names of its settings. */
    public List<String> settings() {
        List<String> asked = new ArrayList<>();
        reader.apply(new Settings() {
            @Override
            public <T> T required(String key, String expected, T harmless, Function<String, T> conversion) {
                asked.add(key);
                return harmless;
            }

            @Override
            public <T> T optional(String key, String expected, T absent, Function<String, T> conversion) {
                asked.add(key);
                return absent;
            }
        });
        return asked;
    }
}
