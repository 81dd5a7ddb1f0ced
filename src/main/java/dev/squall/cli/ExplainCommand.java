package dev.squall.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.squall.plan.Dialogue;
import dev.squall.protocol.CloseCode;
import dev.squall.report.Paragraph;
import java.io.PrintWriter;
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
        name = "explain",
        mixinStandardHelpOptions = true,
        versionProvider = SquallCommand.Version.class,
        description = "Says what a close code means, when it is seen and what to do; without one, lists them.",
        footer = {"", "Example: squall explain 1012"})
final class ExplainCommand implements Callable<Integer> {

    private static final String DIFFERENCE =
            "1010 and 1012 differ in who sends them and in what helps. 1010 is the client's: it needed an extension, the"
                    + " handshake response did not have it, so it left; trying again changes nothing until the server, or a"
                    + " proxy before it, negotiates the extension or the client makes it optional. 1012 is the server's: it"
                    + " restarts on purpose; trying again after a short random delay is just what it asks for. Use 1012 when a"
                    + " server goes away and comes back, 1001 when it goes away for good, 1013 when it is overloaded.";

    @Parameters(arity = "0..1", paramLabel = "CODE", description = "A close code, 1000 to 4999.")
    private @Nullable Integer code;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Integer asked = code;
        if (asked != null && (asked < 1000 || asked > 4999)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "CODE: " + asked + " (expected: a close code, 1000 to 4999)");
        }
        List<CloseCode> codes = asked == null
                ? List.of(CloseCode.values())
                : CloseCode.of(asked).map(List::of).orElse(List.of());
        if (json) {
            ArrayNode array = JsonMapper.builder().build().createArrayNode();
            codes.forEach(c -> array.addObject()
                    .put("code", c.code())
                    .put("name", c.title())
                    .put("meaning", c.meaning())
                    .put("seen", c.seen())
                    .put("advice", c.advice()));
            out.println(array.toPrettyString());
        } else if (asked == null) {
            codes.forEach(c -> out.printf("%d  %-22s %s%n", c.code(), c.title(), c.meaning()));
            out.println("\nnext: squall explain 1012");
        } else if (codes.isEmpty()) {
            out.println(asked + "  " + CloseCode.title(asked));
            if (asked == Dialogue.TOO_LATE) {
                out.println(Paragraph.of(
                        "  ",
                        "Our own clients leave with it when what makes them ready (load.NAME.ready) has not come in"
                                + " time, as graphql-ws does without an acknowledgement."));
            }
            out.println(Paragraph.of("  ", CloseCode.UNREGISTERED));
        } else {
            explain(out, codes.get(0));
        }
        out.flush();
        return ExitCode.PASS;
    }

    private static void explain(PrintWriter out, CloseCode c) {
        out.println(c.code() + "  " + c.title());
        out.println(Paragraph.of("  meaning  ", c.meaning()));
        out.println(Paragraph.of("  seen     ", c.seen()));
        out.println(Paragraph.of("  advice   ", c.advice()));
        if (c == CloseCode.MANDATORY_EXTENSION || c == CloseCode.SERVICE_RESTART) {
            out.println();
            out.println(Paragraph.of("  ", DIFFERENCE));
        }
    }
}
