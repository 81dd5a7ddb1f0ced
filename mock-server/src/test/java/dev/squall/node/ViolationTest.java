package dev.squall.node;

import static dev.squall.journal.JournalEvent.CLOSED;
import static dev.squall.journal.JournalEvent.CLOSE_SENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that break RFC 6455 once they are connected: each is told what it did, and nobody else notices. */
class ViolationTest extends ServerTest {

    private static final String DEFLATE = "permessage-deflate";
    private static final byte[] NOTHING = {};
    private static final byte[] HALF_OF_EURO = {(byte) 0xE2, (byte) 0x82};
    private static final byte[] REST_OF_EURO = {(byte) 0xAC};

    private final Logged logged = new Logged();

    @AfterEach
    void nothingWasLogged() {
        logged.close();
        assertThat(logged.records()).isEmpty();
    }

    private static byte[] frame(int first, byte[] payload) {
        byte[] frame = RawClient.frame(true, false, 0, payload);
        frame[0] = (byte) first;
        return frame;
    }

    private static byte[] text(byte... bytes) {
        return frame(0x81, bytes);
    }

    private static byte[] bytes(int... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        IntStream.of(values).forEach(bytes::write);
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A frame's header with a length of 64 bits and a mask. */
    private static byte[] header(int first, long length) {
        return ByteBuffer.allocate(14)
                .put((byte) first)
                .put((byte) 0xff)
                .putLong(length)
                .array();
    }

    /** The payload of a compressed message (RFC 7692 section 7.2.1). */
    private static byte[] deflate(byte[] payload) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(payload);
        byte[] out = new byte[payload.length + 100];
        int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, n - 4);
    }

    /** So many MiB of zeros in about a thousandth of it. */
    private static byte[] bomb(int mebibytes) {
        Deflater deflater = new Deflater(9, true);
        byte[] out = new byte[4096];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 2; i++) { // The second block refers to the first, and so does each copy of it.
            deflater.setInput(new byte[1 << 20]);
            int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            for (int copy = i == 0 ? 1 : mebibytes - 1; copy > 0; copy--) {
                all.write(out, 0, n);
            }
        }
        deflater.end();
        return all.toByteArray();
    }

    private static Arguments wrong(int code, String reason, byte[]... bytes) {
        return Arguments.of(code, reason, "", join(bytes));
    }

    private static Arguments compressed(int code, String reason, byte[]... bytes) {
        return Arguments.of(code, reason, DEFLATE, join(bytes));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static Stream<Arguments> violations() {
        byte[] five = ascii("hello");
        byte[] slightly = deflate(new byte[1_200_000]);
        int tooMuch = Listener.MAX_MESSAGE_BYTES + 1;
        String tooBig = "message of more than " + Listener.MAX_MESSAGE_BYTES + " bytes";
        String frameTooBig = "frame of more than " + Listener.MAX_MESSAGE_BYTES + " bytes";
        String notUtf8 = "text that is not UTF-8";
        String notDeflate = "message that does not decompress";
        Stream<Arguments> framing = Stream.of(
                wrong(1002, "unmasked frame", bytes(0x81, 5), five),
                wrong(1002, "reserved bits 4", frame(0xC1, five)),
                wrong(1002, "reserved bits 2", frame(0xA1, five)),
                wrong(1002, "reserved bits 1", frame(0x92, five)),
                compressed(1002, "reserved bits 6", frame(0xE1, five)),
                compressed(1002, "reserved bits 4", frame(0x41, deflate(five)), frame(0xC0, NOTHING)),
                compressed(1002, "reserved bits 4", frame(0xC9, five)),
                wrong(1002, "reserved opcode 3", frame(0x83, five)),
                wrong(1002, "reserved opcode 15", frame(0x8F, five)),
                wrong(1002, "fragmented control frame", frame(0x09, five)),
                wrong(1002, "control frame of more than 125 bytes", frame(0x89, new byte[126])),
                wrong(1002, "control frame of more than 125 bytes", frame(0x88, new byte[70_000])),
                wrong(1002, "continuation of no message", frame(0x80, five)),
                wrong(1002, "continuation of no message", text(five), frame(0x00, five)),
                wrong(1002, "message within a message", frame(0x01, five), frame(0x82, five)),
                wrong(1002, "length in too many bytes", bytes(0x82, 0xFE, 0, 125)),
                wrong(1002, "length in too many bytes", header(0x82, 65_535)),
                wrong(1002, "length of 2^63 or more", header(0x82, Long.MIN_VALUE)),
                wrong(1002, "length of 2^63 or more", header(0x82, -1)),
                wrong(1009, frameTooBig, header(0x82, 1L << 62)),
                wrong(1009, frameTooBig, header(0x82, tooMuch)),
                wrong(1009, tooBig, frame(0x02, five), header(0x80, Listener.MAX_MESSAGE_BYTES), new byte[tooMuch]),
                wrong(1002, "Close of one byte", frame(0x88, bytes(3))),
                wrong(1007, "close reason that is not UTF-8", frame(0x88, bytes(3, 232, 0xff))),
                wrong(1007, "close reason that is not UTF-8", frame(0x88, join(bytes(3, 232), HALF_OF_EURO))));
        Stream<Arguments> codes = IntStream.of(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
                .mapToObj(code -> wrong(1002, "Close with code " + code, frame(0x88, bytes(code >> 8, code & 0xff))));
        Stream<Arguments> payloads = Stream.of(
                wrong(1007, notUtf8, text(bytes(0x80))),
                wrong(1007, notUtf8, text(bytes(0xC0, 0xAF))),
                wrong(1007, notUtf8, text(bytes(0xED, 0xA0, 0x80))),
                wrong(1007, notUtf8, text(bytes(0xF4, 0x90, 0x80, 0x80))),
                wrong(1007, notUtf8, text(HALF_OF_EURO)),
                wrong(1007, notUtf8, text(join(ascii("sixteen letters, "), bytes(0xff)))),
                wrong(1007, notUtf8, frame(0x01, HALF_OF_EURO), frame(0x80, NOTHING)),
                wrong(1007, notUtf8, frame(0x01, HALF_OF_EURO), frame(0x00, five)),
                compressed(1007, notUtf8, frame(0xC1, deflate(bytes(0xff)))),
                compressed(
                        1007,
                        notUtf8,
                        frame(0x41, Arrays.copyOf(deflate(HALF_OF_EURO), 1)),
                        frame(0x80, Arrays.copyOfRange(deflate(HALF_OF_EURO), 1, deflate(HALF_OF_EURO).length))),
                compressed(1007, notDeflate, frame(0xC1, bytes(0xff, 0xff, 0xff))),
                compressed(1007, notDeflate, frame(0x42, bytes(0x07)), frame(0x80, five)),
                compressed(1009, tooBig, frame(0xC2, bomb(64))),
                compressed(1009, tooBig, frame(0xC2, bomb(900))),
                compressed(
                        1009,
                        tooBig,
                        frame(0x42, Arrays.copyOf(slightly, 900)),
                        frame(0x80, Arrays.copyOfRange(slightly, 900, slightly.length))));
        return Stream.of(framing, codes, payloads).flatMap(all -> all);
    }

    /** An echo goes on only if it is read, so the two must be at once. */
    private static Thread sending(RawClient client, byte[] bytes) {
        Thread sender = new Thread(() -> {
            try {
                client.send(bytes);
            } catch (IOException ended) {
                return;
            }
        });
        sender.start();
        return sender;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("violations")
    void a_violation_is_answered_with_its_code_and_what_it_was(int code, String reason, String offer, byte[] bytes)
            throws Exception {
        start(new Plans(Plans.freePort()).build());
        try (RawClient good = RawClient.open(port, "people/1/1", DEFLATE);
                RawClient bad =
                        RawClient.open(port, "people/0/1", offer.isEmpty() ? new String[0] : new String[] {offer})) {
            Thread sender =
                    sending(bad, join(bytes, RawClient.frame(true, false, RawClient.PING, ascii("read no more"))));
            RawClient.Frame answer = bad.read();
            while (answer.opcode() < RawClient.CLOSE) {
                answer = bad.read(); // What came before, or fragments of it.
            }
            assertThat(answer.opcode()).isEqualTo(RawClient.CLOSE);
            assertThat(answer.code()).isEqualTo(code);
            assertThat(answer.reason()).isEqualTo(reason);
            bad.readEnd();
            sender.join();
            good.text("still there");
            assertThat(good.read().opcode()).isEqualTo(RawClient.TEXT);
        }
        Recorder.Row closed =
                rows.await(1, row -> row.event() == CLOSED && row.client() == 0).get(0);
        assertThat(closed.code()).isEqualTo(code);
        assertThat(closed.detail()).isEqualTo("server timeout");
        assertThat(rows.of(CLOSE_SENT, 0)).singleElement().satisfies(row -> {
            assertThat(row.code()).isEqualTo(code);
            assertThat(row.detail()).isEqualTo(reason);
        });
    }

    @Test
    void text_may_be_split_within_a_character_and_a_compressed_message_anywhere() throws Exception {
        start(new Plans(Plans.freePort()).build());
        byte[] deflated = deflate(ascii("hello hello hello"));
        try (RawClient plain = RawClient.open(port, "people/0/1");
                RawClient compressed = RawClient.open(port, "people/1/1", DEFLATE)) {
            plain.send(frame(0x01, NOTHING));
            plain.send(frame(0x00, HALF_OF_EURO));
            plain.send(frame(0x00, NOTHING));
            plain.send(frame(0x80, REST_OF_EURO));
            RawClient.Frame first = plain.read();
            assertThat(first.opcode()).isEqualTo(RawClient.TEXT);
            RawClient.Frame last = plain.read();
            assertThat(last.fin()).isTrue();
            assertThat(new String(join(first.payload(), last.payload()), StandardCharsets.UTF_8))
                    .isEqualTo("€");

            compressed.send(frame(0x01, NOTHING)); // Not compressed, and Netty cannot compress it.
            compressed.send(frame(0x80, NOTHING));
            assertThat(compressed.read().fin()).isTrue();
            compressed.send(frame(0x41, Arrays.copyOf(deflated, 1)));
            for (int i = 1; i < deflated.length; i++) {
                compressed.send(frame(0x00, Arrays.copyOfRange(deflated, i, i + 1)));
            }
            compressed.send(frame(0x80, NOTHING));
            boolean fin = false;
            while (!fin) {
                RawClient.Frame part = compressed.read();
                assertThat(part.opcode()).isLessThan(RawClient.CLOSE);
                fin = part.fin();
            }
        }
    }

    @Test
    void a_frame_that_comes_a_byte_at_a_time_is_echoed_whole() throws Exception {
        start(new Plans(Plans.freePort()).build());
        byte[] payload = new byte[300];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) ('a' + i % 26);
        }
        try (RawClient client = RawClient.open(port, "people/0/1")) {
            for (byte b : RawClient.frame(true, false, RawClient.TEXT, payload)) {
                client.send(new byte[] {b});
            }
            RawClient.Frame echo = client.read();
            assertThat(echo.fin()).isTrue();
            assertThat(echo.payload()).isEqualTo(payload);
        }
    }

    @Test
    void a_frame_that_there_is_no_room_to_keep_is_echoed_in_fragments_as_it_comes() throws Exception {
        start(new Plans(Plans.freePort()).build());
        byte[] payload = new byte[Listener.MAX_MESSAGE_BYTES];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (i % 251);
        }
        byte[] frame = RawClient.frame(true, false, RawClient.BINARY, payload);
        List<RawClient> halves = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) { // More than two event loops keep.
                halves.add(RawClient.open(port, "people/" + i + "/1"));
                halves.get(i).send(Arrays.copyOf(frame, 50_001));
            }
            RawClient client = halves.get(39);
            ByteArrayOutputStream echoed = new ByteArrayOutputStream();
            RawClient.Frame part = client.read();
            assertThat(part.fin()).isFalse();
            assertThat(part.opcode()).isEqualTo(RawClient.BINARY);
            echoed.writeBytes(part.payload());
            sending(client, Arrays.copyOfRange(frame, 50_001, frame.length));
            while (!part.fin()) {
                part = client.read();
                assertThat(part.opcode()).isZero();
                echoed.writeBytes(part.payload());
            }
            assertThat(echoed.toByteArray()).isEqualTo(payload);

            sending(halves.get(0), Arrays.copyOfRange(frame, 50_001, frame.length));
            RawClient.Frame kept = halves.get(0).read();
            assertThat(kept.fin()).isTrue();
            assertThat(kept.payload()).isEqualTo(payload);
        } finally {
            for (RawClient half : halves) {
                half.close();
            }
        }
        rows.await(40, CLOSED);
        try (RawClient later = RawClient.open(port, "people/0/2")) { // The room is there again.
            later.send(Arrays.copyOf(frame, 50_001));
            sending(later, Arrays.copyOfRange(frame, 50_001, frame.length));
            assertThat(later.read().payload()).isEqualTo(payload);
        }
    }
}
