package dev.squall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.stats.Runs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LiveOptionsTest {

    @ParameterizedTest
    @CsvSource({
        "--live small.yaml, 9003",
        "small.yaml --live, 9003",
        "--live --quiet small.yaml, 9003",
        "--live 9100 small.yaml, 9100",
        "--live=0 small.yaml, 0"
    })
    void whatFollowsLiveIsItsPortOnlyIfItIsANumber(String words, int port) {
        CommandLine.ParseResult run =
                Main.commandLine().parseArgs(("run " + words).split(" ")).subcommand();

        assertThat(run.<Integer>matchedOptionValue("--live", null)).isEqualTo(port);
        assertThat(run.matchedPositionalsSet()).hasSize(1);
        assertThat(run.originalArgs()).contains("small.yaml");
    }

    private static Onlookers open(String... words) throws Exception {
        CommandLine line = Main.commandLine();
        line.parseArgs(Stream.concat(Stream.of("run"), Stream.of(words)).toArray(String[]::new));
        LiveOptions options = (LiveOptions) line.getSubcommands()
                .get("run")
                .getCommandSpec()
                .mixins()
                .get("live")
                .userObject();
        PrintWriter nobody = new PrintWriter(new StringWriter());
        return options.open(Runs.plan("duration: 60s\nload: {phones: {clients: 1}}\n", 1), nobody, nobody);
    }

    @Test
    void whatCannotBeServedOrPushedIsAUsageErrorWithWhatIsExpected() {
        for (List<String> words : List.of(
                List.of("--live-host: 10.0.0.1 without --live (expected: both)", "--live-host", "10.0.0.1"),
                List.of(
                        "--live-host: 0.0.0.0 is not loopback (expected: the bearer token that the live view then wants,"
                                + " in the variable SQUALL_LIVE_TOKEN)",
                        "--live",
                        "--live-host",
                        "0.0.0.0"),
                List.of("--live: 65536 (expected: 0 to 65535; 0: any that is free)", "--live", "65536"),
                List.of(
                        "--otlp: here (expected: a URL of an OTLP receiver, as http://localhost:4318/v1/metrics)",
                        "--otlp",
                        "here"))) {
            assertThatThrownBy(() -> open(words.subList(1, words.size()).toArray(String[]::new)))
                    .isInstanceOf(CommandLine.ParameterException.class)
                    .hasMessage(words.get(0));
        }
    }
}
