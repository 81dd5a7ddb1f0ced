package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.plan.Population;
import dev.squall.plan.Request;
import dev.squall.plan.Request.Pair;
import dev.squall.plan.Timeouts;
import dev.squall.protocol.On1010;
import dev.squall.reconnect.Mix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a population's requests have of their own, and what becomes of a subprotocol. */
@Timeout(60)
class RequestTest {

    @TempDir
    Path folder;

    private static Population asking(int clients, Request request) {
        return new Population(
                0,
                "phones",
                clients,
                dev.squall.plan.Arrivals.over(1000),
                request,
                Timeouts.DEFAULT,
                List.of(),
                List.of(),
                On1010.STOP,
                null,
                0,
                null,
                null,
                Mix.of(TestRun.policy(0)));
    }

    private static Request subprotocols(String... names) {
        return new Request(List.of(), List.of(), List.of(), List.of(names));
    }

    @Test
    void everyRequestHasItsOwnQueryHeadersAndCookies() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "s3&#{client}\n");
        Request request = new Request(
                List.of(
                        new Pair("user", "#{client}"),
                        new Pair("k y", "a b&é"),
                        new Pair("t", "${file:" + secret + "}")),
                List.of(
                        new Pair("Authorization", "Bearer ${file:" + secret + "}"),
                        new Pair("user-agent", "phone/#{client}.#{connection}")),
                List.of(new Pair("session", "#{population}-#{client}"), new Pair("lang", "en")),
                List.of());
        List<String> lines = new CopyOnWriteArrayList<>();
        List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            lines.add(peer.requestLine);
            requests.add(peer.headers);
            peer.echoUntilClose();
        })) {
            new TestRun(folder).with(asking(2, request)).run(server.port(), 150);
        }
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "GET /?user=0&k%20y=a%20b%26%C3%A9&t=s3%26%23%7Bclient%7D HTTP/1.1",
                        "GET /?user=1&k%20y=a%20b%26%C3%A9&t=s3%26%23%7Bclient%7D HTTP/1.1");
        assertThat(requests).allSatisfy(headers -> {
            String client = headers.get("squall-connection").split("/")[1];
            assertThat(headers)
                    .containsEntry("authorization", "Bearer s3&#{client}")
                    .containsEntry("user-agent", "phone/" + client + ".1")
                    .containsEntry("cookie", "session=phones-" + client + "; lang=en")
                    .doesNotContainKey("sec-websocket-protocol");
        });
    }

    @Test
    void aSubprotocolThatWasAskedForIsFineAndAnotherIsNot() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            asked.add(peer.header("sec-websocket-protocol"));
            boolean first = peer.header("squall-connection").startsWith("phones/0/");
            peer.write(peer.upgrade("Sec-WebSocket-Protocol: " + (first ? "v1.chat" : "v3.chat")));
            peer.echoUntilClose();
        })) {
            TestRun run = new TestRun(folder)
                    .with(asking(2, subprotocols("v2.chat", "v1.chat")))
                    .run(server.port(), 150);

            assertThat(asked).containsOnly("v2.chat, v1.chat");
            assertThat(run.story("phones", 0)).contains("OPENED");
            assertThat(run.story("phones", 1)).contains("FAILED 101 unasked-subprotocol");
        }
    }

    @Test
    void aSecretThatBreaksTheRequestIsNamedAndNotTold() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "hunter2\r\nX-Evil: 1");
        Request request =
                new Request(List.of(), List.of(new Pair("X-Token", "${file:" + secret + "}")), List.of(), List.of());

        assertThatThrownBy(() -> new TestRun(folder).with(asking(1, request)).run(1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("X-Token: a value that cannot stand in a request")
                .hasMessageNotContaining("hunter2");
    }
}
