package dev.squall.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    /**
     * One of its settings.
     *
     * @param expected what is accepted, in words
     * @param absent as what an absent one is read; null: it must be there
     */
    public record Setting(
            String name, String expected, @Nullable String absent) {}

    /** Its settings, in the order in which its reader asks for them. */
    public List<Setting> settings() {
        List<Setting> asked = new ArrayList<>();
        var unused = reader.apply(new Settings() {
            @Override
            public <T> T required(String key, String expected, T harmless, Function<String, T> conversion) {
                asked.add(new Setting(key, expected, null));
                return harmless;
            }

            @Override
            public <T> T optional(String key, String expected, String absent, Function<String, T> conversion) {
                asked.add(new Setting(key, expected, absent));
                return conversion.apply(absent);
            }
        });
        return asked;
    }
}
