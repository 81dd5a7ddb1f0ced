package dev.squall.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The opening handshake of RFC 6455 section 4.1 as bytes and headers; one for each event loop. */
public final class Handshake {

    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_HEADER_BYTES = 16384;
    /** Header lines of a response that are looked at. */
    public static final int MAX_HEADERS = 100;

    private static final int NONCE_BYTES = 16;
    private static final int REQUEST_BYTES = 512;
    private static final byte[] GUID = ascii("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    private static final byte[] KEY = ascii("\r\nSec-WebSocket-Key: ");
    private static final byte[] END = ascii("\r\n\r\n");

    private static final HttpDecoderConfig RESPONSE = new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setHeadersFactory(HeadersFactory.FEW)
            .setTrailersFactory(HeadersFactory.FEW)
            .setInitialBufferSize(128);

    private final MessageDigest sha1;
    private final byte[] nonce = new byte[NONCE_BYTES];

    public Handshake() {
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
    public String key() {
        ThreadLocalRandom.current().nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    /** The request of one connection. */
    static ByteBuf request(
            ByteBufAllocator allocator, Target target, Cohort cohort, int client, int connection, String key) {
        ByteBuf request = allocator.buffer(REQUEST_BYTES);
        request.writeBytes(target.requestLine());
        cohort.query().write(request, client, connection);
        request.writeBytes(target.hostLine());
        request.writeBytes(cohort.request());
        ByteBufUtil.writeAscii(request, Integer.toString(client));
        request.writeByte('/');
        ByteBufUtil.writeAscii(request, Integer.toString(connection));
        cohort.headers().write(request, client, connection);
        request.writeBytes(KEY);
        ByteBufUtil.writeAscii(request, key);
        return request.writeBytes(END);
    }

    /** Reads a response, within bounds. */
    public static HttpResponseDecoder decoder() {
        return new HttpResponseDecoder(RESPONSE);
    }

    /** Reads a proxy's answer to CONNECT: what follows its headers is the server's (RFC 9112 section 6.3). */
    static HttpResponseDecoder tunnelDecoder() {
        return new HttpResponseDecoder(RESPONSE) {
            @Override
            protected boolean isContentAlwaysEmpty(HttpMessage message) {
                return true;
            }
        };
    }

    /**
     * What keeps a 101 from completing the handshake; empty, and no object made, if nothing does.
     *
     * @param key of the request
     * @param subprotocols that the request asked for
     */
    public List<Flaw> flaws(HttpResponse response, String key, List<String> subprotocols) {
        HttpHeaders headers = response.headers();
        List<Flaw> flaws = List.of();
        flaws = with(flaws, Flaw.OLD_HTTP, response.protocolVersion().equals(HttpVersion.HTTP_1_1));
        flaws = with(flaws, Flaw.UPGRADE, "websocket".equalsIgnoreCase(all(headers, HttpHeaderNames.UPGRADE)));
        flaws = with(flaws, Flaw.CONNECTION, headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true));
        flaws = with(flaws, Flaw.ACCEPT, accept(key).equals(all(headers, HttpHeaderNames.SEC_WEBSOCKET_ACCEPT)));
        String subprotocol = all(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        return with(flaws, Flaw.SUBPROTOCOL, subprotocol == null || subprotocols.contains(subprotocol));
    }

    private static List<Flaw> with(List<Flaw> flaws, Flaw flaw, boolean isRight) {
        return isRight ? flaws : Stream.concat(flaws.stream(), Stream.of(flaw)).toList();
    }

    /** The value of a header, its lines joined; null where there is none. */
    private static @Nullable String all(HttpHeaders headers, CharSequence name) {
        List<String> lines = headers.getAll(name);
        return lines.isEmpty() ? null : String.join(", ", lines).strip();
    }

    private String accept(String key) {
        sha1.update(ascii(key));
        return Base64.getEncoder().encodeToString(sha1.digest(GUID));
    }

    /** The value of the extensions header, its lines joined (RFC 6455 section 9.1); null where there is none. */
    public static @Nullable String extensions(HttpHeaders headers) {
        return all(headers, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS);
    }

    /** As many headers as we look at in a response: short ones cost forty times the memory that they have bytes. */
    private static final class FewHeaders extends DefaultHttpHeaders {
        @Override
        public HttpHeaders add(CharSequence name, Object value) {
            if (size() == MAX_HEADERS) {
                throw new TooLongHttpHeaderException("more than " + MAX_HEADERS + " headers");
            }
            return super.add(name, value);
        }
    }

    private enum HeadersFactory implements HttpHeadersFactory {
        FEW;

        @Override
        public HttpHeaders newHeaders() {
            return new FewHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return new FewHeaders();
        }
    }
}
