package dev.squall.client;

import dev.squall.plan.Expansion;
import dev.squall.plan.Tls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS as all clients of a target have it, and a session for each of them.
 *
 * <p>The JDK keeps the sessions of a context by the peer's host and port, neither of which its handshake needs for more
 * than that and the name. So a client's rank stands for the port, and each finds its own session and no other's.
 */
final class TlsLayer {

    /** Bound to a session by its first connection; who finds it there has resumed. */
    private static final String KNOWN = "squall.known";

    /** A server may send some tickets for each session. */
    private static final int SESSIONS_EACH = 4;

    private final SslContext context;
    private final boolean resumes;
    /** Where nobody resumes, no two connections have the same port. */
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * Reads the files that the settings name.
     *
     * @param host whom the certificate must be for
     * @param clients how many sessions there may be
     * @throws IllegalArgumentException if a file cannot be used; no password is told
     */
    TlsLayer(Tls tls, Expansion expansion, String host, int clients) {
        resumes = tls.resume();
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .sessionCacheSize(resumes ? (long) clients * SESSIONS_EACH : 1);
        if (!tls.versions().isEmpty()) {
            builder.protocols(tls.versions());
        }
        Material material = new Material(expansion);
        if (tls.insecure()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else if (tls.trust() != null) {
            material.trust(builder, tls.trust(), tls.trustPassword());
        }
        if (tls.certificate() != null) {
            material.certificate(builder, tls.certificate(), tls.key(), tls.keyPassword());
        }
        try {
            context = builder.build();
            greet(host);
        } catch (SSLException e) {
            throw new IllegalStateException("the JDK's TLS cannot be used", e);
        }
    }

    /** Makes one greeting that nobody gets: a cold process takes half a second for its first, and loops would wait. */
    private void greet(String host) throws SSLException {
        SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT, host, 0);
        engine.beginHandshake();
        engine.wrap(
                ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
        engine.closeOutbound();
    }

    /** For one connection; {@code session}: the number of the client's own session, from 0. */
    SslHandler handler(ByteBufAllocator allocator, String host, int session, Tally tally) {
        SslHandler handler = context.newHandler(allocator, host, resumes ? session + 1 : connections.incrementAndGet());
        handler.setHandshakeTimeoutMillis(0); // The client's timer does that.
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                SSLSession agreed = handler.engine().getSession();
                tally.secured(agreed.getValue(KNOWN) != null);
                agreed.putValue(KNOWN, KNOWN);
            }
        });
        return handler;
    }

    /** Files of certificates and keys, for one context. */
    private record Material(Expansion expansion) {

        private static final String PEM = "-----BEGIN";

        void trust(SslContextBuilder builder, String trust, @Nullable String password) {
            File file = new File(expansion.expand(trust));
            try {
                if (isPem(file.toPath())) {
                    builder.trustManager(file);
                    return;
                }
                KeyStore store = KeyStore.getInstance(file, characters(password));
                if (store.size() == 0) {
                    throw new IllegalArgumentException("no certificate, or none without its password");
                }
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                builder.trustManager(factory);
            } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
                throw unusable(
                        "trust", trust, e, "certificates in PEM, PKCS12 or JKS, and trust-password if it has one");
            }
        }

        void certificate(
                SslContextBuilder builder, String certificate, @Nullable String key, @Nullable String password) {
            File file = new File(expansion.expand(certificate));
            try {
                if (key != null || isPem(file.toPath())) {
                    File ofKey = key == null ? file : new File(expansion.expand(key));
                    builder.keyManager(file, ofKey, password == null ? null : expansion.expand(password));
                    return;
                }
                KeyStore store = KeyStore.getInstance(file, characters(password));
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, characters(password));
                builder.keyManager(factory);
            } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
                throw unusable(
                        "certificate",
                        certificate,
                        e,
                        "a chain in PEM with its key in PKCS8, or a PKCS12 file, and key-password if it has one");
            }
        }

        private char @Nullable [] characters(@Nullable String password) {
            return password == null ? null : expansion.expand(password).toCharArray();
        }

        private static boolean isPem(Path file) throws IOException {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(PEM);
        }

        private static IllegalArgumentException unusable(String key, String spelled, Exception why, String expected) {
            // The reason may have the path, which may hold what a reference stands for.
            String reason = spelled.contains("${") ? "" : ": " + why.getMessage();
            return new IllegalArgumentException(
                    "target.tls." + key + ": " + spelled + reason + " (expected: " + expected + ")", why);
        }
    }
}
