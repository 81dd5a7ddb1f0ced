package dev.squall.target;

import dev.squall.plan.Launch;
import dev.squall.protocol.WebSocketUri;
import dev.squall.quantity.Quantity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a server serves. A port that takes connections says little (a container's is taken by the engine before
 * anybody listens inside), so it is asked for an answer in HTTP, which every WebSocket server speaks.
 */
final class Readiness {

    private static final long POLL_MICROS = 20_000;
    private static final int ANSWER_MILLIS = 2_000;
    private static final int FIRST_BAD_STATUS = 400;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})");

    /** A self-made certificate serves as well: it is not the one that is tested here. */
    private static final TrustManager ANYBODY = new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    private final Launch.Ready ready;
    private final WebSocketUri uri;
    private final ServerLog log;
    private final Patience patience;
    private final @Nullable Pattern line;

    /** {@code uri}: where clients dial. */
    Readiness(Launch.Ready ready, WebSocketUri uri, ServerLog log, Patience patience) {
        this.ready = ready;
        this.uri = uri;
        this.log = log;
        this.patience = patience;
        this.line = ready.log() == null ? null : Pattern.compile(ready.log());
    }

    /** Why a server will never serve. */
    interface End {
        /** How it ended; null while it runs. */
        @Nullable
        String how() throws IOException;
    }

    /**
     * Waits.
     *
     * @param since what the server had said before it was started this time, in bytes
     * @param end by which a server that has ended is noticed
     * @throws IOException if it ends, or does not serve in time
     */
    void await(long since, End end) throws IOException, Stopped {
        long until = System.nanoTime() + ready.timeoutMicros() * 1000;
        while (true) {
            boolean said = line == null || log.has(line, since);
            String missing = said ? unanswered() : "no line of its output matches " + ready.log();
            if (missing.isEmpty()) {
                return;
            }
            String how = end.how();
            if (how != null) {
                throw new IOException("it ended before it served: " + how + saying());
            }
            if (System.nanoTime() > until) {
                throw new IOException("it did not serve within " + Quantity.DURATION.format(ready.timeoutMicros())
                        + ": " + missing + saying());
            }
            patience.await(POLL_MICROS);
        }
    }

    private String saying() throws IOException {
        String last = log.lastLines();
        return last.isEmpty() ? "" : " (it said: " + last + ")";
    }

    /** What is wrong with its answer; empty if nothing is. */
    private String unanswered() {
        String path = ready.http() == null ? uri.resource() : ready.http();
        try (Socket socket = connected()) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + uri.authority() + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String first = new String(
                    socket.getInputStream().readNBytes("HTTP/1.1 101".length()), StandardCharsets.ISO_8859_1);
            Matcher status = STATUS.matcher(first);
            if (!status.matches()) {
                return "no answer in HTTP at port " + uri.port();
            }
            return ready.http() != null && Integer.parseInt(status.group(1)) >= FIRST_BAD_STATUS
                    ? path + " answers " + status.group(1)
                    : "";
        } catch (IOException e) {
            return "port " + uri.port() + ": " + e.getMessage();
        }
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), uri.port()), ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            if (!uri.secure()) {
                return socket;
            }
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, new TrustManager[] {ANYBODY}, new SecureRandom());
            SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, uri.host(), uri.port(), true);
            secured.startHandshake();
            return secured;
        } catch (IOException e) {
            socket.close();
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is part of every JDK", e);
        }
    }
}
