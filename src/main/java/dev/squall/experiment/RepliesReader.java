package dev.squall.experiment;

import dev.squall.plan.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code replies}: what a server of ours says beyond its echo. */
final class RepliesReader {

    private static final int MOST = 100;
    private static final String EXPECTED = "a list, as [{to: open, say: hello}, {to: subscribe, say: subscribed}]";
    private static final String TO = "open, or a text of 1 to " + Reply.MOST_CHARS + " characters";
    private static final String SAY = "a text of at most " + Reply.MOST_CHARS + " characters";

    private RepliesReader() {}

    static List<Reply> read(YamlValue value) {
        List<Reply> replies = new ArrayList<>();
        for (YamlValue each : value.list(EXPECTED)) {
            if (!each.isMap()) {
                each.problem("no reply (expected: a map, as {to: open, say: hello})");
                continue;
            }
            Map<String, YamlValue> fields = each.fields("to", "say");
            String to = text(each, fields, "to", TO, "?");
            String say = text(each, fields, "say", SAY, "");
            try {
                replies.add(new Reply(to, say));
            } catch (IllegalArgumentException e) {
                each.problem(String.valueOf(e.getMessage()));
            }
        }
        if (replies.size() > MOST) {
            value.problem(replies.size() + " replies (expected: at most " + MOST + ")");
        }
        return replies;
    }

    /** A text as it stands; its references must be there. */
    private static String text(
            YamlValue reply, Map<String, YamlValue> fields, String key, String expected, String fallback) {
        YamlValue text = fields.get(key);
        if (text == null) {
            reply.problem(key + " is missing (expected: " + expected + ")");
            return fallback;
        }
        return text.spelled(expected, expanded -> {}).orElse(fallback);
    }
}
