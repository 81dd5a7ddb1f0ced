package dev.squall.client;

import java.io.IOException;
import java.net.ConnectException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Why an attempt failed, as the journal spells it. */
final class Cause {

    static final String REFUSED = "refused";
    /** Neither TCP nor the handshake response came in its time. */
    static final String TIMEOUT = "timeout";

    /** The name was not found, or not in time. */
    static final String DNS = "dns";
    /** The name has come to stand for a machine that may not be loaded. */
    static final String NOT_ALLOWED = "not-allowed";
    /** The proxy was not reached, or broke off before it had reached the server. */
    static final String PROXY = "proxy";

    static final String RESET = "reset";
    static final String EOF = "eof";
    /** No TLS with this server: not trusted, another name, or no common version. */
    static final String TLS = "tls";
    /** What came is no HTTP response. */
    static final String NOT_HTTP = "not-http";
    /** The response's first line, its headers or their number pass our limits. */
    static final String RESPONSE_TOO_LONG = "response-too-long";
    /** A 101 that is not HTTP/1.1, or lacks Upgrade: websocket or Connection: Upgrade. */
    static final String BAD_UPGRADE = "bad-upgrade";
    /** Sec-WebSocket-Accept is absent, double or of another key. */
    static final String BAD_ACCEPT = "bad-accept";

    static final String UNASKED_SUBPROTOCOL = "unasked-subprotocol";
    static final String UNOFFERED_EXTENSION = "unoffered-extension";
    static final String BAD_EXTENSION_PARAMETERS = "bad-extension-parameters";
    static final String NO_PORTS = "no-ports";
    static final String NO_DESCRIPTORS = "no-descriptors";

    private Cause() {}

    /** Whether TLS itself failed, not what it carries. */
    static boolean isTls(Throwable failure) {
        return failure instanceof SSLException || failure.getCause() instanceof SSLException;
    }

    /** The answer had another status than 101. */
    static String status(int status) {
        return "http-" + status;
    }

    /** The proxy answered the request for a tunnel with another status than 2xx. */
    static String proxyStatus(int status) {
        return PROXY + "-" + status;
    }

    /** No socket could be connected to the proxy. */
    static String ofProxy(Throwable failure) {
        String cause = of(failure);
        return cause.equals(REFUSED) || cause.equals(RESET) ? PROXY : cause;
    }

    /**
     * A socket could not be made or connected. Neither Java nor Netty's epoll transport has a type for most of these, so
     * the words of the operating system decide (strerror of Linux).
     */
    static String of(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT);
            if (message.contains("too many open files")) {
                return NO_DESCRIPTORS; // EMFILE, ENFILE
            }
            if (message.contains("assign requested address")) {
                return NO_PORTS; // EADDRNOTAVAIL
            }
            if (t instanceof ConnectException && message.contains("refused")) {
                return REFUSED; // ECONNREFUSED
            }
            if (t instanceof IOException && message.contains("timed out")) {
                return TIMEOUT; // ETIMEDOUT: the kernel gave up before we did.
            }
            if (t instanceof IOException && message.contains("reset")) {
                return RESET; // ECONNRESET
            }
        }
        return "other:" + failure.getClass().getSimpleName();
    }
}
