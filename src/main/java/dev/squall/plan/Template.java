package dev.squall.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text with references such as {@code #{client}}, which are replaced for each client, connection or message. The
 * references of secrets, {@code ${env:TOKEN}}, are another thing: {@link Expansion} replaces those before.
 */
public final class Template {

    /** What a template of a client may refer to. */
    public static final List<String> OF_A_CLIENT = List.of("population", "client", "connection");

    private static final Pattern REFERENCE = Pattern.compile("#\\{([^{}]*)}");

    /** Text and names of references in turn; the first is text. */
    private final List<String> parts = new ArrayList<>();

    private Template() {}

    /**
     * Reads a template.
     *
     * @param known the names that it may refer to
     * @throws IllegalArgumentException if it refers to another
     */
    public static Template parse(String text, List<String> known) {
        Template template = new Template();
        Matcher matcher = REFERENCE.matcher(text);
        int end = 0;
        while (matcher.find()) {
            String name = matcher.group(1);
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        matcher.group() + " (expected: one of #{" + String.join("}, #{", known) + "})");
            }
            template.parts.add(text.substring(end, matcher.start()));
            template.parts.add(name);
            end = matcher.end();
        }
        template.parts.add(text.substring(end));
        return template;
    }

    /** The value of a reference of {@link #OF_A_CLIENT}; null for another. */
    public static @Nullable String ofAClient(String name, String population, int client, int connection) {
        return switch (name) {
            case "population" -> population;
            case "client" -> Integer.toString(client);
            case "connection" -> Integer.toString(connection);
            default -> null;
        };
    }

    /** Whether it refers to nothing: its text is always the same. */
    public boolean isConstant() {
        return parts.size() == 1;
    }

    /** The same with what is not a reference changed. */
    public Template map(UnaryOperator<String> change) {
        Template mapped = new Template();
        for (int i = 0; i < parts.size(); i++) {
            mapped.parts.add(i % 2 == 0 ? change.apply(parts.get(i)) : parts.get(i));
        }
        return mapped;
    }

    /** This one and another behind it. */
    public Template plus(Template other) {
        Template sum = new Template();
        int last = parts.size() - 1;
        sum.parts.addAll(parts.subList(0, last));
        sum.parts.add(parts.get(last) + other.parts.get(0));
        sum.parts.addAll(other.parts.subList(1, other.parts.size()));
        return sum;
    }

    /** The text with every reference replaced; {@code values} knows each name that was given as known. */
    public String render(UnaryOperator<@Nullable String> values) {
        if (isConstant()) {
            return parts.get(0);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            text.append(i % 2 == 0 ? parts.get(i) : values.apply(parts.get(i)));
        }
        return text.toString();
    }
}
