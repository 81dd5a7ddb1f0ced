package dev.squall.experiment;

import static dev.squall.experiment.YamlValue.field;
import static dev.squall.experiment.YamlValue.value;

import dev.squall.plan.Dialogue;
import dev.squall.plan.Feed;
import dev.squall.plan.Message;
import dev.squall.plan.Ping;
import dev.squall.plan.Template;
import dev.squall.plan.Timeouts;
import dev.squall.quantity.Quantity;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a population's clients say to their server, and how long they wait for it. */
final class ConversationReader {

    private static final int MOST_MESSAGE_BYTES = 1024 * 1024;

    /** The most of a text that clients look at, so the most that they can wait for. */
    private static final int MOST_TEXT_BYTES = 64 * 1024;

    private static final long DEFAULT_EVERY_MICROS = 1_000_000;
    private static final int DEFAULT_BYTES = 64;
    static final long DEFAULT_WITHIN_MICROS = 10_000_000;
    private static final String FEED = "a CSV file with a header line, and a row at least";
    private static final String READY = "a map with send, until, within, as {send: hello, until: welcome}";

    private ConversationReader() {}

    static Timeouts timeouts(@Nullable YamlValue value) {
        Timeouts byDefault = Timeouts.DEFAULT;
        if (value == null) {
            return byDefault;
        }
        Map<String, YamlValue> fields = value.fields("connect", "handshake", "idle");
        return new Timeouts(
                field(fields, "connect")
                        .map(v -> v.positiveDuration(byDefault.connectMicros()))
                        .orElse(byDefault.connectMicros()),
                field(fields, "handshake")
                        .map(v -> v.positiveDuration(byDefault.handshakeMicros()))
                        .orElse(byDefault.handshakeMicros()),
                field(fields, "idle")
                        .map(v -> v.positiveDuration(DEFAULT_WITHIN_MICROS))
                        .orElse(0L));
    }

    static @Nullable Dialogue ready(@Nullable YamlValue value) {
        if (value == null) {
            return null;
        }
        Map<String, YamlValue> fields = value.fields("send", "until", "within");
        if (value.isMap() && !fields.containsKey("send") && !fields.containsKey("until")) {
            value.problem("has neither send nor until (expected: " + READY + ")");
        }
        return new Dialogue(
                field(fields, "send").map(v -> text(v, Template.OF_A_CLIENT)).orElse(null),
                field(fields, "until").map(v -> text(v, Template.OF_A_CLIENT)).orElse(null),
                field(fields, "within")
                        .map(v -> v.positiveDuration(DEFAULT_WITHIN_MICROS))
                        .orElse(DEFAULT_WITHIN_MICROS));
    }

    /** A template as it stands: secrets in it are looked up, to see that they are there, and not kept. */
    private static String text(YamlValue value, List<String> known) {
        String expected = "a text, perhaps with #{" + String.join("}, #{", known) + "}";
        String spelled = value.spelled(expected, expanded -> {
                    if (expanded.length() > MOST_TEXT_BYTES) {
                        throw new IllegalArgumentException(
                                expanded.length() + " characters (expected: at most " + MOST_TEXT_BYTES + ")");
                    }
                })
                .orElse("");
        try {
            Template.parse(spelled, known);
        } catch (IllegalArgumentException e) {
            value.problem(String.valueOf(e.getMessage()));
        }
        return spelled;
    }

    static @Nullable Ping ping(@Nullable YamlValue value) {
        if (value == null) {
            return null;
        }
        if (!value.isMap()) {
            return new Ping(value.positiveDuration(DEFAULT_WITHIN_MICROS), 0);
        }
        Map<String, YamlValue> fields = value.fields("every", "within");
        return new Ping(
                every(value, fields),
                field(fields, "within")
                        .map(v -> v.positiveDuration(DEFAULT_WITHIN_MICROS))
                        .orElse(0L));
    }

    private static long every(YamlValue value, Map<String, YamlValue> fields) {
        if (!fields.containsKey("every") && value.isMap()) {
            value.problem("every is missing (expected: " + Quantity.DURATION.expected() + ")");
        }
        return field(fields, "every")
                .map(v -> v.positiveDuration(DEFAULT_EVERY_MICROS))
                .orElse(DEFAULT_EVERY_MICROS);
    }

    static @Nullable Message message(@Nullable YamlValue value) {
        if (value == null) {
            return null;
        }
        Map<String, YamlValue> fields = value.fields("every", "timing", "size", "text", "feed", "type");
        long every = every(value, fields);
        boolean poisson =
                field(fields, "timing").map(v -> v.isSecond("fixed", "poisson")).orElse(false);
        double size = field(fields, "size")
                .map(v -> v.quantity(Quantity.SIZE, 1, "1B", DEFAULT_BYTES))
                .orElse((double) DEFAULT_BYTES);
        if (size > MOST_MESSAGE_BYTES) {
            value(fields, "size").problem(Quantity.SIZE.format(size) + " (expected: at most 1MiB)");
        }
        YamlValue spelled = fields.get("text");
        boolean binary =
                field(fields, "type").map(v -> v.isSecond("text", "binary")).orElse(spelled == null);
        if (spelled != null && fields.containsKey("size")) {
            value(fields, "size").problem("stands beside text (expected: one of both)");
        }
        YamlValue feed = fields.get("feed");
        if (feed != null && spelled == null) {
            feed.problem("stands without text (expected: text beside it, with #{column} for the file's columns)");
            return null;
        }
        Feed rows = feed == null ? null : feed(feed);
        if (spelled == null || feed != null && rows == null) {
            return new Message(every, poisson, binary, (int) size, null, null);
        }
        return new Message(
                every,
                poisson,
                binary,
                0,
                text(spelled, Message.names(rows)),
                feed == null ? null : feed.spelled(FEED, path -> {}).orElse(""));
    }

    private static @Nullable Feed feed(YamlValue value) {
        Feed[] read = new Feed[1];
        value.spelled(FEED, file -> {
            try {
                read[0] = Feed.read(Path.of(file));
            } catch (IOException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            } catch (InvalidPathException e) {
                throw new NumberFormatException(); // So that the message says what is accepted.
            }
        });
        return read[0];
    }
}
