package dev.squall.node;

import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Utf8;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Reads a peer's frames (RFC 6455 section 5.2) and passes them on as they came.
 *
 * <p>Netty's decoder keeps a frame until it is whole, so thousands of peers that each send half of a long one would fill the
 * memory of a node. Here a frame is kept only as far as the event loop's {@link HeldBytes} have room for it; else what came of
 * it is passed on at once, as fragments of the same message (section 5.4).
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {

    static final String NOT_UTF8 = "text that is not UTF-8";

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int RSV1 = 4;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;

    /** What comes next; after a Close or a violation nothing is read any more (sections 5.5.1 and 7.1.7). */
    private enum Next {
        FIRST_BYTE,
        SECOND_BYTE,
        LENGTH,
        MASK,
        PAYLOAD,
        NOTHING
    }

    /** The connection must be failed; it is control flow, so it has no stack. */
    private static final class Violation extends Exception {
        private static final long serialVersionUID = 1;

        final CloseCode code;

        Violation(CloseCode code, String what) {
            super(what, null, false, false);
            this.code = code;
        }
    }

    private final Connection connection;
    private final HeldBytes held;
    private final int limit;

    private Next next = Next.FIRST_BYTE;

    // The present frame.
    private boolean last;
    private int reserved;
    private int opcode;
    private int lengthCode;
    private int headerBytes;
    private long length;
    private int mask;
    private long remaining;

    /** What came of a frame that is kept until it is whole. */
    private @Nullable ByteBuf kept;

    /** Whether a part of the frame is passed on already. */
    private boolean begun;

    // The present message, whose frames may have control frames between them.
    private boolean inMessage;
    private boolean compressed;
    private boolean isText;
    private final MessageText text = new MessageText();

    /** Whether messages may be compressed, as far as it was looked up. */
    private boolean compresses;

    /**
     * A decoder for one connection.
     *
     * @param limit the most bytes of a frame
     * @param held what its event loop keeps of frames that are not whole
     */
    FrameDecoder(Connection connection, int limit, HeldBytes held) {
        this.connection = connection;
        this.limit = limit;
        this.held = held;
    }

    /** Whether the present message is compressed. */
    boolean isCompressed() {
        return compressed;
    }

    /** Reads nothing any more: what comes is dropped. */
    void stop() {
        next = Next.NOTHING;
        drop();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            while (bytes.isReadable() && next != Next.NOTHING) {
                read(context, bytes);
            }
        } catch (Violation violation) {
            connection.violated(violation.code, String.valueOf(violation.getMessage()));
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stop();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        stop();
    }

    private void drop() {
        ByteBuf part = kept;
        if (part != null) {
            release(part);
            part.release();
        }
    }

    private void release(ByteBuf part) {
        kept = null;
        if (!isControl()) {
            held.give(part.capacity());
        }
    }

    private void read(ChannelHandlerContext context, ByteBuf bytes) throws Violation {
        switch (next) {
            case FIRST_BYTE -> first(context, bytes.readUnsignedByte());
            case SECOND_BYTE -> second(bytes.readUnsignedByte());
            case LENGTH -> {
                length = length << 8 | bytes.readUnsignedByte();
                if (--headerBytes == 0) {
                    measured();
                }
            }
            case MASK -> mask(context, bytes);
            case PAYLOAD -> payload(context, bytes);
            case NOTHING -> throw new IllegalStateException("reads on after the last frame");
        }
    }

    private static Violation protocolError(String what) {
        return new Violation(CloseCode.PROTOCOL_ERROR, what);
    }

    private boolean isControl() {
        return opcode >= CLOSE;
    }

    private void first(ChannelHandlerContext context, int b) throws Violation {
        last = (b & 0x80) != 0;
        reserved = b >> 4 & 7;
        opcode = b & 0xf;
        switch (opcode) { // Sections 5.2, 5.4 and 5.5
            case CONTINUATION -> check(inMessage, "continuation of no message");
            case TEXT, BINARY -> check(!inMessage, "message within a message");
            case CLOSE, PING, PONG -> check(last, "fragmented control frame");
            default -> throw protocolError("reserved opcode " + opcode);
        }
        if (reserved != 0) {
            // RFC 7692 section 6: RSV1 marks the first frame of a compressed message, and stands nowhere else.
            boolean mayCompress = (opcode == TEXT || opcode == BINARY) && compresses(context);
            if (reserved != RSV1 || !mayCompress) {
                throw protocolError("reserved bits " + reserved);
            }
        }
        if (opcode == TEXT || opcode == BINARY) {
            compressed = reserved == RSV1;
            isText = opcode == TEXT;
            text.begin();
        }
        next = Next.SECOND_BYTE;
    }

    /** Netty puts its decoder into the pipeline when the 101 with the extension is written. */
    private boolean compresses(ChannelHandlerContext context) {
        compresses = compresses || context.pipeline().get(WebSocketExtensionDecoder.class) != null;
        return compresses;
    }

    private void second(int b) throws Violation {
        check((b & 0x80) != 0, "unmasked frame"); // Section 5.1
        lengthCode = b & 0x7f;
        check(!isControl() || lengthCode <= MAX_CONTROL_BYTES, "control frame of more than 125 bytes"); // Section 5.5
        check(opcode != CLOSE || lengthCode != 1, "Close of one byte"); // Section 5.5.1
        if (lengthCode < LENGTH_OF_16_BITS) {
            length = lengthCode;
            measured();
        } else {
            length = 0;
            headerBytes = lengthCode == LENGTH_OF_16_BITS ? 2 : 8;
            next = Next.LENGTH;
        }
    }

    /** The length is known. */
    private void measured() throws Violation {
        // Section 5.2: in as few bytes as it takes, and the highest bit of the longest is 0.
        check(length >= 0, "length of 2^63 or more");
        check(
                lengthCode < LENGTH_OF_16_BITS || length > (lengthCode == LENGTH_OF_64_BITS ? 0xffff : 125),
                "length in too many bytes");
        if (length > limit) {
            throw new Violation(CloseCode.MESSAGE_TOO_BIG, "frame of more than " + limit + " bytes");
        }
        headerBytes = Integer.BYTES;
        next = Next.MASK;
    }

    private void mask(ChannelHandlerContext context, ByteBuf bytes) throws Violation {
        if (headerBytes == Integer.BYTES && bytes.readableBytes() >= Integer.BYTES) {
            mask = bytes.readInt();
            headerBytes = 0;
        } else {
            mask = mask << 8 | bytes.readUnsignedByte();
            headerBytes--;
        }
        if (headerBytes == 0) {
            remaining = length;
            begun = false;
            next = Next.PAYLOAD;
            if (length == 0) {
                pass(context, Unpooled.EMPTY_BUFFER, 0);
            }
        }
    }

    private void payload(ChannelHandlerContext context, ByteBuf bytes) throws Violation {
        int n = (int) Math.min(remaining, bytes.readableBytes());
        ByteBuf part = kept;
        if (part == null) {
            boolean keeps = n < remaining && mayBeKept();
            part = context.alloc().buffer(keeps ? (int) length : n);
            if (keeps) {
                kept = part;
            }
        }
        int key = kept == null ? Integer.rotateLeft(mask, (int) (length - remaining & 3) * Byte.SIZE) : mask;
        part.writeBytes(bytes, n);
        remaining -= n;
        if (kept == null) {
            pass(context, part, unmask(part, key));
        } else if (remaining == 0) {
            release(part);
            pass(context, part, unmask(part, key));
        }
    }

    /** A control frame is never more than 125 bytes, which are not counted. */
    private boolean mayBeKept() {
        return !begun && (isControl() || held.take((int) length));
    }

    /** Section 5.3. Returns all that it saw, eight bytes at a time, laid over each other. */
    private static long unmask(ByteBuf bytes, int key) {
        long twice = (key & 0xffff_ffffL) << Integer.SIZE | key & 0xffff_ffffL;
        long seen = 0;
        int i = bytes.readerIndex();
        int end = bytes.writerIndex();
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long word = bytes.getLong(i) ^ twice;
            bytes.setLong(i, word);
            seen |= word;
        }
        for (int shift = Integer.SIZE - Byte.SIZE; i < end; i++, shift = (shift - Byte.SIZE) & 0x1f) {
            byte one = (byte) (bytes.getByte(i) ^ key >> shift);
            bytes.setByte(i, one);
            seen |= one;
        }
        return seen;
    }

    /** Passes on a frame, or what came of it. */
    private void pass(ChannelHandlerContext context, ByteBuf payload, long seen) throws Violation {
        boolean whole = remaining == 0;
        if (whole) {
            next = Next.FIRST_BYTE;
        }
        if (isControl()) {
            context.fireChannelRead(control(payload));
            return;
        }
        boolean end = last && whole;
        inMessage = !end;
        if (isText && !compressed && !text.take(payload, seen, end)) {
            payload.release();
            throw new Violation(CloseCode.INVALID_PAYLOAD, NOT_UTF8);
        }
        if (reserved != 0 && !begun && !end) {
            // Netty's inflater wants something to come out of the first fragment, unless nothing goes in.
            context.fireChannelRead(data(false, Unpooled.EMPTY_BUFFER));
            begun = true;
        }
        WebSocketFrame frame = data(end, payload);
        begun = true;
        context.fireChannelRead(frame);
    }

    private WebSocketFrame data(boolean end, ByteBuf payload) {
        return switch (begun ? CONTINUATION : opcode) {
            case TEXT -> new TextWebSocketFrame(end, reserved, payload);
            case BINARY -> new BinaryWebSocketFrame(end, reserved, payload);
            default -> new ContinuationWebSocketFrame(end, 0, payload);
        };
    }

    private WebSocketFrame control(ByteBuf payload) throws Violation {
        switch (opcode) {
            case PING:
                return new PingWebSocketFrame(payload);
            case PONG:
                return new PongWebSocketFrame(payload);
            default:
                next = Next.NOTHING;
                try {
                    checkClose(payload);
                } catch (Violation violation) {
                    payload.release();
                    throw violation;
                }
                return new CloseWebSocketFrame(true, 0, payload);
        }
    }

    /** Sections 5.5.1, 7.4 and 8.1. */
    private static void checkClose(ByteBuf payload) throws Violation {
        if (payload.isReadable()) {
            int code = payload.getUnsignedShort(payload.readerIndex());
            check(CloseCode.mayTravel(code), "Close with code " + code);
            Utf8 text = new Utf8();
            boolean isText =
                    payload.forEachByte(payload.readerIndex() + 2, payload.readableBytes() - 2, text::take) < 0;
            if (!isText || !text.isWhole()) {
                throw new Violation(CloseCode.INVALID_PAYLOAD, "close reason that is not UTF-8");
            }
        }
    }

    private static void check(boolean legal, String otherwise) throws Violation {
        if (!legal) {
            throw protocolError(otherwise);
        }
    }
}
