package dev.squall.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameBoundsTest {

    private static final class Taken implements FrameBounds.Sink {
        final ByteArrayOutputStream passed = new ByteArrayOutputStream();
        final List<String> closes = new ArrayList<>();
        int messages;
        boolean pongs = true;

        @Override
        public void bytes(ByteBuf part) {
            byte[] bytes = new byte[part.readableBytes()];
            part.readBytes(bytes);
            passed.writeBytes(bytes);
            part.release();
        }

        @Override
        public void close(ByteBuf frame, int code, String reason) {
            closes.add(code + " " + reason);
            bytes(frame);
        }

        @Override
        public void message() {
            messages++;
        }

        @Override
        public boolean passesPongs() {
            return pongs;
        }
    }

    private static byte[] unmasked(int first, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(payload.length);
        } else if (payload.length < 65_536) {
            frame.write(126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    private static byte[] close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }

    /** Frames of every length code, fragments with control frames between them, a compressed one, and a Close. */
    private static List<byte[]> frames(boolean masked) {
        List<byte[]> frames = new ArrayList<>();
        int[] lengths = {0, 1, 125, 126, 127, 300};
        for (int length : lengths) {
            frames.add(frame(masked, true, false, 2, length));
        }
        frames.add(frame(masked, false, false, 1, 5));
        frames.add(frame(masked, true, false, 9, 3));
        frames.add(frame(masked, true, false, 10, 3));
        frames.add(frame(masked, true, false, 0, 7));
        frames.add(frame(masked, true, true, 1, 20));
        byte[] close = close(1012, "Service Restart");
        frames.add(masked ? RawClient.frame(true, false, 8, close) : unmasked(0x88, close));
        return frames;
    }

    private static byte[] frame(boolean masked, boolean fin, boolean rsv1, int opcode, int length) {
        byte[] payload = new byte[length];
        new Random(length).nextBytes(payload);
        return masked
                ? RawClient.frame(fin, rsv1, opcode, payload)
                : unmasked((fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode, payload);
    }

    private static byte[] joined(List<byte[]> frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesPassAsTheyCameHoweverTheyAreCut(boolean masked) {
        byte[] all = joined(frames(masked));
        for (int size = 1; size <= all.length; size += size < 20 ? 1 : 37) {
            FrameBounds bounds = new FrameBounds();
            Taken taken = new Taken();
            for (int at = 0; at < all.length; at += size) {
                bounds.take(Unpooled.copiedBuffer(all, at, Math.min(size, all.length - at)), taken);
            }
            assertThat(taken.passed.toByteArray()).as("in parts of " + size).isEqualTo(all);
            assertThat(taken.closes).containsExactly("1012 Service Restart");
            assertThat(taken.messages)
                    .as("6 whole ones, one of two fragments, one compressed")
                    .isEqualTo(8);
            assertThat(bounds.isBetween()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherFrameMayComeOnlyBetweenTwo(boolean masked) {
        FrameBounds bounds = new FrameBounds();
        Taken taken = new Taken();
        assertThat(bounds.isBetween()).isTrue();
        for (byte[] frame : frames(masked)) {
            for (int i = 0; i < frame.length; i++) {
                bounds.take(Unpooled.copiedBuffer(frame, i, 1), taken);
                assertThat(bounds.isBetween())
                        .as("byte " + i + " of " + frame.length)
                        .isEqualTo(i == frame.length - 1);
            }
        }
    }

    @Test
    void pongsThatAreNotWantedAreLeftOutAndNothingElse() {
        List<byte[]> frames = frames(false);
        List<byte[]> without =
                frames.stream().filter(frame -> (frame[0] & 0x0f) != 10).toList();
        byte[] all = joined(frames);
        for (int size = 1; size <= all.length; size += 13) {
            FrameBounds bounds = new FrameBounds();
            Taken taken = new Taken();
            taken.pongs = false;
            for (int at = 0; at < all.length; at += size) {
                bounds.take(Unpooled.copiedBuffer(all, at, Math.min(size, all.length - at)), taken);
            }
            assertThat(taken.passed.toByteArray()).isEqualTo(joined(without));
        }
    }

    @Test
    void anEmptyCloseHasNoStatusAndALongFrameIsJumpedOver() {
        FrameBounds bounds = new FrameBounds();
        Taken taken = new Taken();
        byte[] big = unmasked(0x82, new byte[70_000]);
        bounds.take(Unpooled.copiedBuffer(big), taken);
        bounds.take(Unpooled.copiedBuffer(unmasked(0x88, new byte[0])), taken);

        assertThat(taken.closes).containsExactly("1005 ");
        assertThat(taken.passed.size()).isEqualTo(big.length + 2);
    }

    @Test
    void whatIsKeptIsLetGo() {
        FrameBounds bounds = new FrameBounds();
        Taken taken = new Taken();
        bounds.take(Unpooled.copiedBuffer(new byte[] {(byte) 0x88, 5, 3}), taken);
        assertThat(bounds.isBetween()).isFalse();
        bounds.release();
        assertThat(bounds.isBetween()).isTrue();
    }

    @Test
    void ourCloseToAServerIsMasked() {
        Taken taken = new Taken();
        new FrameBounds().take(FrameBounds.closeToServer(1001), taken);
        assertThat(taken.closes).containsExactly("1001 ");
        assertThat(taken.passed.toByteArray()[1] & 0x80).isEqualTo(0x80);
    }
}
