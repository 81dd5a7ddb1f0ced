package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ForeignEcho.Kind;
import dev.squall.journal.JournalEvent;
import dev.squall.plan.Arrivals;
import dev.squall.plan.Dialogue;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Timeouts;
import dev.squall.plan.Tls;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Mix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS with servers that we did not write: each setting of {@code target.tls}, and a restart. */
@Timeout(60)
class ForeignTlsTest {

    private static final int CLIENTS = 2;
    private static final String PASSWORD = TestCertificate.PASSWORD;

    @TempDir
    private static Path files;

    /** Those that anybody may ask. */
    private static final Map<Kind, ForeignEcho> OPEN = new EnumMap<>(Kind.class);

    /** Those that demand a certificate. */
    private static final Map<Kind, ForeignEcho> DEMANDING = new EnumMap<>(Kind.class);

    @TempDir
    Path folder;

    /** The processes start while the others do. */
    @BeforeAll
    static void start() throws Exception {
        KeyStore server = TestCertificate.of(files, "localhost");
        KeyStore client = TestCertificate.of(files, "client");
        TestCertificate.write(files, "server", server);
        TestCertificate.write(files, "client", client);
        TestCertificate.writeTrust(files, "PKCS12", server);
        for (Kind kind : Kind.values()) {
            OPEN.put(kind, ForeignEcho.start(kind, files, new ForeignEcho.Security(files, server, null)));
            DEMANDING.put(kind, ForeignEcho.start(kind, files, new ForeignEcho.Security(files, server, client)));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (ForeignEcho server : Stream.concat(OPEN.values().stream(), DEMANDING.values().stream())
                .toList()) {
            server.close();
        }
        OPEN.clear();
        DEMANDING.clear();
    }

    private static Tls trusting(String file, @Nullable String password, String version) {
        return new Tls(false, files.resolve(file).toString(), password, null, null, null, true, List.of(version));
    }

    private static Tls showing(String file, @Nullable String key, @Nullable String password, boolean resume, String v) {
        return new Tls(
                false,
                files.resolve("server.pem").toString(),
                null,
                files.resolve(file).toString(),
                key == null ? null : files.resolve(key).toString(),
                password,
                resume,
                List.of(v));
    }

    /** Ends when the clients have given up, or {@link Fleet#finish} is called. */
    private TestRun clients(int attempts) throws Exception {
        return new TestRun(Files.createTempDirectory(folder, "run"))
                .connectWithin(7_000_000)
                .limits(l -> new Plan.Limits(
                        7_000_000, l.clientClosingMicros(), l.nodeClosingMicros(), l.closingPhaseMicros()))
                .with(new Population(
                        0,
                        "all",
                        CLIENTS,
                        Arrivals.over(1000),
                        Request.PLAIN,
                        Timeouts.DEFAULT,
                        List.of(),
                        List.of(),
                        On1010.STOP,
                        new Dialogue(
                                "hello", "hello", 7_000_000), // Once it echoes, the server knows of the client too.
                        0,
                        null,
                        null,
                        Mix.of(TestRun.policy(attempts))));
    }

    private static TestRun run(TestRun clients, ForeignEcho server, Tls tls) throws Exception {
        return clients.run(
                new Plan.Endpoint(
                        "wss://localhost:" + server.port + "/",
                        List.of("127.0.0.1"),
                        false,
                        tls,
                        null,
                        false,
                        List.of(),
                        0,
                        new Plan.ForeignRestarts(List.of(), 1, 1, 1_000_000)),
                20_000);
    }

    private static ForeignEcho server(Map<Kind, ForeignEcho> servers, Kind kind) throws Exception {
        ForeignEcho server = servers.get(kind);
        server.need();
        return server;
    }

    private static Stream<Arguments> trusts() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, trusting("server.pem", null, "TLSv1.2"), "TLSv1.2"),
                        Arguments.of(kind, trusting("trusted.PKCS12", PASSWORD, "TLSv1.3"), "TLSv1.3")));
    }

    @ParameterizedTest
    @MethodSource("trusts")
    void aServerOfTheTrustStoreIsSpokenToInTheVersionAskedFor(Kind kind, Tls tls, String version) throws Exception {
        ForeignEcho server = server(OPEN, kind);
        int before = server.versions().size();
        TestRun run = run(clients(1).when(JournalEvent.READY, CLIENTS, Fleet::finish), server, tls);

        assertThat(run.rows("FAILED")).isEmpty();
        assertThat(run.rows("CLOSED"))
                .hasSize(CLIENTS)
                .allSatisfy(row -> assertThat(row.text()).isEqualTo("CLOSED 1000 client clean"));
        List<String> versions = server.versions();
        assertThat(versions.subList(before, versions.size())).hasSize(CLIENTS).containsOnly(version);
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatTheTrustStoreDoesNotKnowFailsEveryAttempt(Kind kind) throws Exception {
        TestRun run = run(clients(2), server(OPEN, kind), trusting("client.pem", null, "TLSv1.3"));

        everyAttemptFailed(run, "tls");
    }

    private static void everyAttemptFailed(TestRun run, String cause) {
        assertThat(run.rows("OPENED")).isEmpty();
        assertThat(run.rows("FAILED"))
                .hasSameSizeAs(run.rows("CONNECTING"))
                .hasSize(2 * CLIENTS)
                .allSatisfy(row -> assertThat(row.text()).isEqualTo("FAILED " + cause));
    }

    private static Stream<Arguments> strangers() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, trusting("server.pem", null, "TLSv1.2")),
                        Arguments.of(kind, trusting("server.pem", null, "TLSv1.3")),
                        Arguments.of(kind, showing("server.pem", "server.key", null, true, "TLSv1.3"))));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void whoShowsNoCertificateOrAnotherToAServerThatDemandsOneFailsEveryAttempt(Kind kind, Tls tls) throws Exception {
        everyAttemptFailed(
                run(clients(2), server(DEMANDING, kind), tls),
                // Python's asyncio ends TCP without the alert.
                kind == Kind.WEBSOCKETS ? "eof" : "tls");
    }

    private static Stream<Arguments> certificates() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of("TLSv1.2", "TLSv1.3")
                        .flatMap(version -> Stream.of(
                                Arguments.of(kind, showing("client.pem", "client.key", null, true, version)),
                                Arguments.of(kind, showing("client.p12", null, PASSWORD, false, version)))));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void whoShowsTheCertificateComesBackAfterARestartWithItsSessionUnlessItMustNot(Kind kind, Tls tls)
            throws Exception {
        ForeignEcho server = server(DEMANDING, kind);
        int connections = server.versions().size();
        int full = server.full();
        TestRun run = run(
                clients(20)
                        .when(JournalEvent.READY, CLIENTS, fleet -> server.restart())
                        .when(JournalEvent.READY, 2 * CLIENTS, Fleet::finish),
                server,
                tls);

        int resumed = tls.resume() ? CLIENTS : 0;
        assertThat(run.status()).contains("secured=" + 2 * CLIENTS + " resumed=" + resumed);
        assertThat(server.full() - full).as("full handshakes by the server").isEqualTo(2 * CLIENTS - resumed);
        List<String> versions = server.versions();
        assertThat(versions.subList(connections, versions.size()))
                .hasSize(2 * CLIENTS)
                .containsOnly(tls.versions().get(0));
        String restarted = "CLOSED " + server.restartCode() + " server clean";
        String left = "CLOSED 1000 client clean";
        assertThat(run.rows("CLOSED").stream().map(TestRun.Row::text))
                .containsExactlyInAnyOrder(restarted, restarted, left, left);
    }
}
