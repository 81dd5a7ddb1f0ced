package dev.squall.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.client.ScriptedServer;
import dev.squall.client.ScriptedServer.Peer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server does once the connection is open. */
@Timeout(30)
class ConversationTest {

    private static String url(ScriptedServer server) {
        return "ws://127.0.0.1:" + server.port() + "/";
    }

    @Test
    void aServerThatClosesByItselfWith1012IsAnsweredAndItsCodeExplained() throws Exception {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(Peer.closeFrame(1012, "deploy"));
            answer.complete(peer.readClose().closeCode());
        })) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.text())
                    .contains("sent Close 1012 Service Restart \"deploy\" by itself")
                    .contains("the server closes by itself with 1012 Service Restart");
            assertThat(told.advice()).contains("short random delay (1 to 5 s");
            assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo(1012);
        }
    }

    @Test
    void aCloseRightBehindTheResponseIsSeen() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(peer.upgrade(), Peer.closeFrame(1008, "no token"));
            peer.readClose();
        })) {
            assertThat(Told.probe(url(server)).text()).contains("sent Close 1008 Policy Violation \"no token\"");
        }
    }

    @Test
    void messagesOfTheServerAreCounted() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(
                    Peer.frame(ScriptedServer.TEXT, "welcome".getBytes(StandardCharsets.US_ASCII)),
                    Peer.frame(ScriptedServer.TEXT, new byte[70]));
            peer.echoUntilClose();
        })) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.text()).contains("sent 2 frames by itself (first: text of 7 B)");
        }
    }

    @Test
    void aFloodOfMessagesDoesNotHoldItUp() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            while (true) {
                peer.write(Peer.frame(ScriptedServer.TEXT, new byte[1]));
            }
        })) {
            Told told = Told.impatient(url(server));

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.text()).contains("1000 frames");
            assertThat(told.advice()).contains("does not answer a Close");
        }
    }

    @Test
    void garbageAfterTheResponseIsABrokenProtocol() throws Exception {
        CompletableFuture<Integer> close = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.readRequest();
            peer.write(peer.upgrade(), "garbage!".getBytes(StandardCharsets.US_ASCII));
            close.complete(peer.readClose().closeCode());
        })) {
            Told told = Told.probe(url(server));

            assertThat(told.conclusion().stays()).isFalse();
            assertThat(told.conclusion().text()).contains("breaks the protocol: a client leaves with 1002");
            assertThat(close.get(5, TimeUnit.SECONDS)).isEqualTo(1002);
        }
    }

    @Test
    void aFrameOfMoreThanAMebibyteIsTooBig() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.write(new byte[] {(byte) 0x82, 127, 0x7f, -1, -1, -1, -1, -1, -1, -1});
            peer.readClose();
        })) {
            assertThat(Told.probe(url(server)).conclusion().text()).contains("leaves with 1009");
        }
    }

    @Test
    void anEndWithoutACloseIs1006() throws Exception {
        try (ScriptedServer ending = new ScriptedServer((peer, n) -> peer.open());
                ScriptedServer resetting = new ScriptedServer((peer, n) -> {
                    peer.open();
                    peer.endsWithin(50);
                    peer.reset();
                })) {
            Told fin = Told.probe(url(ending));
            Told reset = Told.probe(url(resetting));

            assertThat(fin.conclusion().stays()).isFalse();
            assertThat(fin.text()).contains("closed TCP (FIN) without a Close");
            assertThat(fin.conclusion().text()).contains("1006 Abnormal Closure");
            assertThat(reset.conclusion().stays()).isFalse();
            assertThat(reset.text()).contains("reset TCP (RST) without a Close");
        }
    }

    @Test
    void aServerThatNeverAnswersACloseIsLeftAfterTheTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer((peer, n) -> {
            peer.open();
            peer.waitForEnd();
        })) {
            Told told = Told.impatient(url(server));

            assertThat(told.conclusion().stays()).isTrue();
            assertThat(told.text())
                    .contains("the server sent no Close within 1.5 s")
                    .contains("we closed TCP");
            assertThat(told.advice()).contains("does not answer a Close");
        }
    }

    @Test
    void howTheServerTakesACloseIsToldApart() throws Exception {
        try (ScriptedServer resetting = new ScriptedServer((peer, n) -> {
                    peer.open();
                    peer.readClose();
                    peer.reset();
                });
                ScriptedServer lingering = new ScriptedServer((peer, n) -> {
                    peer.open();
                    peer.echoUntilClose();
                    peer.waitForEnd();
                });
                ScriptedServer renaming = new ScriptedServer((peer, n) -> {
                    peer.open();
                    peer.readClose();
                    peer.write(Peer.closeFrame(1001, ""));
                })) {
            assertThat(Told.probe(url(resetting)).text())
                    .contains("we sent 1000, the server reset TCP (RST) without a Close of its own");
            Told left = Told.impatient(url(lingering));
            assertThat(left.text()).contains("left TCP open").contains("we closed it");
            assertThat(left.advice()).contains("TIME_WAIT");
            Told renamed = Told.probe(url(renaming));
            assertThat(renamed.text()).contains("the server answered 1001 Going Away");
            assertThat(renamed.advice()).contains("another code");
        }
    }
}
