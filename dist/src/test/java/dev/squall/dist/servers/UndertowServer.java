package dev.squall.dist.servers;

import io.undertow.Undertow;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import io.undertow.websockets.spi.WebSocketHttpExchange;
import java.io.IOException;
import org.xnio.Options;

/** An echo server on Undertow. */
final class UndertowServer extends EchoServer {

    private Undertow server;

    private UndertowServer(String... arguments) throws IOException {
        super(arguments);
    }

    public static void main(String[] arguments) throws Exception {
        new UndertowServer(arguments).live();
    }

    @Override
    void start() {
        WebSocketProtocolHandshakeHandler handler = new WebSocketProtocolHandshakeHandler(this::connected);
        if (deflates()) {
            handler.addExtension(new PerMessageDeflateHandshake());
        }
        server = Undertow.builder()
                .addHttpListener(port(), host())
                .setSocketOption(Options.BACKLOG, BACKLOG)
                .setHandler(handler)
                .build();
        server.start();
    }

    /** Ends every connection without a Close. */
    @Override
    void stop() {
        server.stop();
    }

    private void connected(WebSocketHttpExchange exchange, WebSocketChannel connection) {
        Echo echo = new Echo();
        connection.getReceiveSetter().set(echo);
        connection.addCloseTask(channel -> closed(echo.code));
        connection.resumeReceives();
    }

    private static final class Echo extends AbstractReceiveListener {

        /** RFC 6455 section 7.1.5: 1006 if no Close was received. */
        private volatile int code = 1006;

        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
            WebSockets.sendText(message.getData(), channel, null);
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            try (var buffers = message.getData()) {
                WebSockets.sendBinary(WebSockets.mergeBuffers(buffers.getResource()), channel, null);
            }
        }

        @Override
        protected void onCloseMessage(CloseMessage close, WebSocketChannel channel) {
            // Undertow makes up a 1001 where the connection ended without a Close.
            if (channel.isCloseInitiatedByRemotePeer()) {
                code = close.getCode();
            }
        }
    }
}
