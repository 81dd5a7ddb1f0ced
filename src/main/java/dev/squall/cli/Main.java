package dev.squall.cli;

import dev.squall.experiment.ExperimentException;
import dev.squall.plan.TextFile;
import dev.squall.predict.UnpredictableException;
import dev.squall.run.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;

/** The entry of {@code squall}. */
public final class Main {

    private Main() {}

    /** Runs a command and exits with its code. */
    public static void main(String[] args) {
        int code = ExitCode.DEFECT;
        try {
            code = commandLine().execute(args);
        } catch (Throwable defect) {
            // The JVM's own exit code for it would be 1, which means that an expectation failed.
            System.err.println("squall: a defect in Squall: please report it with what follows");
            defect.printStackTrace();
        }
        System.exit(code);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SquallCommand());
        line.setExecutionExceptionHandler((exception, command, parsed) -> report(exception, command.getErr()));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private static int report(Exception exception, PrintWriter err) {
        if (exception instanceof ExperimentException invalid) {
            invalid.problems().forEach(err::println);
            return ExitCode.USAGE;
        }
        if (exception instanceof RunException
                || exception instanceof UnpredictableException
                || exception instanceof IOException) {
            err.println("squall: "
                    + (exception instanceof IOException file ? TextFile.told(file) : exception.getMessage()));
            return ExitCode.USAGE;
        }
        err.println("squall: a defect in Squall: please report it with what follows");
        exception.printStackTrace(err);
        return ExitCode.DEFECT;
    }
}
