package dev.squall.cli;

import dev.squall.experiment.Experiment;
import dev.squall.experiment.ExperimentException;
import dev.squall.experiment.ExperimentReader;
import dev.squall.experiment.Processes;
import dev.squall.run.Home;
import dev.squall.run.Machine;
import dev.squall.run.RunException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The experiment that a command is about, and values put over its own. */
final class ExperimentFile {

    private static final String QUICKSTART = "quickstart";

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "An experiment, or the name of a shipped one (squall experiments). Default: quickstart.")
    private @Nullable String file;

    @Option(
            names = "--set",
            paramLabel = "K=V",
            description = "Puts a value over the file's, as --set load.phones.clients=500. May be given several times.")
    private List<String> set = new ArrayList<>();

    /** The path of the file. */
    Path path() throws RunException {
        String name = file == null ? QUICKSTART : file;
        Path path = Path.of(name);
        if (!Files.exists(path) && name.matches("[A-Za-z0-9_-]+")) {
            Path shipped = Home.find().experiments().resolve(name + ".yaml");
            return Files.exists(shipped) ? shipped : path;
        }
        return path;
    }

    /** As it was given; empty for the default. */
    String given() {
        return file == null ? "" : file;
    }

    List<String> set() {
        return set;
    }

    /** The values put over the file's, and more over those: of one path only the last. */
    List<String> with(List<String> more) {
        Set<String> paths = more.stream().map(ExperimentFile::path).collect(Collectors.toSet());
        return Stream.concat(set.stream().filter(each -> !paths.contains(path(each))), more.stream())
                .toList();
    }

    private static String path(String override) {
        return override.substring(0, Math.max(0, override.indexOf('=')));
    }

    Experiment read() throws ExperimentException, RunException {
        return readWith(List.of());
    }

    /** Reads it for a run without processes, on whatever machine. */
    Experiment readForPrediction() throws ExperimentException, RunException {
        return new ExperimentReader(Processes.FULL_DESCRIPTORS, System::getenv).read(path(), set);
    }

    /** Reads it with more values put over the file's. */
    Experiment readWith(List<String> more) throws ExperimentException, RunException {
        return new ExperimentReader(Machine.descriptors(), Machine.ephemeralPorts(), System::getenv)
                .read(path(), with(more));
    }
}
