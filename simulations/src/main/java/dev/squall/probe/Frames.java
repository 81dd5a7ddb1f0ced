package dev.squall.probe;

import dev.squall.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The frames of an upgraded connection. Whatever the server does is an event, not an exception. */
final class Frames {

    private static final int MAX_FRAME_BYTES = 1 << 20;

    /** What can happen next. */
    enum Kind {
        /** A frame other than Close. */
        FRAME,
        CLOSE,
        /** The server closed TCP. */
        FIN,
        /** The server reset TCP. */
        RESET,
        /** Nothing by the wire's deadline. */
        SILENCE,
        /** Bytes that are no frames that a server may send. */
        BREACH
    }

    /**
     * What happened.
     *
     * @param code of a Close, 1005 if it had none; of a breach, that with which RFC 6455 wants it closed; else 0
     * @param text the reason of a Close, the kind of a frame, or what the breach is
     */
    record Event(Kind kind, int code, String text) {
        private Event(Kind kind) {
            this(kind, 0, "");
        }
    }

    private final Wire wire;
    private final EmbeddedChannel codec;
    private @Nullable Event breach;

    /** {@code extended}: whether an extension was negotiated; {@code rest}: what came right behind the response. */
    Frames(Wire wire, boolean extended, ByteBuf rest) {
        this.wire = wire;
        this.codec = new EmbeddedChannel(
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .expectMaskedFrames(false) // RFC 6455 section 5.1: a client fails the connection for one.
                        .maxFramePayloadLength(MAX_FRAME_BYTES)
                        .allowExtensions(extended)
                        .closeOnProtocolViolation(false)
                        .build()),
                new WebSocket13FrameEncoder(true)); // RFC 6455 section 5.3: a client masks.
        decode(rest);
    }

    private void decode(ByteBuf bytes) {
        try {
            codec.writeInbound(bytes);
        } catch (CodecException e) {
            int code = e instanceof CorruptedWebSocketFrameException corrupted
                    ? corrupted.closeStatus().code()
                    : CloseCode.PROTOCOL_ERROR.code();
            breach = new Event(Kind.BREACH, code, String.valueOf(e.getMessage()));
        }
    }

    /** What happens next, by the wire's deadline. */
    Event next() {
        try {
            while (true) {
                WebSocketFrame frame = codec.readInbound();
                if (frame != null) {
                    return event(frame);
                }
                Event broken = breach;
                if (broken != null) {
                    breach = null;
                    return broken;
                }
                ByteBuf bytes = wire.read();
                if (bytes == null) {
                    return new Event(Kind.FIN);
                }
                decode(bytes);
            }
        } catch (SocketTimeoutException e) {
            return new Event(Kind.SILENCE);
        } catch (IOException e) {
            return new Event(Kind.RESET);
        }
    }

    private static Event event(WebSocketFrame frame) {
        try {
            if (frame instanceof CloseWebSocketFrame close) {
                int code = close.statusCode() < 0 ? CloseCode.NO_STATUS.code() : close.statusCode();
                return new Event(Kind.CLOSE, code, close.reasonText());
            }
            String kind = frame.getClass().getSimpleName().replace("WebSocketFrame", "");
            return new Event(
                    Kind.FRAME,
                    0,
                    kind.toLowerCase(Locale.ROOT) + " of " + frame.content().readableBytes() + " B");
        } finally {
            frame.release();
        }
    }

    /** Gives back what nobody has asked for. */
    void release() {
        codec.finishAndReleaseAll();
    }

    /** Sends a Close; 1005: one without a code. If TCP no longer takes it, the next event says how it ended. */
    void close(int code, String reason) {
        codec.writeOutbound(
                code == CloseCode.NO_STATUS.code()
                        ? new CloseWebSocketFrame()
                        : new CloseWebSocketFrame(code, CloseCode.reason(reason)));
        try {
            for (ByteBuf bytes = codec.readOutbound(); bytes != null; bytes = codec.readOutbound()) {
                wire.write(bytes);
            }
        } catch (IOException e) {
            codec.releaseOutbound();
        }
    }
}
