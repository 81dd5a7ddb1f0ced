package dev.squall.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {

    private final Tally tally = new Tally();

    @Test
    void failedAttemptsAreToldByCause() {
        tally.failed(Cause.REFUSED);
        tally.failed(Cause.status(503));
        tally.failed(Cause.REFUSED);

        assertThat(tally.pairs()).contains(" failed=3 ").endsWith(" failed.http-503=1 failed.refused=2");
    }

    @Test
    void aServerThatAnswersWithEverNewStatusesMakesNoMoreThanAHundredCauses() {
        for (int status = 300; status < 600; status++) {
            tally.failed(Cause.status(status));
            tally.failed(Cause.status(status));
        }

        String[] failures =
                tally.pairs().replaceFirst("^.*? failed\\.", "failed.").split(" ");
        assertThat(failures).hasSize(101).contains("failed.http-300=2", "failed.others=400");
    }
}
