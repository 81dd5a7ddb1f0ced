package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.plan.Expansion;
import dev.squall.plan.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

class RepliesTest extends ServerTest {

    private static final List<Reply> REPLIES = List.of(
            new Reply(Reply.OPEN, "welcome"),
            new Reply("subscribe", "{\"subscribed\": true}"),
            new Reply("scribe", "never to a subscription"),
            new Reply(Reply.OPEN, "and again"));

    @Test
    void says_to_a_text_what_it_was_told_to_and_echoes_the_rest() throws Exception {
        start(new Plans(Plans.freePort()).build().replying(REPLIES));
        try (RawClient client = RawClient.open(port, null)) {
            assertThat(client.read().text()).isEqualTo("welcome");
            assertThat(client.read().text()).isEqualTo("and again");

            client.text("please subscribe me");
            assertThat(client.read().text()).isEqualTo("{\"subscribed\": true}");
            client.text("scribe");
            assertThat(client.read().text()).isEqualTo("never to a subscription");
            client.text("welcome");
            assertThat(client.read().text()).isEqualTo("welcome");
            client.text("open");
            assertThat(client.read().text()).isEqualTo("open");
            client.send(RawClient.BINARY, bytes("subscribe"));
            assertThat(client.read().text()).isEqualTo("subscribe");
        }
    }

    @Test
    void a_text_in_fragments_is_one_text() throws Exception {
        start(new Plans(Plans.freePort()).build().replying(REPLIES.subList(1, 2)));
        try (RawClient client = RawClient.open(port, null)) {
            client.send(RawClient.frame(false, false, RawClient.TEXT, bytes("sub")));
            client.send(RawClient.PING, bytes("between"));
            client.send(RawClient.frame(true, false, 0, bytes("scribe")));
            assertThat(client.read().opcode()).isEqualTo(RawClient.PONG);
            assertThat(client.read().text()).contains("subscribed");

            client.send(RawClient.frame(false, false, RawClient.TEXT, bytes("some")));
            client.send(RawClient.frame(true, false, 0, bytes("thing")));
            RawClient.Frame first = client.read();
            assertThat(first.fin()).isFalse();
            RawClient.Frame last = client.read();
            assertThat(last.fin()).isTrue();
            assertThat(first.text() + last.text()).isEqualTo("something");
        }
    }

    @Test
    void looks_at_64_kib_of_a_text_and_no_further() throws Exception {
        start(new Plans(Plans.freePort()).build().replying(REPLIES.subList(1, 2)));
        String long1 = "x".repeat(Replies.MOST_BYTES - 9) + "subscribe";
        String long2 = "x" + long1;
        try (RawClient client = RawClient.open(port, null)) {
            client.text(long1);
            assertThat(client.read().text()).contains("subscribed");
            client.text(long2);
            assertThat(client.read().text()).isEqualTo(long2);

            // In fragments it is decided as soon as that much has come, and what follows goes the same way.
            client.send(RawClient.frame(false, false, RawClient.TEXT, bytes("subscribe")));
            client.send(RawClient.frame(false, false, 0, new byte[Replies.MOST_BYTES]));
            assertThat(client.read().text()).contains("subscribed");
            client.send(RawClient.frame(true, false, 0, bytes("rest")));
            client.text("next");
            assertThat(client.read().text()).isEqualTo("next");
        }
    }

    @Test
    void compressed_texts_have_compressed_replies() throws Exception {
        start(new Plans(Plans.freePort()).build().replying(REPLIES.subList(0, 2)));
        Inflater inflater = new Inflater(true);
        try (RawClient client = RawClient.open(port, null, "permessage-deflate")) {
            assertThat(inflated(inflater, client.read())).isEqualTo("welcome");
            client.send(RawClient.frame(true, true, RawClient.TEXT, deflated("please subscribe")));
            assertThat(inflated(inflater, client.read())).isEqualTo("{\"subscribed\": true}");
            client.send(RawClient.frame(true, true, RawClient.TEXT, deflated("something")));
            assertThat(inflated(inflater, client.read())).isEqualTo("something");
        } finally {
            inflater.end();
        }
    }

    @Test
    void references_are_expanded_in_what_is_said_and_nowhere_else() {
        Reply reply = new Reply("token=${env:TOKEN}", "hello ${env:TOKEN}");
        Replies replies = new Replies(List.of(reply), new Expansion(Map.of("TOKEN", "secret")::get));

        assertThat(replies.to("token=secret")).isEqualTo(bytes("hello secret"));
        assertThat(reply.toString()).doesNotContain("secret");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** RFC 7692 section 7.2.1, each message for itself. */
    private static byte[] deflated(String text) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(bytes(text));
        byte[] out = new byte[1024];
        int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(out, n - 4);
    }

    /** RFC 7692 section 7.2.2, with the context of the messages before. */
    private static String inflated(Inflater inflater, RawClient.Frame frame) throws IOException, DataFormatException {
        assertThat(frame.rsv1()).isTrue();
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        in.write(frame.payload());
        in.write(new byte[] {0, 0, (byte) 0xff, (byte) 0xff});
        inflater.setInput(in.toByteArray());
        byte[] out = new byte[1024];
        return new String(out, 0, inflater.inflate(out), StandardCharsets.UTF_8);
    }
}
