package dev.squall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.run.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusLineTest {

    private static final long SECOND = 1_000_000;

    private final StringWriter said = new StringWriter();

    private static Progress at(long micros) {
        return new Progress(
                micros,
                60 * SECOND,
                5000,
                Map.of("open", 4790L, "waiting", 7L, "connecting", 3L, "recovered", 12L, "closed.1012", 4000L));
    }

    @Test
    void aRunsStandFitsOneLine() {
        assertThat(StatusLine.ofRun(at(21 * SECOND)))
                .isEqualTo(" 21 s  open 4,790  waiting 10  recovered 12  1012: 4,000  39 s left");
    }

    @Test
    void afterItsDurationARunIsClosing() {
        assertThat(StatusLine.ofRun(at(60 * SECOND))).endsWith("  closing");
        assertThat(StatusLine.ofRun(at(70 * SECOND))).endsWith("  closing");
    }

    @Test
    void beforeTheStartNoTimeHasPassed() {
        assertThat(StatusLine.ofRun(at(-3 * SECOND))).startsWith("  0 s  ").endsWith("60 s left");
    }

    @Test
    void aQuietOneTellsOnceAMinute() {
        StatusLine line = StatusLine.quiet(new PrintWriter(said, true), StatusLine::ofRun);
        for (int seconds = -20; seconds < 180; seconds++) {
            line.show(at(seconds * SECOND));
        }

        assertThat(said.toString().lines()).hasSize(2).first().asString().startsWith(" 60 s");
    }

    @Test
    void elsewhereThanOnATerminalALineComesEveryFiveSeconds() {
        StatusLine line = new StatusLine(new PrintWriter(said, true), false, StatusLine::ofRun);
        for (int tenths = 0; tenths < 120; tenths++) {
            line.show(at(tenths * SECOND / 10));
        }
        line.end();

        assertThat(said.toString().lines()).hasSize(3).allMatch(text -> text.contains("open 4,790"));
        assertThat(said.toString()).doesNotContain("\r", "\033");
    }

    @Test
    void onATerminalTheLineIsWrittenOverAndLeavesNothing() {
        StatusLine line = new StatusLine(new PrintWriter(said, true), true, StatusLine::ofRun);
        line.show(at(SECOND));
        line.show(at(2 * SECOND));
        line.end();

        assertThat(said.toString()).doesNotContain("\n").endsWith("\r\033[K");
        assertThat(said.toString().split("\r")).hasSize(4);
    }

    @Test
    void aRunThatShowedNothingHasNothingToEnd() {
        new StatusLine(new PrintWriter(said, true), true, StatusLine::ofRun).end();

        assertThat(said.toString()).isEmpty();
    }

    @Test
    void tellsHowFarASlowStartIsAndThenBeginsAnew() {
        StatusLine line = new StatusLine(new PrintWriter(said, true), false, StatusLine::ofRun);
        Map<String, Long> started = Map.of("processes.ready", 3L, "processes", 26L);
        line.show(new Progress(9 * SECOND, 60 * SECOND, 100, started));
        line.show(at(0));
        line.show(at(SECOND));

        assertThat(said.toString().lines())
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("starting: 3 of 26 processes are ready"),
                        second -> assertThat(second).startsWith("  0 s  open"));
    }
}
