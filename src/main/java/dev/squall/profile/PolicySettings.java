package dev.squall.profile;

import dev.squall.quantity.Quantity;
import dev.squall.reconnect.Backoff;
import dev.squall.reconnect.CodeRange;
import dev.squall.reconnect.Decorrelated;
import dev.squall.reconnect.Exponential;
import dev.squall.reconnect.FailedTries;
import dev.squall.reconnect.Jitter;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.reconnect.Span;
import dev.squall.reconnect.Steps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What has been said of a reconnect policy; a setting that is absent has its default. */
public final class PolicySettings {

    private static final long DEFAULT_CAP_MICROS = 60_000_000;

    /** The growth of decorrelated delays, where none is said: that of the article that describes them. */
    private static final double DECORRELATED_GROWTH = 3;

    private static final String SPAN = "a duration or a range, as 3s or 1s..5s";
    private static final String CODES = "a close code from 1000 to 4999 or a range, as 1000 or 3500..3999, or all";

    private static final Setting<Span> DELAY = new Setting<>("delay", SPAN, false, PolicySettings::span);
    private static final Setting<Double> GROWTH =
            new Setting<>("growth", "a number from 1 to 1000", false, PolicySettings::growth);
    private static final Setting<Long> CAP =
            new Setting<>("cap", Quantity.DURATION.expected(), false, PolicySettings::duration);
    private static final Setting<Spread> JITTER = new Setting<>(
            "jitter",
            "none | full | equal | decorrelated, or a share that the delay is longer or shorter by, as 50%",
            false,
            PolicySettings::spread);
    private static final Setting<Span> PLUS = new Setting<>("plus", SPAN, false, PolicySettings::span);
    private static final Setting<Boolean> DRAW = words("draw", Map.of("each", false, "once", true));
    private static final Setting<Span> STEPS = new Setting<>("steps", SPAN, true, PolicySettings::span);
    private static final Setting<Integer> ATTEMPTS = new Setting<>(
            "attempts",
            "a whole number, 0 to " + (ReconnectPolicy.UNLIMITED - 1) + ", or unlimited",
            false,
            PolicySettings::attempts);
    private static final Setting<Long> STABLE_AFTER =
            new Setting<>("stable-after", Quantity.DURATION.expected(), false, PolicySettings::duration);
    private static final Setting<Boolean> PROVED_BY = words("proved-by", Map.of("open", false, "ready", true));
    private static final Setting<FailedTries> FAILED_TRIES = words(
            "failed-tries",
            Map.of(
                    "retry",
                    FailedTries.RETRIED,
                    "retry-once-proved",
                    FailedTries.RETRIED_ONCE_PROVED,
                    "stop",
                    FailedTries.FATAL));
    private static final Setting<CodeRange> STOP_ON = new Setting<>("stop-on", CODES, true, PolicySettings::codes);
    private static final Setting<CodeRange> AT_ONCE_ON =
            new Setting<>("at-once-on", CODES, true, PolicySettings::codes);
    private static final Setting<Boolean> RETRY_AFTER = words("retry-after", Map.of("true", true, "false", false));

    /** All settings, in the order in which they are listed. */
    public static final List<Setting<?>> ALL = List.of(
            DELAY,
            GROWTH,
            CAP,
            JITTER,
            PLUS,
            DRAW,
            STEPS,
            ATTEMPTS,
            STABLE_AFTER,
            PROVED_BY,
            FAILED_TRIES,
            STOP_ON,
            AT_ONCE_ON,
            RETRY_AFTER);

    /** The delay and what shapes it, where there are no steps. */
    private static final List<Setting<?>> SHAPE = List.of(DELAY, GROWTH, CAP, JITTER, PLUS, DRAW);

    /** Jitter, or decorrelated delays, which experiments spell as one. */
    private record Spread(Jitter jitter, boolean decorrelated) {}

    private final Map<Setting<?>, List<?>> values;

    private PolicySettings(Map<Setting<?>, List<?>> values) {
        this.values = values;
    }

    /** Nothing is said. */
    public static PolicySettings none() {
        return new PolicySettings(Map.of());
    }

    /**
     * The same with a setting said, or said anew.
     *
     * @param converted values as the setting's conversion gives them, one unless it is a list
     */
    public PolicySettings with(Setting<?> setting, List<?> converted) {
        Map<Setting<?>, List<?>> all = new LinkedHashMap<>(values);
        all.put(setting, List.copyOf(converted));
        return new PolicySettings(all);
    }

    /** What is left of them beside others of these names: steps leave no delay and nothing that shapes it, a delay no steps. */
    public PolicySettings beside(Set<String> names) {
        Map<Setting<?>, List<?>> all = new LinkedHashMap<>(values);
        if (names.contains(STEPS.name())) {
            SHAPE.forEach(all::remove);
        } else if (names.contains(DELAY.name())) {
            all.remove(STEPS);
        }
        return new PolicySettings(all);
    }

