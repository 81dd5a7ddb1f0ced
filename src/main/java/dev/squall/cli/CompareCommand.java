package dev.squall.cli;

import dev.squall.compare.Comparison;
import dev.squall.compare.ComparisonPage;
import dev.squall.compare.Side;
import dev.squall.plan.JsonFile;
import dev.squall.plan.TextFile;
import dev.squall.quantity.Quantity;
import dev.squall.run.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Holds runs against a base, figure by figure.",
        footer = {
            "",
            "A side is a run directory, its results.json, the file that run --repeat wrote, or several joined by commas.",
            "With three or more runs on each side a difference counts only if it is more than noise.",
            "",
            "Exit code 1: a figure is worse by more than the tolerance; 3: a run is inconclusive.",
            "",
            "Example: squall compare runs/chat/repeat-20261122T135356Z.json runs/chat/repeat-20261123T090000Z.json"
        })
final class CompareCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "BASE", description = "What is compared with.")
    private String base;

    @Parameters(index = "1..*", paramLabel = "RUN", description = "What is compared, each with BASE.")
    private List<String> runs = List.of();

    @Option(
            names = "--tolerance",
            paramLabel = "SHARE",
            description = "How much worse a figure may be than the base's. Default: ${DEFAULT-VALUE}.")
    private String tolerance = "10%";

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also writes a page with the figures and the curves of both sides in one plot.")
    private @Nullable Path html;

    @Option(names = "--json", description = "Prints JSON: an array with an element for each RUN.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (runs.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), base + " is the only side (expected: BASE and at least one RUN)");
        }
        double share = tolerance();
        Side against = side(base);
        List<Comparison> comparisons = new ArrayList<>();
        for (String run : runs) {
            comparisons.add(new Comparison(against, side(run), share));
        }
        if (html != null) {
            try {
                TextFile.write(html, new ComparisonPage(comparisons).toString());
            } catch (IOException e) {
                throw new RunException(
                        TextFile.told(e) + " (expected: --html FILE, in a folder that can be written)", e);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(JsonFile.text(comparisons.stream().map(Comparison::json).toList()));
        } else {
            comparisons.forEach(comparison -> out.println(comparison));
        }
        out.flush();
        if (comparisons.stream().anyMatch(Comparison::isInconclusive)) {
            return ExitCode.INCONCLUSIVE;
        }
        return comparisons.stream().anyMatch(Comparison::isRegression) ? ExitCode.FAIL : ExitCode.PASS;
    }

    private double tolerance() {
        try {
            double share = Quantity.SHARE.parse(tolerance);
            if (share >= 0) {
                return share;
            }
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--tolerance: " + e.getMessage(), e);
        }
        throw new CommandLine.ParameterException(
                spec.commandLine(), "--tolerance: " + tolerance + " (expected: >= 0%)");
    }

    private static Side side(String argument) throws RunException {
        try {
            return Side.read(argument);
        } catch (IOException e) {
            throw new RunException(String.valueOf(e.getMessage()), e);
        }
    }
}
