package dev.squall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReadingLineTest {

    private final StringWriter text = new StringWriter();
    private long nanos = Long.MAX_VALUE - 5;

    private ReadingLine line(boolean terminal) {
        return new ReadingLine(new PrintWriter(text), terminal, () -> nanos);
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void whatTakesLessThanTwoSecondsSaysNothing() {
        ReadingLine line = line(true);
        pass(1999);
        line.show(0.9);
        line.end();

        assertThat(text.toString()).isEmpty();
    }

    @Test
    void aTerminalHasOneLineThatIsWrittenOverAndTakenAway() {
        ReadingLine line = line(true);
        pass(2000);
        line.show(0.459);
        line.show(0.46);
        pass(200);
        line.show(0.5);
        line.end();

        assertThat(text.toString()).isEqualTo("\rreading 45%\033[K\rreading 50%\033[K\r\033[K");
    }

    @Test
    void elsewhereALineComesEveryFiveSeconds() {
        ReadingLine line = line(false);
        for (int i = 1; i <= 8; i++) {
            pass(1000);
            line.show(i / 10.0);
        }
        line.end();

        assertThat(text.toString().lines()).containsExactly("reading 20%", "reading 70%");
    }
}
