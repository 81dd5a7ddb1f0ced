package dev.squall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.squall.fault.Alter;
import dev.squall.fault.Bandwidth;
import dev.squall.fault.Close;
import dev.squall.fault.Fault;
import dev.squall.fault.FaultWindow;
import dev.squall.fault.Fin;
import dev.squall.fault.IgnoreClose;
import dev.squall.fault.Latency;
import dev.squall.fault.Match;
import dev.squall.fault.Reject;
import dev.squall.fault.Reset;
import dev.squall.fault.SlowHandshake;
import dev.squall.fault.Stall;
import dev.squall.fault.Unoffered;
import dev.squall.fault.Withhold;
import dev.squall.plan.Plan;
import dev.squall.plan.Reply;
import dev.squall.plan.WhileDown;
import dev.squall.protocol.Extension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server that stands alone is told, and with it each fault's settings. */
class ServerReaderTest {

    private static final long SECOND = 1_000_000;
    private static final ServerReader READER = new ServerReader(Map.of("SECRET", "s3cret")::get);

    @TempDir
    Path directory;

    private static FaultWindow fault(String text) throws ExperimentException {
        return READER.fault(text, List.of(Extension.PERMESSAGE_DEFLATE));
    }

    private ServerReader.Server file(String text) throws ExperimentException, IOException {
        return READER.read(Files.writeString(directory.resolve("faults.yaml"), text), Plan.WITHOUT_END_MICROS);
    }

    private interface Reading {
        void run() throws ExperimentException, IOException;
    }

    private static String problems(Reading reading) {
        ExperimentException thrown = catchThrowableOfType(ExperimentException.class, reading::run);
        assertThat(thrown).as("read without a problem").isNotNull();
        return thrown.problems().stream().map(Problem::toString).collect(Collectors.joining("\n"));
    }

    // ---- each fault's settings

