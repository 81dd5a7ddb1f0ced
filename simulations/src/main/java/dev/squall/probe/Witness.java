package dev.squall.probe;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Asks the JDK's trust manager, and remembers what it was shown and what it said. */
final class Witness extends X509ExtendedTrustManager {

    private final X509ExtendedTrustManager judge;
    private final boolean insecure;
    private List<X509Certificate> chain = List.of();
    private @Nullable SSLSession session;
    private @Nullable CertificateException refusal;

    /** {@code insecure}: what the judge refuses is accepted all the same. */
    Witness(X509ExtendedTrustManager judge, boolean insecure) {
        this.judge = judge;
        this.insecure = insecure;
    }

    /** What the server showed, its own certificate first; empty if it did not come to that. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** The session that was being agreed on then. */
    @Nullable
    SSLSession session() {
        return session;
    }

    /** Why it is not trusted; null if it is. */
    @Nullable
    CertificateException refusal() {
        return refusal;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type, Socket socket)
            throws CertificateException {
        chain = List.of(certificates);
        session = ((SSLSocket) socket).getHandshakeSession();
        try {
            judge.checkServerTrusted(certificates, type, socket);
        } catch (CertificateException e) {
            refusal = e;
            if (!insecure) {
                throw e;
            }
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type) {
        throw new UnsupportedOperationException("the probe has a socket");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] certificates, String type, SSLEngine engine) {
        throw new UnsupportedOperationException("the probe has a socket");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type) {
        throw new UnsupportedOperationException("the probe is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type, Socket socket) {
        throw new UnsupportedOperationException("the probe is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] certificates, String type, SSLEngine engine) {
        throw new UnsupportedOperationException("the probe is a client");
    }
}
