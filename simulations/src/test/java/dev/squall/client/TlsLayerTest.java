package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Tls;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom clients trust, what they show, and whose session they resume. */
@Timeout(60)
class TlsLayerTest {

    private static final String PASSWORD = "changeit";
    private static final String OF_THE_KEY = "s3cret-of-the-key";

    @TempDir
    static Path files;

    private static KeyStore server;
    private static KeyStore client;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        server = TestCertificate.of(files, "localhost");
        client = TestCertificate.of(files, "client");
        Files.writeString(
                files.resolve("server.pem"),
                pem("CERTIFICATE", certificate(server).getEncoded()));
        Files.writeString(
                files.resolve("client.pem"),
                pem("CERTIFICATE", certificate(client).getEncoded()));
        PrivateKey key = (PrivateKey) client.getKey(TestCertificate.ALIAS, PASSWORD.toCharArray());
        Files.writeString(files.resolve("client.key"), pem("PRIVATE KEY", key.getEncoded()));
        Files.writeString(files.resolve("sealed.key"), pem("ENCRYPTED PRIVATE KEY", sealed(key)));
        for (String type : List.of("PKCS12", "JKS")) {
            KeyStore trusted = KeyStore.getInstance(type);
            trusted.load(null, null);
            trusted.setCertificateEntry("server", certificate(server));
            try (OutputStream out = Files.newOutputStream(files.resolve("trusted." + type))) {
                trusted.store(out, PASSWORD.toCharArray());
            }
        }
    }

    private static X509Certificate certificate(KeyStore store) throws Exception {
        return (X509Certificate) store.getCertificate(TestCertificate.ALIAS);
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    private static byte[] sealed(PrivateKey key) throws Exception {
        String algorithm = "PBEWithSHA1AndDESede";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(OF_THE_KEY.toCharArray())),
                new PBEParameterSpec(new byte[8], 1000));
        AlgorithmParameters parameters = cipher.getParameters();
        return new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(key.getEncoded())).getEncoded();
    }

    private static Plan.Endpoint endpoint(int port, Tls tls) {
        return endpoint("localhost", port, tls);
    }

    private static Plan.Endpoint endpoint(String host, int port, Tls tls) {
        return new Plan.Endpoint(
                "wss://" + host + ":" + port + "/",
                List.of("127.0.0.1"),
                false,
                tls,
                null,
                false,
                List.of(),
                0,
                new Plan.ForeignRestarts(List.of(), 1, 1, 1_000_000));
    }

    private static Tls trusting(String file, @Nullable String password) {
        return new Tls(false, files.resolve(file).toString(), password, null, null, null, true, List.of());
    }

    private static Tls showing(String certificate, @Nullable String key, @Nullable String password) {
        return new Tls(
                true,
                null,
                null,
                files.resolve(certificate).toString(),
                key == null ? null : files.resolve(key).toString(),
                password,
                true,
                List.of());
    }

    /** Until all clients have given up: a run of these ends by itself, but on a busy machine not soon. */
    private TestRun run(Plan.Endpoint endpoint, int clients, int attempts) throws Exception {
        ReconnectPolicy policy = TestRun.policy(attempts);
        return new TestRun(Files.createTempDirectory(folder, "run"))
                .connectWithin(7_000_000)
                .limits(l -> new Plan.Limits(
                        7_000_000, l.clientClosingMicros(), l.nodeClosingMicros(), l.closingPhaseMicros()))
                .with(new Population(0, "all", clients, 1000, List.of(), List.of(), On1010.STOP, null, policy))
                .run(endpoint, 8000);
    }

    private static void restart(ScriptedServer.Peer peer, int n) throws Exception {
        peer.open();
        peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
        peer.readClose();
    }

    @ParameterizedTest
    @CsvSource({"server.pem,", "trusted.PKCS12," + PASSWORD, "trusted.JKS," + PASSWORD})
    void aCertificateOfTheirOwnTrustStoreIsTrusted(String file, @Nullable String password) throws Exception {
        try (ScriptedServer there = new ScriptedServer(TestCertificate.server(server), TlsLayerTest::restart)) {
            TestRun run = run(endpoint(there.port(), trusting(file, password)), 1, 0);

            assertThat(run.story("all", 0)).contains("READY");
        }
    }

    @Test
    void aCertificateOfAnotherStoreOrForAnotherNameIsNot() throws Exception {
        try (ScriptedServer there = new ScriptedServer(TestCertificate.server(server), TlsLayerTest::restart)) {
            TestRun another = run(endpoint(there.port(), trusting("client.pem", null)), 1, 0);
            assertThat(another.story("all", 0)).contains("FAILED tls");

            TestRun name = run(endpoint("127.0.0.1", there.port(), trusting("server.pem", null)), 1, 0);
            assertThat(name.story("all", 0)).contains("FAILED tls");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "client.pem,client.key,,true",
        "client.pem,sealed.key," + OF_THE_KEY + ",true",
        "client.p12,," + PASSWORD + ",true",
        ",,,false"
    })
    void aServerThatWantsACertificateOfTheClientGetsIt(
            @Nullable String certificate, @Nullable String key, @Nullable String password, boolean welcome)
            throws Exception {
        Tls tls = certificate == null ? Tls.of(true) : showing(certificate, key, password);
        try (ScriptedServer there = ScriptedServer.mutual(demanding(new AtomicInteger()), TlsLayerTest::restart)) {
            TestRun run = run(endpoint(there.port(), tls), 1, 0);

            assertThat(run.story("all", 0)).contains(welcome ? "READY" : "FAILED tls");
        }
    }

    /** A server's TLS that trusts the client's certificate, and counts how often it was shown that. */
    private static SSLContext demanding(AtomicInteger shown) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(server, PASSWORD.toCharArray());
        X509Certificate trusted = certificate(client);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Counting(trusted, shown)}, null);
        return context;
    }

    /** A certificate is looked at in a full handshake, and not where a session is resumed. */
    private record Counting(X509Certificate trusted, AtomicInteger shown) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            shown.incrementAndGet();
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

    @ParameterizedTest
    @CsvSource({"TLSv1.2,true,3,6", "TLSv1.3,true,3,6", "TLSv1.2,false,9,0", "TLSv1.3,false,9,0"})
    void eachClientResumesItsOwnSessionUnlessItMustNot(String version, boolean resume, int full, int resumed)
            throws Exception {
        AtomicInteger shown = new AtomicInteger();
        Tls tls = new Tls(
                true,
                null,
                null,
                files.resolve("client.pem").toString(),
                files.resolve("client.key").toString(),
                null,
                resume,
                List.of(version));
        try (ScriptedServer there = ScriptedServer.mutual(demanding(shown), (peer, n) -> {
            peer.readRequest();
            if (peer.header("squall-connection").endsWith("/3")) {
                peer.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } else {
                peer.write(peer.upgrade());
                peer.write(ScriptedServer.Peer.closeFrame(1012, "restart"));
                peer.readClose();
            }
        })) {
            TestRun run = run(endpoint(there.port(), tls), 3, 1);

            assertThat(run.rows("OPENED")).hasSize(6);
            assertThat(run.status()).contains("secured=9 resumed=" + resumed);
            assertThat(shown).hasValue(full);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"trusted.PKCS12", "trusted.JKS", "sealed.key", "nothing"})
    void aTrustStoreThatCannotBeUsedIsSaidWithoutItsPassword(String file) throws IOException {
        assertThatThrownBy(() -> run(endpoint(1, trusting(file, "wr0ng")), 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("target.tls.trust: " + files.resolve(file))
                .hasMessageContaining("(expected: certificates in PEM, PKCS12 or JKS")
                .hasMessageNotContaining("wr0ng");
    }

    @ParameterizedTest
    @CsvSource({"client.pem,sealed.key,wr0ng", "client.pem,server.pem,", "client.p12,,wr0ng", "client.pem,,"})
    void aCertificateThatCannotBeUsedIsSaidWithoutItsPassword(
            String file, @Nullable String key, @Nullable String password) {
        assertThatThrownBy(() -> run(endpoint(1, showing(file, key, password)), 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("target.tls.certificate: " + files.resolve(file))
                .hasMessageNotContaining("wr0ng");
    }
}