    static Stream<Arguments> settings() {
        return Stream.of(
                Arguments.of("withhold: permessage-deflate", new Withhold("permessage-deflate", false)),
                Arguments.of("{withhold: permessage-deflate, per: client}", new Withhold("permessage-deflate", true)),
                Arguments.of("alter: permessage-deflate;  x = 1", new Alter("permessage-deflate; x=1")),
                Arguments.of("{unoffered: }", new Unoffered("x-squall")),
                Arguments.of("unoffered: a; b=1", new Unoffered("a; b=1")),
                Arguments.of("{reject: }", new Reject(503, 0)),
                Arguments.of("{reject: 429, retry-after: 1500ms}", new Reject(429, 2)),
                Arguments.of("{slow-handshake: 2s, jitter: 500ms}", new SlowHandshake(2 * SECOND, SECOND / 2)),
                Arguments.of("close: {}", new Close(1012, "", 0, 0)),
                Arguments.of(
                        "{close: 4999, reason: \"ü, x\", after: 1s, messages: 1_000}",
                        new Close(4999, "ü, x", SECOND, 1000)),
                Arguments.of("{close: 1000, messages: 0}", new Close(1000, "", 0, 0)),
                Arguments.of("reset: 1m", new Reset(60 * SECOND, 0)),
                Arguments.of("{reset: , messages: 5}", new Reset(0, 5)),
                Arguments.of("fin: {after: 168h}", new Fin(7 * 24 * 3600 * SECOND, 0)),
                Arguments.of("{stall: }", new Stall(Stall.What.READING)),
                Arguments.of("stall: pings", new Stall(Stall.What.PINGS)),
                Arguments.of("{latency: 200ms, jitter: 50ms}", new Latency(200_000, 50_000)),
                Arguments.of("bandwidth: 1.5KiB/s", new Bandwidth(1536)),
                Arguments.of("bandwidth: 1024MiB/s", new Bandwidth(1 << 30)),
                Arguments.of("ignore-close: true", new IgnoreClose()),
                Arguments.of("{ignore-close: }", new IgnoreClose()),
                Arguments.of("{\"close\": 1001, \"after\": \"5s\"}", new Close(1001, "", 5 * SECOND, 0)));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aFaultIsReadWithItsSettings(String text, Fault expected) throws ExperimentException {
        assertThat(fault(text)).isEqualTo(FaultWindow.during(0, expected, 1, 0, FaultWindow.OPEN_END));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // withhold
                "withhold: x-other | x-other cannot be withheld (expected: permessage-deflate)",
                "{withhold: } | withhold has no extension (expected: an extension that the server has, as permessage-deflate)",
                "withhold: a b | (expected: an extension that the server has, as permessage-deflate)",
                "{withhold: permessage-deflate, per: node} | per: node (expected: handshake | client)",
                // alter
                "{alter: } | alter has no extension (expected: an extension with the parameters to answer, as permessage-deflate; server_max_window_bits=9)",
                "alter: x-other; a=1 | x-other cannot be altered (expected: permessage-deflate)",
                "alter: a=1 | Sec-WebSocket-Extensions: 'a=1': unexpected '=' at character 2 (expected: an extension with the parameters",
                // unoffered
                "unoffered: a, b | extension: 'a, b' (expected: one extension",
                "unoffered: [a] | unoffered: a list (expected: an extension, as x-squall)",
                // reject
                "reject: 299 | reject: 299 (expected: a whole number, 300 to 599)",
                "reject: 600 | reject: 600 (expected: a whole number, 300 to 599)",
                "{reject: 503, retry-after: 5} | retry-after: 5 (expected: a duration, as 250ms, 3s, 2m or 1h)",
                "{reject: 503, retry-after: -1s} | retry-after: -1s (expected: 0s to 168h)",
                // slow-handshake
                "{slow-handshake: } | slow-handshake has no delay (expected: a duration, as 250ms, 3s, 2m or 1h)",
                "slow-handshake: 169h | slow-handshake: 169h (expected: 0s to 168h)",
                "{slow-handshake: 1s, jitter: some} | jitter: some (expected: a duration",
                // close
                "close: 1010 | close: 1010 (expected: a code that a server may send: 1000 to 1003, 1007 to 1009, 1011 to 1014, 3000 to 4999)",
                "close: 1006 | close: 1006 (expected: a code that a server may send",
                "close: x | close: x (expected: a code that a server may send",
                "{close: 1001, messages: -1} | messages: -1 (expected: a whole number, 0 or more)",
                "{close: 1001, after: soon} | after: soon (expected: a duration",
                // reset, fin
                "reset: 1 | reset: 1 (expected: a duration",
                "{fin: 1s, messages: 1.5} | messages: 1.5 (expected: a whole number, 0 or more)",
                "{fin: 1s, code: 1001} | unknown key code (expected: after, messages, from, to, at, every, probability, count, match, fin)",
                // stall
                "stall: true | stall: true (expected: reading | pings)",
                "stall: {what: writing} | stall.what: writing (expected: reading | pings)",
                // latency, bandwidth
                "{latency: , jitter: 1s} | latency has no delay",
                "bandwidth: 16KiB | bandwidth: 16KiB (expected: 1B/s to 1024MiB/s, as 16KiB/s)",
                "bandwidth: 0B/s | bandwidth: 0B/s (expected: 1B/s to 1024MiB/s, as 16KiB/s)",
                "bandwidth: 1025MiB/s | bandwidth: 1025MiB/s (expected: 1B/s to 1024MiB/s",
                "{bandwidth: } | bandwidth has no rate",
                // ignore-close
                "ignore-close: false | ignore-close has no main setting (expected: ignore-close: true, or no such fault)",
                "ignore-close: 5s | ignore-close: 5s (expected: true or false)",
                // how a fault is written
                "{} | no fault's name (expected: exactly one of restart, withhold, ",
                "{close: 1001, reset: 1s} | 2 faults in one map (expected: exactly one of restart, withhold, ",
                "{close: 1001, code: 1002} | code stands twice (expected: once, under close or beside it)",
                "{close: {code: 1001}, after: 5s} | settings stand beside close and in the map under it (expected: one of both)",
                "[1] | a list (expected: a fault, as {restart: {at: 20s}})",
            })
    void aMistakeIsToldWithWhatIsAccepted(String text, String problem) {
        assertThat(problems(() -> fault(text))).contains(problem);
    }

