package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A self-signed certificate, which nobody trusts unasked. */
public final class TestCertificate {

    /** The name of its entry. */
    public static final String ALIAS = "server";

    static final String PASSWORD = "changeit";

    private TestCertificate() {}

    /** Made by the JDK's keytool, with its key; {@code options} as keytool has them. */
    public static KeyStore of(Path folder, String name, String... options) throws Exception {
        Path file = folder.resolve(name + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", ALIAS, "-keyalg", "EC", "-dname", "CN=" + name, "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", file.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** TLS for a server that has it. */
    public static SSLContext server(KeyStore store) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** TLS for a server that demands a client's certificate and counts how often it judges one: not for resumed sessions. */
    static SSLContext demanding(KeyStore server, KeyStore client, AtomicInteger judged) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(server, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Counting(certificate(client), judged)}, null);
        return context;
    }

    private record Counting(X509Certificate trusted, AtomicInteger judged) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            judged.incrementAndGet();
            if (!chain[0].equals(trusted)) {
                throw new CertificateException("another");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("it is a server's");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {trusted};
        }
    }

    static X509Certificate certificate(KeyStore store) throws Exception {
        return (X509Certificate) store.getCertificate(ALIAS);
    }

    static PrivateKey key(KeyStore store) throws Exception {
        return (PrivateKey) store.getKey(ALIAS, PASSWORD.toCharArray());
    }

    /** Writes {@code name.pem} and {@code name.key}, in PKCS8. */
    static void write(Path folder, String name, KeyStore store) throws Exception {
        Files.writeString(
                folder.resolve(name + ".pem"),
                pem("CERTIFICATE", certificate(store).getEncoded()));
        Files.writeString(
                folder.resolve(name + ".key"), pem("PRIVATE KEY", key(store).getEncoded()));
    }

    static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    /** Writes {@code trusted.TYPE}, a store of this type that trusts the certificate. */
    static void writeTrust(Path folder, String type, KeyStore store) throws Exception {
        KeyStore trusted = KeyStore.getInstance(type);
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, certificate(store));
        try (OutputStream out = Files.newOutputStream(folder.resolve("trusted." + type))) {
            trusted.store(out, PASSWORD.toCharArray());
        }
    }
}
