package dev.squall.cli;

import dev.squall.export.Export;
import dev.squall.plan.TextFile;
import dev.squall.report.RunDirectory;
import dev.squall.run.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Writes a run for other tools.",
        footer = {
            "",
            "csv: series.csv, a row for each second and population; recoveries.csv, a row for each client and restart.",
            "hdr: times.hlog, a log of HdrHistogram with a tag for each time, of all, of each population and of each restart.",
            "",
            "Example: squall export runs/quickstart/latest --format csv"
        })
final class ExportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "A run directory.")
    private Path run;

    @Option(names = "--format", paramLabel = "FORMAT", description = "csv or hdr. Default: ${DEFAULT-VALUE}.")
    private Export format = Export.CSV;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the files go. Default: export, in the run directory.")
    private @Nullable Path out;

    @Option(names = "--force", description = "Writes over files that are there.")
    private boolean force;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!Files.exists(new RunDirectory(run).plan())) {
            throw new RunException(run + " has no plan.json (expected: a run directory, as runs/quickstart/latest)");
        }
        PrintWriter stdout = spec.commandLine().getOut();
        ReadingLine reading = ReadingLine.on(spec.commandLine().getErr());
        try {
            for (Path file : format.write(run, out == null ? run.resolve("export") : out, force, reading::show)) {
                stdout.println(file);
            }
        } catch (FileAlreadyExistsException e) {
            throw new RunException(
                    e.getMessage() + " is there already (expected: --out DIR, another folder, or --force)", e);
        } catch (IOException e) {
            throw new RunException(TextFile.told(e), e);
        } finally {
            reading.end();
        }
        stdout.flush();
        return ExitCode.PASS;
    }
}
