package dev.squall.role;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChildOptionsTest {

    private static final String LINE = "--plan plan.json --share 1/2 --out run --name clients-1";

    private static ChildOptions parse(String line) {
        return ChildOptions.parse(line.split(" "));
    }

    @Test
    void gatlingsStatisticsAreKeptOnlyWhereTheyAreAskedFor() {
        assertThat(parse(LINE).gatling()).isNull();
        assertThat(parse(LINE + " --gatling run/gatling/injector-1").gatling())
                .isEqualTo(Path.of("run/gatling/injector-1"));
    }

    @Test
    void aJournalIsCompressedOnlyWhereThatIsAskedFor() {
        assertThat(parse(LINE).journal()).isEqualTo(Path.of("run/clients-1.csv"));
        assertThat(parse(LINE + " --compress true").journal()).isEqualTo(Path.of("run/clients-1.csv.gz"));
    }
}
