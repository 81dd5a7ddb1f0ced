package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.Mix;
import dev.squall.reconnect.ReconnectPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads {@code reconnect}: a policy's name, its settings, or a mix of policies. */
final class ReconnectReader {

    private static final long DEFAULT_CAP_MICROS = 60_000_000;

    Mix read(@Nullable YamlValue value) {
        return Mix.of(
                value == null ? Objects.requireNonNull(ReconnectPolicy.named().get("rfc6455")) : policy(value));
    }

    private static ReconnectPolicy policy(YamlValue value) {
        Map<String, ReconnectPolicy> named = ReconnectPolicy.named();
        ReconnectPolicy fallback = Objects.requireNonNull(named.get("rfc6455"));
        if (!value.isMap()) {
            return value.scalar(
                    String.join(" | ", named.keySet()) + ", or a map with delay, growth, cap, ...", fallback, text -> {
                        ReconnectPolicy policy = named.get(text);
                        if (policy == null) {
                            throw new NumberFormatException();
                        }
                        return policy;
                    });
        }
        Map<String, YamlValue> fields =
                value.fields("delay", "growth", "cap", "jitter", "draw", "attempts", "stable-after");
        if (!fields.containsKey("delay")) {
            value.problem("delay is missing (expected: a duration or a range, as 3s or 1s..5s)");
            return fallback;
        }
        long[] delay = value(fields, "delay")
                .scalar("a duration or a range, as 3s or 1s..5s", new long[2], ReconnectReader::range);
        double growth = field(fields, "growth")
                .map(v -> v.quantity(Quantity.NUMBER, 1, "1", 1))
                .orElse(1.0);
        long cap = field(fields, "cap")
                .map(YamlValue::duration)
                .orElse(growth > 1 ? Math.max(DEFAULT_CAP_MICROS, delay[1]) : delay[1]);
        Map<String, Jitter> jitters = new LinkedHashMap<>();
        for (Jitter jitter : Jitter.values()) {
            jitters.put(jitter.spelled(), jitter);
        }
        Jitter jitter =
                field(fields, "jitter").map(v -> v.oneOf(jitters, Jitter.NONE)).orElse(Jitter.NONE);
        Map<String, Boolean> draws = new LinkedHashMap<>();
        draws.put("each", false);
        draws.put("once", true);
        boolean once = field(fields, "draw").map(v -> v.oneOf(draws, false)).orElse(false);
        long attempts = field(fields, "attempts")
                .map(v -> v.whole(0, ReconnectPolicy.UNLIMITED - 1L, 0))
                .orElse((long) ReconnectPolicy.UNLIMITED);
        long stable = field(fields, "stable-after").map(YamlValue::duration).orElse(0L);
        try {
            return new ReconnectPolicy("inline", delay[0], delay[1], growth, cap, jitter, once, (int) attempts, stable);
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()));
            return fallback;
        }
    }

    private static long[] range(String text) {
        String[] ends = text.split("\\.\\.", -1);
        if (ends.length > 2) {
            throw new NumberFormatException();
        }
        long low = (long) Quantity.DURATION.parse(ends[0]);
        long high = ends.length == 1 ? low : (long) Quantity.DURATION.parse(ends[1]);
        if (low < 0 || high < low) {
            throw new IllegalArgumentException(text + " (expected: >= 0s, the lower end first)");
        }
        return new long[] {low, high};
    }
}
