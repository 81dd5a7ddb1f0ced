package dev.squall.experiment;

import dev.squall.fault.Settings;
import java.util.Map;
import java.util.function.Function;

/**
 * A fault's settings in a YAML file. Their text is written to the run's files, so references in it are not expanded.
 *
 * @param fault the fault as a whole, to which a missing setting is told
 * @param name its name
 * @param fields its settings
 */
record YamlSettings(YamlValue fault, String name, Map<String, YamlValue> fields) implements Settings {

    @Override
    public <T> T required(String key, String expected, T harmless, Function<String, T> conversion) {
        YamlValue value = fields.get(key);
        if (value == null) {
            fault.problem(name + " has no " + key + " (expected: " + expected + ")");
            return harmless;
        }
        return value.literal(expected, harmless, told(expected, conversion));
    }

    @Override
    public <T> T optional(String key, String expected, String absent, Function<String, T> conversion) {
        YamlValue value = fields.get(key);
        T otherwise = conversion.apply(absent);
        return value == null ? otherwise : value.literal(expected, otherwise, told(expected, conversion));
    }

    /** Says what is accepted, also where a conversion tells what is wrong. */
    private static <T> Function<String, T> told(String expected, Function<String, T> conversion) {
        return text -> {
            try {
                return conversion.apply(text);
            } catch (NumberFormatException e) {
                throw e;
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage());
                throw new IllegalArgumentException(
                        message.contains("(expected: ") ? message : message + " (expected: " + expected + ")", e);
            }
        };
    }
}
