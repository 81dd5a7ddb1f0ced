package dev.squall.cli;

import dev.squall.doctor.Checkup;
import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.plan.Plan;
import dev.squall.plan.Population;
import dev.squall.reconnect.ReconnectPolicy;
import dev.squall.report.Assessment;
import dev.squall.report.RunDirectory;
import dev.squall.run.Clearance;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Real runs of an experiment, each with all clients following one policy.
 *
 * @param plan what was predicted: its seed, and how many clients
 */
record PolicyRuns(
        ExperimentFile file, Plan plan, Path out, List<String> command, Interruption interruption, PrintWriter err) {

    /** Whether Ctrl-C came. */
    boolean interrupted() {
        return interruption.came();
    }

    /** Whether this machine could carry them at all. */
    void admit() throws ExperimentException, RunException, IOException {
        Checkup.of(Home.find(), out, request(null).plan()).admit();
    }

    /**
     * Runs one.
     *
     * @param policy null for what the experiment says itself
     * @return nothing if it was interrupted
     */
    Optional<Assessment> of(@Nullable ReconnectPolicy policy)
            throws ExperimentException, RunException, IOException, InterruptedException {
        if (interrupted()) {
            return Optional.empty();
        }
        interruption.await();
        Harness.Request request = request(policy);
        err.println("measuring " + (policy == null ? "the experiment as it is" : policy.name()));
        Optional<RunDirectory> directory = interruption.carryOut(request, StatusLine.on(err, StatusLine::ofRun), err);
        return directory.isEmpty() ? Optional.empty() : Optional.of(Assessment.of(directory.get()));
    }

    private Harness.Request request(@Nullable ReconnectPolicy policy) throws ExperimentException, RunException {
        List<String> overrides = new ArrayList<>();
        for (Population population : plan.populations()) {
            if (policy != null) {
                overrides.add("load." + population.name() + ".reconnect=" + policy.name());
            }
        }
        Experiment experiment = file.readWith(overrides);
        Plan planned = experiment.plan(plan.seed(), Clearance.of(experiment, List.of()));
        if (planned.clients() != plan.clients()) {
            planned = planned.scaled(plan.clients());
            planned.populations().forEach(each -> overrides.add("load." + each.name() + ".clients=" + each.clients()));
        }
        return new Harness.Request(
                planned, experiment.source(), file.given(), file.with(overrides), command, out, false, false);
    }
}
