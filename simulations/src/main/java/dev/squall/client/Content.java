package dev.squall.client;

import dev.squall.plan.Expansion;
import dev.squall.plan.Feed;
import dev.squall.plan.Message;
import dev.squall.plan.Template;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the messages of a population say: always the same bytes, or a text of each client and message. */
final class Content {

    private final boolean binary;
    private final byte[] constant;
    private final @Nullable Template text;
    private final @Nullable Feed feed;
    private final String population;

    private Content(boolean binary, byte[] constant, @Nullable Template text, @Nullable Feed feed, String population) {
        this.binary = binary;
        this.constant = constant;
        this.text = text;
        this.feed = feed;
        this.population = population;
    }

    /**
     * The content of a population's messages.
     *
     * @throws IllegalArgumentException if its feed cannot be read, or a reference not be expanded
     */
    static Content of(Message message, String population, Expansion expansion) {
        String spelled = message.text();
        if (spelled == null) {
            return new Content(message.binary(), words(message.bytes()), null, null, population);
        }
        Feed feed = feed(message.feed(), expansion);
        Template text = Template.parse(spelled, Message.names(feed)).map(expansion::expand);
        return text.isConstant()
                ? new Content(message.binary(), utf8(text.render(name -> null)), null, null, population)
                : new Content(message.binary(), new byte[0], text, feed, population);
    }

    private static @Nullable Feed feed(@Nullable String file, Expansion expansion) {
        try {
            return file == null ? null : Feed.read(Path.of(expansion.expand(file)));
        } catch (IOException e) {
            // Its message has the path, which may hold what the reference stands for.
            throw new IllegalArgumentException("feed: " + file + " (expected: the CSV file that validate read)", e);
        }
    }

    /** Words, so that a compressor finds something to do. */
    private static byte[] words(int bytes) {
        byte[] words = utf8("the squall came up from the south and was gone within the hour; ");
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = words[i % words.length];
        }
        return payload;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A message; constant bytes are shared, the buffer is the caller's. */
    WebSocketFrame frame(int client, int connection, long message) {
        ByteBuf bytes = Unpooled.wrappedBuffer(bytes(client, connection, message));
        return binary ? new BinaryWebSocketFrame(bytes) : new TextWebSocketFrame(bytes);
    }

    /** How long a message is: it is rendered again rather than remembered. */
    int length(int client, int connection, long message) {
        return bytes(client, connection, message).length;
    }

    /** The most that a message is known to have. */
    int constantLength() {
        return constant.length;
    }

    private byte[] bytes(int client, int connection, long message) {
        Template template = text;
        if (template == null) {
            return constant;
        }
        return utf8(template.render(name -> {
            if (name.equals(Message.NUMBER)) {
                return Long.toString(message + 1);
            }
            String ofClient = Template.ofAClient(name, population, client, connection);
            return ofClient != null || feed == null ? ofClient : feed.value(name, client + message);
        }));
    }
}
