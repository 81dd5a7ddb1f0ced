package dev.squall.probe;

import dev.squall.client.Handshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/**
 * The handshake response.
 *
 * @param http its status and headers
 * @param rest what came right behind the headers
 */
record Response(HttpResponse http, ByteBuf rest) {

    /** Of all responses together: there may be informational ones before the one that counts. */
    private static final int MAX_BYTES = 16_384;

    /** How much of something else is quoted. */
    private static final int QUOTED = 60;

    /** RFC 8446 section 5.1: an alert, as a TLS port answers plain text. */
    private static final byte TLS_ALERT = 21;

    /**
     * Sends the request and reads it.
     *
     * @throws DeadEnd if none comes in time, or something else
     */
    static Response to(ByteBuf request, Wire wire, long timeoutMicros) throws DeadEnd {
        ByteBuf head = Unpooled.buffer();
        // Before the clock runs: the answer may be quicker than our classes load.
        EmbeddedChannel decoder = new EmbeddedChannel(Handshake.decoder());
        try {
            wire.within(timeoutMicros);
            wire.write(request);
            for (ByteBuf bytes = wire.read(); bytes != null; bytes = wire.read()) {
                // One by one, for what comes behind the headers is not HTTP.
                while (bytes.isReadable()) {
                    if (head.readableBytes() == MAX_BYTES) {
                        throw tooLong();
                    }
                    head.writeByte(bytes.getByte(bytes.readerIndex()));
                    decoder.writeInbound(bytes.readRetainedSlice(1));
                    if (decoder.readInbound() instanceof HttpResponse http && isFinal(http)) {
                        return checked(http, bytes, head);
                    }
                }
            }
        } catch (SocketTimeoutException e) {
            throw head.isReadable() ? other("half a response in time: ", head) : silent("no response in time");
        } catch (SSLException e) {
            // TLS 1.3 lets a server refuse a client only after the handshake.
            throw new DeadEnd(
                    "the server ended TLS: " + Telling.shown(String.valueOf(e.getMessage())),
                    "Does it want a client certificate? The probe has none.");
        } catch (IOException e) {
            throw head.isReadable()
                    ? other("TCP was reset (RST) in the response: ", head)
                    : silent("TCP was reset (RST) instead of a response");
        } finally {
            decoder.releaseInbound();
        }
        throw head.isReadable()
                ? other("TCP was closed (FIN) in the response: ", head)
                : silent("TCP was closed (FIN) instead of a response");
    }

    private static boolean isFinal(HttpResponse http) {
        return http.decoderResult().isFailure()
                || http.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
                || http.status().codeClass() != HttpStatusClass.INFORMATIONAL;
    }

    private static Response checked(HttpResponse http, ByteBuf rest, ByteBuf head) throws DeadEnd {
        if (http.decoderResult().cause() instanceof TooLongFrameException) {
            throw tooLong();
        }
        if (http.decoderResult().isFailure()) {
            throw other("not an HTTP response: ", head);
        }
        return new Response(http, rest);
    }

    private static DeadEnd tooLong() {
        return new DeadEnd(
                "the response's headers have no end within " + Handshake.MAX_HEADERS + " lines and " + MAX_BYTES + " B",
                "Clients give up on such headers. Look at what sets them: often a pile of cookies.");
    }

    private static DeadEnd silent(String what) {
        return new DeadEnd(
                what,
                "Something listens but does not answer: a server that is stuck or overloaded, a TCP balancer without a"
                        + " backend, another protocol (TLS: wss://), or, under TLS, one that wants a client certificate.");
    }

    private static DeadEnd other(String what, ByteBuf head) {
        if (head.getByte(0) == TLS_ALERT) {
            return new DeadEnd("the server speaks TLS", "Write wss:// instead of ws://.");
        }
        String quoted = head.toString(0, Math.min(QUOTED, head.readableBytes()), StandardCharsets.ISO_8859_1);
        return new DeadEnd(
                what + '"' + Telling.shown(quoted.strip()) + '"',
                "This is no WebSocket server, or something between cuts its response. Look at host and port.");
    }
}
