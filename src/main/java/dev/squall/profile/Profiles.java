package dev.squall.profile;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** All profiles, as {@code profiles.yaml} beside this class tells of them. */
public final class Profiles {

    private static final String FILE = "profiles.yaml";

    private static final Map<String, Profile> ALL = read();

    private Profiles() {}

    /** Each profile by its name, in the order in which they are listed. */
    public static Map<String, Profile> all() {
        return ALL;
    }

    /** The profile of this name. */
    public static Optional<Profile> named(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /** What an experiment's policy is where it says nothing. */
    public static Profile byDefault() {
        return Objects.requireNonNull(ALL.get("rfc6455"));
    }

    /** The names, for messages. */
    public static String names() {
        return String.join(" | ", ALL.keySet());
    }

    private static Map<String, Profile> read() {
        try (InputStream file = Profiles.class.getResourceAsStream(FILE)) {
            Object root = new Load(LoadSettings.builder().setLabel(FILE).build())
                    .loadFromInputStream(Objects.requireNonNull(file, FILE));
            Map<String, Profile> all = new LinkedHashMap<>();
            map(root).forEach((name, value) -> all.put(name, profile(name, map(value))));
            return Collections.unmodifiableMap(all);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    private static Profile profile(String name, Map<String, ?> fields) {
        Map<String, ?> settings = map(fields.get("settings"));
        Map<String, String> spelled = new LinkedHashMap<>();
        PolicySettings policy = PolicySettings.none();
        for (Setting<?> setting : PolicySettings.ALL) {
            Object value = settings.get(setting.name());
            if (value != null) {
                List<String> texts = texts(value);
                policy = policy.with(
                        setting, texts.stream().map(setting.conversion()).toList());
                spelled.put(setting.name(), texts.isEmpty() ? "none" : String.join(", ", texts));
            }
        }
        if (!spelled.keySet().equals(Set.copyOf(settings.keySet()))) {
            throw new IllegalArgumentException(
                    name + ": settings " + settings.keySet() + ", known " + spelled.keySet());
        }
        Map<String, String> sources = new LinkedHashMap<>();
        map(fields.get("sources")).forEach((setting, source) -> sources.put(setting, String.valueOf(source)));
        return new Profile(
                name,
                text(fields, "about"),
                text(fields, "origin"),
                Profile.Runtime.valueOf(
                        text(fields, "runtime").toUpperCase(Locale.ROOT).replace('-', '_')),
                text(fields, "models"),
                text(fields, "omits"),
                policy,
                spelled,
                sources);
    }

    private static String text(Map<String, ?> fields, String key) {
        return String.valueOf(Objects.requireNonNull(fields.get(key), key)).strip();
    }

    private static List<String> texts(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(value.toString());
    }

    @SuppressWarnings("unchecked") // Keys of the file are words.
    private static Map<String, ?> map(@Nullable Object value) {
        return (Map<String, ?>) Objects.requireNonNull(value);
    }
}
