package dev.squall.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.squall.behaviour.ClientBehaviour;
import dev.squall.fault.Close;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ChatClientTest {

    @RegisterExtension
    final MockServerExtension server = new MockServerExtension().identify("query:client");

    /** The client under test: after a restart it comes back, 1 to 2 s later. */
    record ChatClient(URI url) implements WebSocket.Listener {

        private static final HttpClient HTTP = HttpClient.newHttpClient();

        void connect() {
            HTTP.newWebSocketBuilder().buildAsync(url, this).whenComplete((socket, failure) -> {
                if (failure != null) {
                    comeBack();
                }
            });
        }

        private void comeBack() {
            long millis = ThreadLocalRandom.current().nextLong(1_000, 2_000);
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::connect);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            if (code == 1012) {
                comeBack();
            }
            return null; // The JDK answers the Close.
        }
    }

    @Test
    void comesBackAfterARestartButNotAtOnce() {
        new ChatClient(server.url("/chat?client=ann")).connect();
        server.await("ann", seen -> seen.connections().opened() == 1);

        server.restart("{code: 1012, downtime: 500ms, while-down: 503}");

        ClientBehaviour ann = server.await("ann", seen -> seen.connections().opened() == 2);
        assertEquals(Map.of(1012, 1L), ann.losses());
        assertEquals(1, ann.closeAnswers().same());
        assertTrue(ann.reconnecting().delays().get(0).micros() >= 1_000_000, ann::toString);
    }

    @Test
    void staysAwayWhenItsTokenHasExpired() {
        server.inflict(new Close(4401, "token expired", 0, 0));

        new ChatClient(server.url("/chat?client=bob")).connect();

        server.await("bob", seen -> seen.losses().equals(Map.of(4401, 1L)));
        server.stays("bob", seen -> seen.connections().asked() == 1, Duration.ofMillis(2_500));
    }
}
