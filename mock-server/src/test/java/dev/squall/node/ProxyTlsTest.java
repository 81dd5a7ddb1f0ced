package dev.squall.node;

import static dev.squall.journal.JournalEvent.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Tls;
import dev.squall.plan.WhileDown;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that speaks TLS on both sides. */
@Timeout(30)
class ProxyTlsTest extends ServerTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static SSLContext tls;

    /** One certificate for all: its key, it in PEM, and who trusts it alone. */
    @BeforeAll
    static void certificate() throws Exception {
        Path file = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit"))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        pem("server.pem", "CERTIFICATE", store.getCertificate("server").getEncoded());
        pem("server.key", "PRIVATE KEY", store.getKey("server", PASSWORD).getEncoded());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    }

    private static void pem(String name, String type, byte[] der) throws IOException {
        Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n");
    }

    private static SSLServerSocket behind() throws IOException {
        SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory()
                .createServerSocket(Plans.freePort(), 50, InetAddress.getByName("127.0.0.1"));
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static String request(DataInputStream in) throws IOException {
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            request.append((char) in.readUnsignedByte());
        }
        return request.toString();
    }

    private void proxy(SSLServerSocket behind, Tls known, String host) throws Exception {
        start(new Plans(Plans.freePort())
                .restart(900, 0, 300, WhileDown.REFUSE, false)
                .before(
                        "wss://" + host + ":" + behind.getLocalPort() + "/",
                        known,
                        folder.resolve("server.pem").toString(),
                        folder.resolve("server.key").toString())
                .build());
    }

    private static Tls trusting() {
        return new Tls(false, folder.resolve("server.pem").toString(), null, null, null, null, true, List.of());
    }

    private RawClient secure() throws IOException {
        return RawClient.over((SSLSocket) tls.getSocketFactory().createSocket("localhost", port));
    }

    @Test
    void frames_pass_and_a_restart_closes_between_them() throws Exception {
        try (SSLServerSocket behind = behind()) {
            proxy(behind, trusting(), "localhost");
            try (RawClient client = secure()) {
                client.request("people/1/1");
                try (SSLSocket there = (SSLSocket) behind.accept()) {
                    DataInputStream in = new DataInputStream(there.getInputStream());
                    assertThat(request(in)).startsWith("GET /echo HTTP/1.1\r\nHost: localhost:");
                    there.getOutputStream()
                            .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.response().status()).isEqualTo(101);
                    byte[] frame = RawClient.frame(true, false, RawClient.TEXT, "over TLS twice".getBytes());
                    client.send(frame);
                    assertThat(in.readNBytes(frame.length)).isEqualTo(frame);
                    there.getOutputStream().write(frame);
                    assertThat(client.readBytes(frame.length)).isEqualTo(frame);
                    RawClient.Frame close = client.read();
                    assertThat(close.code()).isEqualTo(1012);
                    client.sendClose(1012, "");
                    client.readEnd();
                }
            }
        }
    }

    @Test
    void a_server_behind_that_is_not_trusted_is_a_bad_gateway_and_may_be_taken_unseen() throws Exception {
        try (SSLServerSocket behind = behind()) {
            proxy(behind, Tls.DEFAULT, "localhost");
            Thread accepting = new Thread(() -> {
                try (SSLSocket there = (SSLSocket) behind.accept()) {
                    there.startHandshake();
                } catch (IOException refused) {
                    return; // By who does not trust it.
                }
            });
            accepting.start();
            try (RawClient client = secure()) {
                assertThat(client.handshake("people/1/1").status()).isEqualTo(502);
            }
            accepting.join();
            assertThat(rows.await(1, REJECTED).get(0).detail()).isEqualTo("upstream-tls");
        }
    }

    @Test
    void who_comes_without_tls_has_no_answer() throws Exception {
        try (SSLServerSocket behind = behind()) {
            proxy(behind, Tls.of(true), "127.0.0.1");
            try (RawClient client = RawClient.dial(port)) {
                assertThatThrownBy(() -> client.handshake("people/1/1")).isInstanceOf(IOException.class);
            }
        }
    }
}
