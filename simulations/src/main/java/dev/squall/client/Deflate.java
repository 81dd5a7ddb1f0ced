package dev.squall.client;

import dev.squall.protocol.Extension;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketClientExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateClientExtensionHandshaker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** permessage-deflate (RFC 7692) at the client: are the response's parameters legal, and the codecs for them. */
public final class Deflate {

    private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_WINDOW = "server_max_window_bits";
    private static final String CLIENT_WINDOW = "client_max_window_bits";
    private static final int MAX_WINDOW_BITS = 15;
    private static final int LEVEL = 6;

    private final @Nullable Extension offer;
    private final PerMessageDeflateClientExtensionHandshaker handshaker;

    /** For clients with these offers. */
    public Deflate(List<Extension> offered) {
        offer = find(offered);
        // It is asked for a codec only, so it is told to accept whatever this class has accepted before.
        handshaker = new PerMessageDeflateClientExtensionHandshaker(LEVEL, true, MAX_WINDOW_BITS, true, false, 0);
    }

    /** permessage-deflate among these extensions, if it is. */
    public static @Nullable Extension find(List<Extension> extensions) {
        return extensions.stream()
                .filter(e -> e.name().equals(Extension.PERMESSAGE_DEFLATE))
                .findFirst()
                .orElse(null);
    }

    /** Whether RFC 7692 section 7.1 lets a server answer the offer so; the connection must be failed otherwise. */
    public boolean accepts(Extension response) {
        return response.parameters().entrySet().stream().allMatch(parameter -> {
            String value = parameter.getValue();
            return switch (parameter.getKey()) {
                // Section 7.1.1: a server may send either unasked; neither has a value.
                case SERVER_NO_CONTEXT, CLIENT_NO_CONTEXT -> value.isEmpty();
                // Section 7.1.2.1: a server may send it unasked, but not a larger one than the client asked for.
                case SERVER_WINDOW ->
                    Extension.windowBits(value) > 0 && Extension.windowBits(value) <= asked(SERVER_WINDOW);
                // Section 7.1.2.2: only where the client said that it understands it.
                case CLIENT_WINDOW ->
                    offers(CLIENT_WINDOW)
                            && Extension.windowBits(value) > 0
                            && Extension.windowBits(value) <= asked(CLIENT_WINDOW);
                default -> false;
            };
        });
    }

    private boolean offers(String parameter) {
        return offer != null && offer.parameters().containsKey(parameter);
    }

    private int asked(String parameter) {
        int bits = offer == null ? 0 : Extension.windowBits(offer.parameters().getOrDefault(parameter, ""));
        return bits == 0 ? MAX_WINDOW_BITS : bits;
    }

    /** The decompression for accepted parameters; a smaller window of the server's needs nothing of ours. */
    static Inflation inflation(Extension response, byte[] scratch) {
        return new Inflation(scratch, response.parameters().containsKey(SERVER_NO_CONTEXT));
    }

    /** Adds the compression for accepted parameters behind the handler of this name. */
    void compress(ChannelPipeline pipeline, String after, Extension response) {
        // The JDK's deflate has one window size. A client with a smaller one sends uncompressed, which section 6 allows
        // for every message.
        if (asked(response, CLIENT_WINDOW) < MAX_WINDOW_BITS) {
            return;
        }
        Map<String, String> parameters = new HashMap<>(response.parameters());
        parameters.remove(CLIENT_WINDOW);
        WebSocketClientExtension codec =
                handshaker.handshakeExtension(new WebSocketExtensionData(response.name(), parameters));
        if (codec == null) {
            throw new IllegalStateException(response + ": accepted, but Netty has no codec for it");
        }
        pipeline.addAfter(after, "deflate", codec.newExtensionEncoder());
    }

    private static int asked(Extension response, String parameter) {
        int bits = Extension.windowBits(response.parameters().getOrDefault(parameter, ""));
        return bits == 0 ? MAX_WINDOW_BITS : bits;
    }
}
