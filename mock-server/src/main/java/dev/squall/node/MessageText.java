package dev.squall.node;

import dev.squall.protocol.Utf8;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** The text of a message, which comes in pieces and must be UTF-8 (RFC 6455 section 8.1). */
final class MessageText {

    /** The bits that no eight bytes of ASCII have. */
    static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private final Utf8 utf8 = new Utf8();

    /** Another message begins. */
    void begin() {
        utf8.reset();
    }

    /**
     * Takes the next piece; false if it cannot stand there, or end there if it is the last.
     *
     * @param bits the piece's bytes, eight at a time, laid over each other, if somebody saw them already; else -1
     */
    boolean take(ByteBuf piece, long bits, boolean last) {
        return ((bits & NOT_ASCII) == 0 && utf8.isWhole()) || (take(piece) && (!last || utf8.isWhole()));
    }

    private boolean take(ByteBuf piece) {
        // What comes out of an inflater is a buffer of several, which searches them for each word that is read.
        for (ByteBuffer part : piece.nioBuffers()) {
            if (!take(part)) {
                return false;
            }
        }
        return true;
    }

    private boolean take(ByteBuffer part) {
        int i = part.position();
        int end = part.limit();
        while (i < end) {
            if (utf8.isWhole() && i + Long.BYTES <= end && (part.getLong(i) & NOT_ASCII) == 0) {
                i += Long.BYTES; // Most text is ASCII.
            } else if (!utf8.take(part.get(i++))) {
                return false;
            }
        }
        return true;
    }
}
