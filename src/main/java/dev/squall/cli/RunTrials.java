package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.squall.capacity.Axis;
import dev.squall.capacity.Study;
import dev.squall.capacity.Trial;
import dev.squall.doctor.Checkup;
import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.Problem;
import dev.squall.report.RunDirectory;
import dev.squall.run.Clearance;
import dev.squall.run.Harness;
import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Trials of a search that are runs, each in a run directory of its own. */
final class RunTrials implements Study.Trials<Exception> {

    private final ExperimentFile file;
    private final Experiment experiment;
    private final Axis axis;
    private final Path out;
    private final List<String> allowed;
    private final boolean compress;
    private final boolean quiet;
    private final Interruption interruption;
    private final PrintWriter err;

    RunTrials(
            ExperimentFile file,
            Experiment experiment,
            Axis axis,
            Path out,
            List<String> allowed,
            boolean compress,
            boolean quiet,
            Interruption interruption,
            PrintWriter err) {
        this.file = file;
        this.experiment = experiment;
        this.axis = axis;
        this.out = out;
        this.allowed = List.copyOf(allowed);
        this.compress = compress;
        this.quiet = quiet;
        this.interruption = interruption;
        this.err = err;
    }

    /** The words that run a value again, with a seed. */
    List<String> words(double value, long seed) throws ExperimentException, RunException {
        return words(overrides(value), seed);
    }

    private List<String> words(List<String> overrides, long seed) {
        List<String> words = new ArrayList<>(List.of("squall", "run"));
        if (!file.given().isEmpty()) {
            words.add(file.given());
        }
        for (String each : allowed) {
            words.add("--allow-target");
            words.add(each);
        }
        for (String each : file.with(overrides)) {
            words.add("--set");
            words.add(each);
        }
        words.add("--seed");
        words.add(String.valueOf(seed));
        return words;
    }

    @Override
    public Optional<Trial> carryOut(double value, long seed) throws Exception {
        if (interruption.came()) {
            return Optional.empty();
        }
        long begun = System.nanoTime();
        Harness.Request request;
        try {
            request = request(value, seed);
        } catch (ExperimentException e) {
            return Optional.of(Trial.refused(
                    value,
                    seed,
                    "the experiment on this machine, not the service, is what binds: "
                            + e.problems().stream().map(Problem::toString).collect(Collectors.joining("; "))));
        }
        Optional<RunDirectory> ran;
        try {
            Checkup.of(Home.find(), out, request.plan()).admit();
            ran = interruption.carryOut(
                    request,
                    quiet ? StatusLine.quiet(err, StatusLine::ofRun) : StatusLine.on(err, StatusLine::ofRun),
                    err);
        } catch (RunException e) {
            return Optional.of(Trial.refused(
                    value,
                    seed,
                    "the machine, not the service, is what binds: "
                            + String.valueOf(e.getMessage()).replace("\n", "; ")));
        }
        if (ran.isEmpty()) {
            return Optional.empty();
        }
        RunDirectory directory = ran.get();
        if (!Files.exists(directory.results())) {
            return Optional.of(Trial.refused(
                    value,
                    seed,
                    "the machine, not the service, is what binds: " + directory.results() + " was not written"));
        }
        return Optional.of(Trial.of(
                value,
                seed,
                directory.path(),
                (System.nanoTime() - begun) / 1e9,
                JsonMapper.builder().build().readTree(directory.results().toFile())));
    }

    /** What is put over the experiment's own values to try this one. */
    private List<String> overrides(double value) throws ExperimentException, RunException {
        List<String> overrides = new ArrayList<>(axis.overrides(value));
        Experiment tried = file.readWith(overrides);
        if (experiment.target() instanceof Experiment.Mock mock
                && tried.target() instanceof Experiment.Mock other
                && mock.nodes() != other.nodes()
                && !axis.name().startsWith("target.")) {
            // More clients would get more nodes, and with each a capacity: it is the same service that is to be tried.
            overrides.add("target.mock.nodes=" + mock.nodes());
        }
        return overrides;
    }

    private Harness.Request request(double value, long seed) throws ExperimentException, RunException {
        List<String> overrides = overrides(value);
        Experiment tried = file.readWith(overrides);
        List<String> command = words(overrides, seed);
        return new Harness.Request(
                tried.plan(seed, Clearance.of(tried, allowed)),
                tried.source(),
                file.given(),
                file.with(overrides),
                command.subList(1, command.size()),
                out,
                false,
                compress);
    }
}
