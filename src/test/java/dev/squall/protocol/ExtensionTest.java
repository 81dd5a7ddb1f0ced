package dev.squall.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionTest {

    @Test
    void aHeaderIsReadInOrder() {
        List<Extension> read = Extension.parseList(
                "permessage-deflate; client_max_window_bits; server_max_window_bits=10,\tx-other ; a = \"b\"");

        assertThat(read).extracting(Extension::name).containsExactly("permessage-deflate", "x-other");
        assertThat(read.get(0).parameters())
                .containsExactly(entry("client_max_window_bits", ""), entry("server_max_window_bits", "10"));
        assertThat(read.get(1).parameters()).containsExactly(entry("a", "b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate; client_max_window_bits; server_max_window_bits=10"
            })
    void whatIsWrittenIsWhatWasRead(String text) {
        assertThat(Extension.parse(text)).hasToString(text);
        assertThat(Extension.parse(Extension.parse(text).toString())).isEqualTo(Extension.parse(text));
    }

    @Test
    void aQuotedValueIsTheSameAsTheTokenInIt() {
        assertThat(Extension.parse("x; bits=\"10\"")).isEqualTo(Extension.parse("x; bits=10"));
    }

    @Test
    void parametersStayInTheirOrder() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("z", "");
        parameters.put("a", "1");

        assertThat(new Extension("x", parameters)).hasToString("x; z; a=1");
    }

    @Test
    void anExtensionDoesNotChangeWithTheMapItWasMadeOf() {
        Map<String, String> parameters = new LinkedHashMap<>();
        Extension extension = new Extension("x", parameters);
        parameters.put("late", "");

        assertThat(extension.parameters()).isEmpty();
        assertThatThrownBy(() -> extension.parameters().put("a", "b"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| a token was expected at character 1",
                "' '| a token was expected at character 2",
                "a,| a token was expected at character 3",
                "a;| a token was expected at character 3",
                ",a| a token was expected at character 1",
                "a; =b| a token was expected at character 4",
                "a; b=| a token was expected at character 6",
                "a b| unexpected 'b' at character 3",
                "a; b=c d| unexpected 'd' at character 8",
                "a; b=\"c| the quoted value does not end",
                "a; b=\"\"| the quoted value is not a token",
                "a; b=\"c d\"| the quoted value is not a token",
                "a; b; b| parameter 'b' stands twice",
                "ä| a token was expected at character 1"
            })
    void aHeaderAgainstTheGrammarIsRefusedWithTheTextAndWhatIsWrong(String header, String wrong) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extension.parseList(header))
                .withMessageStartingWith("Sec-WebSocket-Extensions: '" + header + "'")
                .withMessageContaining(wrong);
    }

    @Test
    void aHeaderCannotCarryLineEndsIntoTheRequest() {
        assertThatIllegalArgumentException().isThrownBy(() -> Extension.parseList("a\r\nX-Evil: 1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Extension("a\r\nX-Evil: 1", Map.of()))
                .withMessageContaining("expected:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a, b", "a; b, a; c"})
    void oneExtensionIsExactlyOne(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extension.parse(text))
                .withMessageContaining("'" + text + "'")
                .withMessageContaining("expected: one extension");
    }

    @ParameterizedTest
    @CsvSource({
        "x; a; b=1, x; b=1, true",
        "x; a; b=1, x, true",
        "x; a; b=1, x; a, true",
        "x; b=1, x; b=2, false",
        "x; b=1, x; a, false",
        "x, x; a, false"
    })
    void aResponseFulfilsWhatItHasWithTheSameValues(String response, String required, boolean fulfils) {
        assertThat(Extension.parse(response).fulfils(Extension.parse(required))).isEqualTo(fulfils);
    }

    @ParameterizedTest
    @CsvSource({
        "server_max_window_bits=9, server_max_window_bits=15, true",
        "server_max_window_bits=10, server_max_window_bits=10, true",
        "server_max_window_bits=11, server_max_window_bits=10, false",
        "client_max_window_bits=8, client_max_window_bits=9, true",
        "client_max_window_bits=15, client_max_window_bits=9, false",
        "server_no_context_takeover, server_max_window_bits=15, false",
        "server_max_window_bits, server_max_window_bits=15, false",
        "server_max_window_bits=08, server_max_window_bits=15, false",
        "server_max_window_bits=7, server_max_window_bits=15, false",
    })
    void aWindowIsFulfilledByASmallerOne(String response, String required, boolean fulfils) {
        String deflate = Extension.PERMESSAGE_DEFLATE + "; ";

        assertThat(Extension.parse(deflate + response).fulfils(Extension.parse(deflate + required)))
                .isEqualTo(fulfils);
        assertThat(Extension.parse("x; " + response).fulfils(Extension.parse("x; " + required)))
                .as("of an extension that has no windows")
                .isEqualTo(response.equals(required));
    }
}
