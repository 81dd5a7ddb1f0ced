package dev.squall.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer;
import dev.squall.client.TestCertificate;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are trusted, and those that are not. */
@Timeout(60)
class TlsTest {

    @TempDir
    Path folder;

    private KeyStore forLocalhost() throws Exception {
        return TestCertificate.of(folder, "localhost", "-ext", "SAN=dns:localhost,ip:127.0.0.1", "-validity", "3650");
    }

    private static ScriptedServer server(KeyStore store) throws Exception {
        return server(store, (peer, n) -> {
            peer.open();
            peer.echoUntilClose();
        });
    }

    private static ScriptedServer server(KeyStore store, ScriptedServer.Script script) throws Exception {
        return new ScriptedServer(TestCertificate.server(store), script);
    }

    private static X509ExtendedTrustManager trusting(KeyStore store) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(TestCertificate.ALIAS, store.getCertificate(TestCertificate.ALIAS));
        return Tls.trusted(trust);
    }

    private static String url(ScriptedServer server) {
        return "wss://127.0.0.1:" + server.port() + "/";
    }

    @Test
    void aTrustedCertificateIsTold() throws Exception {
        KeyStore store = forLocalhost();
        try (ScriptedServer server = server(store)) {
            Told told = Told.secure(url(server), false, trusting(store));

            assertThat(told.conclusion().stays()).as(told.text()).isTrue();
            assertThat(told.text())
                    .contains("tls        TLSv1.3, TLS_")
                    .contains("           subject CN=localhost\n           issuer CN=localhost\n           valid 20")
                    .contains("           names localhost, 127.0.0.1\n           trusted\n")
                    .contains("answered 1000 Normal Closure")
                    .contains("closed TCP (FIN)");
        }
    }

    @Test
    void aSelfSignedCertificateIsRefusedAndNothingIsAskedBehindIt() throws Exception {
        try (ScriptedServer server = server(forLocalhost())) {
            Told told = Told.secure(url(server), false, Tls.trusted(null));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.conclusion().text()).isEqualTo("the certificate is not trusted: self-signed");
            assertThat(told.text())
                    .contains("TLSv1.3")
                    .contains("subject CN=localhost")
                    .contains("NOT trusted: self-signed\n")
                    .doesNotContain("request ");
            assertThat(told.advice()).contains("--insecure");
        }
    }

    @Test
    void insecureGoesOnAndSaysSoTwice() throws Exception {
        try (ScriptedServer server = server(forLocalhost())) {
            Told told = Told.secure(url(server), true, Tls.trusted(null));

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.text()).contains("NOT trusted: self-signed; accepted, as --insecure says");
            assertThat(told.conclusion().text()).contains("certificate NOT trusted: --insecure");
            assertThat(told.advice()).contains("only because of --insecure");
        }
    }

    @Test
    void insecureThatIsNotNeededIsTold() throws Exception {
        KeyStore store = forLocalhost();
        try (ScriptedServer server = server(store)) {
            Told told = Told.secure(url(server), true, trusting(store));

            assertThat(told.text()).contains("trusted: --insecure is not needed");
            assertThat(told.conclusion().text()).doesNotContain("insecure");
        }
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        KeyStore store =
                TestCertificate.of(folder, "other.example", "-ext", "SAN=dns:other.example", "-validity", "3650");
        try (ScriptedServer server = server(store)) {
            Told told = Told.secure(url(server), false, trusting(store));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text()).contains("names other.example").contains("NOT trusted: it is not for 127.0.0.1");
        }
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        KeyStore store = TestCertificate.of(
                folder, "localhost", "-ext", "SAN=ip:127.0.0.1", "-startdate", "-10d", "-validity", "1");
        try (ScriptedServer server = server(store)) {
            Told told = Told.secure(url(server), false, Tls.trusted(null));

            assertThat(told.conclusion().text()).contains("expired on 20").contains("self-signed");
        }
    }

    @Test
    void plainTextAtATlsPortAndTheOtherWayRoundAreToldByTheSchemeToWrite() throws Exception {
        try (ScriptedServer tls = server(forLocalhost());
                ScriptedServer plain = new ScriptedServer((peer, n) -> {
                    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                    peer.endsWithin(200);
                })) {
            Told toTls = Told.probe(url(tls).replace("wss", "ws"));
            Told toPlain = Told.probe(url(plain));

            assertThat(toTls.conclusion().stays()).isFalse();
            assertThat(toTls.advice()).contains("wss://");
            assertThat(toPlain.conclusion().stays()).isFalse();
            assertThat(toPlain.advice()).contains("ws://");
        }
    }

    @Test
    void aDropUnderTlsIsToldAsOneOfTcp() throws Exception {
        KeyStore store = forLocalhost();
        try (ScriptedServer server = server(store, (peer, n) -> {
            peer.readRequest();
            peer.reset();
        })) {
            assertThat(Told.secure(url(server), false, trusting(store))
                            .conclusion()
                            .text())
                    .matches("TCP was (reset \\(RST\\)|closed \\(FIN\\)) instead of a response");
        }
    }

    @Test
    void silenceInTlsEndsWithTheTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> peer.waitForEnd())) {
            Told told = Told.impatient(url(server));

            assertThat(told.conclusion().text()).isEqualTo("no TLS in time");
        }
    }
}
