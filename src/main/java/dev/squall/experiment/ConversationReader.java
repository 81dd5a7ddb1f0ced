package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Dialogue;
import dev.squall.plan.Message;
import dev.squall.plan.Ping;
import dev.squall.plan.Timeouts;
import dev.squall.quantity.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a population's clients say to their server, and how long they wait for it. */
final class ConversationReader {

    private ConversationReader() {}

    static Timeouts timeouts(@Nullable YamlValue value) {
        return Timeouts.DEFAULT;
    }

    static @Nullable Dialogue ready(@Nullable YamlValue value) {
        return null;
    }

    static @Nullable Ping ping(@Nullable YamlValue value) {
        return null;
    }

    static @Nullable Message message(@Nullable YamlValue value) {
        if (value == null) {
            return null;
        }
        Map<String, YamlValue> fields = value.fields("every", "size");
        if (!fields.containsKey("every") && value.isMap()) {
            value.problem("every is missing (expected: " + Quantity.DURATION.expected() + ")");
        }
        long every =
                field(fields, "every").map(v -> v.positiveDuration(1_000_000)).orElse(1_000_000L);
        double size = field(fields, "size")
                .map(v -> v.quantity(Quantity.SIZE, 1, "1B", 64))
                .orElse(64.0);
        if (size > 1024 * 1024) {
            value(fields, "size").problem(Quantity.SIZE.format(size) + " (expected: at most 1MiB)");
        }
        return new Message(every, (int) size);
    }
}
