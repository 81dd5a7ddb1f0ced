package dev.squall.dist;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** An HTTP proxy behind whose tunnel a server without TLS appears as localhost with TLS. */
final class TlsProxy implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final SSLContext tls = SSLContext.getInstance("TLS");
    private final URI server;

    /** All that its clients have said of themselves. */
    final Set<String> authorizations = ConcurrentHashMap.newKeySet();

    /** Its certificate is in the file, a PKCS12 store with this password, which is made. */
    TlsProxy(String server, Path store, String password) throws Exception {
        this.server = URI.create(server);
        KeyStore keys = Certificate.make(store, password).store();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password.toCharArray());
        tls.init(factory.getKeyManagers(), null, null);
        daemon(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = socket.accept();
                daemon(() -> tunnel(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void tunnel(Socket client) {
        try (client;
                Socket there = new Socket(server.getHost(), server.getPort())) {
            // A client says nothing more before it has an answer, so nothing is lost in the reader.
            BufferedReader request =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
                if (line.startsWith("Proxy-Authorization: ")) {
                    authorizations.add(line.substring(line.indexOf(' ') + 1));
                }
            }
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(client, null, false);
            secured.setUseClientMode(false);
            daemon(() -> copy(there, secured));
            copy(secured, there);
        } catch (IOException ended) {
            // A connection that ends by force ends this one, too.
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException ended) {
            // The other direction sees it, too.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
