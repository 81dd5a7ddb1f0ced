package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.plan.Dialogue;
import dev.squall.plan.Message;
import dev.squall.plan.Ping;
import dev.squall.plan.Population;
import dev.squall.plan.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversationReaderTest {

    @TempDir
    static Path directory;

    private static Experiment read(String population) throws ExperimentException {
        Map<String, String> environment =
                Map.of("TOKEN", "hunter2", "TRICKY", "#{hunter2}", "FOLDER", directory + "/hunter2");
        return new ExperimentReader(20_000, environment::get)
                .read("duration: 60s\nload:\n  phones: {clients: 1, " + population + "}\n", "test.yaml", List.of());
    }

    private static Population population(String text) throws ExperimentException {
        return read(text).populations().get(0);
    }

    private static String problem(String population) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, () -> read(population));
        assertThat(thrown).as(population).isNotNull();
        return thrown.getMessage();
    }

    private static Path feed(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void whoSaysNothingOfAConversationHasNone() throws ExperimentException {
        Population silent = population("arrive: at-once");

        assertThat(silent.timeouts()).isEqualTo(Timeouts.DEFAULT);
        assertThat(silent.ready()).isNull();
        assertThat(silent.message()).isNull();
        assertThat(silent.ping()).isNull();
        assertThat(silent.holdMicros()).isZero();
    }

    @Test
    void timeoutsPingsAndTheDialogueAreRead() throws ExperimentException {
        Population phones = population("timeouts: {connect: 1s, handshake: 2s, idle: 3s},"
                + " ready: {send: 'I am #{client}', until: 'welcome #{client}', within: 4s}, hold: 5s,"
                + " ping: {every: 20s, within: 6s}");

        assertThat(phones.timeouts()).isEqualTo(new Timeouts(1_000_000, 2_000_000, 3_000_000));
        assertThat(phones.ready()).isEqualTo(new Dialogue("I am #{client}", "welcome #{client}", 4_000_000));
        assertThat(phones.holdMicros()).isEqualTo(5_000_000);
        assertThat(phones.ping()).isEqualTo(new Ping(20_000_000, 6_000_000));
        assertThat(population("ping: 20s").ping()).isEqualTo(new Ping(20_000_000, 0));
        assertThat(population("ready: {until: hello}").ready()).isEqualTo(new Dialogue(null, "hello", 10_000_000));
        assertThat(population("timeouts: {idle: 30s}").timeouts())
                .isEqualTo(new Timeouts(5_000_000, 10_000_000, 30_000_000));
    }

    @Test
    void messagesOfASizeAreBinaryAndThoseWithATextAreText() throws ExperimentException {
        assertThat(population("message: {every: 2s}").message()).isEqualTo(new Message(2_000_000, 64));
        assertThat(population("message: {every: 1s, timing: poisson, size: 1KiB, type: text}")
                        .message())
                .isEqualTo(new Message(1_000_000, true, false, 1024, null, null));
        assertThat(population("message: {every: 1s, text: '#{client}/#{message}'}")
                        .message())
                .isEqualTo(new Message(1_000_000, false, false, 0, "#{client}/#{message}", null));
        assertThat(population("message: {every: 1s, text: hello, type: binary}").message())
                .isEqualTo(new Message(1_000_000, false, true, 0, "hello", null));
    }

    @Test
    void theColumnsOfAFeedMayBeReferredTo() throws Exception {
        Path file = feed("users.csv", "user,word\nann,hello\n");

        assertThat(population("message: {every: 1s, text: '#{user}: #{word}', feed: " + file + "}")
                        .message())
                .isEqualTo(new Message(1_000_000, false, false, 0, "#{user}: #{word}", file.toString()));
        assertThat(problem("message: {every: 1s, text: '#{usr}', feed: " + file + "}"))
                .contains("load.phones.message.text: #{usr} (expected: one of #{population}, #{client},"
                        + " #{connection}, #{message}, #{user}, #{word})");
    }

    @Test
    void aFeedThatCannotBeUsedIsAMistakeAtItsPlaceAndNamesItsFileAndLine() throws Exception {
        Path empty = feed("empty.csv", "user\n");
        Path ragged = feed("ragged.csv", "user,word\nann\n");

        assertThat(problem("message: {every: 1s, text: a, feed: " + empty + "}"))
                .matches("(?s)test\\.yaml:3:\\d+: load\\.phones\\.message\\.feed: .*")
                .contains(empty + ": no rows (expected: a header line and at least one row)")
                .doesNotContain(") (expected");
        assertThat(problem("message: {every: 1s, text: a, feed: " + ragged + "}"))
                .contains(ragged + ":2: 1 values (expected: 2, as the header line has)");
        assertThat(problem("message: {every: 1s, text: a, feed: " + directory + "/none.csv}"))
                .contains("/none.csv: cannot be read (expected: a CSV file");
        assertThat(problem("message: {every: 1s, text: a, feed: \"a\\0b\"}")).contains("load.phones.message.feed: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "message: {size: 1KiB}~test.yaml:3:33: load.phones.message: every is missing (expected: a duration",
                "message: {every: 0s}~load.phones.message.every: 0s (expected: >= 1ms",
                "message: {every: 1s, timing: random}~message.timing: random (expected: fixed | poisson",
                "message: {every: 1s, size: 2MiB}~message.size: 2,097,152 B (expected: at most 1MiB",
                "message: {every: 1s, size: 0B}~message.size: 0B (expected: >= 1B",
                "message: {every: 1s, type: blob}~message.type: blob (expected: text | binary",
                "message: {every: 1s, text: a, size: 1B}~message.size: stands beside text (expected: one of both",
                "message: {every: 1s, feed: a.csv}~message.feed: stands without text (expected: text beside it",
                "message: {every: 1s, text: [a]}~message.text: a list (expected: a text",
                "message: {every: 1s, text: '#{user}'}~message.text: #{user} (expected: one of #{population}, #{client},"
                        + " #{connection}, #{message})",
                "message: {every: 1s, text: '${env:NONE}'}~message.text: ${env:NONE} (expected: a variable that is set",
                "message: {every: 1s, sise: 4B}~sise",
                "message: 1s~load.phones.message: 1s (expected: a map",
                "ping: soon~load.phones.ping: soon (expected: a duration",
                "ping: 0s~load.phones.ping: 0s (expected: >= 1ms",
                "ping: {within: 1s}~load.phones.ping: every is missing",
                "ping: {every: 1s, within: 0s}~load.phones.ping.within: 0s (expected: >= 1ms",
                "ready: {within: 1s}~load.phones.ready: has neither send nor until (expected: a map with send, until",
                "ready: {until: a, within: never}~load.phones.ready.within: never (expected: a duration",
                "ready: {until: '#{message}'}~load.phones.ready.until: #{message} (expected: one of #{population},"
                        + " #{client}, #{connection})",
                "ready: {send: '#{user}'}~load.phones.ready.send: #{user} (expected: one of",
                "ready: hello~load.phones.ready: hello (expected: a map",
                "timeouts: {connect: 0s}~load.phones.timeouts.connect: 0s (expected: >= 1ms",
                "timeouts: {idle: 200h}~load.phones.timeouts.idle: ",
                "timeouts: {read: 1s}~read",
                "hold: -1s~load.phones.hold: -1s (expected: ",
            })
    void whatAConversationCannotHaveIsAMistakeAtItsPlace(String population, String message) {
        assertThat(problem(population)).startsWith("test.yaml:3:").contains(message);
    }

    @Test
    void aTextOfMoreThanClientsLookAtIsRefused() {
        assertThat(problem("ready: {until: " + "a".repeat(65_537) + "}"))
                .contains("load.phones.ready.until: 65537 characters (expected: at most 65536)");
    }

    @Test
    void secretsStayOutOfThePlanAndOutOfMistakes() throws Exception {
        Experiment experiment = read("ready: {send: 'auth ${env:TOKEN}', until: '${env:TOKEN} ok'},"
                + " message: {every: 1s, text: '${env:TOKEN} ${env:TRICKY} #{client}'}");

        Message message = experiment.populations().get(0).message();
        assertThat(message).isNotNull().extracting(Message::text).isEqualTo("${env:TOKEN} ${env:TRICKY} #{client}");
        assertThat(experiment.plan(1, experiment.target()).toJson())
                .contains("auth ${env:TOKEN}", "${env:TOKEN} ok")
                .doesNotContain("hunter2");
        assertThat(problem("message: {every: 1s, text: '${env:TOKEN} #{user}'}"))
                .contains("#{user} (expected: one of")
                .doesNotContain("hunter2");
        assertThat(problem("message: {every: 1s, text: a, feed: '${env:FOLDER}/users.csv'}"))
                .contains("feed: ${env:FOLDER}/users.csv (expected: ")
                .doesNotContain("hunter2");
    }
}
