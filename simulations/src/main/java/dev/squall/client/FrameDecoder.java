package dev.squall.client;

import dev.squall.protocol.CloseCode;
import dev.squall.protocol.Utf8;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server's frames as they come (RFC 6455 section 5.2) and tells the connection of them.
 *
 * <p>Netty's decoder keeps a frame until it is whole, so a server that stops in the middle of long frames would fill the
 * memory of an injector with thousands of clients. Nothing is kept here but a control frame's 125 bytes, and the beginning
 * of a text while the connection wants to know what messages say.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int RSV1 = 4;
    private static final int MAX_CONTROL_BYTES = 125;
    /** The most of a text that is looked at. */
    private static final int MAX_WANTED_BYTES = 65_536;

    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;

    /** What comes next; after a Close or a violation nothing is read any more (sections 5.5.1 and 7.1.7). */
    private enum Next {
        FIRST_BYTE,
        SECOND_BYTE,
        LENGTH,
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
    private final int limit;
    private final @Nullable Inflation inflation;

    private Next next = Next.FIRST_BYTE;

    // The present frame.
    private boolean last;
    private int opcode;
    private int lengthCode;
    private int lengthBytes;
    private long length;
    private long remaining;

    // The present message, whose frames may have control frames between them.
    private boolean inMessage;
    private boolean compressed;
    private long messageBytes;
    private @Nullable Utf8 text;

    /** What has come of a text that the connection wants to know. */
    private @Nullable ByteArrayOutputStream wanted;

    private byte @Nullable [] control;

    /**
     * A decoder for one connection.
     *
     * @param limit the most bytes of a message, decompressed if it is compressed
     * @param inflation for compressed messages; null: none may come
     */
    FrameDecoder(Connection connection, int limit, @Nullable Inflation inflation) {
        this.connection = connection;
        this.limit = limit;
        this.inflation = inflation;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message); // The end of the handshake response.
            return;
        }
        try {
            connection.bytesCame();
            while (bytes.isReadable() && next != Next.NOTHING) {
                read(bytes);
            }
        } catch (Violation violation) {
            next = Next.NOTHING;
            connection.violated(violation.code, String.valueOf(violation.getMessage()));
        } finally {
            bytes.release();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (inflation != null) {
            inflation.end();
        }
    }

    private void read(ByteBuf bytes) throws Violation {
        switch (next) {
            case FIRST_BYTE -> first(bytes.readUnsignedByte());
            case SECOND_BYTE -> second(bytes.readUnsignedByte());
            case LENGTH -> {
                length = length << 8 | bytes.readUnsignedByte();
                if (--lengthBytes == 0) {
                    begin();
                }
            }
            case PAYLOAD -> payload(bytes);
            case NOTHING -> throw new IllegalStateException("reads on after the last frame");
        }
    }

    private static Violation protocolError(String what) {
        return new Violation(CloseCode.PROTOCOL_ERROR, what);
    }

    private boolean isControl() {
        return opcode >= CLOSE;
    }

    private void first(int b) throws Violation {
        last = (b & 0x80) != 0;
        int reserved = b >> 4 & 7;
        opcode = b & 0xf;
        switch (opcode) { // Sections 5.2, 5.4 and 5.5
            case CONTINUATION -> check(inMessage, "continuation of no message");
            case TEXT, BINARY -> check(!inMessage, "message within a message");
            case CLOSE, PING, PONG -> check(last, "fragmented control frame");
            default -> throw protocolError("reserved opcode " + opcode);
        }
        // RFC 7692 section 6: RSV1 marks the first frame of a compressed message, and stands nowhere else.
        boolean mayCompress = inflation != null && (opcode == TEXT || opcode == BINARY);
        check(reserved == 0 || (reserved == RSV1 && mayCompress), "reserved bits " + reserved);
        if (opcode == TEXT || opcode == BINARY) {
            inMessage = true;
            compressed = reserved == RSV1;
            messageBytes = 0;
            text = opcode == TEXT ? new Utf8() : null;
            wanted = opcode == TEXT && connection.wantsText() ? new ByteArrayOutputStream() : null;
        }
        next = Next.SECOND_BYTE;
    }

    private void second(int b) throws Violation {
        check((b & 0x80) == 0, "masked frame"); // Section 5.1
        lengthCode = b & 0x7f;
        check(!isControl() || lengthCode <= MAX_CONTROL_BYTES, "control frame of more than 125 bytes"); // Section 5.5
        length = lengthCode;
        if (lengthCode < LENGTH_OF_16_BITS) {
            begin();
        } else {
            length = 0;
            lengthBytes = lengthCode == LENGTH_OF_16_BITS ? 2 : 8;
            next = Next.LENGTH;
        }
    }

    /** The length is known. */
    private void begin() throws Violation {
        // Section 5.2: in as few bytes as it takes, and the highest bit of the longest is 0.
        check(length >= 0, "length of 2^63 or more");
        check(
                lengthCode < LENGTH_OF_16_BITS || length > (lengthCode == LENGTH_OF_64_BITS ? 0xffff : 125),
                "length in too many bytes");
        if (!isControl()) {
            atMost(limit - (compressed ? 0 : messageBytes), length);
        }
        remaining = length;
        next = Next.PAYLOAD;
        if (remaining == 0) {
            end();
        }
    }

    private void payload(ByteBuf bytes) throws Violation {
        int n = (int) Math.min(remaining, bytes.readableBytes());
        if (isControl()) {
            byte[] kept = control == null ? new byte[MAX_CONTROL_BYTES] : control;
            control = kept;
            bytes.readBytes(kept, (int) (length - remaining), n);
        } else if (compressed) {
            inflate(bytes, n);
        } else {
            if (text != null) {
                checkText(bytes.forEachByte(bytes.readerIndex(), n, text::take) < 0);
            }
            for (int i = 0; wanted != null && i < n; i++) {
                keep(wanted, bytes.getByte(bytes.readerIndex() + i));
            }
            messageBytes += n;
            bytes.skipBytes(n);
        }
        remaining -= n;
        if (remaining == 0) {
            end();
        }
    }

    private void inflate(ByteBuf bytes, int n) throws Violation {
        Inflation present = inflation();
        present.input(bytes.nioBuffer(bytes.readerIndex(), n));
        bytes.skipBytes(n);
        inflated(present);
    }

    private Inflation inflation() {
        if (inflation == null) {
            throw new IllegalStateException("a compressed message without an extension");
        }
        return inflation;
    }

    /** Looks at what comes out, and stops a bomb when it is larger than the limit rather than after it. */
    private void inflated(Inflation present) throws Violation {
        try {
            for (int n = present.output(); n > 0; n = present.output()) {
                atMost(limit - messageBytes, n);
                messageBytes += n;
                if (text != null) {
                    for (int i = 0; i < n; i++) {
                        checkText(text.take(present.outputByte(i)));
                        if (wanted != null) {
                            keep(wanted, present.outputByte(i));
                        }
                    }
                }
            }
        } catch (DataFormatException e) {
            throw new Violation(
                    CloseCode.INVALID_PAYLOAD, "message that does not decompress"); // RFC 7692 section 7.2.2
        }
    }

    private static void keep(ByteArrayOutputStream text, byte b) {
        if (text.size() < MAX_WANTED_BYTES) {
            text.write(b);
        }
    }

    /** The frame is whole. */
    private void end() throws Violation {
        next = Next.FIRST_BYTE;
        switch (opcode) {
            case CLOSE -> closed();
            case PING -> connection.pinged(controlBytes(0));
            case PONG -> connection.ponged(controlBytes(0));
            default -> {
                if (last) {
                    endMessage();
                }
            }
        }
    }

    private void endMessage() throws Violation {
        if (compressed) {
            Inflation present = inflation();
            present.tail();
            inflated(present);
            present.messageEnded();
        }
        checkText(text == null || text.isWhole());
        inMessage = false;
        text = null;
        String said = wanted == null ? null : wanted.toString(StandardCharsets.UTF_8);
        wanted = null;
        connection.message(messageBytes, said);
    }

    /** Sections 5.5.1 and 7.4. */
    private void closed() throws Violation {
        check(length != 1, "Close of one byte");
        byte[] reason = controlBytes(2);
        int code = CloseCode.NO_STATUS.code();
        if (length > 0) {
            byte[] payload = controlBytes(0);
            code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
            check(CloseCode.mayTravel(code), "Close with code " + code);
        }
        Utf8 utf8 = new Utf8();
        for (byte b : reason) {
            checkText(utf8.take(b));
        }
        checkText(utf8.isWhole());
        next = Next.NOTHING;
        connection.closeCame(code, new String(reason, StandardCharsets.UTF_8));
    }

    private byte[] controlBytes(int from) {
        return control == null || length <= from ? new byte[0] : Arrays.copyOfRange(control, from, (int) length);
    }

    private static void check(boolean legal, String otherwise) throws Violation {
        if (!legal) {
            throw protocolError(otherwise);
        }
    }

    /** Section 8.1 */
    private static void checkText(boolean isUtf8) throws Violation {
        if (!isUtf8) {
            throw new Violation(CloseCode.INVALID_PAYLOAD, "text that is not UTF-8");
        }
    }

    /** Section 10.4: limits on the size of messages. */
    private void atMost(long room, long bytes) throws Violation {
        if (bytes > room) {
            throw new Violation(CloseCode.MESSAGE_TOO_BIG, "message of more than " + limit + " bytes");
        }
    }
}