    @Test
    void aReasonMustFitIntoAClose() throws ExperimentException {
        assertThat(fault("{close: 1000, reason: " + "x".repeat(123) + "}").fault())
                .isEqualTo(new Close(1000, "x".repeat(123), 0, 0));
        assertThat(problems(() -> fault("{close: 1000, reason: " + "ü".repeat(62) + "}")))
                .contains("(expected: at most 123 bytes of text)");
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        assertThat(problems(() -> fault("{reject: 1, retry-after: x, probability: 2, match: {node: 3}}")))
                .contains("reject: 1 ", "retry-after: x ", "probability: 2 ", "match.node: 3 ");
    }

    @Test
    void settingsAreTakenAsTheyStand() throws ExperimentException {
        assertThat(fault("{close: 1000, reason: \"${env:SECRET}\"}").fault())
                .isEqualTo(new Close(1000, "${env:SECRET}", 0, 0));
        assertThat(fault("{fin: 1s, match: {path: \"/${env:SECRET}\"}}").match().path())
                .isEqualTo("/${env:SECRET}");
    }

    // ---- when and whom

    @Test
    void whenAndWhomAreRead() throws ExperimentException {
        Match match = new Match(
                "/chat/*", Map.of("user-agent", "*Phone*"), Map.of("client", "a*", "empty", ""), List.of(0), "");

        assertThat(fault("{close: 1001, from: 1s, to: 3s, probability: 10%, match: {path: /chat/*, node: 0,"
                        + " header: {User-Agent: \"*Phone*\"}, query: {client: a*, empty: \"\"}}}"))
                .isEqualTo(new FaultWindow(0, new Close(1001, "", 0, 0), false, SECOND, 3 * SECOND, 0, 0.1, 0, match));
        assertThat(fault("{reset: 0s, at: 2s, every: 500ms, count: 3}"))
                .isEqualTo(new FaultWindow(
                        0, new Reset(0, 0), true, 2 * SECOND, FaultWindow.OPEN_END, SECOND / 2, 1, 3, Match.ALL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: 3s, to: 3s | to: 3 s (expected: after from, 3 s)",
                "at: 1s, to: 3s | to: stands beside at or every (expected: from and to, or at and every)",
                "every: 1s | every: stands without at (expected: at: the first moment)",
                "at: 1s, every: 0s | every: 0s (expected: >= 1ms)",
                "probability: 101% | probability: 101% (expected: a share from 0% to 100%)",
                "probability: 10%, count: 5 | count: stands beside probability (expected: one of both)",
                "count: 0 | count: 0 (expected: a whole number, 1 to 2147483647)",
                "match: {host: a} | unknown key host (expected: path, header, query, node, population)",
                "match: {node: 1} | match.node: 1 (expected: a whole number, 0 to 0)",
                "match: {node: []} | no node, or one twice",
                "match: {header: {a b: x}} | match: header: a b (expected: a header's name, as User-Agent)",
                "match: {query: x} | match.query: x (expected: a map from names to patterns",
                "match: {population: phones} | match.population: a server that stands alone knows no populations (expected: path, header or query)",
            })
    void whatCannotBeWhenOrWhomIsTold(String settings, String problem) {
        assertThat(problems(() -> fault("{close: 1001, " + settings + "}"))).contains(problem);
    }

    @Test
    void whatStrikesHandshakesHasNoMoments() {
        assertThat(problems(() -> fault("{reject: 503, at: 1s}")))
                .contains("at: reject strikes handshakes, not moments (expected: from and to)");
    }

    @Test
    void aRestartIsNoFaultThatComesLive() {
        assertThat(problems(() -> fault("restart: {at: 0s}")))
                .contains("a restart (expected: any other fault; POST /restart restarts the server)");
    }

    // ---- a file

    @Test
    void aFileIsAListOfFaults() throws ExperimentException, IOException {
        ServerReader.Server server = file("- {close: 1011}\n- restart: {at: 5s}\n- {reject: 503}\n");

        assertThat(server.extensions()).containsExactly(Extension.PERMESSAGE_DEFLATE);
        assertThat(server.capacity()).isNull();
        assertThat(server.faults()).extracting(window -> window.index()).containsExactly(0, 1);
        assertThat(server.faults())
                .extracting(window -> window.fault().kind().name())
                .containsExactly("close", "reject");
        assertThat(server.restarts())
                .singleElement()
                .satisfies(restart -> assertThat(restart.atMicros()).isEqualTo(5 * SECOND));
    }

    @Test
    void orAMapWithWhatTheServerIsBesides() throws ExperimentException, IOException {
        ServerReader.Server server =
                file("extensions: []\ncapacity: {handshakes: 50/s, queue: 7}\nfaults: [{fin: 1s}]\n");

        assertThat(server.extensions()).isEmpty();
        assertThat(server.capacity()).isNotNull();
        assertThat(server.capacity().handshakesPerSecond()).isEqualTo(50);
        assertThat(server.capacity().queue()).isEqualTo(7);
        assertThat(server.faults()).hasSize(1);
        assertThat(file("extensions: [permessage-deflate]\n").faults()).isEmpty();
        assertThat(file("[]")).isEqualTo(ServerReader.Server.DEFAULT);
    }

    @Test
    void itSaysWhatItIsToldTo() throws ExperimentException, IOException {
        ServerReader.Server server =
                file("replies:\n- {to: open, say: '${env:SECRET}'}\n- {to: subscribe, say: \"ok\\x1e\"}\n");

        assertThat(server.replies())
                .containsExactly(new Reply(Reply.OPEN, "${env:SECRET}"), new Reply("subscribe", "ok\u001e"));
        assertThat(problems(() -> file("replies: [{to: '', say: x}]\n")))
                .contains("faults.yaml:1:11: replies.0: to: 0 characters (expected: 1 to 4096)");
        assertThat(problems(() -> file("replies: [{to: x}, hello, {to: y, say: z, at: 5s}]\n")))
                .contains("say is missing (expected: a text of at most 4096 characters)")
                .contains("no reply (expected: a map, as {to: open, say: hello})")
                .contains("unknown key at (expected: to, say)");
        assertThat(problems(() -> file("replies: [{to: x, say: '${env:NOBODY}'}]\n")))
                .contains("${env:NOBODY} (expected: a variable that is set)");
    }

    @Test
    void aFilesProblemsHaveTheirPlace() throws IOException {
        assertThat(problems(() -> file("- {close: 1011}\n- {stall: x}\n")))
                .contains("faults.yaml:2:11: 1.stall: x (expected: reading | pings)");
        assertThat(problems(() -> file("load: {}\n")))
                .contains("unknown key load (expected: extensions, capacity, replies, faults)");
        assertThat(problems(() -> file("extensions: []\nfaults: [{withhold: permessage-deflate}]\n")))
                .contains("cannot be withheld (expected: an extension of target.mock.extensions, which is empty)");
    }

    @Test
    void nobodyIsThereToKillAServerThatStandsAlone() {
        assertThat(problems(() -> file("- restart: {at: 5s, kill: true}\n")))
                .contains("kill: true needs another process");
        assertThat(problems(() -> READER.restart("{kill: true}"))).contains("kill: true needs another process");
    }

    // ---- a restart that comes live

    @Test
    void aRestartThatComesLiveIsDueAtOnceUnlessItSaysWhen() throws ExperimentException {
        Plan.Restart plain = READER.restart("");

        assertThat(plain.atMicros()).isZero();
        assertThat(plain.code()).isEqualTo(1012);
        assertThat(READER.restart("{at: 3s, code: 1001}").atMicros()).isEqualTo(3 * SECOND);
        assertThat(READER.restart("{\"restart\": {\"while-down\": \"503\"}}").whileDown())
                .isEqualTo(WhileDown.UNAVAILABLE);
        assertThat(READER.restart("{restart: 2s}").atMicros()).isEqualTo(2 * SECOND);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{every: 5s} | every: a restart that repeats (expected: one; faults repeat in a file)",
                "{code: 1010} | code: 1010 (expected: a code that a server may send",
                "{close: 1011} | unknown key close (expected: at, every, code, drain",
                "{nodes: [1]} | nodes.0: 1 (expected: a whole number, 0 to 0)",
                "[] | a list (expected: a restart, as {code: 1012, downtime: 3s})",
            })
    void aRestartsMistakesAreTold(String text, String problem) {
        assertThat(problems(() -> READER.restart(text))).contains(problem);
    }

    @Test
    void whatIsNoYamlIsToldSo() {
        assertThat(problems(() -> fault("{close: "))).contains("fault:", "not YAML");
        assertThat(problems(() -> fault(""))).contains("fault:");
    }
}
