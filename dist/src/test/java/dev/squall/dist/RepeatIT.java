package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 100, unit = TimeUnit.SECONDS)
class RepeatIT {

    @TempDir
    private Path directory;

    @Test
    void repeatsHaveOneSeedAfterTheOtherAreToldTogetherAndCanBeCompared() throws Exception {
        Squall squall = new Squall(directory);
        Files.writeString(directory.resolve("small.yaml"), """
                duration: 3s
                load: {phones: {clients: 20, arrive: at-once, reconnect: {delay: 100ms..200ms}}}
                faults: [{restart: {at: 1s, downtime: 100ms, deadline: 1s}}]
                expect: [restart.outage.max <= 1ms]
                """);

        Squall.Answer run = squall.call("run", "small.yaml", "--repeat", "2", "--seed", "7", "--quiet");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
        assertThat(run.out())
                .contains("1/2  FAIL  small   seed 7 ", "2/2  FAIL  small   seed 8 ", "FAIL  small   2 runs: 2 fail\n")
                .containsPattern("restart.outage.max <= 1ms +\\d+ ms +\\d+ ms +\\d+ ms   2 fail\n");
        List<Path> files;
        try (Stream<Path> all = Files.list(squall.latest("small").resolveSibling("."))) {
            files = all.filter(file -> file.toString().endsWith(".json")).toList();
        }
        String set = files.get(0).toString();
        Squall.Answer compared = squall.call("compare", set, set);
        assertThat(compared.exitCode()).as(compared.toString()).isZero();
        assertThat(compared.out()).contains("NO REGRESSION", "(2 runs)", "fewer than 3 runs on a side");
        assertThat(Files.readString(squall.latest("small").resolve("junit.xml")))
                .contains("<testcase classname=\"squall.small\" name=\"restart.outage.max &lt;= 1ms\"", "<failure");
        assertThat(Files.readString(squall.latest("small").resolve("summary.md")))
                .contains("## FAIL: small", "squall run small.yaml --quiet --seed 8\n");
    }
}
