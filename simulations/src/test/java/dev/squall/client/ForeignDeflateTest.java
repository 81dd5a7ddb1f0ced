package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.protocol.Extension;
import dev.squall.protocol.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * permessage-deflate with servers that we did not write: every parameter of RFC 7692 is offered, the answer judged, and
 * messages come back byte by byte as they went, through our own compression and decompression.
 */
@Timeout(60)
class ForeignDeflateTest {

    private static final int MIB = 1 << 20;
    private static final int SEED = 7692;
    private static final List<Integer> SIZES = List.of(0, 1, 125, 126, 65_535, 65_536, MIB);
    private static final List<Integer> FEW_SIZES = List.of(126, 65_535);

    /** The least window that zlib has; RFC 7692 section 7.1.2 would begin at 8. */
    private static final int LEAST_WINDOW = 9;

    private static final int LARGEST_WINDOW = 15;

    private static final List<String> CONTEXTS = List.of(
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");

    private static final List<String> WINDOWS = Stream.concat(
                    Stream.of("permessage-deflate; client_max_window_bits"),
                    IntStream.rangeClosed(LEAST_WINDOW, LARGEST_WINDOW)
                            .boxed()
                            .flatMap(bits -> Stream.of(
                                    "permessage-deflate; server_max_window_bits=" + bits,
                                    "permessage-deflate; client_max_window_bits=" + bits)))
            .toList();

    /**
     * Its answers that a client which required what it offered would leave for. A server of WEBSOCKETS has windows of 12
     * bits at most, which fulfil any larger one (section 7.1.2.1); JETTY and UNDERTOW take offers of any window and then use
     * one of 15, which section 7.1.2 forbids.
     */
    private static List<String> lacking(ForeignEcho.Kind kind) {
        return switch (kind) {
            case WS -> List.of("client_max_window_bits -> permessage-deflate");
            case WEBSOCKETS -> List.of();
            case JETTY, UNDERTOW ->
                WINDOWS.stream()
                        .map(offer -> parameters(offer) + " -> permessage-deflate")
                        .toList();
        };
    }

    @TempDir
    private static Path directory;

    @ParameterizedTest
    @EnumSource
    void everyParameterIsNegotiatedOrDeclinedAndMessagesComeBackIntact(ForeignEcho.Kind kind) throws Exception {
        try (ForeignEcho server = ForeignEcho.start(kind, directory, null)) {
            server.need();
            converse(kind, server.port);
        }
    }

    private static void converse(ForeignEcho.Kind kind, int port) throws Exception {
        Random random = new Random(SEED);
        TreeSet<String> lacking = new TreeSet<>();
        for (String offer : CONTEXTS) {
            converse(port, offer, lacking, messages(random, SIZES));
        }
        for (String offer : WINDOWS) {
            converse(port, offer, lacking, messages(random, FEW_SIZES));
        }
        assertThat(lacking).as("seed " + SEED).containsExactlyInAnyOrderElementsOf(lacking(kind));
    }

    private static String parameters(String offer) {
        return offer.substring(offer.indexOf(';') + 2);
    }

    /** Of each size; each twice, for the second to be found in the window of the first. */
    private static List<byte[]> messages(Random random, List<Integer> sizes) {
        List<byte[]> messages = new ArrayList<>();
        for (int size : sizes) {
            byte[] message = text(random, size);
            messages.add(message);
            if (size < MIB) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** ASCII that compresses to about a half. */
    private static byte[] text(Random random, int size) {
        byte[] text = new byte[size];
        for (int i = 0; i < size; i++) {
            text[i] = (byte) ('a' + random.nextInt(12));
        }
        return text;
    }

    private static void converse(int port, String offer, TreeSet<String> lacking, List<byte[]> messages)
            throws Exception {
        Negotiation negotiation = new Negotiation(List.of(Extension.parse(offer)), List.of(Extension.parse(offer)));
        try (Client client = new Client(port, negotiation)) {
            if (client.judgement.worst() != Negotiation.Outcome.NEGOTIATED) {
                lacking.add(parameters(offer) + " -> " + client.answer);
            }
            for (byte[] message : messages) {
                for (boolean text : List.of(true, false)) {
                    client.send(text, message);
                    byte[] echo = client.receive(text);
                    assertThat(Arrays.equals(echo, message))
                            .as("%s, answered %s: echo of %s %d bytes", offer, client.answer, text, message.length)
                            .isTrue();
                }
            }
            client.leave();
        }
    }

    /** A connection on a plain socket, with the compression and decompression of virtual clients. */
    private static final class Client implements AutoCloseable {

        final Negotiation.Judgement judgement;
        final String answer;
        private final Socket socket;
        private final EmbeddedChannel encoder = new EmbeddedChannel();
        private final EmbeddedChannel decoder;
        private final byte[] scratch = new byte[4096];
        private final Inflation inflation;

        Client(int port, Negotiation negotiation) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            socket.getOutputStream()
                    .write(("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                                    + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: "
                                    + negotiation.header() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String response = head();
            assertThat(response).startsWith("HTTP/1.1 101 ");
            answer = response.lines()
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-extensions:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
            judgement = negotiation.judge(answer.isEmpty() ? null : answer);
            assertThat(judgement.worst()).as(answer).isNotEqualTo(Negotiation.Outcome.UNOFFERED);
            Extension negotiated = Deflate.find(judgement.negotiated());
            Deflate deflate = new Deflate(negotiation.offered());
            encoder.pipeline().addLast("encoder", FrameEncoder.SHARED);
            if (negotiated != null) {
                assertThat(deflate.accepts(negotiated)).as(answer).isTrue();
                deflate.compress(encoder.pipeline(), "encoder", negotiated);
            }
            inflation = negotiated == null ? new Inflation(scratch, true) : Deflate.inflation(negotiated, scratch);
            decoder = new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                    .expectMaskedFrames(false)
                    .maxFramePayloadLength(2 * MIB)
                    .allowExtensions(negotiated != null)
                    .withUTF8Validator(false)
                    .build()));
        }

        private String head() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
                int b = in.read();
                assertThat(b).isNotNegative();
                head.write(b);
            }
            return head.toString(StandardCharsets.US_ASCII);
        }

        void send(boolean text, byte[] message) throws IOException {
            ByteBuf content = Unpooled.copiedBuffer(message);
            encoder.writeOutbound(text ? new TextWebSocketFrame(content) : new BinaryWebSocketFrame(content));
            write();
        }

        private void write() throws IOException {
            for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
                socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
                bytes.release();
            }
        }

