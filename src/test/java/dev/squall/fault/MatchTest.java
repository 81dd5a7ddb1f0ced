package dev.squall.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatchTest {

    private record Asked(
            String path, Map<String, List<String>> headers, Map<String, List<String>> queries, String population)
            implements Match.Request {
        @Override
        public List<String> header(String name) {
            return headers.getOrDefault(name, List.of());
        }

        @Override
        public List<String> query(String name) {
            return queries.getOrDefault(name, List.of());
        }
    }

    private static final Asked PHONE = new Asked(
            "/chat/7",
            Map.of("user-agent", List.of("Phone/1"), "x-a", List.of("one", "two")),
            Map.of("client", List.of("phone-3"), "empty", List.of("")),
            "phones");

    private static Match header(String name, String pattern) {
        return new Match("", Map.of(name, pattern), Map.of(), List.of(), "");
    }

    private static Match query(String name, String pattern) {
        return new Match("", Map.of(), Map.of(name, pattern), List.of(), "");
    }

    @ParameterizedTest
    @CsvSource({
        "*, ''",
        "*, anything",
        "**, anything",
        "'', ''",
        "a, a",
        "a*, a",
        "*a, a",
        "a*c, abc",
        "a*b*c, aXbXbXc",
        "*ab, aab",
        "*aab*, aaaab",
        "a*, a*",
        "a.c, a.c",
        "[x], [x]",
        "/chat/*, /chat/",
        "ü*, üü",
    })
    void aPatternStandsForTheWholeText(String pattern, String text) {
        assertThat(Match.matches(pattern, text)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'', a",
        "a, ''",
        "a, A",
        "a, ab",
        "a, ba",
        "a*c, abcd",
        "a*b*c, acb",
        "a.c, abc",
        "[abc], a",
        "a?, ab",
        "/chat/*, /chat",
        "*ab, aba",
    })
    void andForNothingElse(String pattern, String text) {
        assertThat(Match.matches(pattern, text)).isFalse();
    }

    @Test
    @Timeout(5)
    void aNastyPatternTakesNoLongTime() {
        String pattern = "*a".repeat(500) + "b";

        assertThat(Match.matches(pattern, "a".repeat(8_000))).isFalse();
        assertThat(Match.matches(pattern, "a".repeat(8_000) + "b")).isTrue();
    }

    @Test
    void noConditionIsEverybody() {
        assertThat(Match.ALL.matches(PHONE)).isTrue();
        assertThat(Match.ALL.at(3)).isTrue();
        assertThat(Match.ALL.looksAtRequest()).isFalse();
    }

    @Test
    void allConditionsMustHold() {
        Map<String, String> agent = Map.of("User-Agent", "Phone*");
        Map<String, String> client = Map.of("client", "phone-*");

        assertThat(new Match("/chat/*", agent, client, List.of(), "phones").matches(PHONE))
                .isTrue();
        assertThat(new Match("/other", agent, client, List.of(), "phones").matches(PHONE))
                .isFalse();
        assertThat(new Match("/chat/*", Map.of("User-Agent", "Desk*"), client, List.of(), "phones").matches(PHONE))
                .isFalse();
        assertThat(new Match("/chat/*", agent, Map.of("client", "desk-*"), List.of(), "phones").matches(PHONE))
                .isFalse();
        assertThat(new Match("/chat/*", agent, client, List.of(), "desks").matches(PHONE))
                .isFalse();
    }

    @Test
    void oneOfAHeadersLinesMustMatchAndItsNameMayBeInAnyCase() {
        assertThat(header("X-A", "two").matches(PHONE)).isTrue();
        assertThat(header("X-A", "three").matches(PHONE)).isFalse();
        assertThat(header("X-B", "*").matches(PHONE)).isFalse();
    }

    @Test
    void aParameterThatIsAbsentIsNotAnEmptyOne() {
        assertThat(query("empty", "*").matches(PHONE)).isTrue();
        assertThat(query("empty", "").matches(PHONE)).isTrue();
        assertThat(query("absent", "*").matches(PHONE)).isFalse();
        assertThat(query("Client", "*").matches(PHONE)).isFalse();
    }

    @Test
    void nodesBoundWhere() {
        Match second = new Match("", Map.of(), Map.of(), List.of(1), "");

        assertThat(second.at(0)).isFalse();
        assertThat(second.at(1)).isTrue();
        assertThat(second.looksAtRequest()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\n", "ä", "(a)"})
    void whatIsNoHeadersNameIsToldSo(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> header(name, "*"))
                .withMessage("header: " + name + " (expected: a header's name, as User-Agent)");
    }

    @Test
    void itSaysWhomInWords() {
        assertThat(Match.ALL.toString()).isEmpty();
        assertThat(new Match("/a", Map.of("X", "1"), Map.of("q", "2"), List.of(0, 1), "phones"))
                .hasToString(", path /a, header x: 1, query q=2, nodes [0, 1], population phones");
    }
}
