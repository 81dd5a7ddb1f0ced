package dev.squall.cli;

import dev.squall.run.Home;
import dev.squall.run.RunException;
import dev.squall.undo.UndoLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rollback",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Takes back what a run has left: processes, containers, a server whose restart did not end well.",
        footer = {
            "",
            "A run takes back what it did, however it ends. What it could not is in undo.json of its directory.",
            "",
            "Exit codes: 0 nothing is left, 1 something is (it says what, and why), 2 usage.",
            "",
            "Example: squall rollback runs/chat/latest"
        })
final class RollbackCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "A run directory.")
    private Path run;

    @Option(names = "--dry-run", description = "Tells what is left, and does nothing.")
    private boolean dryRun;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws RunException, IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.isDirectory(run)) {
            throw new RunException(run + ": no such directory (expected: a run directory, as runs/chat/latest)");
        }
        if (!UndoLog.isIn(run)) {
            out.println("nothing is left of " + run);
            return ExitCode.PASS;
        }
        long owner = UndoLog.owner(run);
        if (owner != 0) {
            throw new RunException(run + ": the run still goes on, in process " + owner
                    + " (expected: one that has ended; kill -INT " + owner + " ends it in order)");
        }
        if (dryRun) {
            UndoLog.read(run).toUndo().forEach(step -> out.println("left    " + step.left()));
            out.flush();
            return ExitCode.FAIL;
        }
        List<String> command = new ArrayList<>(Home.find().command("rollback"));
        command.add(run.toRealPath().toString());
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }
}
