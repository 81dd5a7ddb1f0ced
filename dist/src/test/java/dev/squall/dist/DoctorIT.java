package dev.squall.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What this machine can carry, and what a run does that it cannot. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DoctorIT {

    /** By itself it asks for no more than any machine has; of 300 descriptors 44 clients a process are left. */
    private static final String BIG = """
            seed: 1
            duration: 5s
            load: {phones: {clients: CLIENTS, reconnect: guide}}
            """;

    @TempDir
    private Path directory;

    private Squall squall;

    @BeforeEach
    void setUp() {
        squall = new Squall(directory);
    }

    private void big(int clients) throws Exception {
        squall.experiment("big", BIG.replace("CLIENTS", String.valueOf(clients)));
    }

    @Test
    void thisMachineIsToldWithWhatBindsFirst() throws Exception {
        Squall.Answer doctor = squall.call("doctor");
        JsonNode json = JsonMapper.builder()
                .build()
                .readTree(squall.call("doctor", "--json").out());

        assertThat(doctor.exitCode()).as(doctor.toString()).isZero();
        assertThat(doctor.out())
                .containsPattern("this machine carries about [0-9,]+ such clients; [a-z ]+ binds first");
        assertThat(json.get("clients").asLong()).isGreaterThan(1000);
        assertThat(doctor.out()).contains(json.get("binds").asText() + " binds first");
    }

    @Test
    void anExperimentThatFitsFitsAndOneThatDoesNotIsToldWithTheLimitAndTheCommand() throws Exception {
        big(4000);

        assertThat(squall.call("doctor", "big.yaml").exitCode()).isZero();
        Squall.Answer tooLow = squall.shell("ulimit -n 300; squall doctor big.yaml");
        assertThat(tooLow.exitCode()).as(tooLow.toString()).isEqualTo(2);
        assertThat(tooLow.err())
                .contains("it does not fit: descriptors: 300 (expected: at least ")
                .contains("for 4,000 clients, 91 injectors, 91 nodes")
                .contains("to raise it: sudo prlimit --pid $$ --nofile=20256:20256");
        assertThat(tooLow.out()).contains("descriptors binds first");
    }

    @Test
    void aTrialMeasuresWhatAClientCostsAndLeavesNothing() throws Exception {
        big(50_000);
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Squall.Answer doctor = squall.shell(
                "JDK_JAVA_OPTIONS=-Djava.io.tmpdir=" + temporary + " squall doctor big.yaml --trial 300 --json");
        JsonNode json = JsonMapper.builder().build().readTree(doctor.out());

        assertThat(doctor.err()).contains("trial: 300 clients at one node on loopback, for 6 s, no restart");
        assertThat(json.get("trial").asText()).startsWith("300 clients ");
        assertThat(json.get("costs")).anySatisfy(cost -> {
            assertThat(cost.get("name").asText()).isEqualTo("journal");
            assertThat(cost.get("source").asText()).isEqualTo("trial");
            assertThat(cost.get("amount").asDouble()).isBetween(100.0, 2000.0);
        });
        assertThat(temporary).isEmptyDirectory();
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    @Test
    void aSoftLimitIsNone() throws Exception {
        big(1000);

        assertThat(squall.shell("ulimit -Sn 300; squall doctor big.yaml").exitCode())
                .isZero();
    }

    @Test
    void aRunThatCannotWorkIsRefusedAndLeavesNothing() throws Exception {
        big(4000);
        Squall.Answer run = squall.shell("ulimit -n 300; squall run big.yaml");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err())
                .contains("squall: descriptors: 300 (expected: at least ")
                .contains("to raise it: ")
                .doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    @Test
    void whatTheReaderRefusesIsToldOnceAndWithTheCommand() throws Exception {
        big(50_000);
        Squall.Answer run = squall.shell("ulimit -n 300; squall run big.yaml");

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("big.yaml:3:", "at most 44000 on this machine, with ulimit -n 300", "to raise it: ");
        assertThat(directory.resolve("runs")).doesNotExist();
    }

    @Test
    void whatIsTightIsAWarningAndRunsAllTheSame() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));
        for (String name : List.of("lib", "experiments")) {
            Files.createSymbolicLink(home.resolve(name), squall.home().resolve(name));
        }
        Files.copy(squall.home().resolve("squall"), home.resolve("squall"));
        Files.writeString(
                home.resolve("roles.properties"),
                Files.readString(squall.home().resolve("roles.properties")).replace("-Xmx2g", "-Xmx55m"));
        big(100);
        Squall.Answer run = new Squall(home, directory).call("run", "big.yaml");

        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.err()).contains("warning: heap: 55 MiB (expected: at least 48 MiB for 100 clients");
    }
}