        /** The next message, decompressed. */
        byte[] receive(boolean text) throws Exception {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            boolean compressed = false;
            boolean first = true;
            while (true) {
                WebSocketFrame frame = frame();
                if (frame instanceof PingWebSocketFrame) {
                    frame.release();
                    continue;
                }
                if (first) {
                    assertThat(frame instanceof TextWebSocketFrame).as("text").isEqualTo(text);
                    compressed = frame.rsv() != 0;
                    first = false;
                }
                byte[] content = ByteBufUtil.getBytes(frame.content());
                if (compressed) {
                    inflation.input(ByteBuffer.wrap(content));
                    inflate(message);
                } else {
                    message.write(content);
                }
                boolean last = frame.isFinalFragment();
                frame.release();
                if (last) {
                    if (compressed) {
                        inflation.tail();
                        inflate(message);
                        inflation.messageEnded();
                    }
                    return message.toByteArray();
                }
            }
        }

        private void inflate(ByteArrayOutputStream message) throws Exception {
            for (int n = inflation.output(); n > 0; n = inflation.output()) {
                message.write(scratch, 0, n);
            }
        }

        private WebSocketFrame frame() throws IOException {
            WebSocketFrame frame = decoder.readInbound();
            while (frame == null) {
                byte[] bytes = new byte[65_536];
                int n = socket.getInputStream().read(bytes);
                assertThat(n).as("bytes from the server").isPositive();
                decoder.writeInbound(Unpooled.wrappedBuffer(bytes, 0, n));
                frame = decoder.readInbound();
            }
            return frame;
        }

        /** Leaves as it should, and sees the server end TCP. */
        void leave() throws IOException {
            encoder.writeOutbound(new CloseWebSocketFrame(1000, ""));
            write();
            for (WebSocketFrame frame = frame(); ; frame = frame()) {
                frame.release();
                if (frame instanceof CloseWebSocketFrame) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            inflation.end();
            encoder.finishAndReleaseAll();
            decoder.finishAndReleaseAll();
        }
    }
}