    /**
     * The policy.
     *
     * @throws IllegalArgumentException if the settings do not go together; the message says what is accepted
     */
    public ReconnectPolicy policy(String name) {
        return new ReconnectPolicy(
                name,
                backoff(),
                one(ATTEMPTS).orElse(ReconnectPolicy.UNLIMITED),
                one(STABLE_AFTER).orElse(0L),
                one(PROVED_BY).orElse(false),
                one(FAILED_TRIES).orElse(FailedTries.RETRIED),
                all(STOP_ON),
                all(AT_ONCE_ON),
                one(RETRY_AFTER).orElse(false));
    }

    private Backoff backoff() {
        if (values.containsKey(STEPS)) {
            String idle = SHAPE.stream()
                    .filter(values::containsKey)
                    .map(Setting::name)
                    .collect(Collectors.joining(", "));
            if (!idle.isEmpty()) {
                throw new IllegalArgumentException(
                        "steps beside " + idle + " (expected: either steps, or a delay and its shape)");
            }
            return new Steps(all(STEPS));
        }
        Span delay =
                one(DELAY).orElseThrow(() -> new IllegalArgumentException("delay is missing (expected: " + SPAN + ")"));
        Spread spread = one(JITTER).orElse(new Spread(Jitter.NONE, false));
        Span plus = one(PLUS).orElse(Span.ZERO);
        double growth = one(GROWTH).orElse(spread.decorrelated() ? DECORRELATED_GROWTH : 1);
        long longest = delay.maxMicros() + plus.maxMicros();
        boolean grows = growth > 1 || spread.jitter().bothWays();
        long cap = one(CAP).orElse(grows ? Math.max(DEFAULT_CAP_MICROS, longest) : longest);
        if (!spread.decorrelated()) {
            return new Exponential(
                    delay, growth, cap, spread.jitter(), one(DRAW).orElse(false), plus);
        }
        if (delay.minMicros() != delay.maxMicros() || values.containsKey(PLUS) || values.containsKey(DRAW)) {
            throw new IllegalArgumentException(
                    "decorrelated jitter (expected: one delay, the least; growth and cap, but neither plus nor draw)");
        }
        return new Decorrelated(delay.minMicros(), growth, cap);
    }

    private <T> Optional<T> one(Setting<T> setting) {
        List<T> all = all(setting);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    @SuppressWarnings("unchecked") // What is there has come from the setting's own conversion.
    private <T> List<T> all(Setting<T> setting) {
        return (List<T>) values.getOrDefault(setting, List.of());
    }

    // ---- conversions

    private static <T> Setting<T> words(String name, Map<String, T> words) {
        String expected =
                words.keySet().stream().sorted().reduce((a, b) -> a + " | " + b).orElse("");
        return new Setting<>(name, expected, false, text -> {
            T value = words.get(text);
            if (value == null) {
                throw new NumberFormatException();
            }
            return value;
        });
    }

    private static long duration(String text) {
        double micros = Quantity.DURATION.parse(text);
        if (micros < 0 || micros > ReconnectPolicy.MAX_DELAY_MICROS) {
            throw new IllegalArgumentException(text + " (expected: 0s to 168h)");
        }
        return (long) micros;
    }

    private static Span span(String text) {
        String[] ends = Quantity.ends(text);
        long low = duration(ends[0]);
        long high = duration(ends[1]);
        if (high < low) {
            throw new IllegalArgumentException(text + " (expected: the lower end first)");
        }
        return new Span(low, high);
    }

    private static double growth(String text) {
        double growth = Quantity.NUMBER.parse(text);
        if (!(growth >= 1 && growth <= 1000)) {
            throw new NumberFormatException();
        }
        return growth;
    }

    private static Spread spread(String text) {
        return switch (text) {
            case "none" -> new Spread(Jitter.NONE, false);
            case "full" -> new Spread(Jitter.FULL, false);
            case "equal" -> new Spread(Jitter.EQUAL, false);
            case "decorrelated" -> new Spread(Jitter.NONE, true);
            default -> {
                double share;
                try {
                    share = Quantity.SHARE.parse(text);
                } catch (IllegalArgumentException e) {
                    throw new NumberFormatException(); // So that the words are among what is expected.
                }
                if (share < 0 || share > 1) {
                    throw new NumberFormatException();
                }
                yield new Spread(Jitter.around(share), false);
            }
        };
    }

    private static int attempts(String text) {
        if (text.equals("unlimited")) {
            return ReconnectPolicy.UNLIMITED;
        }
        int attempts = Integer.parseInt(text.replace("_", ""));
        if (attempts < 0 || attempts >= ReconnectPolicy.UNLIMITED) {
            throw new NumberFormatException();
        }
        return attempts;
    }

    private static CodeRange codes(String text) {
        if (text.equals("all")) {
            return CodeRange.ALL;
        }
        String[] ends = Quantity.ends(text);
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[1]);
        if (first < CodeRange.ALL.first() || last < first || last > CodeRange.ALL.last()) {
            throw new NumberFormatException();
        }
        return new CodeRange(first, last);
    }
}
