package dev.squall.dist.clients;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;

/** The JDK's WebSocket, which never dials again by itself and offers no extension. It ends with its input. */
final class JdkClient {

    private JdkClient() {}

    /** Connects to the URL that is its argument. */
    public static void main(String[] arguments) throws Exception {
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(arguments[0]), new WebSocket.Listener() {})
                .join();
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        socket.abort();
    }
}
