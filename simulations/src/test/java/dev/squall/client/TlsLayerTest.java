package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Tls;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.ReconnectPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
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

    private static final String PASSWORD = TestCertificate.PASSWORD;
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
        TestCertificate.write(files, "server", server);
        TestCertificate.write(files, "client", client);
        Files.writeString(
                files.resolve("sealed.key"),
                TestCertificate.pem("ENCRYPTED PRIVATE KEY", sealed(TestCertificate.key(client))));
        for (String type : List.of("PKCS12", "JKS")) {
            TestCertificate.writeTrust(files, type, server);
        }
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
        try (ScriptedServer there = ScriptedServer.mutual(
                TestCertificate.demanding(server, client, new AtomicInteger()), TlsLayerTest::restart)) {
            TestRun run = run(endpoint(there.port(), tls), 1, 0);

            assertThat(run.story("all", 0)).contains(welcome ? "READY" : "FAILED tls");
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
        try (ScriptedServer there =
                ScriptedServer.mutual(TestCertificate.demanding(server, client, shown), (peer, n) -> {
                    peer.readRequest();
                    if (peer.header("squall-connection").endsWith("/3")) {
                        peer.write(
                                "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
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
