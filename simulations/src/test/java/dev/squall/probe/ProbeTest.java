package dev.squall.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.client.ScriptedServer;
import dev.squall.client.ScriptedServer.Peer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the name to the judgement of the response. */
@Timeout(30)
class ProbeTest {

    private static final String DEFLATE = "permessage-deflate";
    private static final String ANSWER = "Sec-WebSocket-Extensions: permessage-deflate";

    private static String url(ScriptedServer server) {
        return "ws://127.0.0.1:" + server.port() + "/chat?room=1";
    }

    /** A server that answers each request with these bytes and then waits. */
    private static ScriptedServer answering(String bytes) throws Exception {
        return new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            peer.waitForEnd();
        });
    }

    private static ScriptedServer upgrading(String... headers) throws Exception {
        return new ScriptedServer((peer, n) -> {
            peer.open(headers);
            peer.echoUntilClose();
        });
    }

    @Test
    void aGoodServerIsToldStepByStep() throws Exception {
        try (ScriptedServer server = upgrading(ANSWER, "Server: scripted/1")) {
            Told told = Told.probe(url(server), DEFLATE);

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.timeless()).isEqualTo("""
                    address    127.0.0.1
                    tcp        127.0.0.1:PORT connected in T
                    tls        none: ws://
                    request    GET /chat?room=1, offers permessage-deflate, requires permessage-deflate
                    response   101 Switching Protocols in T
                               Upgrade: WebSocket
                               Connection: keep-alive, Upgrade
                               Sec-WebSocket-Accept: valid
                               Sec-WebSocket-Extensions: permessage-deflate
                               Server: scripted/1
                    extension  permessage-deflate: negotiated (required)
                    client     stays
                    server     says nothing by itself within T
                    close      we sent 1000, the server answered 1000 Normal Closure in T and closed TCP (FIN) T later

                    PASS  ws://127.0.0.1:PORT/chat?room=1   a client that requires permessage-deflate stays
                    """.replace("PORT", String.valueOf(server.port())));
        }
    }

    @Test
    void theRequestSaysWhoAsksAndWhatItOffers() throws Exception {
        CompletableFuture<Map<String, String>> headers = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            headers.complete(peer.headers);
        })) {
            Told.probe(url(server), "permessage-deflate; client_no_context_takeover", "x-foo");

            assertThat(headers.get(5, TimeUnit.SECONDS))
                    .containsEntry("host", "127.0.0.1:" + server.port())
                    .containsEntry("user-agent", "squall/test")
                    .containsEntry("sec-websocket-version", "13")
                    .containsEntry("sec-websocket-extensions", "permessage-deflate; client_no_context_takeover, x-foo")
                    .doesNotContainKeys("origin", "authorization", "cookie");
        }
    }

    @Test
    void aStrictClientLeavesADecliningServerWith1010AndSaysWhatItLacked() throws Exception {
        CompletableFuture<ScriptedServer.Frame> close = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            close.complete(peer.echoUntilClose());
        })) {
            Told told = Told.probe(url(server), DEFLATE);

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text())
                    .contains("Sec-WebSocket-Extensions: none")
                    .contains("permessage-deflate: missing (required)")
                    .contains("client     leaves with 1010 \"permessage-deflate\"")
                    .contains("we sent 1010, the server answered 1010 Mandatory Extension");
            assertThat(told.advice()).contains("Enable the extension on the server, or make it optional in the client");
            assertThat(close.get(5, TimeUnit.SECONDS).closeCode()).isEqualTo(1010);
            assertThat(close.join().closeReason()).isEqualTo(DEFLATE);
        }
    }

    @Test
    void aLenientClientStaysWithADecliningServerAndHearsOfIt() throws Exception {
        try (ScriptedServer server = upgrading()) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.text()).contains("permessage-deflate: missing\n").contains("a WebSocket: a client stays");
            assertThat(told.advice()).contains("would leave with 1010");
        }
    }

    @Test
    void aRequiredParameterThatIsNotInTheResponseIsAMismatch() throws Exception {
        try (ScriptedServer server = upgrading(ANSWER)) {
            Told told = Told.probe(url(server), "permessage-deflate; server_no_context_takeover");

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text())
                    .contains("permessage-deflate: mismatched (required)")
                    .contains("leaves with 1010 \"permessage-deflate; server_no_context_takeover\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-zip | x-zip: unoffered",
                "permessage-deflate; server_max_window_bits=99 | is no answer to what was offered",
                "permessage-deflate;; | unoffered"
            })
    void aResponseWithExtensionsThatNobodyOfferedMakesEvenALenientClientFail(String value, String said)
            throws Exception {
        try (ScriptedServer server = upgrading("Sec-WebSocket-Extensions: " + value)) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text())
                    .contains(said)
                    .contains("a client fails the connection")
                    .doesNotContain("we sent");
        }
    }

    @Test
    void aWrongAcceptKeyIsTold() throws Exception {
        try (ScriptedServer server = answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text()).contains("Sec-WebSocket-Accept: not valid");
            assertThat(told.conclusion().text()).contains("Sec-WebSocket-Accept does not answer the key");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 OK | Server: nginx | An ordinary page",
                "400 Bad Request | Server: x | finds fault with the handshake",
                "401 Unauthorized | WWW-Authenticate: Basic realm=a | credentials",
                "403 Forbidden | Server: x | Origin",
                "404 Not Found | Server: x | path",
                "426 Upgrade Required | Sec-WebSocket-Version: 13 | version",
                "429 Too Many Requests | Retry-After: 3 | back off",
                "502 Bad Gateway | Via: 1.1 edge | behind it",
                "503 Service Unavailable | Retry-After: 7 | Retry-After"
            })
    void anyOtherStatusIsToldWithItsHeadersAndAdvice(String status, String header, String advice) throws Exception {
        try (ScriptedServer server =
                answering("HTTP/1.1 " + status + "\r\n" + header + "\r\nContent-Length: 2\r\n\r\nhi")) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text())
                    .contains("response   " + status + " in ")
                    .contains("           " + header)
                    .contains("no WebSocket: " + status);
            assertThat(told.advice()).contains(advice);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://other.example/x?y=1, wss://other.example/x?y=1",
        "/login, ws://127.0.0.1:PORT/login",
        "//other.example/, ws://other.example/",
        "/';reboot;', ws://127.0.0.1:PORT/%27;reboot;%27"
    })
    void aRedirectIsNotFollowedButTheNextProbeIsNamed(String location, String next) throws Exception {
        try (ScriptedServer server = answering(
                "HTTP/1.1 301 Moved Permanently\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n")) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text()).contains("Location: " + location);
            assertThat(told.advice())
                    .contains("squall probe '" + next.replace("PORT", String.valueOf(server.port())) + "'");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anInformationalResponseIsNotTheResponse() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            peer.write(peer.upgrade());
            peer.echoUntilClose();
        })) {
            assertThat(Told.probe(url(server)).text()).contains("response   101 ");
        }
    }

    static List<Arguments> protocols() {
        return List.of(
                arguments("SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP response: \"SSH-2.0-OpenSSH_9.2\""),
                arguments("-ERR unknown command\r\n\r\n", "not an HTTP response: \"-ERR unknown command\""),
                arguments("\u0015\u0003\u0003\u0000\u0002\u0002\u0046", "the server speaks TLS"));
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void anotherProtocolIsQuoted(String bytes, String said) throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            peer.endsWithin(100);
        })) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.conclusion().text()).isEqualTo(said);
        }
    }

    @Test
    void halfAHandshakeForEverEndsWithTheTimeout() throws Exception {
        try (ScriptedServer server = answering("HTTP/1.1 101 Switching Protocols\r\nUpgr")) {
            assertThat(Told.impatient(url(server)).conclusion().text()).startsWith("half a response");
        }
    }

    @Test
    void dripsDoNotStretchTheTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 101 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!peer.endsWithin(50)) {
                peer.write(new byte[] {'a'});
            }
        })) {
            long begun = System.nanoTime();

            assertThat(Told.impatient(url(server)).conclusion().text()).startsWith("half a response");
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(15));
        }
    }

    @Test
    void endlessHeadersAreCutOff() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write("HTTP/1.1 101 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                peer.write("X-More: and more and more and more\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        })) {
            assertThat(Told.probe(url(server)).conclusion().text()).contains("no end within 100 lines and 16384 B");
        }
    }

    @Test
    void silenceAnEndAndAResetInsteadOfAResponseAreToldApart() throws Exception {
        try (ScriptedServer silent = answering("");
                ScriptedServer ending = new ScriptedServer((peer, n) -> peer.readRequest());
                ScriptedServer resetting = new ScriptedServer((peer, n) -> {
                    peer.readRequest();
                    peer.reset();
                })) {
            assertThat(Told.impatient(url(silent)).conclusion().text()).isEqualTo("no response in time");
            assertThat(Told.probe(url(ending)).conclusion().text())
                    .isEqualTo("TCP was closed (FIN) instead of a response");
            assertThat(Told.probe(url(resetting)).conclusion().text())
                    .isEqualTo("TCP was reset (RST) instead of a response");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void nobodyThereIsToldWithAdvice(String scheme) throws Exception {
        Told told = Told.probe(scheme + "://127.0.0.1:" + ScriptedServer.freePort() + "/");

        assertThat(told.conclusion().stays()).isFalse();
        assertThat(told.text()).contains(" refused\n").contains("nobody is there: refused");
        assertThat(told.advice()).contains("Nothing listens");
    }

    @Test
    void anUnknownHostIsToldWithAdvice() {
        Told told = Told.probe("ws://no.such.host.invalid/");

        assertThat(told.conclusion().stays()).isFalse();
        assertThat(told.text()).contains("unknown host no.such.host.invalid");
        assertThat(told.advice()).contains("DNS");
    }

    @Test
    void whatAStrangerSaysCannotSteerTheTerminal() throws Exception {
        try (ScriptedServer server =
                answering("HTTP/1.1 404 Not\u001b[2J\r\nServer: \u009b31mred\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(Told.probe(url(server)).text().replace("\n", ""))
                    .matches("[\\x20-\\x7e]+")
                    .contains("404");
        }
    }

    @Test
    void theFactsAreOneJsonObject() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open(ANSWER + "; client_no_context_takeover");
            peer.readClose();
            peer.write(Peer.closeFrame(1000, "bye"));
        })) {
            JsonNode facts = Told.json(url(server), DEFLATE);

            assertThat(facts.at("/schema").asText()).isEqualTo("squall/probe/1");
            assertThat(facts.at("/url").asText()).isEqualTo(url(server));
            assertThat(facts.at("/address/resolved/0").asText()).isEqualTo("127.0.0.1");
            assertThat(facts.at("/tcp/attempts/0/seconds").asDouble()).isPositive();
            assertThat(facts.at("/request/required").asText()).isEqualTo(DEFLATE);
            assertThat(facts.at("/response/status").asInt()).isEqualTo(101);
            assertThat(facts.at("/response/accept").asText()).isEqualTo("valid");
            assertThat(facts.at("/response/headers/Sec-WebSocket-Extensions").asText())
                    .isEqualTo("permessage-deflate; client_no_context_takeover");
            assertThat(facts.at("/extensions/0/outcome").asText()).isEqualTo("negotiated");
            assertThat(facts.at("/extensions/0/required").asBoolean()).isTrue();
            assertThat(facts.at("/client/stays").asBoolean()).isTrue();
            assertThat(facts.at("/server/event").asText()).isEqualTo("silence");
            assertThat(facts.at("/close/sent").asInt()).isEqualTo(1000);
            assertThat(facts.at("/close/received").asInt()).isEqualTo(1000);
            assertThat(facts.at("/close/receivedReason").asText()).isEqualTo("bye");
            assertThat(facts.at("/close/tcp").asText()).isEqualTo("fin");
            assertThat(facts.at("/verdict").asText()).isEqualTo("pass");
        }
    }
}
