package dev.squall.cli;

import dev.squall.report.ClientsUnderTest;
import dev.squall.report.RunDirectory;
import dev.squall.run.RunException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "clients",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Tells what each client that was pointed at squall serve did, from the serve's run directory.",
        footer = {"", "Example: squall clients runs/serve/latest"})
final class ClientsCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "A run directory of squall serve.")
    private Path run;

    @Option(names = "--json", description = "Prints JSON, with the reason of each judgement.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        RunDirectory directory = new RunDirectory(run);
        if (!Files.exists(directory.plan())) {
            throw new RunException(
                    run + " has no plan.json (expected: a run directory of squall serve, as runs/serve/latest)");
        }
        ReadingLine reading = ReadingLine.on(spec.commandLine().getErr());
        ClientsUnderTest clients = ClientsUnderTest.of(directory, reading::show);
        reading.end();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? clients.results() : clients.table());
        out.flush();
        return ExitCode.PASS;
    }
}
