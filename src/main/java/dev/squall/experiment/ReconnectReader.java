package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.value;

import dev.squall.profile.PolicySettings;
import dev.squall.profile.Profile;
import dev.squall.profile.Profiles;
import dev.squall.profile.Setting;
import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code reconnect}: a profile's name, the settings of a policy, or a mix of profiles. */
final class ReconnectReader {

    private static final String MIX = "mix";
    private static final String LIKE = "like";
    private static final String OWN = "inline";

    /** How far shares may be from 100% together: as far as a third, a third and a third, written with one decimal. */
    private static final double SHARES_TOLERANCE = 0.001 + 1e-9;

    private static final ReconnectPolicy FALLBACK = Profiles.byDefault().policy();

    Mix read(@Nullable YamlValue value) {
        if (value == null) {
            return Mix.of(FALLBACK);
        }
        if (!value.isMap()) {
            String expected = Profiles.names() + ", or a map with delay, steps, like, mix, ...";
            return Mix.of(value.scalar(expected, FALLBACK, text -> named(text).policy()));
        }
        return value.entries("a map").containsKey(MIX) ? mix(value) : Mix.of(own(value));
    }

    private static Profile named(String name) {
        return Profiles.named(name).orElseThrow(NumberFormatException::new);
    }

    private static Mix mix(YamlValue value) {
        YamlValue shares = value(value.fields(MIX), MIX);
        Map<String, YamlValue> entries =
                shares.entries("a map of profiles and shares, as {phoenix-js: 60%, signalr: 40%}");
        List<Mix.Part> parts = new ArrayList<>();
        entries.forEach((name, share) -> part(name, share).ifPresent(parts::add));
        if (parts.size() < entries.size() || entries.isEmpty()) {
            if (shares.isMap() && entries.isEmpty()) {
                shares.problem("no profile (expected: at least one, as {phoenix-js: 100%})");
            }
            return Mix.of(FALLBACK);
        }
        double sum = parts.stream().mapToDouble(Mix.Part::weight).sum();
        if (Math.abs(sum - 1) > SHARES_TOLERANCE) {
            shares.problem("the shares are " + Quantity.SHARE.format(sum) + " together (expected: 100%)");
        }
        return new Mix(parts);
    }

    private static Optional<Mix.Part> part(String name, YamlValue share) {
        Optional<Profile> profile = Profiles.named(name);
        if (profile.isEmpty()) {
            share.problem("no profile " + name + " (expected: " + Profiles.names() + ")");
            return Optional.empty();
        }
        double weight = share.scalar(
                "a share, as 10% or 0.1, more than 0%",
                0.0, text -> {
                    double parsed = Quantity.SHARE.parse(text);
                    if (!(parsed > 0 && parsed <= 1)) {
                        throw new NumberFormatException();
                    }
                    return parsed;
                });
        return weight > 0 ? Optional.of(new Mix.Part(profile.get().policy(), weight)) : Optional.empty();
    }

    private static ReconnectPolicy own(YamlValue value) {
        Map<String, YamlValue> fields =
                value.fields(Stream.concat(PolicySettings.ALL.stream().map(Setting::name), Stream.of(LIKE))
                        .toArray(String[]::new));
        PolicySettings settings = YamlValue.field(fields, LIKE)
                .map(v -> v.scalar(Profiles.names(), Profiles.byDefault(), ReconnectReader::named))
                .map(profile -> profile.settings().beside(fields.keySet()))
                .orElse(PolicySettings.none());
        boolean broken = false;
        for (Setting<?> setting : PolicySettings.ALL) {
            YamlValue field = fields.get(setting.name());
            if (field != null) {
                List<?> converted = converted(setting, field);
                broken |= converted.isEmpty() && !setting.many();
                settings = converted.isEmpty() && !setting.many() ? settings : settings.with(setting, converted);
            }
        }
        if (broken) {
            return FALLBACK; // What is wrong has been said; what would follow from it has not to be.
        }
        try {
            return settings.policy(OWN);
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()));
            return FALLBACK;
        }
    }

    /** The values of a setting; those that are wrong are left out. */
    private static <T> List<T> converted(Setting<T> setting, YamlValue field) {
        List<YamlValue> values = setting.many() && field.isList() ? field.list(setting.expected()) : List.of(field);
        List<T> converted = new ArrayList<>();
        for (YamlValue value : values) {
            value.scalar(
                            setting.expected(),
                            Optional.<T>empty(),
                            text -> Optional.of(setting.conversion().apply(text)))
                    .ifPresent(converted::add);
        }
        return converted;
    }
}
