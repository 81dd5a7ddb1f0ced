package dev.squall.node;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import io.vertx.core.http.impl.http1.Http1ServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/**
 * All that this module knows of Vert.x beyond its public interface: the names in its pipeline and a few casts. Written
 * against 5.2.0.
 */
final class VertxInternals {

    /** Vert.x's own handler: the last of the pipeline. */
    private static final String HANDLER = "handler";

    private static final String EXTENSIONS = "webSocketExtensionHandler";

    /** Netty's name for its frame decoder. */
    private static final String DECODER = "wsdecoder";

    private static final String ECHO = "squall-echo";

    private static final int COMPRESSION_LEVEL = 6;

    private VertxInternals() {}

    static Channel channel(HttpConnection http) {
        return ((HttpServerConnection) http).channelHandlerContext().channel();
    }

    /** A context on an event loop of its own, as long as there are loops left. */
    static ContextInternal newLoop(Vertx vertx) {
        return ((VertxInternal) vertx).createEventLoopContext();
    }

    /** Netty's own, but for its bound; Vert.x has it decompress without one. It holds nothing of a connection. */
    private static final WebSocketServerExtensionHandshaker DEFLATE = new PerMessageDeflateServerExtensionHandshaker(
            COMPRESSION_LEVEL,
            ZlibCodecFactory.isSupportingWindowSizeAndMemLevel(),
            PerMessageDeflateServerExtensionHandshaker.MAX_WINDOW_SIZE,
            true,
            true,
            Listener.MAX_MESSAGE_BYTES);

    /** Puts a connection nearer the wire than the extensions. */
    static void join(Channel channel, Connection connection) {
        channel.pipeline().replace(EXTENSIONS, EXTENSIONS, new WebSocketServerExtensionHandler(DEFLATE));
        connection.join(channel, EXTENSIONS);
    }

    /** From now on nothing is negotiated on this connection. */
    static void withholdExtensions(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(EXTENSIONS) instanceof WebSocketServerExtensionHandler extensions) {
            pipeline.remove(extensions);
        }
    }

    /**
     * Answers a request that has ended with 101; from then on frames go to the echo, and all that Vert.x kept of the
     * connection is free. {@code toWebSocket()} would come to the same by way of a socket of its own, with a queue of 4 KB:
     * thousands at once would outlive the young generation.
     *
     * @throws WebSocketHandshakeException if it is no handshake; Vert.x may have answered that already
     */
    static void upgrade(HttpServerRequest request, Worker worker) {
        answer(request, (HttpHeaders) request.response().headers());
        takeOver(channel(request.connection()), worker);
    }

    /** The same with the answer of a server behind; from then on frames pass between the two. */
    static void relay(HttpServerRequest request, Worker worker, Relayed relayed, HttpHeaders answer) {
        Channel channel = channel(request.connection());
        withholdExtensions(channel); // What is negotiated is the other server's business.
        HttpHeaders headers = new DefaultHttpHeaders();
        answer.forEach(header -> {
            if (Upstream.isEndToEnd(header.getKey())) {
                headers.add(header.getKey(), header.getValue());
            }
        });
        answer(request, headers);
        Connection connection = Connection.of(channel);
        channel.pipeline().replace(HANDLER, ECHO, new Echo(connection, worker.leaving()));
        channel.pipeline().replace(DECODER, DECODER, relayed.clientSide());
    }

    private static void answer(HttpServerRequest request, HttpHeaders headers) {
        Http1ServerConnection http = (Http1ServerConnection) request.connection();
        WebSocketServerHandshaker handshaker = http.createHandshaker((Http1ServerRequest) request);
        HttpRequest head = ((Http1ServerRequest) request).nettyRequest();
        FullHttpRequest whole = new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                EmptyHttpHeaders.INSTANCE);
        Channel channel = channel(http);
        var unused = handshaker.handshake(channel, whole, headers, channel.newPromise());
    }

    /** After the 101: frames go to the echo, and all that Vert.x kept of the connection is free. */
    private static void takeOver(Channel channel, Worker worker) {
        Connection connection = Connection.of(channel);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.replace(HANDLER, ECHO, new Echo(connection, worker.leaving()));
        FrameDecoder decoder = new FrameDecoder(connection, Listener.MAX_MESSAGE_BYTES, worker.arriving());
        pipeline.addBefore(ECHO, "squall-message", new MessageCheck(connection, decoder, Listener.MAX_MESSAGE_BYTES));
        pipeline.replace(DECODER, DECODER, decoder);
        if (!worker.replies().isEmpty()) {
            Answering answering = new Answering(worker.replies(), worker.arriving());
            pipeline.addBefore(ECHO, "squall-replies", answering);
            answering.greet(pipeline.context(ECHO));
            pipeline.flush();
        }
    }
}
