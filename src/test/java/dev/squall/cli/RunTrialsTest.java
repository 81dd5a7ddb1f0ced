package dev.squall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.capacity.Clients;
import dev.squall.capacity.Outcome;
import dev.squall.capacity.Trial;
import dev.squall.experiment.Experiment;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Trials that never become runs; those that do are in CapacityIT. */
class RunTrialsTest {

    @TempDir
    private Path directory;

    private Trial trial(String yaml, double clients) throws Exception {
        Path path = Files.writeString(directory.resolve("storm.yaml"), yaml);
        ExperimentFile file = CommandLine.populateCommand(new ExperimentFile(), path.toString());
        Experiment experiment = file.read();
        RunTrials trials = new RunTrials(
                file,
                experiment,
                new Clients(Map.of("phones", experiment.populations().get(0).clients()), 1e6, 0.05),
                directory,
                List.of(),
                false,
                true,
                new Interruption(),
                new PrintWriter(Writer.nullWriter()));
        return trials.carryOut(clients, 1).orElseThrow();
    }

    @Test
    void moreClientsGetNoMoreNodesForThatWouldBeAnotherService() throws Exception {
        Trial trial = trial("{duration: 60s, load: {phones: {clients: 100}}}", 50_000);

        assertThat(trial.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(trial.note())
                .startsWith(
                        "the experiment on this machine, not the service, is what binds: --set target.mock.nodes=1: ");
    }

    @Test
    void clientsForWhomTheExperimentHasNoTimeAreRefused() throws Exception {
        Trial trial = trial("{duration: 10s, load: {phones: {clients: 100, arrive: {rate: 20/s}}}}", 400);

        assertThat(trial.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(trial.note()).contains("what binds: ", "the last client arrives after 20 s");
    }
}
