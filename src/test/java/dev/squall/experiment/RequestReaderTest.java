package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Request;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestReaderTest {

    private static final Map<String, String> ENVIRONMENT =
            Map.of("TOKEN", "hunter2", "TWO_LINES", "hunter2\r\nX-Evil: 1", "TWO_COOKIES", "hunter2; admin=1");

    private static Experiment read(String population) throws ExperimentException {
        return new ExperimentReader(20_000, ENVIRONMENT::get)
                .read("duration: 60s\nload:\n  phones: {clients: 1, " + population + "}\n", "test.yaml", List.of());
    }

    private static String problem(String population) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(population));
        assertThat(thrown).as(population).isNotNull();
        return thrown.getMessage();
    }

    @Test
    void aRequestIsPlannedAsTheFileSpellsItAndSecretsStayOut() throws ExperimentException {
        Experiment experiment = read("query: {room: 'a b', n: '#{client}'},"
                + " headers: {Authorization: 'Bearer ${env:TOKEN}', Origin: https://example.com},"
                + " cookies: {session: '#{population}-#{client}'}, subprotocols: [v2.chat, v1.chat]");

        assertThat(experiment.populations().get(0).request())
                .isEqualTo(new Request(
                        List.of(new Request.Pair("room", "a b"), new Request.Pair("n", "#{client}")),
                        List.of(
                                new Request.Pair("Authorization", "Bearer ${env:TOKEN}"),
                                new Request.Pair("Origin", "https://example.com")),
                        List.of(new Request.Pair("session", "#{population}-#{client}")),
                        List.of("v2.chat", "v1.chat")));
        assertThat(experiment.plan(1, experiment.target()).toJson()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "headers: {Host: a}|test.yaml:3:40: load.phones.headers.Host: Host (expected: a header that the handshake",
                "headers: {sec-websocket-key: a}|load.phones.headers.sec-websocket-key: sec-websocket-key (expected: ",
                "headers: {Squall-Run: a}|Squall-Run (expected: ",
                "headers: {Content-Length: 5}|Content-Length (expected: ",
                "headers: {Cookie: a=b}|its cookies under cookies",
                "headers: {'a b': c}|a b (expected: letters, digits and ",
                "headers: {A: b, a: c}|load.phones.headers.a: stands twice",
                "headers: {A: [b]}|load.phones.headers.A: a list (expected: a value for A, of printable ASCII)",
                "headers: {A: \"b\\r\\nX: 1\"}|A: a value that cannot stand in a request (expected: printable ASCII without",
                "headers: {A: é}|(expected: printable ASCII",
                "headers: {A: '#{message}'}|#{message} (expected: one of #{population}, #{client}, #{connection})",
                "headers: {A: '${env:NONE}'}|${env:NONE} (expected: a variable that is set)",
                "headers: [A]|load.phones.headers: a list (expected: a map of headers",
                "cookies: {a: 'b; c=d'}|a: a value that cannot stand in a request (expected: printable ASCII without line"
                        + " breaks and ;",
                "cookies: {'a=b': c}|a=b (expected: letters",
                "query: {'': c}|no name (expected: the name of a parameter)",
                "subprotocols: [a, a]|a stands twice (expected: each subprotocol once)",
                "subprotocols: ['a, b']|a, b (expected: letters, digits and ",
                "subprotocols: chat|chat (expected: a list in order of preference",
            })
    void whatBreaksARequestIsAMistakeAtItsPlace(String population, String message) {
        assertThat(problem(population)).contains(message);
    }

    @ParameterizedTest
    @CsvSource({
        "headers: {A: '${env:TWO_LINES}'},${env:TWO_LINES} (expected: a value for A",
        "cookies: {a: 'x${env:TWO_COOKIES}'},x${env:TWO_COOKIES} (expected: a value for a",
    })
    void aSecretThatBreaksARequestIsNotTold(String population, String message) {
        assertThat(problem(population)).contains(message).doesNotContain("hunter2");
    }

    @Test
    void aQueryMayHoldAnything() throws ExperimentException {
        assertThat(read("query: {q: \"é &=\\n${env:TWO_LINES}\"}")
                        .populations()
                        .get(0)
                        .request()
                        .query())
                .containsExactly(new Request.Pair("q", "é &=\n${env:TWO_LINES}"));
    }
}
