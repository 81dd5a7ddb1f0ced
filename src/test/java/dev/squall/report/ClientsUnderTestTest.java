package dev.squall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squall.behaviour.NodeRows;
import dev.squall.behaviour.NodeRows.Visitor;
import dev.squall.stats.Runs;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a serve's run directory to what is said of its clients. */
class ClientsUnderTestTest {

    private final NodeRows rows = new NodeRows();

    @TempDir
    private Path directory;

    private ClientsUnderTest judged(double seconds, String... expectations) throws IOException {
        rows.write(directory, seconds, expectations);
        return ClientsUnderTest.of(new RunDirectory(directory));
    }

    /** The verdict on one expectation. */
    private Verdict verdict(double seconds, String expectation) throws IOException {
        Files.deleteIfExists(directory.resolve("node-0.csv"));
        return judged(seconds, expectation).verdict();
    }

    private void steady(String key, double delay) {
        Visitor client = rows.client(key).opens(0);
        for (int now = 10; now <= 30; now += 10) {
            client.closedBy(now, 1012).opens(now + delay);
        }
    }

    private void fleet() {
        steady("partysocket", 3);
        Visitor backing = rows.client("reconnecting-websocket").opens(0).closedBy(10, 1012);
        backing.rejected(12.5, 503).rejected(15.75, 503).rejected(19.97, 503).rejected(25.47, 503);
        backing.opens(32.6).pinged(33).ponged(33.001, 1_200);
        rows.client("silent").opens(0).sentClose(10, 1012, "").closed(10.2, 1012, "server eof");
        rows.client("strict").opens(0).leaves(0.01, 1010).opens(2).leaves(2.01, 1010);
        rows.anybody().opens(1).closedBy(10, 1012);
        rows.anybody().opens(11).leaves(12, 1000);
    }

    @Test
    void theTableHasALineForEachClientAndALegend() throws IOException {
        fleet();

        assertThat(judged(100).table()).isEqualTo("""
                client                  open  lost    left    back  p50    max    0..5s  1..5s  5..30s  grew  jitter  gave up  echo  tcp   1010       pongs
                partysocket             4     1012:3  -       3/3   3 s    3 s    3/3    3/3    0/3     ?     no      no       3/3   us:3  -          -
                reconnecting-websocket  2/6   1012:1  -       1/1   2.5 s  2.5 s  1/1    1/1    0/1     x1.3  ?       no       1/1   us:1  -          1/1 1.2 ms
                silent                  1     1012:1  -       0/1   never  never  0/1    0/1    0/1     ?     ?       yes      0/1   it:1  -          -
                strict                  2     -       1010:2  -     -      -      -      -      -       -     -       -        -     us:2  2, 1 back  -

                  open     connections that were opened, of those it asked for
                  lost     connections lost, by close code: this side closed or ended them, or a fault had struck
                           them
                  left     connections that it ended by itself, by close code
                  back     losses after which it dialled again, of all
                  p50      the median delay, from when it could know of a loss until it dialled; <= where an attempt
                           before that may have been hidden by a downtime, > where it had not dialled when the
                           watching ended
                  max      the longest delay
                  0..5s    delays that RFC 6455 section 7.2.3 asks for, of all
                  1..5s    those that the guide asks for
                  5..30s   those that the registration of 1012 at IANA asks for
                  grew     whether its waits grew from failure to failure, and by what factor
                  jitter   whether its waits differ where they could be equal
                  gave up  whether it tries no more
                  echo     our Closes that it answered with the same code, of those whose answer could be seen
                  tcp      who ended TCP first: it, or this side (us)
                  1010     connections that it ended with 1010, and how often it came back
                  pongs    pings that it answered, of those that had the time to be, and the median round trip
                  ?        it was not seen; --json has the reason
                (unidentified) 2 connections   lost 1012:1   left 1000:1   echo 1/1   (who came back is not known: tell clients apart with --identify)
                """);
    }

