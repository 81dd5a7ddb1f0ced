package dev.squall.cli;

import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Writes a commented experiment to begin with.",
        footer = {"", "Example: squall init my-experiment.yaml"})
final class InitCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The file to write. Default: ${DEFAULT-VALUE}.")
    private Path file = Path.of("experiment.yaml");

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Path template = Home.find().experiments().resolve("restart-and-strict.yaml");
        try {
            Files.copy(template, file);
        } catch (FileAlreadyExistsException e) {
            throw new RunException(file + " exists already (expected: the name of a new file)");
        }
        spec.commandLine().getOut().println(file + " written; next: squall run " + file);
        spec.commandLine().getOut().flush();
        return ExitCode.PASS;
    }
}
