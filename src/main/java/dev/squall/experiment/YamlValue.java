package dev.squall.experiment;

import dev.squall.plan.Expansion;
import dev.squall.quantity.Quantity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a YAML file with its place and path. A conversion that fails adds a problem and gives the fallback, so that
 * one reading tells all that is wrong.
 */
final class YamlValue {

    /** What a reading shares: where problems go, and how values are expanded. */
    record Context(String file, List<Problem> problems, Expansion expansion) {}

    /** No duration is longer: sums of some of them stay far from overflowing. */
    static final long WEEK_MICROS = 7L * 24 * 3600 * 1_000_000;

    private final Node node;
    private final String path;
    private final Context context;

    YamlValue(Node node, String path, Context context) {
        this.node = node;
        this.path = path;
        this.context = context;
    }

    /** The value of a key, if it is there. */
    static Optional<YamlValue> field(Map<String, YamlValue> fields, String key) {
        return Optional.ofNullable(fields.get(key));
    }

    /** The value of a key that is known to be there. */
    static YamlValue value(Map<String, YamlValue> fields, String key) {
        return Objects.requireNonNull(fields.get(key), key);
    }

    String path() {
        return path;
    }

    Location location() {
        return location(node, context.file());
    }

    static Location location(Node node, String file) {
        Optional<Mark> mark = node.getStartMark();
        // Nodes of a --set carry its text as their name.
        return mark.map(m -> m.getName().startsWith("--set")
                        ? new Location(m.getName(), 0, 0)
                        : new Location(file, m.getLine() + 1, m.getColumn() + 1))
                .orElse(new Location(file, 0, 0));
    }

    /** Adds a problem: {@code path: what (expected: ...)}. */
    void problem(String what) {
        context.problems().add(new Problem(location(), path, what));
    }

