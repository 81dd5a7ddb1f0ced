package dev.squall.node;

import dev.squall.plan.Expansion;
import dev.squall.plan.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server says beyond its echo: texts to texts, the first that fits. It holds nothing of a connection. */
final class Replies {

    /** What is looked at of a message; a text beyond it is not found. */
    static final int MOST_BYTES = 64 * 1024;

    private record Answer(String to, byte[] say) {}

    private final List<byte[]> greetings;
    private final List<Answer> answers;

    /** The replies of a plan; their references are expanded here. */
    Replies(List<Reply> replies, Expansion expansion) {
        greetings = replies.stream()
                .filter(reply -> reply.to().equals(Reply.OPEN))
                .map(reply -> bytes(reply.say(), expansion))
                .toList();
        answers = replies.stream()
                .filter(reply -> !reply.to().equals(Reply.OPEN))
                .map(reply -> new Answer(expansion.expand(reply.to()), bytes(reply.say(), expansion)))
                .toList();
    }

    private static byte[] bytes(String text, Expansion expansion) {
        return expansion.expand(text).getBytes(StandardCharsets.UTF_8);
    }

    boolean isEmpty() {
        return greetings.isEmpty() && answers.isEmpty();
    }

    /** What is said to everybody who opens a connection, in this order. */
    List<byte[]> greetings() {
        return greetings;
    }

    /** What is said to a text; null: it is echoed. */
    byte @Nullable [] to(String text) {
        for (Answer answer : answers) {
            if (text.contains(answer.to())) {
                return answer.say();
            }
        }
        return null;
    }
}
