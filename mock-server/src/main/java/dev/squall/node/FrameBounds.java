package dev.squall.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where one frame ends and the next begins (RFC 6455 section 5.2) in bytes that pass by. It looks at the first bytes of each
 * frame and jumps over the rest; payloads are neither read nor copied. Only control frames that somebody must know of are
 * kept until they are whole: a Close is told, a Pong may be left out.
 */
final class FrameBounds {

    /** Who takes what passes by. */
    interface Sink {

        /** Bytes of whatever frames, as they came; to be released by who takes them. */
        void bytes(ByteBuf part);

        /**
         * A whole Close frame as it came, to be released by who takes it.
         *
         * @param code 1005 if it has none
         */
        void close(ByteBuf frame, int code, String reason);

        /** A message has ended. */
        void message();

        /** Whether a Pong passes; one that does not is left out. */
        boolean passesPongs();
    }

    private static final int CLOSE = 8;
    private static final int PONG = 10;
    private static final int FIRST_CONTROL = 8;
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;
    private static final int MASK_BYTES = 4;
    private static final int CODE_BYTES = 2;
    /** A control frame's payload has at most 125 bytes (section 5.5). */
    private static final int MOST_CONTROL_BYTES = 2 + MASK_BYTES + 125;

    private static final int NO_STATUS = 1005;

    private int have;
    private int first;
    private int second;
    private long length;
    private int needed;
    private long remaining;
    private @Nullable ByteBuf kept;

    /** Whether a frame of somebody else's may come now. */
    boolean isBetween() {
        return have == 0 && remaining == 0 && kept == null;
    }

    /** Takes bytes and passes them on; it releases them. */
    void take(ByteBuf bytes, Sink sink) {
        int from = bytes.readerIndex();
        int end = bytes.writerIndex();
        int at = from;
        while (at < end) {
            if (kept != null) {
                at = keep(bytes, at, end, sink);
                from = at;
            } else if (remaining > 0) {
                int passed = (int) Math.min(remaining, end - at);
                remaining -= passed;
                at += passed;
                frameMayHaveEnded(sink);
            } else if (have == 0 && isWatched(bytes.getByte(at), sink)) {
                pass(bytes, from, at, sink);
                kept = bytes.alloc().buffer(MOST_CONTROL_BYTES, MOST_CONTROL_BYTES);
                from = at;
            } else {
                header(bytes.getByte(at++) & 0xff);
                if (have == needed) {
                    remaining = length;
                    have = 0;
                    frameMayHaveEnded(sink);
                }
            }
        }
        if (from == bytes.readerIndex()) {
            sink.bytes(bytes);
        } else {
            pass(bytes, from, end, sink);
            bytes.release();
        }
    }

    private static boolean isWatched(byte head, Sink sink) {
        int opcode = head & OPCODE;
        return opcode == CLOSE || opcode == PONG && !sink.passesPongs();
    }

    private static void pass(ByteBuf bytes, int from, int to, Sink sink) {
        if (to > from) {
            sink.bytes(bytes.retainedSlice(from, to - from));
        }
    }

    private void header(int next) {
        if (have == 0) {
            first = next;
            needed = 2;
            length = 0;
        } else if (have == 1) {
            second = next;
            int of7Bits = next & LENGTH;
            needed = 2
                    + (of7Bits == LENGTH_OF_16_BITS ? 2 : of7Bits == LENGTH_OF_64_BITS ? 8 : 0)
                    + ((next & MASKED) != 0 ? MASK_BYTES : 0);
            length = of7Bits < LENGTH_OF_16_BITS ? of7Bits : 0;
        } else if (have < needed - ((second & MASKED) != 0 ? MASK_BYTES : 0)) {
            length = length << 8 | next;
        }
        have++;
        if (length < 0) {
            length = Long.MAX_VALUE; // Against section 5.2, and for the other end to object to.
        }
    }

    private void frameMayHaveEnded(Sink sink) {
        if (remaining == 0 && (first & FIN) != 0 && (first & OPCODE) < FIRST_CONTROL) {
            sink.message();
        }
    }

    /** Keeps what belongs to the control frame, and tells it once it is whole; where the next one begins. */
    private int keep(ByteBuf bytes, int from, int end, Sink sink) {
        ByteBuf frame = kept;
        if (frame == null) {
            return from;
        }
        int at = from;
        while (at < end) {
            frame.writeByte(bytes.getByte(at++));
            if (frame.readableBytes() >= 2) {
                int masked = (frame.getByte(1) & MASKED) != 0 ? MASK_BYTES : 0;
                // A longer one is against section 5.5: as much as is allowed is taken for it, the rest is for the other
                // end.
                int payload = Math.min(frame.getByte(1) & LENGTH, LENGTH_OF_16_BITS - 1);
                if (frame.readableBytes() == 2 + masked + payload) {
                    kept = null;
                    tell(frame, masked, payload, sink);
                    return at;
                }
            }
        }
        return at;
    }

    private static void tell(ByteBuf frame, int masked, int payload, Sink sink) {
        if ((frame.getByte(0) & OPCODE) == PONG) {
            frame.release();
            return;
        }
        byte[] text = new byte[payload];
        for (int i = 0; i < payload; i++) {
            int mask = masked == 0 ? 0 : frame.getByte(2 + (i & 3));
            text[i] = (byte) (frame.getByte(2 + masked + i) ^ mask);
        }
        int code = payload < CODE_BYTES ? NO_STATUS : (text[0] & 0xff) << 8 | text[1] & 0xff;
        String reason =
                payload <= CODE_BYTES ? "" : new String(text, CODE_BYTES, payload - CODE_BYTES, StandardCharsets.UTF_8);
        sink.close(frame, code, reason);
    }

    /** Lets go of what is kept. */
    void release() {
        ByteBuf frame = kept;
        kept = null;
        if (frame != null) {
            frame.release();
        }
    }

    /** A Close of ours to a server, which must be masked (section 5.3); a mask of zeros is one. */
    static ByteBuf closeToServer(int code) {
        return Unpooled.wrappedBuffer(new byte[] {
            (byte) (FIN | CLOSE), (byte) (MASKED | CODE_BYTES), 0, 0, 0, 0, (byte) (code >> 8), (byte) code
        });
    }
}
