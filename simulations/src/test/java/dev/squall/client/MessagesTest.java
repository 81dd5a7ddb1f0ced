package dev.squall.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer.Frame;
import dev.squall.client.ScriptedServer.Peer;
import dev.squall.plan.Message;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Timeouts;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are more than a size at a rate: see {@link EchoTest} for those. */
@Timeout(20)
class MessagesTest {

    private static final String ECHOES = "echo.talking";

    @TempDir
    Path folder;

    private static Population talking(List<String> offer, Message message) {
        return TestRun.conversing(offer, Timeouts.DEFAULT, null, message, null, TestRun.policy(0));
    }

    /** What the Poisson process of the only client's first connection has, in microseconds after it is ready. */
    private static long due(Plan plan, long micros) {
        Population population = plan.populations().get(0);
        Message message = population.message();
        assertThat(message).isNotNull();
        long count = 0;
        for (long at = plan.messagePhaseMicros(population, 0, 1);
                at <= micros;
                at += plan.messageGapMicros(population, message, 0, 1, count - 1)) {
            count++;
        }
        return count;
    }

    @Test
    void poissonMessagesAreSentAsPlannedAndLateEchoesCountFromThere() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            assertThat(new CountDownLatch(1).await(250, TimeUnit.MILLISECONDS)).isFalse();
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder)
                    .with(talking(List.of(), new Message(10_000, true, true, 64, null, null)))
                    .run(server.port(), 800);

            long ready = run.rows("READY").get(0).micros();
            long lasted = run.rows("CLOSE_SENT").get(0).micros() - ready;
            Histogram echoes = run.latencies(ECHOES);
            // The last one's echo may be on its way at the end; another may be due while the Close is written.
            assertThat(echoes.getTotalCount()).isBetween(due(run.plan(), lasted) - 2, due(run.plan(), lasted) + 1);
            // Those that were due in the server's first 150 ms waited for 100 ms at least.
            assertThat(echoes.getTotalCount() - echoes.getCountBetweenValues(0, 99_000))
                    .isGreaterThanOrEqualTo(due(run.plan(), 150_000) - 2);
            assertThat(echoes.getMaxValue()).isLessThan(600_000);
        }
    }

    @Test
    void aTextIsRenderedForEachMessageWithTheRowsOfItsFeed() throws Exception {
        Path feed = Files.writeString(folder.resolve("words.csv"), "word\nhello\nnaïve\nbye\n");
        ConcurrentLinkedQueue<String> texts = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            for (int i = 0; i < 4; i++) {
                Frame frame = peer.readFrame();
                texts.add(frame.opcode() + " " + new String(frame.payload(), UTF_8));
                peer.write(Peer.frame(ScriptedServer.TEXT, "of my own".getBytes(UTF_8)));
                peer.write(Peer.frame(frame.opcode(), frame.payload()));
            }
            peer.sendAway();
        })) {
            String text = "#{population}/#{client}/#{connection}/#{message} #{word}";
            TestRun run = new TestRun(folder)
                    .with(talking(List.of(), new Message(20_000, false, false, 0, text, feed.toString())))
                    .run(server.port(), 5000);

            assertThat(texts)
                    .containsExactly(
                            "1 talking/0/1/1 hello",
                            "1 talking/0/1/2 naïve",
                            "1 talking/0/1/3 bye",
                            "1 talking/0/1/4 hello");
            // By its length: the server's own messages are others.
            assertThat(run.status()).contains("echoes=4 ");
            assertThat(run.latencies(ECHOES).getCountBetweenValues(0, 1_000_000))
                    .isEqualTo(4);
        }
    }

    @Test
    void aTextThatIsAlwaysTheSameMayGoOutAsBinary() throws Exception {
        ConcurrentLinkedQueue<String> frames = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            Frame frame = peer.readFrame();
            frames.add(frame.opcode() + " " + new String(frame.payload(), UTF_8));
            peer.write(Peer.frame(ScriptedServer.BINARY, frame.payload()));
            peer.sendAway();
        })) {
            new TestRun(folder)
                    .with(talking(List.of(), new Message(10_000, false, true, 0, "{}", null)))
                    .run(server.port(), 5000);

            assertThat(frames).containsExactly(ScriptedServer.BINARY + " {}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
                "permessage-deflate; client_max_window_bits=10; server_max_window_bits=9"
            })
    void textsAreCompressedInBothDirectionsWithAndWithoutContext(String response) throws Exception {
        ConcurrentLinkedQueue<String> texts = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();
        boolean clientsAfresh = response.contains("client_no_context_takeover");
        boolean smallWindow = response.contains("client_max_window_bits");
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open("Sec-WebSocket-Extensions: " + response);
            Inflater inflater = new Inflater(true);
            Deflater deflater = new Deflater(6, true);
            for (int i = 0; i < 4; i++) {
                Frame frame = peer.readFrame();
                // A client may leave a message uncompressed (RFC 7692 section 6), as ours must in a small window.
                assertThat(frame.rsv()).isEqualTo(smallWindow ? 0 : 4);
                byte[] text = smallWindow ? frame.payload() : inflated(inflater, frame.payload());
                if (clientsAfresh) {
                    inflater.reset();
                }
                texts.add(new String(text, UTF_8));
                sizes.add(frame.payload().length);
                peer.write(Peer.frame(0xc1, 0, deflated(deflater, text)));
                if (response.contains("server_no_context_takeover")) {
                    deflater.reset();
                }
            }
            peer.sendAway();
            inflater.end();
            deflater.end();
        })) {
            String told = "the same words again and again, and their number: ";
            TestRun run = new TestRun(folder)
                    .with(talking(
                            List.of("permessage-deflate; client_max_window_bits; server_max_window_bits=15"),
                            new Message(20_000, false, false, 0, told + "#{message}", null)))
                    .run(server.port(), 5000);

            assertThat(server.failures).isEmpty();
            assertThat(texts).containsExactly(told + 1, told + 2, told + 3, told + 4);
            assertThat(run.status()).contains("echoes=4 ");
            List<Integer> sent = List.copyOf(sizes);
            // What went before helps where the context is taken over, and only there.
            assertThat(sent.get(3) < sent.get(0) / 2).isEqualTo(!clientsAfresh && !smallWindow);
        }
    }

    private static byte[] inflated(Inflater inflater, byte[] compressed) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(compressed);
        all.write(new byte[] {0, 0, -1, -1}); // RFC 7692 section 7.2.2
        inflater.setInput(all.toByteArray());
        byte[] text = new byte[1000];
        int length = inflater.inflate(text);
        return Arrays.copyOf(text, length);
    }

    private static byte[] deflated(Deflater deflater, byte[] text) {
        deflater.setInput(text);
        byte[] compressed = new byte[1000];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        return Arrays.copyOf(compressed, length - 4); // RFC 7692 section 7.2.1
    }
}
