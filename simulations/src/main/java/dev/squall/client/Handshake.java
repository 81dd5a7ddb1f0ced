package dev.squall.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The opening handshake of RFC 6455 section 4.1 as bytes and headers; one for each event loop. */
final class Handshake {

    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_HEADER_BYTES = 16384;
    private static final int NONCE_BYTES = 16;
    private static final int REQUEST_BYTES = 512;
    private static final byte[] GUID = ascii("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    private static final byte[] KEY = ascii("\r\nSec-WebSocket-Key: ");
    private static final byte[] END = ascii("\r\n\r\n");

    private static final HttpDecoderConfig RESPONSE = new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setInitialBufferSize(128);

    private final MessageDigest sha1;
    private final byte[] nonce = new byte[NONCE_BYTES];

    Handshake() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 is in every JDK", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A new Sec-WebSocket-Key. It protects nothing, so an ordinary random source will do. */
    String key() {
        ThreadLocalRandom.current().nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    /** The request of one connection. */
    static ByteBuf request(
            ByteBufAllocator allocator, Target target, Cohort cohort, int client, int connection, String key) {
        ByteBuf request = allocator.buffer(REQUEST_BYTES);
        request.writeBytes(target.requestLines());
        request.writeBytes(cohort.request());
        ByteBufUtil.writeAscii(request, Integer.toString(client));
        request.writeByte('/');
        ByteBufUtil.writeAscii(request, Integer.toString(connection));
        request.writeBytes(KEY);
        ByteBufUtil.writeAscii(request, key);
        return request.writeBytes(END);
    }

    static HttpResponseDecoder decoder() {
        return new HttpResponseDecoder(RESPONSE);
    }

    /** Whether a 101 completes the handshake: upgrade, key and no subprotocol, for none was asked for. */
    boolean completes(HttpHeaders headers, String key) {
        return headers.containsValue(HttpHeaderNames.UPGRADE, "websocket", true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && accept(key)
                        .equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, "")
                                .strip())
                && !headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    }

    private String accept(String key) {
        sha1.update(ascii(key));
        return Base64.getEncoder().encodeToString(sha1.digest(GUID));
    }

    /** The value of the extensions header, its lines joined (RFC 6455 section 9.1); null where there is none. */
    static @Nullable String extensions(HttpHeaders headers) {
        List<String> lines = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
        return lines.isEmpty() ? null : String.join(", ", lines);
    }
}
