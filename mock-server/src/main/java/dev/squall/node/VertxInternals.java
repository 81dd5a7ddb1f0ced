package dev.squall.node;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/**
 * All that this module knows of Vert.x beyond its public interface: the names in its pipeline and two casts. Written
 * against 5.2.0.
 */
final class VertxInternals {

    /** Vert.x's own handler: the last of the pipeline. */
    private static final String HANDLER = "handler";

    private static final String EXTENSIONS = "webSocketExtensionHandler";

    private VertxInternals() {}

    static Channel channel(HttpConnection http) {
        return ((HttpServerConnection) http).channelHandlerContext().channel();
    }

    /** A context on an event loop of its own, as long as there are loops left. */
    static ContextInternal newLoop(Vertx vertx) {
        return ((VertxInternal) vertx).createEventLoopContext();
    }

    /** Puts a connection nearer the wire than the extensions. */
    static void join(Channel channel, Connection connection) {
        connection.join(channel, EXTENSIONS);
    }

    /** From now on nothing is negotiated on this connection. */
    static void withholdExtensions(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(EXTENSIONS) instanceof WebSocketServerExtensionHandler extensions) {
            pipeline.remove(extensions);
        }
    }

    /** After the 101: frames go to the echo, and all that Vert.x kept of the connection is free. */
    static void takeOver(Channel channel) {
        channel.pipeline().replace(HANDLER, "squall-echo", Echo.ECHO);
    }
}