    @Test
    void theJsonHasTheReasonOfEachJudgement() throws IOException {
        fleet();

        JsonNode json = judged(100, "client.gave-up.count == 1").json();
        assertThat(json.at("/schema").asText()).isEqualTo("squall/clients/1");
        assertThat(json.at("/clients/0/key").asText()).isEqualTo("partysocket");
        assertThat(json.at("/clients/0/reconnecting/delays/2/seconds").asDouble())
                .isEqualTo(3);
        assertThat(json.at("/clients/0/reconnecting/iana-1012/outside").asInt()).isEqualTo(3);
        assertThat(json.at("/clients/1/reconnecting/grew/answer").asText()).isEqualTo("yes");
        assertThat(json.at("/clients/1/reconnecting/grew/factor").asDouble()).isBetween(1.29, 1.31);
        assertThat(json.at("/clients/2/reconnecting/gaveUp/reason").asText()).isEqualTo("no attempt for 90 s");
        assertThat(json.at("/clients/2/reconnecting/delaySeconds/p50").isNull()).isTrue();
        assertThat(json.at("/clients/3/mandatoryExtension/returned").asInt()).isEqualTo(1);
        assertThat(json.at("/unidentified/connections/asked").asInt()).isEqualTo(2);
        assertThat(json.at("/unidentified/reconnecting/untold").asText()).isNotEmpty();
        assertThat(json.at("/findings/0/verdict").asText()).isEqualTo("pass");
        assertThat(json.at("/verdict").asText()).isEqualTo("pass");
    }

    @ParameterizedTest
    @CsvSource({
        "client.reconnect.delay.p50 in 1s..5s, PASS",
        "client.reconnect.delay.max <= 5s, FAIL",
        "partysocket: client.reconnect.delay.max in 2.9s..3.1s, PASS",
        "partysocket: client.reconnect.delay.mean >= 5s, FAIL",
        "silent: client.reconnect.delay.p50 <= 60s, FAIL",
        "client.reconnect.rate == 80%, PASS",
        "silent: client.reconnect.rate >= 1%, FAIL",
        "client.delay.guide.rate == 80%, PASS",
        "client.delay.iana-1012.rate == 0%, PASS",
        "partysocket: client.delay.rfc6455.rate == 100%, PASS",
        "client.gave-up.count == 1, PASS",
        "client.close-echo.rate == 80%, PASS",
        "silent: client.close-echo.rate == 0%, PASS",
        "client.1010.count == 2, PASS",
        "client.retried-after-1010.count == 0, FAIL",
        "client.pong.rate == 100%, PASS",
        "client.pong.rtt.p99 <= 2ms, PASS",
        "partysocket: client.pong.rate == 100%, INCONCLUSIVE",
        "nobody: client.reconnect.rate == 100%, INCONCLUSIVE",
        "restart.outage.p99 <= 1s, INCONCLUSIVE"
    })
    void expectationsAreOfAllClientsOrOfOneByItsKey(String expectation, Verdict verdict) throws IOException {
        fleet();

        assertThat(verdict(100, expectation)).isEqualTo(verdict);
    }

    @Test
    void whatIsNotSeenToTheEndIsJudgedOnlyIfItCannotTurnTheVerdict() throws IOException {
        steady("it", 3);
        rows.client("late").opens(0).closedBy(30, 1012);

        // It may still come; if it does, it takes 4 s at least.
        assertThat(verdict(34, "client.reconnect.rate == 100%")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(34, "client.reconnect.rate >= 75%")).isEqualTo(Verdict.PASS);
        assertThat(verdict(34, "client.reconnect.delay.max <= 5s")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(34, "client.reconnect.delay.max <= 3.5s")).isEqualTo(Verdict.FAIL);
        assertThat(verdict(34, "client.reconnect.delay.p50 in 2s..4s")).isEqualTo(Verdict.PASS);
        assertThat(verdict(34, "client.gave-up.count == 0")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(34, "client.delay.guide.rate >= 75%")).isEqualTo(Verdict.PASS);
        assertThat(verdict(40, "client.delay.guide.rate == 100%")).isEqualTo(Verdict.FAIL);
    }

