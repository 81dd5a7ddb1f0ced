package dev.squall.cli;

import dev.squall.run.Home;
import dev.squall.run.RunException;
import java.security.SecureRandom;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code squall} itself: its help and its commands. */
@Command(
        name = "squall",
        description = "A chaos and load harness for WebSocket services.",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 pass, 1 an expectation failed, 2 usage or experiment not valid,",
            "3 inconclusive, 70 a defect in Squall, 130 interrupted.",
            "",
            "Example: squall run"
        },
        subcommands = {
            RunCommand.class,
            ValidateCommand.class,
            DoctorCommand.class,
            ReportCommand.class,
            CompareCommand.class,
            PredictCommand.class,
            CapacityCommand.class,
            ExportCommand.class,
            ClientsCommand.class,
            InitCommand.class,
            ExperimentsCommand.class,
            ServeCommand.class,
            ProbeCommand.class,
            ProxyCommand.class,
            RollbackCommand.class,
            ImagesCommand.class,
            ExplainCommand.class,
            ProfilesCommand.class,
            HelpCommand.class
        })
final class SquallCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command (expected: one of those below)");
    }

    /** How Squall was called, with one of its commands. */
    static List<String> words(CommandSpec command) {
        CommandLine squall = command.commandLine().getParent();
        return squall == null ? List.of() : squall.getParseResult().originalArgs();
    }

    /** The seed that was given, else the experiment's own, else one that is drawn: short, for people type it. */
    static long seed(@Nullable Long given, OptionalLong own) {
        return given != null ? given : own.orElseGet(() -> new SecureRandom().nextInt(1_000_000));
    }

    /** The version that the distribution was built as. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() throws RunException {
            return new String[] {"squall " + Home.find().version()};
        }
    }
}
