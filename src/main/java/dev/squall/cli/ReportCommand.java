package dev.squall.cli;

import dev.squall.plan.Plan;
import dev.squall.plan.TextFile;
import dev.squall.report.Assessment;
import dev.squall.report.ClientsUnderTest;
import dev.squall.report.Judged;
import dev.squall.report.RunDirectory;
import dev.squall.run.RunException;
import dev.squall.verdict.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Judges a run again from its run directory, and writes its results.json and reports again.",
        footer = {"", "Example: squall report runs/quickstart/latest"})
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "A run directory.")
    private Path run;

    @Option(names = "--json", description = "Prints results.json instead of the summary.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        RunDirectory directory = new RunDirectory(run);
        if (!Files.exists(directory.plan())) {
            throw new RunException(run + " has no plan.json (expected: a run directory, as runs/quickstart/latest)");
        }
        return tell(
                directory, json, spec.commandLine().getOut(), spec.commandLine().getErr());
    }

    /**
     * Judges a run, writes its results.json and the reports beside it, and prints that or the summary.
     *
     * @return the exit code: of the verdict, but never of a pass that could not be written
     */
    static int tell(RunDirectory directory, boolean asJson, PrintWriter out, PrintWriter err) throws IOException {
        ReadingLine reading = ReadingLine.on(err);
        Judged judged = Plan.read(directory.plan()).serving() == null
                ? Assessment.of(directory, reading::show)
                : ClientsUnderTest.of(directory, reading::show);
        reading.end();
        return tell(judged, directory, asJson, out, err);
    }

    /** Tells what was judged in the same way. */
    static int tell(Judged judged, RunDirectory directory, boolean asJson, PrintWriter out, PrintWriter err)
            throws IOException {
        Verdict verdict = judged.verdict();
        String results = judged.results();
        try {
            TextFile.write(directory.results(), results);
            for (Map.Entry<String, String> report : judged.reports().entrySet()) {
                TextFile.write(directory.path().resolve(report.getKey()), report.getValue());
            }
        } catch (IOException e) {
            err.println(
                    "squall: " + e.getMessage() + " (make room there, then: squall report " + directory.path() + ")");
            verdict = verdict.worst(Verdict.INCONCLUSIVE);
        }
        out.print(asJson ? results : judged.summary());
        out.flush();
        return ExitCode.of(verdict);
    }
}