    boolean isMap() {
        return node instanceof MappingNode;
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    boolean isNothing() {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
    }

    /** As it stands in the file, for messages. */
    private String shown() {
        if (node instanceof ScalarNode scalar) {
            return isNothing() ? "nothing" : scalar.getValue();
        }
        return isMap() ? "a map" : "a list";
    }

    /** A scalar converted; the conversion's IllegalArgumentException becomes a problem. */
    <T> T scalar(String expected, T fallback, Function<String, T> conversion) {
        return scalar(expected, fallback, conversion, true);
    }

    /** A scalar that is written to the run's files as it stands: references in it are not expanded. */
    <T> T literal(String expected, T fallback, Function<String, T> conversion) {
        return scalar(expected, fallback, conversion, false);
    }

    /**
     * A text that is kept as it stands, whose references must be there; empty if it is wrong.
     *
     * @param check is given the text with its references expanded; its IllegalArgumentException becomes a problem
     */
    Optional<String> spelled(String expected, Consumer<String> check) {
        boolean right = scalar(expected, false, expanded -> {
            check.accept(expanded);
            return true;
        });
        return right && node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    private <T> T scalar(String expected, T fallback, Function<String, T> conversion, boolean expands) {
        if (!(node instanceof ScalarNode scalar) || isNothing()) {
            problem(shown() + " (expected: " + expected + ")");
            return fallback;
        }
        String text = scalar.getValue();
        try {
            text = expands ? context.expansion().expand(text) : text;
            return conversion.apply(text);
        } catch (NumberFormatException e) {
            problem(shown() + " (expected: " + expected + ")");
        } catch (IllegalArgumentException e) {
            // What was expanded may be a secret: then the message shows the reference, and nothing of its value.
            boolean expanded = !text.equals(scalar.getValue());
            problem(expanded ? shown() + " (expected: " + expected + ")" : String.valueOf(e.getMessage()));
        }
        return fallback;
    }

    String text(String expected) {
        return scalar(expected, "", Function.identity());
    }

    /** A whole number within bounds. */
    long whole(long least, long most, long fallback) {
        String expected = "a whole number"
                + (least == Long.MIN_VALUE ? "" : ", " + least + (most == Long.MAX_VALUE ? " or more" : " to " + most));
        return scalar(expected, fallback, text -> {
            long value = Long.parseLong(text.replace("_", ""));
            if (value < least || value > most) {
                throw new NumberFormatException();
            }
            return value;
        });
    }

    boolean flag() {
        return scalar("true or false", false, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new NumberFormatException();
        });
    }

    /** A value with a unit, at least {@code least} (in the quantity's unit, spelled {@code leastSpelled}). */
    double quantity(Quantity quantity, double least, String leastSpelled, double fallback) {
        return scalar(quantity.expected(), fallback, text -> {
            double value = quantity.parse(text);
            if (value < least) {
                throw new IllegalArgumentException(text + " (expected: >= " + leastSpelled + ")");
            }
            return value;
        });
    }

    /** A duration in microseconds, from 0 to a week. */
    long duration() {
        return atMostAWeek(quantity(Quantity.DURATION, 0, "0s", 0), 0);
    }

    /** A duration in microseconds, from a millisecond to a week. */
    long positiveDuration(long fallback) {
        return atMostAWeek(quantity(Quantity.DURATION, 1000, "1ms", fallback), fallback);
    }

    /** A duration in microseconds, from 0 to a week, or this word, which stands for {@code meaning}. */
    long durationOr(String word, long meaning) {
        return scalar(Quantity.DURATION.expected() + ", or " + word, 0L, text -> {
            if (text.equals(word)) {
                return meaning;
            }
            double micros;
            try {
                micros = Quantity.DURATION.parse(text);
            } catch (IllegalArgumentException e) {
                throw new NumberFormatException(); // So that the word is among what is expected.
            }
            if (micros < 0 || micros > WEEK_MICROS) {
                throw new IllegalArgumentException(text + " (expected: 0s to 168h, or " + word + ")");
            }
            return (long) micros;
        });
    }

    /** A time in microseconds since the start that must not be after the end, {@code duration}. */
    long within(long duration) {
        long micros = duration();
        if (micros > duration) {
            problem(Quantity.DURATION.format(micros) + " is after the end (expected: within the duration, "
                    + Quantity.DURATION.format(duration) + ")");
        }
        return micros;
    }

    private long atMostAWeek(double micros, long fallback) {
        if (micros > WEEK_MICROS && micros != fallback) {
            problem(shown() + " (expected: <= 168h)");
            return fallback;
        }
        return (long) micros;
    }

    double share() {
        return scalar(Quantity.SHARE.expected(), 0.0, text -> {
            double value = Quantity.SHARE.parse(text);
            if (value < 0 || value > 1) {
                throw new IllegalArgumentException(text + " (expected: a share from 0% to 100%)");
            }
            return value;
        });
    }

    /** One of some words. */
    <T> T oneOf(Map<String, T> words, T fallback) {
        String expected = String.join(" | ", words.keySet());
        return scalar(expected, fallback, text -> {
            T value = words.get(text);
            if (value == null) {
                throw new NumberFormatException();
            }
            return value;
        });
    }

    /** Whether it is the second of two words. */
    boolean isSecond(String first, String second) {
        Map<String, Boolean> words = new LinkedHashMap<>();
        words.put(first, false);
        words.put(second, true);
        return oneOf(words, false);
    }

    List<YamlValue> list(String expected) {
        if (!(node instanceof SequenceNode sequence)) {
            problem(shown() + " (expected: " + expected + ")");
            return List.of();
        }
        List<YamlValue> values = new ArrayList<>();
        for (Node each : sequence.getValue()) {
            values.add(new YamlValue(each, path.isEmpty() ? "" + values.size() : path + "." + values.size(), context));
        }
        return values;
    }

    /** The map's entries in order; a key that stands twice is a problem. */
    Map<String, YamlValue> entries(String expected) {
        if (!(node instanceof MappingNode mapping)) {
            problem(shown() + " (expected: " + expected + ")");
            return Map.of();
        }
        Map<String, YamlValue> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                new YamlValue(tuple.getKeyNode(), path, context)
                        .problem("a key that is no word (expected: " + expected + ")");
                continue;
            }
            String name = key.getValue();
            String keyPath = path.isEmpty() ? name : path + "." + name;
            if (entries.putIfAbsent(name, new YamlValue(tuple.getValueNode(), keyPath, context)) != null) {
                new YamlValue(key, keyPath, context).problem("stands twice (expected: each name once)");
            }
        }
        return entries;
    }

    /** The map's entries, each of which must be one of {@code keys}. */
    Map<String, YamlValue> fields(String... keys) {
        List<String> known = Arrays.asList(keys);
        String expected = known.stream().collect(Collectors.joining(", "));
        Map<String, YamlValue> entries = new LinkedHashMap<>(entries("a map with " + expected));
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key && !known.contains(key.getValue())) {
                    new YamlValue(key, path, context)
                            .problem("unknown key " + key.getValue() + " (expected: " + expected + ")");
                    entries.remove(key.getValue());
                }
            }
        }
        return entries;
    }
}