    @Test
    void aDelayThatADowntimeMayHaveShortenedIsJudgedByBothItsEnds() throws IOException {
        rows.down(10, 12, "drain refuse");
        rows.client("it").opens(0).closedBy(10, 1012).opens(13);

        assertThat(verdict(30, "client.reconnect.delay.p50 <= 5s")).isEqualTo(Verdict.PASS);
        assertThat(verdict(30, "client.reconnect.delay.p50 in 1s..5s")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(30, "client.reconnect.delay.p50 in 1s..2s")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(30, "client.reconnect.delay.p50 in 4s..5s")).isEqualTo(Verdict.FAIL);
        assertThat(ClientsUnderTest.of(new RunDirectory(directory)).table()).containsPattern("it .* <= 3 s");
    }

    @Test
    void whatTheNodeDoesAtItsEndIsNoLoss() throws IOException {
        rows.client("it").opens(0).closedBy(10, 1012).opens(12).closedBy(60.1, 1001);

        assertThat(verdict(60, "client.reconnect.rate == 100%")).isEqualTo(Verdict.PASS);
    }

    @Test
    void aNodeThatEndedBeforeItsTimeCannotPass() throws IOException {
        steady("it", 3);
        rows.write(directory, 100, "client.reconnect.rate == 100%");
        List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("node-0.csv")));
        lines.removeIf(line -> line.contains("JOURNAL_ENDED") || line.contains(",CPU,"));
        Files.write(directory.resolve("node-0.csv"), lines);

        ClientsUnderTest clients = ClientsUnderTest.of(new RunDirectory(directory));
        assertThat(clients.served().interrupted()).isTrue();
        assertThat(clients.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(clients.table()).contains("trust   node-0.csv lacks its last lines");
    }

    @Test
    void aStallOfTheNodeThatCouldHaveTurnedATimeLeavesItOpen() throws IOException {
        steady("it", 3);
        rows.stalled(21, 0.4);

        assertThat(verdict(100, "client.reconnect.delay.p50 <= 3.2s")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(100, "client.reconnect.delay.p50 <= 5s")).isEqualTo(Verdict.PASS);
    }

    @Test
    void aMissingRowCostsThePassButIsNoFailure() throws IOException {
        steady("it", 3);
        rows.write(directory, 100, "client.reconnect.rate == 100%");
        List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("node-0.csv")));
        lines.remove(lines.stream()
                .filter(line -> line.contains("NEGOTIATED"))
                .findFirst()
                .orElseThrow());
        Files.write(directory.resolve("node-0.csv"), lines);

        assertThat(ClientsUnderTest.of(new RunDirectory(directory)).verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void severalConnectionsUnderOneKeyLeaveItsDelaysUnknown() throws IOException {
        Visitor one = rows.client("tabs").opens(0);
        rows.client("tabs").opens(1).closedBy(10, 1012).opens(12);
        one.closedBy(10, 1012);

        steady("other", 3);

        assertThat(verdict(40, "client.reconnect.rate == 100%")).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(40, "other: client.reconnect.rate == 100%")).isEqualTo(Verdict.PASS);
        assertThat(verdict(40, "client.close-echo.rate == 100%")).isEqualTo(Verdict.PASS);
    }

    @Test
    void theReportsForOthersHaveTheFindingsAndTheCommand() throws IOException {
        rows.write(directory, 10, "client.reconnect.rate == 100%");
        Map<String, String> reports =
                ClientsUnderTest.of(new RunDirectory(directory)).reports();

        assertThat(reports).containsOnlyKeys("junit.xml", "summary.md");
        assertThat(reports.get("junit.xml"))
                .contains("<testcase classname=\"squall.serve\" name=\"client.reconnect.rate ==");
        assertThat(reports.get("summary.md")).contains("squall serve --identify query:client --seed 1\n");
    }

    @Test
    void aRunOfOurOwnClientsAndAFolderWithoutAJournalAreRefused() throws IOException {
        Runs.plan("duration: 60s\nload: {phones: {clients: 1}}\n", 1).write(directory.resolve("plan.json"));
        assertThatThrownBy(() -> ClientsUnderTest.of(new RunDirectory(directory)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a run of clients of ours (expected: a run directory of squall serve");

        rows.write(directory, 10);
        Files.delete(directory.resolve("node-0.csv"));
        assertThatThrownBy(() -> ClientsUnderTest.of(new RunDirectory(directory)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no node-0.csv (expected: a run directory of squall serve");
    }
}
