package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 section 3. */
class WebSocketUriTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "ws://example.org false example.org 80 / example.org",
                "wss://example.org true example.org 443 / example.org",
                "WSS://Example.ORG:443/Chat true example.org 443 /Chat example.org",
                "ws://example.org:8080/a/b?c=d&e=%2F false example.org 8080 /a/b?c=d&e=%2F example.org:8080",
                "ws://example.org?only=query false example.org 80 /?only=query example.org",
                "ws://example.org// false example.org 80 // example.org",
                "ws://[::1]:9001/ false ::1 9001 / [::1]:9001",
                "wss://[2001:db8::1] true 2001:db8::1 443 / [2001:db8::1]",
                "ws://example.org:443/ false example.org 443 / example.org:443",
                "ws://example.org/snö false example.org 80 /sn%C3%B6 example.org",
            })
    void aUriIsTakenApart(String text, boolean secure, String host, int port, String resource, String authority) {
        WebSocketUri uri = WebSocketUri.parse(text);

        assertThat(uri).isEqualTo(new WebSocketUri(secure, host, port, resource));
        assertThat(uri.authority()).isEqualTo(authority);
        assertThat(WebSocketUri.parse(uri.toString())).isEqualTo(uri);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.org",
                "//example.org",
                "ftp://example.org",
                "ws://",
                "ws:///path",
                "ws://example.org:0/",
                "ws://example.org:65536/",
                "ws://example.org/#top",
                "ws://me:secret@example.org/",
                "ws://exa mple.org/",
                "ws://under_score.example/",
            })
    void whatIsNoWebSocketUriIsRefusedWithWhatIsAccepted(String text) {
        assertThatThrownBy(() -> WebSocketUri.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void theSchemeOfTheWebIsAnsweredWithTheOneToWrite() {
        assertThatThrownBy(() -> WebSocketUri.parse("https://example.org/")).hasMessageContaining("expected: wss:");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,true",
        "LOCALHOST,true",
        "a.localhost,false",
        "127.0.0.1,true",
        "127.9.9.9,true",
        "[::1],true",
        "[0:0:0:0:0:0:0:1],true",
        "example.org,false",
        "localhost.example.org,false",
        "127.0.0.1.example.org,false",
        "128.0.0.1,false",
        "0.0.0.0,false",
        "[::2],false",
        "[2001:db8::1],false"
    })
    void onlyThisMachineIsNamedAsLoopback(String host, boolean loopback) {
        assertThat(WebSocketUri.parse("ws://" + host + "/").namesLoopback()).isEqualTo(loopback);
    }
}
