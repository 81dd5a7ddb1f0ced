package dev.squall.probe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.protocol.WebSocketUri;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The TLS step of a probe: shakes hands, and tells the certificate even where it is refused. */
final class Tls {

    private static final int MAX_NAMES = 5;
    private static final int DNS_NAME = 2; // RFC 5280 section 4.2.1.6: the tags of GeneralName
    private static final int IP_ADDRESS = 7;

    private final WebSocketUri url;
    private final boolean insecure;
    private final Witness witness;
    private final Telling telling;

    Tls(WebSocketUri url, boolean insecure, X509ExtendedTrustManager trusted, Telling telling) {
        this.url = url;
        this.insecure = insecure;
        this.witness = new Witness(trusted, insecure);
        this.telling = telling;
    }

    /** What this store trusts; null: what the JDK trusts. */
    static X509ExtendedTrustManager trusted(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK's trust store cannot be read", e);
        }
    }

    /**
     * Puts the wire under TLS.
     *
     * @return why the certificate is not trusted, where it was accepted all the same; else empty
     */
    String secure(Wire wire, long timeoutMicros) throws DeadEnd {
        wire.within(timeoutMicros);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {witness}, null);
            SSLSocket socket = wire.under(context.getSocketFactory(), url.host(), url.port());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 6455 section 3: names as in RFC 2818.
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is in every JDK", e);
        } catch (IOException e) {
            throw failed(e);
        }
        return told();
    }

    private DeadEnd failed(IOException failure) {
        telling.facts("tls").put("error", String.valueOf(failure.getMessage()));
        if (witness.refusal() != null) {
            String why = told();
            return new DeadEnd(
                    "the certificate is not trusted: " + why,
                    "Clients refuse this connection. Mend the certificate (a current one, for this name, with its"
                            + " intermediate certificates, from an authority that clients trust), or add it to the clients'"
                            + " trust store; for this probe: JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE.",
                    "To see what comes behind it all the same: --insecure.");
        }
        String what = failure instanceof SocketTimeoutException
                ? "no TLS in time"
                : "TLS failed: " + Telling.shown(String.valueOf(failure.getMessage()));
        telling.step("tls", what);
        return new DeadEnd(
                what,
                failure instanceof SSLException
                                && String.valueOf(failure.getMessage()).contains("SSL message")
                        ? "The server does not speak TLS at this port: write ws:// or name its TLS port."
                        : "Look whether this port speaks TLS, which versions and ciphers it takes, and whether it wants a"
                                + " client certificate, which the probe has none of.");
    }

    /** Tells what was agreed on and shown; returns why the certificate is not trusted, empty if it is. */
    private String told() {
        ObjectNode facts =
                telling.facts("tls").put("trusted", witness.refusal() == null).put("insecure", insecure);
        SSLSession session = witness.session();
        if (session != null) {
            facts.put("version", session.getProtocol()).put("cipher", session.getCipherSuite());
            telling.step("tls", session.getProtocol() + ", " + session.getCipherSuite());
        }
        X509Certificate own = witness.chain().get(0);
        certificate(own, facts);
        CertificateException refusal = witness.refusal();
        String why = refusal == null ? "" : why(refusal, own);
        if (refusal == null) {
            telling.more("trusted" + (insecure ? ": --insecure is not needed" : ""));
        } else {
            facts.put("refusal", why);
            telling.more("NOT trusted: " + why + (insecure ? "; accepted, as --insecure says" : ""));
        }
        return why;
    }

    private void certificate(X509Certificate own, ObjectNode facts) {
        String subject = own.getSubjectX500Principal().getName();
        String issuer = own.getIssuerX500Principal().getName();
        List<String> names = names(own);
        ObjectNode certificate = facts.putObject("certificate")
                .put("subject", subject)
                .put("issuer", issuer)
                .put("validFrom", own.getNotBefore().toInstant().toString())
                .put("validUntil", own.getNotAfter().toInstant().toString());
        names.forEach(certificate.putArray("names")::add);
        telling.more("subject " + Telling.shown(subject));
        telling.more("issuer " + Telling.shown(issuer));
        telling.more("valid " + day(own.getNotBefore()) + " to " + day(own.getNotAfter()));
        telling.more("names " + (names.isEmpty() ? "none" : Telling.shown(names, MAX_NAMES)));
    }

    private static LocalDate day(Date date) {
        return LocalDate.ofInstant(date.toInstant(), ZoneOffset.UTC);
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (name.get(0).equals(DNS_NAME) || name.get(0).equals(IP_ADDRESS)) {
                    names.add(String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            names.add("not readable: " + e.getMessage());
        }
        return names;
    }

    /** The JDK's refusal in words. It ends at the first reason; there may be more than one. */
    private String why(CertificateException refusal, X509Certificate own) {
        List<String> reasons = new ArrayList<>();
        Instant now = Instant.now();
        for (X509Certificate certificate : witness.chain()) {
            String whose = certificate == own ? "" : "its authority's certificate ";
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                reasons.add(whose + "expired on " + day(certificate.getNotAfter()));
            } else if (now.isBefore(certificate.getNotBefore().toInstant())) {
                reasons.add(whose + "not valid before " + day(certificate.getNotBefore()));
            }
        }
        String words = String.valueOf(refusal.getMessage());
        if (words.startsWith("No subject alternative") || words.startsWith("No name matching")) {
            reasons.add("it is not for " + url.host());
        } else if (words.contains("unable to find valid certification path")) {
            reasons.add(
                    own.getSubjectX500Principal().equals(own.getIssuerX500Principal())
                            ? "self-signed"
                            : "its issuer is not in the trust store, or an intermediate certificate is missing");
        } else if (reasons.isEmpty()) {
            reasons.add(Telling.shown(words));
        }
        return String.join("; ", reasons);
    }
}
